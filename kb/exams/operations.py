"""The verbs of exams: set, publish, close; and of whoever takes one: start, answer, hand in.

An answer is committed by itself, at once, and the server's clock alone says when an attempt is over: a crash, a closed
browser or a wrong clock at the desk loses nothing and wins no time.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.exams import papers, queries, rules
from kb.exams.models import Attempt, AttemptQuestion, Exam
from kb.exams.rules import Candidate, Ending, Facts, Tried, checked
from kb.i18n import N_
from kb.licences import operations as licences
from kb.people.models import Team, User
from kb.permissions import Actor, Permission, require
from kb.questions import queries as questions
from kb.taxonomy import queries as taxonomy_queries


def create(session: Session, actor: Actor, facts: Facts, *, now: datetime) -> Exam:
    """Set an exam and return it, a draft that nobody can take yet.

    Raises:
        PermissionDeniedError: *actor* may not.
        InvalidInputError: *facts* can't be taken.
    """
    require(actor, Permission.EXAM_MANAGE)
    return add(session, actor, facts, now=now)


def add(session: Session, actor: Actor, facts: Facts, *, now: datetime) -> Exam:
    """Add an exam for *actor*, whom the caller has found to be allowed: a training adds its quizzes so.

    Raises:
        InvalidInputError: *facts* can't be taken.
    """
    facts = _known(session, checked(facts))
    exam = Exam(author_id=actor.user_id, created_at=now)
    _put(exam, facts)
    session.add(exam)
    session.flush()
    _record(session, actor.user_id, exam, Verb.CREATED, now)
    return exam


def revise(session: Session, actor: Actor, number: int, facts: Facts, *, now: datetime) -> Exam:
    """Change draft *number*. What has been published stays as people have taken it.

    Raises:
        ConflictError: it is published.
        InvalidInputError: *facts* can't be taken.
    """
    require(actor, Permission.EXAM_MANAGE)
    exam = _held(session, number)
    if exam.published_at is not None:
        raise ConflictError(N_("已经发布的考试不能改；请关闭它，另出一份"))
    _put(exam, _known(session, checked(facts)))
    session.flush()
    _record(session, actor.user_id, exam, Verb.REVISED, now)
    return exam


def publish(session: Session, actor: Actor, number: int, *, now: datetime) -> Exam:
    """Let people take exam *number* from its opening on. Twice is once.

    Raises:
        PermissionDeniedError: *actor* may not.
        ConflictError: it was closed, or its time is over.
        InvalidInputError: the bank holds too few questions for its blueprint.
    """
    require(actor, Permission.EXAM_MANAGE)
    return open_to_all(session, actor, _held(session, number), now=now)


def open_to_all(session: Session, actor: Actor, exam: Exam, *, now: datetime) -> Exam:
    """Publish *exam* for *actor*, whom the caller has found to be allowed.

    Raises:
        ConflictError: it was closed, or its time is over.
        InvalidInputError: the bank holds too few questions for its blueprint.
    """
    if exam.published_at is not None:
        return exam
    if exam.closed_at is not None or now >= exam.closes_at:
        raise ConflictError(N_("这场考试已经截止"))
    _draw(session, actor, exam, "check", now)
    exam.published_at = now
    session.flush()
    _record(session, actor.user_id, exam, Verb.PUBLISHED, now)
    return exam


def close(session: Session, actor: Actor, number: int, *, now: datetime) -> Exam:
    """Let no more attempts at exam *number* begin; those under way go on to their end. Twice is once."""
    require(actor, Permission.EXAM_MANAGE)
    exam = _held(session, number)
    if exam.closed_at is None:
        exam.closed_at, exam.closes_at = now, max(min(exam.closes_at, now), exam.opens_at + timedelta(seconds=1))
        session.flush()
        _record(session, actor.user_id, exam, Verb.CLOSED, now)
    return exam


def start(session: Session, actor: Actor, number: int, *, seed: str, now: datetime) -> Attempt:
    """Begin an attempt at exam *number* and return it; the one that goes on, where there is one.

    Args:
        seed: secret and new; draws the questions.

    Raises:
        PermissionDeniedError: *actor* is no person.
        NotFoundError: there is no such exam for them.
        ConflictError: not now, or not again (``rules.refusal``).
        InvalidInputError: the bank has become too small.
    """
    if actor.user_id is None:
        raise PermissionDeniedError(N_("只有登录的人才能考试"))
    # One at a time per person: a double click begins one attempt.
    session.execute(select(User.id).where(User.id == actor.user_id).with_for_update())
    exam = queries.for_person(session, actor, number)
    before = queries.attempts_of(session, actor.user_id, number)
    for attempt in before:
        if attempt.submitted_at is None:
            if rules.takes_answers(attempt.ends_at, now):
                return attempt
            _end(session, attempt, Ending.TIME, now)
    why_not = rules.refusal(
        [Tried(attempt.started_at, attempt.passed) for attempt in before],
        attempts=exam.attempts,
        wait=timedelta(hours=exam.wait_hours),
        opens_at=exam.opens_at,
        closes_at=exam.closes_at,
        now=now,
    )
    if why_not is not None:
        raise ConflictError(why_not)
    attempt = Attempt(
        exam_id=exam.id,
        exam=exam,
        user_id=actor.user_id,
        number=len(before) + 1,
        seed=seed[: rules.SEED_LENGTH],
        started_at=now,
        ends_at=rules.ends_at(now, exam.minutes),
    )
    session.add(attempt)
    session.flush()
    for place, (question_id, module, item) in enumerate(_draw(session, actor, exam, attempt.seed, now), start=1):
        session.add(
            AttemptQuestion(
                attempt_id=attempt.id, place=place, question_id=question_id, module_key=module, item=item, answer=None
            )
        )
    session.flush()
    _record_attempt(session, attempt, Verb.STARTED, now)
    return attempt


def answer(
    session: Session,
    actor: Actor,
    attempt_id: int,
    place: int,
    *,
    chosen: tuple[int, ...] = (),
    texts: tuple[str, ...] = (),
    now: datetime,
) -> AttemptQuestion:
    """Save what *actor* answers to the question at *place*; a later answer replaces it until they hand in.

    Args:
        chosen: places as they were shown.
        texts: what was filled in.

    Raises:
        NotFoundError: no such attempt of theirs, or no such question.
        ConflictError: the attempt has ended.
        InvalidInputError: that is no answer to this question.
    """
    attempt = _own(session, actor, attempt_id)
    if attempt.submitted_at is not None or not rules.takes_answers(attempt.ends_at, now):
        raise ConflictError(N_("这次作答已经结束，这个答案没有记上"))
    row = session.get(AttemptQuestion, (attempt_id, place))
    if row is None:
        raise NotFoundError(N_("没有这道题"))
    row.answer = papers.meant(attempt.seed, row, chosen, texts).to_json()
    row.answered_at = now
    session.flush()
    return row


def submit(session: Session, actor: Actor, attempt_id: int, *, now: datetime) -> Attempt:
    """Hand the attempt in and mark it; passing grants the exam's licence. Twice is once.

    Raises:
        NotFoundError: there is no such attempt of *actor*'s.
    """
    attempt = _own(session, actor, attempt_id)
    if attempt.submitted_at is None:
        in_time = rules.takes_answers(attempt.ends_at, now)
        _end(session, attempt, Ending.SUBMITTED if in_time else Ending.TIME, now)
    return attempt


def end_overdue(session: Session, *, now: datetime, limit: int = 100) -> int:
    """End the attempts whose time is over, as if handed in at their end; return how many there were."""
    overdue = session.scalars(
        select(Attempt)
        .where(Attempt.submitted_at.is_(None), Attempt.ends_at < now - rules.GRACE)
        .order_by(Attempt.id)
        .limit(limit)
        .with_for_update()
    ).all()
    for attempt in overdue:
        _end(session, attempt, Ending.TIME, now)
    return len(overdue)


def _end(session: Session, attempt: Attempt, ending: Ending, now: datetime) -> None:
    exam = attempt.exam
    rows = queries.questions_of(session, attempt.id)
    for row in rows:
        grade = papers.mark(row)
        row.share, row.right = grade.share, grade.right
    shares = [row.share or 0.0 for row in rows]
    attempt.submitted_at = min(now, attempt.ends_at)
    attempt.ending = ending
    attempt.score, attempt.passed = rules.score(shares), rules.passes(shares, exam.pass_share)
    session.flush()
    _record_attempt(session, attempt, Verb.SUBMITTED, now, ending=ending.value, passed=attempt.passed)
    if attempt.passed and exam.grants_tier is not None:
        licences.grant(
            session,
            attempt.user_id,
            tier=exam.grants_tier,
            attempt_id=attempt.id,
            expires_at=attempt.submitted_at + timedelta(days=exam.valid_days),
            now=attempt.submitted_at,
        )


def _draw(
    session: Session, actor: Actor, exam: Exam, seed: str, now: datetime
) -> list[tuple[int, str, dict[str, Any]]]:
    """Return the questions that *seed* draws for *actor*: id, module, snapshot."""
    modules = taxonomy_queries.load(session).modules
    below = {section.module: modules.below([section.module]) for section in exam.facts.sections}
    wanted = frozenset().union(*below.values())
    bank = {question.id: question for question in questions.bank(session, actor, now=now, modules=wanted)}
    candidates = [
        Candidate(question.id, question.entry.shown_revision.module_key, int(question.difficulty))
        for question in bank.values()
    ]
    try:
        drawn = rules.draw(exam.facts.sections, candidates, below, seed)
    except InvalidInputError as error:
        key = str(error.params["module"])
        named = {**error.params, "module": modules[key].name if key in modules else key}
        raise InvalidInputError(error.message, field=error.field, **named) from error
    return [(id_, bank[id_].entry.shown_revision.module_key, papers.item_to_json(bank[id_].item)) for id_ in drawn]


def _known(session: Session, facts: Facts) -> Facts:
    taxonomy = taxonomy_queries.load(session)
    for section in facts.sections:
        if section.module not in taxonomy.modules:
            raise InvalidInputError(N_("没有这个模块：%(key)s"), field="sections", key=section.module)
    if facts.grants_tier is not None and facts.grants_tier not in taxonomy.tiers:
        raise InvalidInputError(N_("没有这一层：%(key)s"), field="grants_tier", key=facts.grants_tier)
    known = set(session.scalars(select(Team.key).where(Team.key.in_(facts.teams))))
    for key in facts.teams:
        if key not in known:
            raise InvalidInputError(N_("没有这个班组：%(key)s"), field="teams", key=key)
    return facts


def _put(exam: Exam, facts: Facts) -> None:
    for name in ("title", "purpose", "minutes", "pass_share", "attempts", "wait_hours", "opens_at", "closes_at"):
        setattr(exam, name, getattr(facts, name))
    exam.sections = [section.to_json() for section in facts.sections]
    exam.teams, exam.people = list(facts.teams), list(facts.people)
    exam.grants_tier, exam.valid_days = facts.grants_tier, facts.valid_days


def _held(session: Session, number: int) -> Exam:
    exam = session.get(Exam, number, with_for_update=True, populate_existing=True)
    if exam is None:
        raise NotFoundError(N_("没有这场考试，或者它与你无关"))
    return exam


def _own(session: Session, actor: Actor, attempt_id: int) -> Attempt:
    """Return *actor*'s own attempt, locked: an answer and the end come one after the other."""
    attempt = session.get(Attempt, attempt_id, with_for_update=True, populate_existing=True)
    if attempt is None or attempt.user_id != actor.user_id:
        raise NotFoundError(N_("没有这次作答"))
    return attempt


def _record(session: Session, actor_id: int | None, exam: Exam, verb: Verb, now: datetime) -> None:
    append(
        session,
        at=now,
        actor_id=actor_id,
        verb=verb,
        subject_kind=Subject.EXAM,
        subject_id=exam.id,
        payload={"title": exam.title, "purpose": exam.purpose.value},
    )


def _record_attempt(session: Session, attempt: Attempt, verb: Verb, now: datetime, **payload: Any) -> None:
    append(
        session,
        at=now,
        actor_id=attempt.user_id,
        verb=verb,
        subject_kind=Subject.EXAM_ATTEMPT,
        subject_id=attempt.id,
        payload={"exam": attempt.exam_id, "number": attempt.number, **payload},
    )
