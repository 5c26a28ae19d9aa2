"""What a new entry begins with when it comes from a thread, a gap, or the note of a call."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from kb.calls import queries as call_queries
from kb.documents.drafting import first_sentence
from kb.drafting.templates import INTERVIEW
from kb.entries.content import MAX_ANSWER, MAX_TITLE, MAX_WORDING, Freshness, Kind
from kb.errors import NotFoundError
from kb.forum import queries as forum_queries
from kb.forum.models import ThreadKind
from kb.gaps import queries as gap_queries
from kb.i18n import N_
from kb.people import queries as people_queries
from kb.permissions import Actor, Permission, require

KINDS = {
    ThreadKind.QUESTION: Kind.FAQ,
    ThreadKind.EXPERIENCE: Kind.BEST_PRACTICE,
    ThreadKind.CASE: Kind.CASE,
}
"""What kind of entry a thread of a kind usually becomes."""
FAULT = "fault"
"""The module below which answers age as faults do."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a working copy begins with.

    Attributes:
        title: what it comes from, to be shown.
        kind: of what kind the entry probably is; ``None`` where that is open.
        fields: what is known already.
        template: the template to use instead of the kind's.
    """

    title: str
    kind: Kind | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    template: str | None = None


def read(session: Session, actor: Actor, source: str) -> Start:
    """Return what *source* (see ``WorkingCopy``) gives to begin with.

    Raises:
        NotFoundError: there is no such thing, or none that *actor* may read.
        PermissionDeniedError: *actor* may not hold leavers' interviews.
    """
    kind, _, name = source.partition(":")
    if kind == "thread":
        return _thread(session, actor, name)
    if kind == "gap" and name.isascii() and name.isdecimal() and len(name) < 10:
        return _gap(session, actor, int(name))
    if kind == "call":
        return _call(session, actor, name)
    if kind == "interview":
        require(actor, Permission.OWNERSHIP_TRANSFER)
        person = people_queries.by_username(session, name)
        return Start(title=person.name, template=INTERVIEW)
    raise NotFoundError(N_("没有这个来源：%(source)s"), source=source)


def _thread(session: Session, actor: Actor, key: str) -> Start:
    """Begin from a thread: what was accepted are the steps, and a question's title is a caller's wording.

    A question that nobody has answered gives no answer; an experience or a case is told by its own text.
    """
    thread = forum_queries.readable(session, actor, key)
    accepted = next((item for item in thread.replies if item.number == thread.accepted_number), None)
    asked = thread.kind is ThreadKind.QUESTION
    told = accepted.body if accepted is not None else "" if asked else thread.body
    answer = first_sentence(told)
    fields: dict[str, Any] = {
        "title": thread.title[:MAX_TITLE],
        "module_key": thread.module_key,
        "regions": [thread.region_key] if thread.region_key is not None else [],
        "wordings": _wordings([thread.title]) if asked else [],
        "answer": answer if len(answer) <= MAX_ANSWER else "",
        "steps": accepted.body.strip() if accepted is not None else "",
        "body": thread.body,
    }
    if thread.module_key.partition(".")[0] == FAULT:
        fields["freshness"] = Freshness.FAULT.value
    return Start(title=thread.title, kind=KINDS[thread.kind], fields=fields)


def _gap(session: Session, actor: Actor, number: int) -> Start:
    gap = gap_queries.gap(session, actor, number)
    fields: dict[str, Any] = {"wordings": _wordings([item.text for item in gap_queries.phrasings(session, gap.id)])}
    if gap.module_key is not None:
        fields["module_key"] = gap.module_key
    if gap.tier_key is not None:
        fields["tier_key"] = gap.tier_key
    return Start(title=gap.text, kind=Kind.FAQ, fields=fields)


def _call(session: Session, actor: Actor, reference: str) -> Start:
    call = call_queries.own(session, actor, reference)
    fields: dict[str, Any] = {"wordings": _wordings([call.text]), "body": call.note}
    if call.module_key is not None:
        fields["module_key"] = call.module_key
    return Start(title=call.note or call.text, fields=fields)


def _wordings(texts: Sequence[str]) -> list[str]:
    lines = [" ".join(text.split())[:MAX_WORDING] for text in texts]
    return list(dict.fromkeys(line for line in lines if line))
