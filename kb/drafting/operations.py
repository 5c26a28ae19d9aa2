"""The verbs of writing: begin a working copy, keep it, merge it, hand it in, throw it away.

Only handing in appends events: what is private and saved every few seconds is nobody else's business.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.drafting import queries
from kb.drafting.fields import Form, to_content, to_form
from kb.drafting.models import WorkingCopy
from kb.entries import operations as entries
from kb.entries.content import MAX_TEXT, MAX_WORDINGS
from kb.entries.models import Entry, EntrySource, Revision
from kb.entries.rules import Step, check
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from kb.gaps import operations as gap_operations
from kb.gaps.models import Gap
from kb.gaps.rules import LIVE
from kb.i18n import N_
from kb.importing.fields import Context
from kb.permissions import Actor, Permission, allowed, require

DERIVED = ("thread:", "entry:", "gap:", "call:")
"""Sources that an entry tells to have come from; an interview was the person's own knowledge."""
MOST = 50
"""Working copies of new entries that one person may have."""


class StaleBaseError(ConflictError):
    """Somebody else saved the entry after this working copy began from it: the two have to be merged."""

    code = "stale_base"


def begin(
    session: Session, actor: Actor, fields: Form, *, key: str, source: str | None = None, now: datetime
) -> WorkingCopy:
    """Begin a working copy of a new entry and return it; the one there is where *source* was begun from before.

    Args:
        key: random name.
        source: see ``WorkingCopy``.

    Raises:
        PermissionDeniedError: *actor* may not create entries, or is no person.
        ConflictError: they have too many unfinished ones.
    """
    require(actor, Permission.ENTRY_CREATE)
    before = queries.from_source(session, actor, source) if source is not None else None
    if before is not None:
        return before
    if len(queries.mine(session, actor, limit=MOST)) >= MOST:
        raise ConflictError(N_("没写完的稿子太多了，先写完或丢掉几份"))
    return _add(session, actor, fields, key=key, source=source, now=now)


def begin_edit(session: Session, actor: Actor, entry: Entry, *, key: str, timezone: str, now: datetime) -> WorkingCopy:
    """Return *actor*'s working copy of *entry*, begun now from its newest revision where there is none.

    Raises:
        PermissionDeniedError: *actor* may not edit it, or is no person.
    """
    require_editing(actor, entry)
    found = queries.of_entry(session, actor, entry)
    if found is not None:
        return found
    base = newest(entry)
    return _add(session, actor, to_form(base.content, timezone), key=key, entry=entry, base=base, now=now)


def require_editing(actor: Actor, entry: Entry) -> None:
    """Return if *actor* may edit what is live of *entry* and what is in work.

    Raises:
        PermissionDeniedError: they may not.
    """
    if not may_edit(actor, entry):
        raise PermissionDeniedError


def may_edit(actor: Actor, entry: Entry) -> bool:
    """Return whether *actor* may edit what is live of *entry* and what is in work."""
    revisions = (entry.live_revision, entry.work_revision)
    return all(
        allowed(actor, Permission.ENTRY_EDIT, entry.target(revision)) for revision in revisions if revision is not None
    )


def newest(entry: Entry) -> Revision:
    """Return the revision that an edit of *entry* goes on from: the one in work, else the live one."""
    return entry.work_revision or entry.shown_revision


def keep(
    session: Session, actor: Actor, copy: WorkingCopy, fields: Form, *, version: int, now: datetime
) -> WorkingCopy:
    """Keep *fields*, finished or not, and return the working copy with its new version.

    What is there already is kept again without a new version, so that a page may repeat what it got no answer to.

    Raises:
        NotFoundError: it was handed in or thrown away meanwhile, or is not *actor*'s.
        ConflictError: it was changed in another window since *version*.
        InvalidInputError: it is too long to keep.
    """
    _lock(session, actor, copy)
    if copy.fields == dict(fields):
        return copy
    if copy.version != version:
        raise ConflictError(N_("这份稿子在另一个窗口里改过了，这里的还没有存上"))
    _check_size(fields)
    copy.fields, copy.version, copy.updated_at = dict(fields), copy.version + 1, now
    session.flush()
    return copy


def discard(session: Session, actor: Actor, copy: WorkingCopy) -> None:
    """Throw a working copy away. The entry, if it is one of an entry, stays as it is.

    Raises:
        NotFoundError: it is gone already, or is not *actor*'s.
    """
    _lock(session, actor, copy)
    session.delete(copy)
    session.flush()


def rebase(
    session: Session, actor: Actor, copy: WorkingCopy, fields: Form, *, onto: int, version: int, now: datetime
) -> None:
    """Take over *fields*, which a person merged from *copy* and revision number *onto* of its entry.

    Raises:
        StaleBaseError: the entry has a newer revision by now: it has to be merged with that.
        ConflictError: the working copy was changed in another window.
    """
    entry = _entry(copy)
    _lock_entry(session, entry)
    if newest(entry).number != onto:
        raise StaleBaseError(N_("刚才又有人保存了新的一版，请再对一遍"))
    keep(session, actor, copy, fields, version=version, now=now)
    copy.base_id = newest(entry).id
    session.flush()


