"""The verbs of attachments: keep an upload, note what uses it, forget what nothing uses."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Exists, delete, func, select
from sqlalchemy.orm import Session

from kb.attachments import queries
from kb.attachments.models import Attachment, Use
from kb.attachments.rules import KEY_SIZE, File, keys_in
from kb.attachments.store import Store
from kb.errors import ConflictError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.permissions import Actor, Permission, require

LOOSE = timedelta(days=2)
"""How long an upload may hang on nothing: somebody is still writing, over a night shift too."""

MAX_LOOSE = 100
"""Uploads of one person that hang on nothing: more is no writing, but filling a disk."""


def upload(session: Session, actor: Actor, store: Store, file: File, *, now: datetime) -> Attachment:
    """Keep *file* (``rules.take`` makes it). Until something refers to it only its uploader can see it.

    Raises:
        PermissionDeniedError: *actor* may not write anything it could hang on.
        ConflictError: too many of their uploads hang on nothing.
    """
    require(actor, Permission.THREAD_WRITE)
    waiting = select(func.count()).where(Attachment.uploader_id == actor.user_id, ~_used())
    if (session.scalar(waiting) or 0) >= MAX_LOOSE:
        raise ConflictError(N_("你上传了太多还没有用上的文件，请先把帖子发出去"))
    # First the file, then the row: after a crash there may be a file too many, never one that is missing.
    digest = store.put(file.data)
    attachment = Attachment(
        key=secrets.token_hex(KEY_SIZE // 2),
        digest=digest,
        name=file.name,
        kind=file.kind,
        size=len(file.data),
        uploader_id=actor.user_id,
        created_at=now,
    )
    session.add(attachment)
    session.flush()
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=Verb.CREATED,
        subject_kind=Subject.ATTACHMENT,
        subject_id=attachment.id,
        payload={"kind": file.kind.value, "size": attachment.size},
    )
    return attachment


def use(session: Session, actor: Actor, subject: Subject, row: int, *texts: str, now: datetime) -> None:
    """Note that *texts*, of the thread or entry *row*, refer to attachments; those that *actor* can't see are left out.

    Without that, somebody who remembers the address of a file that was taken away could publish it again. No
    statement where nothing is referred to, a few for each attachment that is.
    """
    keys = keys_in(*texts)
    if not keys:
        return
    for attachment in session.scalars(select(Attachment).where(Attachment.key.in_(keys)).order_by(Attachment.id)):
        if queries.may_read(session, actor, attachment, now=now):
            session.merge(Use(attachment_id=attachment.id, subject_kind=subject, subject_id=row))
    session.flush()


def move_uses(session: Session, subject: Subject, source: int, target: int) -> None:
    """Let *target* use what *source* uses, which it has become a part of."""
    used = select(Use.attachment_id).where(Use.subject_kind == subject, Use.subject_id == source)
    for attachment_id in session.scalars(used).all():
        session.merge(Use(attachment_id=attachment_id, subject_kind=subject, subject_id=target))
    session.flush()


def forget_loose(session: Session, *, now: datetime) -> int:
    """Forget the uploads that nothing has ever used; return how many. Their files are ``sweep``'s."""
    loose = session.scalars(select(Attachment).where(Attachment.created_at < now - LOOSE, ~_used())).all()
    for attachment in loose:
        append(
            session,
            at=now,
            actor_id=None,
            verb=Verb.REMOVED,
            subject_kind=Subject.ATTACHMENT,
            subject_id=attachment.id,
        )
    if loose:
        session.execute(delete(Attachment).where(Attachment.id.in_([item.id for item in loose])))
    return len(loose)


def _used() -> Exists:
    return select(Use).where(Use.attachment_id == Attachment.id).exists()


def sweep(session: Session, store: Store, *, now: datetime) -> int:
    """Remove the files that no attachment names; return how many. One statement.

    A file that was put a moment ago is left alone: its row may not be committed yet.
    """
    known = frozenset(session.scalars(select(Attachment.digest).distinct()))
    return store.sweep(known, before=now - LOOSE)
