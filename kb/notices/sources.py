"""Who is told of which event, and what: one table. A feature that has something to tell adds its line here."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.corrections.models import Correction
from kb.entries.models import Entry, Revision
from kb.entries.queries import writers
from kb.events.models import Event, Subject, Verb
from kb.gaps import queries as gap_queries
from kb.gaps.models import Gap
from kb.gaps.rules import DeclineReason
from kb.importing.entries import IMPORT_NOTE
from kb.notices import from_forum, from_training
from kb.notices.models import NoticeKind
from kb.notices.told import Source, Told
from kb.people.models import User
from kb.review.models import Remark
from kb.verification.queries import managers, verifiers


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


def _correction_upheld(session: Session, event: Event) -> Sequence[Told]:
    """Whoever owns the entry and whoever wrote what is wrong in it, with by when it is to be right. Three statements.

    Nobody where it is answered already, as with an entry that was retired.
    """
    correction = session.get(Correction, int(event.subject_id))
    if correction is None or not correction.is_open:
        return []
    entry, revision = session.get_one(Entry, correction.entry_id), session.get_one(Revision, correction.revision_id)
    facts = {
        "entry": entry.key,
        "title": revision.title,
        "wrong": correction.wrong,
        "due": correction.due_at.isoformat(),
    }
    people = _people(entry.owner_id, revision.author_id)
    return [Told(person, NoticeKind.CORRECTION_UPHELD, facts) for person in people]


def _sent_back(kind: NoticeKind) -> Source:
    """Whoever wrote the revision, and the owner, with the reason. Two statements."""

    def source(session: Session, event: Event) -> Sequence[Told]:
        entry, revision = _revision(session, event)
        if entry is None or revision is None:
            return []
        facts = {"entry": entry.key, "title": revision.title, "reason": event.payload.get("reason", "")}
        return [Told(person, kind, facts) for person in _people(revision.author_id, entry.owner_id)]

    return source


def _remarked(session: Session, event: Event) -> Sequence[Told]:
    """Whoever wrote the revision, and the owner. Three statements."""
    remark = session.get(Remark, int(event.subject_id))
    entry = None if remark is None else session.get(Entry, remark.entry_id)
    revision = None if remark is None else session.get(Revision, remark.revision_id)
    if entry is None or remark is None or revision is None:
        return []
    facts = {"entry": entry.key, "title": revision.title, "text": remark.text}
    return [Told(person, NoticeKind.ENTRY_REMARKED, facts) for person in _people(revision.author_id, entry.owner_id)]


def _verification_asked(session: Session, event: Event) -> Sequence[Told]:
    """The verifiers of every region that an approved revision is scoped to, but those who wrote it.

    Some statements, none without regions.
    """
    entry, revision = _revision(session, event)
    if entry is None or revision is None or not revision.regions:
        return []
    facts = {"entry": entry.key, "title": revision.title}
    return [
        Told(person, NoticeKind.VERIFICATION_ASKED, {**facts, "region": regions[0]})
        for person, regions in verifiers(session, revision.regions, but=writers(session, entry, revision)).items()
    ]


def _verification_nudged(kind: NoticeKind) -> Source:
    """The verifiers of a silent region, but those who wrote it; later the managers, and whoever owns the entry.

    The managers hear whether there is anybody at all who could confirm it.
    """

    def source(session: Session, event: Event) -> Sequence[Told]:
        entry, revision = _revision(session, event)
        if entry is None or revision is None:
            return []
        region = event.payload["region"]
        people = {*verifiers(session, [region], but=writers(session, entry, revision))}
        facts = {"entry": entry.key, "title": revision.title, "region": region}
        if kind is NoticeKind.VERIFICATION_SILENT:
            facts["nobody"] = "" if people else "yes"
            people = {*managers(session), *_people(entry.owner_id)}
        return [Told(person, kind, facts) for person in sorted(people)]

    return source


def _date_near(session: Session, event: Event) -> Sequence[Told]:
    """The owner of an entry with a date that is near or has come; the managers where it has none here. Some statements.

    What nobody answers for is what nobody would notice running out.
    """
    entry = session.get(Entry, int(event.subject_id))
    if entry is None:
        return []
    owner = None if entry.owner_id is None else session.get(User, entry.owner_id)
    people = managers(session) if owner is None or not owner.active else [owner.id]
    facts = {"entry": entry.key, "title": entry.shown_revision.title, **event.payload}
    return [Told(person, NoticeKind.DATE_NEAR, facts) for person in people]


def _revision(session: Session, event: Event) -> tuple[Entry | None, Revision | None]:
    """Return the entry that *event* is about, and the revision it names."""
    entry = session.get(Entry, int(event.subject_id))
    number = event.payload.get("revision")
    if entry is None or number is None:
        return entry, None
    return entry, session.scalar(select(Revision).where(Revision.entry_id == entry.id, Revision.number == number))


def _people(*ids: int | None) -> Sequence[int]:
    return sorted({person for person in ids if person is not None})


def _handed_over(session: Session, event: Event) -> Sequence[Told]:
    """Whoever now answers for the entries, with how many and whose they were. One statement."""
    giver = session.get(User, int(event.subject_id))
    if giver is None:
        return []
    facts = {"name": giver.name, "count": event.payload["count"]}
    return [Told(event.payload["to"], NoticeKind.HANDED_OVER, facts)]


def _published(session: Session, event: Event) -> Sequence[Told]:
    """Whoever wrote what went live, and the owner; those whose thread it was are thanked instead. Some statements.

    Nobody is told of each of the hundreds of entries that a file brought: who imports sees what became of them.
    """
    thanked = from_forum.became_knowledge(session, event)
    entry, revision = _revision(session, event)
    if entry is None or revision is None or revision.note == IMPORT_NOTE:
        return thanked
    facts = {"entry": entry.key, "title": revision.title}
    people = {*_people(revision.author_id, entry.owner_id)} - {item.user_id for item in thanked}
    return [*thanked, *(Told(person, NoticeKind.ENTRY_PUBLISHED, facts) for person in sorted(people))]


SOURCES: Mapping[tuple[Subject, Verb], Source] = {
    (Subject.GAP, Verb.CLOSED): _gap_closed,
    (Subject.GAP, Verb.DECLINED): _gap_declined,
    (Subject.CORRECTION, Verb.TOLD): _correction_answered,
    (Subject.CORRECTION, Verb.UPHELD): _correction_upheld,
    (Subject.ENTRY, Verb.RETURNED): _sent_back(NoticeKind.ENTRY_RETURNED),
    (Subject.ENTRY, Verb.REJECTED): _sent_back(NoticeKind.ENTRY_REJECTED),
    (Subject.ENTRY, Verb.APPROVED): _verification_asked,
    (Subject.COMMENT, Verb.COMMENTED): _remarked,
    (Subject.VERIFICATION, Verb.REMINDED): _verification_nudged(NoticeKind.VERIFICATION_LATE),
    (Subject.VERIFICATION, Verb.ESCALATED): _verification_nudged(NoticeKind.VERIFICATION_SILENT),
    (Subject.VALIDITY, Verb.REMINDED): _date_near,
    **from_forum.SOURCES,
    **from_training.SOURCES,
    (Subject.ENTRY, Verb.PUBLISHED): _published,
    (Subject.PERSON, Verb.OWNER_CHANGED): _handed_over,
}