def merge_into(
    session: Session,
    actor: Actor,
    copy: WorkingCopy,
    entry: Entry,
    fields: Form,
    *,
    onto: int,
    key: str,
    timezone: str,
    now: datetime,
) -> WorkingCopy:
    """Make *fields*, merged from *copy* and *entry*, a working copy of *entry*, and return it. *copy* is done with.

    A *copy* of an entry of its own is thrown away too; that entry stays, for its people to retire.

    Raises:
        PermissionDeniedError: *actor* may not edit *entry*.
        StaleBaseError: *entry* has a newer revision than number *onto*.
        ConflictError: *actor* has an unfinished working copy of *entry*, which must not be overwritten.
    """
    _lock(session, actor, copy)
    _lock_entry(session, entry)
    require_editing(actor, entry)
    if newest(entry).number != onto:
        raise StaleBaseError(N_("刚才又有人保存了新的一版，请再对一遍"))
    if queries.of_entry(session, actor, entry) is not None:
        raise ConflictError(N_("你有一份没写完的修改稿，先写完它，再把这一份并进去"))
    source = copy.source
    session.delete(copy)
    session.flush()
    made = _add(session, actor, fields, key=key, entry=entry, base=newest(entry), source=source, now=now)
    if made.fields == to_form(newest(entry).content, timezone):
        session.delete(made)
        raise ConflictError(N_("并进去以后和原来一样，没有要改的"))
    return made


def hand_in(
    session: Session,
    actor: Actor,
    copy: WorkingCopy,
    *,
    context: Context,
    now: datetime,
    note: str = "",
    material: bool = True,
    submit: bool = True,
) -> Entry:
    """Make the working copy a draft of its entry, or of a new one, and hand that to the reviewers if told so.

    Args:
        context: what names and dates are read by.
        note: what was changed and why; said in the history.
        material: whether the editor says that it is other knowledge now (``kb.entries.material``).

    Raises:
        InvalidInputError: something in it can't be stored; the working copy stays.
        StaleBaseError: somebody else saved the entry since: it has to be merged first.
        TransitionError: the entry is under review.
        PermissionDeniedError: *actor* may not edit it any more.
        ConflictError: nothing was changed.
    """
    _lock(session, actor, copy)
    content = to_content(copy.fields, context)
    entry = copy.entry
    if entry is None:
        derived = copy.source if copy.source is not None and copy.source.startswith(DERIVED) else None
        entry = entries.create(session, actor, content, now=now, derived_from=derived, note=note)
    else:
        _lock_entry(session, entry)
        check(Step.SAVE, entry.work_state)
        if newest(entry).id != copy.base_id:
            raise StaleBaseError(N_("你写的时候，别人保存了新的一版：先对一遍，谁的都不会丢"))
        _take_in(session, copy, entry, now=now)
        if content != newest(entry).content:
            entries.save(session, actor, entry, content, now=now, note=note, material=material)
        elif entry.work_state is None or not submit:
            raise ConflictError(N_("和现在的内容一样，没有要保存的"))
    if submit:
        entries.submit(session, actor, entry, now=now)
    _answer_gap(session, actor, copy.source, entry, now=now)
    session.delete(copy)
    session.flush()
    return entry


def _take_in(session: Session, copy: WorkingCopy, entry: Entry, *, now: datetime) -> None:
    """Note where what was merged into *entry* came from: whoever gave it is named on it."""
    source = copy.source
    if source is None or not source.startswith(DERIVED) or source in (entry.derived_from, f"entry:{entry.key}"):
        return
    if session.get(EntrySource, (entry.id, source)) is None:
        session.add(EntrySource(entry_id=entry.id, source=source, at=now))
        session.flush()


def _answer_gap(session: Session, actor: Actor, source: str | None, entry: Entry, *, now: datetime) -> None:
    """Link the gap that *entry* was written for, where *actor* may; it closes once its words find the entry."""
    kind, _, number = (source or "").partition(":")
    gap = session.get(Gap, int(number)) if kind == "gap" and number.isdecimal() else None
    if gap is None or gap.state not in LIVE:
        return
    if allowed(actor, Permission.GAP_ANSWER, gap.target if gap.module_key is not None else None):
        gap_operations.link_entry(session, actor, gap, entry, now=now)


def _add(
    session: Session,
    actor: Actor,
    fields: Form,
    *,
    key: str,
    now: datetime,
    entry: Entry | None = None,
    base: Revision | None = None,
    source: str | None = None,
) -> WorkingCopy:
    if actor.user_id is None:
        raise PermissionDeniedError(N_("只有登录的人才能写稿"))
    _check_size(fields)
    stored: dict[str, Any] = dict(fields)
    copy = WorkingCopy(
        key=key,
        user_id=actor.user_id,
        entry=entry,
        base=base,
        source=source,
        fields=stored,
        version=1,
        created_at=now,
        updated_at=now,
    )
    session.add(copy)
    session.flush()
    return copy


def _lock(session: Session, actor: Actor, copy: WorkingCopy) -> None:
    """See that nobody else changes *copy* until this transaction ends, and read it as it is now."""
    there = session.scalar(
        select(WorkingCopy.id).where(WorkingCopy.id == copy.id, WorkingCopy.user_id == actor.user_id).with_for_update()
    )
    if there is None:
        raise NotFoundError(N_("没有这份工作稿：可能已经提交，或者已经丢掉了"))
    session.refresh(copy, ["fields", "version", "base_id"])


def _lock_entry(session: Session, entry: Entry) -> None:
    session.execute(select(Entry.id).where(Entry.id == entry.id).with_for_update())
    session.refresh(entry)


def _entry(copy: WorkingCopy) -> Entry:
    if copy.entry is None:
        raise ConflictError(N_("这是一条新的知识，没有要合并的"))
    return copy.entry


def _check_size(fields: Form) -> None:
    for name, value in fields.items():
        if isinstance(value, list):
            if len(value) > MAX_WORDINGS or any(len(item) > MAX_TEXT for item in value):
                raise InvalidInputError(N_("这一栏最多 %(max)s 个字"), field=name, max=MAX_TEXT)
        elif len(value) > MAX_TEXT:
            raise InvalidInputError(N_("这一栏最多 %(max)s 个字"), field=name, max=MAX_TEXT)
