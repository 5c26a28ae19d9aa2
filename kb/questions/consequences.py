"""What becomes of an entry's questions when the entry itself changes.

``kb.entries.steps`` calls this in the transaction of each verb: there is no moment at which the desk says one thing and
a question calls another one right. This module knows the tables only, so that entries may call it.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.entries.models import Entry, Revision
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.questions.models import Question
from kb.questions.rules import State


def follow(
    session: Session, entry: Entry, verb: Verb, now: datetime, *, revision: Revision | None, material: bool
) -> None:
    """Suspend the live questions of *entry* where *revision* went live as other knowledge. One statement, else none.

    Args:
        material: whether what went live is a material edit (``kb.entries.material``).
    """
    if not material or verb not in (Verb.PUBLISHED, Verb.IMPORTED) or revision is None or revision.number == 1:
        return
    session.flush()  # locks the entry's row before theirs, in the order that everybody keeps
    for question in session.scalars(
        select(Question)
        .where(Question.entry_id == entry.id, Question.state == State.LIVE)
        .order_by(Question.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all():
        question.state, question.suspended_at, question.reason = State.SUSPENDED, now, ""
        append(
            session,
            at=now,
            actor_id=None,
            verb=Verb.SUSPENDED,
            subject_kind=Subject.QUESTION,
            subject_id=question.id,
            payload={"entry": entry.id, "revision": revision.number},
        )
