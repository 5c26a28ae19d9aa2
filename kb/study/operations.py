"""The verbs of idle study: answer a card, and choose which new ones to be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from kb.i18n import N_
from kb.must_reads import operations as must_reads
from kb.must_reads.models import MustRead
from kb.people.models import User
from kb.permissions import Actor, Permission, require
from kb.questions import queries as question_queries
from kb.questions import showing
from kb.questions.grading import Answer, grade
from kb.questions.models import Question
from kb.study.models import KEY_MAX, Card, StudyAnswer, StudyScope
from kb.study.rules import MAX_LATE, MAX_TOOK, Confidence, Why
from kb.study.scheduling import Scheduler
from kb.taxonomy.models import Module, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a page says somebody answered.

    Attributes:
        key: made by the page for this answer; the same one again is the same answer.
        version: of the question that was shown, in the order of *seed* (``kb.questions.showing``).
        chosen, texts: places as they were shown, and what was filled in.
        at: when it was answered; earlier than now where the server was away.
    """

    key: str
    question_id: int
    version: int
    seed: str
    why: Why
    confidence: Confidence
    at: datetime
    chosen: Sequence[int] = ()
    texts: Sequence[str] = ()
    took: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer came to: the row, its question, and the must-reads that it gave a receipt for."""

    answer: StudyAnswer
    question: Question
    read: Sequence[MustRead] = ()


def answer(session: Session, actor: Actor, given: Given, scheduler: Scheduler, *, now: datetime) -> Answered:
    """Save one answer: grade it, space its card, and give the receipt where it was a must-read's and right.

    The same answer again changes nothing. One that comes late, after a newer one to the same card, is kept and moves
    the card no more.

    Raises:
        ConflictError: the question says something else by now, or is not asked any more: the answer can't be graded.
        InvalidInputError: it answers nothing, or *given* is older than ``rules.MAX_LATE``.
        NotFoundError: no such question for them.
        PermissionDeniedError: *actor* is no person.
    """
    require(actor, Permission.ENTRY_READ)
    if actor.user_id is None:
        raise PermissionDeniedError(N_("只有登录的人才能学习"))
    if not 0 < len(given.key) <= KEY_MAX:
        raise InvalidInputError(N_("这次作答没有编号"), field="key")
    # One at a time for a person: two tabs, or a queue that is sent twice, save each answer once.
    session.execute(select(User.id).where(User.id == actor.user_id).with_for_update())
    before = session.scalar(
        select(StudyAnswer).where(StudyAnswer.user_id == actor.user_id, StudyAnswer.key == given.key)
    )
    if before is not None:
        return Answered(before, question_queries.by_ids(session, [before.question_id])[before.question_id])
    at = min(given.at, now)
    if now - at > MAX_LATE:
        raise InvalidInputError(N_("这次作答是很久以前的，不能再算了"), field="at")
    question = session.scalars(question_queries.askable(actor, now=now).where(Question.id == given.question_id)).first()
    if question is None:
        _missing(session, given.question_id)
        raise NotFoundError(N_("没有这道题"))
    if question.version != given.version:
        raise ConflictError(N_("这道题刚刚改过，这次作答不计"))
    meant = showing.meant(question.item, given.seed, given.chosen, given.texts)
    row = _keep(session, actor.user_id, question, given, meant, at=at, now=now)
    _space(session, row, scheduler)
    read = must_reads.read(session, actor, question, now=now) if row.right else ()
    return Answered(row, question, read)


def choose_scope(session: Session, actor: Actor, *, tier: str | None, modules: Sequence[str]) -> StudyScope:
    """Choose which new cards *actor* is shown. No event: it concerns nobody else.

    Args:
        tier: up to which tier; ``None`` for their own (``kb.study.choosing``).
        modules: keys; levels below are theirs too. Empty for all.

    Raises:
        InvalidInputError: there is no such tier or module.
    """
    if actor.user_id is None:
        raise PermissionDeniedError(N_("只有登录的人才能学习"))
    modules = sorted(set(modules))
    if tier is not None and session.get(Tier, tier) is None:
        raise InvalidInputError(N_("没有这个层级：%(key)s"), field="tier", key=tier)
    known = set(session.scalars(select(Module.key).where(Module.key.in_(modules))))
    for key in modules:
        if key not in known:
            raise InvalidInputError(N_("没有这个业务模块：%(key)s"), field="modules", key=key)
    session.execute(select(User.id).where(User.id == actor.user_id).with_for_update())
    scope = session.merge(StudyScope(user_id=actor.user_id, tier_key=tier, modules=list(modules)))
    session.flush()
    return scope


def _missing(session: Session, question_id: int) -> None:
    if session.get(Question, question_id) is not None:
        raise ConflictError(N_("这道题现在不考了，这次作答不计"))


def _keep(
    session: Session, user_id: int, question: Question, given: Given, meant: Answer, *, at: datetime, now: datetime
) -> StudyAnswer:
    graded = grade(question.item, meant)
    card = session.get(Card, (user_id, question.id))
    row = StudyAnswer(
        user_id=user_id,
        key=given.key,
        question_id=question.id,
        version=question.version,
        entry_id=question.entry_id,
        why=given.why,
        given=meant.to_json(),
        confidence=int(given.confidence),
        right=graded.right,
        share=graded.share,
        before=card.box if card is not None else None,
        took_ms=int(min(max(given.took, timedelta(0)), MAX_TOOK) / timedelta(milliseconds=1)),
        at=at,
        received_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _space(session: Session, row: StudyAnswer, scheduler: Scheduler) -> None:
    """Move the card of *row*, unless a newer answer has moved it already."""
    card = session.get(Card, (row.user_id, row.question_id))
    if card is not None and card.last_at > row.at:
        return
    confidence = Confidence(row.confidence)
    memory = scheduler.after(
        card.memory if card is not None else None, right=row.right, confidence=confidence, now=row.at
    )
    if card is None:
        card = Card(user_id=row.user_id, question_id=row.question_id, first_at=row.at)
        session.add(card)
    card.put(memory)
    session.flush()
