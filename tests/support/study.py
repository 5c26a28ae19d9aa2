"""Questions, answers and must-reads for tests."""

from datetime import timedelta
from typing import Any

from kb.db import unit_of_work
from kb.entries import queries as entry_queries
from kb.must_reads import operations as must_reads
from kb.permissions import Actor, Role
from kb.questions import operations as questions
from kb.questions.models import Question
from kb.questions.rules import Item, Kind
from kb.questions.showing import order
from kb.study import choosing, operations
from kb.study.choosing import Course
from kb.study.operations import Answered, Given
from kb.study.rules import Confidence, Why
from kb.study.scheduling import Leitner, Scheduler
from tests.support.installation import Installation

ITEM = Item(
    kind=Kind.SINGLE,
    prompt="LOS 红灯说明什么？",
    options=("光纤断了", "欠费停机", "网卡坏了"),
    right=(0,),
    explanation="LOS 亮红灯就是收不到光。",
)


def question(installation: Installation, key: str, item: Item = ITEM, *, live: bool = True) -> int:
    """Write a question about the entry *key*, publish it unless told otherwise, and return its number."""
    editor, now = installation.actors[Role.EDITOR], installation.clock()
    with unit_of_work(installation.sessions) as session:
        entry = entry_queries.by_key(session, key)
        assert entry is not None
        made = questions.write(session, editor, entry, item, now=now)
        if live:
            questions.publish(session, editor, made.id, version=1, now=now)
        return made.id


def answered(
    installation: Installation, actor: Actor, number: int, *, right: bool = True, scheduler: Scheduler | None = None,
    **fields: Any,
) -> Answered:  # fmt: skip
    """Answer the one choice of question *number* as *actor*, rightly and surely unless told otherwise."""
    now = installation.clock()
    with unit_of_work(installation.sessions) as session:
        found = session.get(Question, number)
        assert found is not None
        shown = order(found.item, "seed")
        place = shown.index(found.right[0]) if right else next(p for p in shown if shown[p] not in found.right)
        given = {
            "key": f"{number}-{now.isoformat()}",
            "version": found.version,
            "seed": "seed",
            "why": Why.REVIEW,
            "confidence": Confidence.SURE,
            "at": now,
            "chosen": [place],
            **fields,
        }
        return operations.answer(session, actor, Given(question_id=number, **given), scheduler or Leitner(), now=now)


def upcoming(installation: Installation, actor: Actor, limit: int = 10, **course: Any) -> list[tuple[int, Why]]:
    """Return the numbers of the questions that come next for *actor*, and why."""
    with installation.sessions() as session:
        found = choosing.upcoming(session, actor, Course(**course), now=installation.clock(), limit=limit)
        return [(item.question.id, item.why) for item in found]


def must_read(installation: Installation, key: str, number: int, by: Role | Actor = Role.MANAGER, **fields: Any) -> int:
    """Ask all agents to read the entry *key* within a week, and return the must-read's number."""
    actor = installation.actors[by] if isinstance(by, Role) else by
    now = installation.clock()
    with unit_of_work(installation.sessions) as session:
        entry, found = entry_queries.by_key(session, key), session.get(Question, number)
        assert entry is not None
        assert found is not None
        given = {"due_at": now + timedelta(days=7), **fields}
        return must_reads.ask(session, actor, entry, found, now=now, **given).id
