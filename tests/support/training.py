"""Making what exams and training need for tests: questions, exams, teams with people, attempts."""

from datetime import timedelta
from typing import Any

from kb.db import unit_of_work
from kb.entries import queries as entry_queries
from kb.exams import operations as exams
from kb.exams import papers
from kb.exams import queries as exam_queries
from kb.exams.models import Attempt, Exam
from kb.exams.rules import Facts, Section
from kb.people import operations as people
from kb.permissions import SYSTEM, Actor, Role
from kb.questions import operations as questions
from kb.questions import showing
from kb.questions.rules import Difficulty, Item, Kind
from tests.support import factories
from tests.support.installation import Installation

MODULE = "fault.broadband"


def bank(installation: Installation, count: int, *, module: str = MODULE, prefix: str = "q") -> list[int]:
    """Publish an entry of *module* with *count* single-choice questions, in turn easy, medium and hard; return ids.

    The right answer is always the first option as it is kept.
    """
    key = factories.publish(installation, f"{prefix}-entry", module_key=module)
    made = []
    with unit_of_work(installation.sessions) as session:
        entry = entry_queries.by_key(session, key)
        assert entry is not None
        editor, now = installation.actors[Role.EDITOR], installation.clock()
        for number in range(count):
            item = Item(
                kind=Kind.SINGLE,
                prompt=f"{prefix} 第 {number} 题",
                options=(f"对的{number}", f"错的甲{number}", f"错的乙{number}", f"错的丙{number}"),
                right=(0,),
                explanation=f"解释 {number}",
                difficulty=Difficulty(1 + number % 3),
            )
            question = questions.write(session, editor, entry, item, now=now)
            questions.publish(session, editor, question.id, version=1, now=now)
            made.append(question.id)
    return made


def exam(installation: Installation, *, count: int = 5, published: bool = True, **fields: Any) -> Exam:
    """Set an exam over ``MODULE`` that is open for a week from now on, and return it."""
    now, manager = installation.clock(), installation.actors[Role.MANAGER]
    given: dict[str, Any] = {
        "title": "宽带故障上岗考试",
        "sections": (Section(MODULE, count),),
        "minutes": 20,
        "opens_at": now,
        "closes_at": now + timedelta(days=7),
        **fields,
    }
    with unit_of_work(installation.sessions) as session:
        made = exams.create(session, manager, Facts(**given), now=now)
        if published:
            exams.publish(session, manager, made.id, now=now)
        return made


def begin(installation: Installation, actor: Actor, number: int, seed: str = "seed") -> Attempt:
    """Begin an attempt."""
    with unit_of_work(installation.sessions) as session:
        return exams.start(session, actor, number, seed=seed, now=installation.clock())


def reply(installation: Installation, actor: Actor, attempt: Attempt, place: int, *, right: bool) -> None:
    """Answer a single-choice question of an attempt, rightly or wrongly."""
    with unit_of_work(installation.sessions) as session:
        row = exam_queries.questions_of(session, attempt.id)[place - 1]
        order = showing.order(papers.item_from_json(row.item), papers.question_seed(attempt.seed, place))
        chosen = (order.index(0 if right else 1),)
        exams.answer(session, actor, attempt.id, place, chosen=chosen, now=installation.clock())


def take(installation: Installation, actor: Actor, number: int, *, right: int, seed: str = "seed") -> Attempt:
    """Take an exam with the first *right* questions right and the others wrong, hand it in, and return the attempt."""
    attempt = begin(installation, actor, number, seed)
    with installation.sessions() as session:
        count = len(exam_queries.questions_of(session, attempt.id))
    for place in range(1, count + 1):
        reply(installation, actor, attempt, place, right=place <= right)
    with unit_of_work(installation.sessions) as session:
        return exams.submit(session, actor, attempt.id, now=installation.clock())


def crew(installation: Installation, key: str, count: int, *, leader: bool = True) -> list[Actor]:
    """Make the team *key* with *count* agents and, in front of them, a leader; return them."""
    with unit_of_work(installation.sessions) as session:
        team = people.put_team(session, SYSTEM, key=key, name=key, region=None)
    head = [factories.person(installation, f"{key}-leader", Role.LEADER, team=team)] if leader else []
    return head + [
        factories.person(installation, f"{key}-agent-{number}", Role.AGENT, team=team) for number in range(count)
    ]
