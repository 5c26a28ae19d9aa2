"""Who is told of which event, and what: one table. A feature that has something to tell adds its line here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from kb.entries.models import Entry
from kb.events.models import Event, Subject, Verb
from kb.gaps import queries as gap_queries
from kb.gaps.models import Gap
from kb.gaps.rules import DeclineReason
from kb.notices.models import NoticeKind
from kb.people.models import User


@dataclass(frozen=True, slots=True)
class Told:
    """That somebody is told something: the fields are those of ``Notice``."""

    user_id: int
    kind: NoticeKind
    facts: Mapping[str, Any]


Source = Callable[[Session, Event], Sequence[Told]]


def _gap_closed(session: Session, event: Event) -> Sequence[Told]:
    """Everybody who met the gap, with their own words, and the entry that they find now. Three statements."""
    gap = session.get(Gap, int(event.subject_id))
    entry = session.get(Entry, event.payload["entry"])
    if gap is None or entry is None:
        return []
    title = entry.shown_revision.title
    return [
        Told(user_id, NoticeKind.GAP_CLOSED, {"words": words, "region": region, "entry": entry.key, "title": title})
        for user_id, (words, region) in gap_queries.last_words(session, gap.id).items()
    ]


def _gap_declined(session: Session, event: Event) -> Sequence[Told]:
    """Everybody who met the gap, where it was a question after all: they need not wait for an answer."""
    if event.payload.get("reason") != DeclineReason.NOT_OURS:
        return []
    return [
        Told(user_id, NoticeKind.GAP_DECLINED, {"words": words, "region": region})
        for user_id, (words, region) in gap_queries.last_words(session, int(event.subject_id)).items()
    ]


def _correction_answered(session: Session, event: Event) -> Sequence[Told]:
    """Whoever reported it, with what became of it. One statement."""
    entry = session.get(Entry, event.payload["entry"])
    if entry is None or event.payload["reporter"] is None:
        return []
    facts = {"title": entry.shown_revision.title, "state": event.payload["state"]}
    return [Told(event.payload["reporter"], NoticeKind.CORRECTION_ANSWERED, facts)]


def _handed_over(session: Session, event: Event) -> Sequence[Told]:
    """Whoever now answers for the entries, with how many and whose they were. One statement."""
    giver = session.get(User, int(event.subject_id))
    if giver is None:
        return []
    facts = {"name": giver.name, "count": event.payload["count"]}
    return [Told(event.payload["to"], NoticeKind.HANDED_OVER, facts)]


SOURCES: Mapping[tuple[Subject, Verb], Source] = {
    (Subject.GAP, Verb.CLOSED): _gap_closed,
    (Subject.GAP, Verb.DECLINED): _gap_declined,
    (Subject.CORRECTION, Verb.TOLD): _correction_answered,
    (Subject.PERSON, Verb.OWNER_CHANGED): _handed_over,
}
