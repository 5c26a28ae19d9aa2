"""The verbs of imports: keep what was read, cut it otherwise, take parts as drafts, throw it away."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from kb.documents import queries, rules
from kb.documents.document import Document
from kb.documents.models import Import, ImportDraft
from kb.entries import operations as entries
from kb.entries.content import Content
from kb.entries.models import Entry
from kb.errors import ConflictError, InvalidInputError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.permissions import Actor, Permission, require

MAX_NAME = 200


class PartError(InvalidInputError):
    """The content of one part can't be stored; *start* says which."""

    def __init__(self, start: int, title: str, problem: InvalidInputError) -> None:
        super().__init__(N_("“%(title)s”：%(problem)s"), field=problem.field, title=title[:40], problem=problem)
        self.start = start


def receive(session: Session, actor: Actor, document: Document, *, name: str, digest: str, now: datetime) -> Import:
    """Keep *document* until somebody has decided about its parts, cut where that seems sensible.

    Raises:
        PermissionDeniedError: *actor* may not import.
    """
    require(actor, Permission.DRAFT_IMPORT)
    level = rules.sensible_level(document.sections)
    made = Import(
        user_id=actor.user_id,
        name=name[:MAX_NAME],
        digest=digest,
        format=document.format,
        made_at=now,
        document=document.as_json(),
        cuts=list(rules.at_level(document.sections, level)),
        alike={},
    )
    session.add(made)
    session.flush()
    _record(session, actor, made, Verb.CREATED, now, name=made.name)
    return made


def cut(session: Session, actor: Actor, number: int, cuts: Collection[int]) -> Import:
    """Let the parts of import *number* begin at *cuts*. No event: nobody else sees it.

    Raises:
        NotFoundError: *actor* has no such import.
        ConflictError: parts of it have become drafts, and must stay what they are.
    """
    found = queries.own(session, actor, number, lock=True)
    if queries.drafts(session, found):
        raise ConflictError(N_("已经有条目转成草稿，不能再改分法；要换一种分法，请重新上传"))
    found.cuts = sorted({0, *cuts})
    session.flush()
    return found


def note_alike(session: Session, actor: Actor, number: int, alike: Mapping[str, Any]) -> None:
    """Keep what was found to be like parts, by their titles."""
    found = queries.own(session, actor, number, lock=True)
    found.alike = {**found.alike, **alike}
    session.flush()


def take(
    session: Session, actor: Actor, number: int, contents: Mapping[int, Content], *, now: datetime
) -> Mapping[int, Entry]:
    """Make a draft of each of *contents*, by the start of its part; return the drafts. All of them or none.

    The drafts are *actor*'s own and go the way of all drafts: nothing here can publish one.

    Raises:
        NotFoundError: *actor* has no such import.
        ConflictError: a part has become a draft already.
        PartError: a content can't be stored.
    """
    require(actor, Permission.DRAFT_IMPORT)
    found = queries.own(session, actor, number, lock=True)
    done = queries.drafts(session, found)
    if done.keys() & contents.keys():
        raise ConflictError(N_("有的条目已经转成草稿了，请刷新页面看看"))
    made: dict[int, Entry] = {}
    for start, content in sorted(contents.items()):
        try:
            entry = entries.create(session, actor, content, now=now, note=f"导入：{found.name}")
        except InvalidInputError as problem:
            raise PartError(start, content.title, problem) from problem
        session.flush()
        session.add(ImportDraft(import_id=found.id, start=start, entry_id=entry.id))
        made[start] = entry
    session.flush()
    _record(session, actor, found, Verb.IMPORTED, now, drafts=len(made))
    return made


def discard(session: Session, actor: Actor, number: int, *, now: datetime) -> None:
    """Throw import *number* away; the drafts it has become stay.

    Raises:
        NotFoundError: *actor* has no such import.
    """
    found = queries.own(session, actor, number, lock=True)
    session.execute(delete(ImportDraft).where(ImportDraft.import_id == found.id))
    _record(session, actor, found, Verb.REMOVED, now)
    session.delete(found)
    session.flush()


def _record(session: Session, actor: Actor, found: Import, verb: Verb, now: datetime, **payload: Any) -> None:
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.IMPORT,
        subject_id=found.id,
        payload=payload,
    )
