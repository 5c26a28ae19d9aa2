"""Storing one entry record: what is new, what has changed, and what people here have done to it since."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.entries import operations, queries
from kb.entries.models import Entry, Revision
from kb.entries.rules import State
from kb.errors import ConflictError, KbError, NotFoundError
from kb.i18n import N_
from kb.importing.records import EntryRecord
from kb.importing.report import Outcome, Stored
from kb.permissions import Actor

IMPORT_NOTE = "import"
"""The note of a revision that came from a file: ``import_content`` writes the same."""

SHELVED = frozenset({State.SUSPENDED, State.RETIRED, State.ARCHIVED})
"""States in which people have taken an entry off the desk; an import must not put it back."""

UNDER_REVIEW = frozenset({State.IN_REVIEW, State.VERIFYING, State.SCHEDULED})


@dataclass(frozen=True, slots=True)
class Reviewers:
    """Who takes imported entries the way that people's entries go: one writes and submits, the other approves."""

    author: Actor
    reviewer: Actor


def store(
    session: Session,
    actor: Actor,
    record: EntryRecord,
    *,
    owner_id: int | None,
    reviewers: Reviewers | None,
    now: datetime,
) -> Stored:
    """Store *record* and return what became of it, and what people should know.

    Owner and provenance are taken over when the entry is new, the owner also when its content has changed.

    Args:
        actor: who imports.
        owner_id: the person whom the record names; ``None`` if it names nobody or nobody who is here.
        reviewers: who passes it through review; without them it is published at once, as not yet verified (L1).

    Raises:
        ConflictError: it has changed, but people here have suspended, retired or archived it.
        KbError: an operation on the way refuses it.
    """
    entry = queries.by_key(session, record.key)
    if entry is not None and _has_nothing_new(session, entry, record):
        return Stored(Outcome.UNCHANGED)
    if entry is not None and entry.live_state in SHELVED:
        raise ConflictError(
            N_("这条知识在这里已经%(state)s，文件里的内容又有变化：先在这里恢复它，再导入"),
            state=entry.live_state.label,
        )
    notices = list(_overwritten(entry, record)) if entry is not None else []
    if record.owner is not None and owner_id is None:
        notices.append(NotFoundError(N_("没有用户 %(username)s，责任人先空着"), username=record.owner))
    outcome = Outcome.CREATED if entry is None else Outcome.UPDATED
    if reviewers is None:
        _publish_at_once(session, actor, entry, record, owner_id=owner_id, now=now)
        return Stored(outcome, tuple(notices))
    entry = _save(session, reviewers, entry, record, owner_id=owner_id, now=now)
    if record.state is State.PUBLISHED and not _pass_review(session, reviewers, entry, now=now):
        outcome = Outcome.AWAITING_VERIFICATION
    return Stored(outcome, tuple(notices))


def _has_nothing_new(session: Session, entry: Entry, record: EntryRecord) -> bool:
    """Return whether the file says what it said last time, or what is live already.

    The comparison with the last import keeps what people have written here since from being undone by the old file.
    """
    last_import = session.scalar(
        select(Revision)
        .where(Revision.entry_id == entry.id, Revision.note == IMPORT_NOTE)
        .order_by(Revision.number.desc())
        .limit(1)
    )
    live, work = entry.live_revision, entry.work_revision
    same = [item for item in (live, work, last_import) if item is not None and item.content == record.content]
    if not same or record.state is State.DRAFT or live in same:
        return bool(same)
    # The file's content is here, but not live. A draft of it that only waits to be published is news.
    return not (entry.work_state is State.DRAFT and work in same)


def _overwritten(entry: Entry, record: EntryRecord) -> Iterator[KbError]:
    """Yield what people have written here that *record* takes the place of. It stays in the history."""
    live, work = entry.live_revision, entry.work_revision
    if live is not None and live.note != IMPORT_NOTE and record.state is State.PUBLISHED:
        yield ConflictError(
            N_("在这里改过的第 %(number)s 版被文件里的内容替换了，可以在历史里找到"), number=live.number
        )
    if work is not None and work.note != IMPORT_NOTE:
        yield ConflictError(N_("正在修改的第 %(number)s 版让位给了文件里的内容，可以在历史里找到"), number=work.number)


def _publish_at_once(
    session: Session, actor: Actor, entry: Entry | None, record: EntryRecord, *, owner_id: int | None, now: datetime
) -> None:
    imported = operations.import_content(
        session,
        actor,
        record.content,
        key=record.key,
        now=now,
        entry=entry,
        published=record.state is State.PUBLISHED,
        owner_id=owner_id,
        derived_from=record.derived_from,
    )
    if entry is None:
        imported.owner_id = owner_id  # whoever runs an import does not answer for what it brings


def _save(
    session: Session,
    reviewers: Reviewers,
    entry: Entry | None,
    record: EntryRecord,
    *,
    owner_id: int | None,
    now: datetime,
) -> Entry:
    """Save *record* as a draft, unless it is the draft already, and return its entry."""
    if entry is None:
        entry = operations.create(
            session,
            reviewers.author,
            record.content,
            now=now,
            key=record.key,
            owner_id=owner_id,
            derived_from=record.derived_from,
            note=IMPORT_NOTE,
        )
        if record.owner is not None:
            entry.owner_id = owner_id
        return entry
    work = entry.work_revision
    if work is not None and work.note == IMPORT_NOTE and entry.work_state in UNDER_REVIEW:
        operations.send_back(session, reviewers.reviewer, entry, reason=N_("来源有了新内容，重新导入"), now=now)
    if work is None or entry.work_state is not State.DRAFT or work.content != record.content:
        operations.save(session, reviewers.author, entry, record.content, now=now, note=IMPORT_NOTE)
    if owner_id is not None:
        entry.owner_id = owner_id
    return entry


def _pass_review(session: Session, reviewers: Reviewers, entry: Entry, *, now: datetime) -> bool:
    """Submit, approve and publish the draft of *entry*; return whether it is live or waits for verifiers."""
    operations.submit(session, reviewers.author, entry, now=now)
    operations.approve(session, reviewers.reviewer, entry, now=now)
    if entry.work_state is not State.SCHEDULED:
        return False
    operations.publish(session, reviewers.reviewer, entry, now=now)
    return True
