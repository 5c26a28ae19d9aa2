"""The simulated people's question bank, and how they take quizzes and exams from it."""

from collections.abc import Sequence

from kb.db import unit_of_work
from kb.demo_quarter.people import Quarter
from kb.entries import queries as entry_queries
from kb.exams import operations as exams
from kb.exams import papers
from kb.exams import queries as exam_queries
from kb.exams.models import AttemptQuestion, Exam
from kb.questions import operations as questions
from kb.questions import queries as question_queries
from kb.questions import showing
from kb.questions.rules import Kind


def fill_bank(quarter: Quarter) -> None:
    """Have the editor look at what is proposed for the troubled modules and publish it."""
    now = quarter.clock()
    for module in sorted({cell.module for cell in quarter.troubled}):
        with unit_of_work(quarter.sessions) as session:
            for entry in entry_queries.by_ids(session, quarter.entries[module]):
                near = question_queries.near(session, quarter.editor, entry, now=now)
                for question in questions.propose(session, quarter.editor, entry, near, now=now):
                    questions.publish(session, quarter.editor, question.id, version=question.version, now=now)


def take(quarter: Quarter, numbers: Sequence[int], knows: float) -> None:
    """Have everybody whom these quizzes are for take them, each answer right with the chance *knows*."""
    for number in numbers:
        with quarter.sessions() as session:
            exam = session.get_one(Exam, number)
            takers = [person for person in quarter.everyone if exam_queries.concerns(person, exam)]
        for person in takers:
            with unit_of_work(quarter.sessions) as session:
                seed = f"{quarter.chance.getrandbits(64):x}"
                attempt = exams.start(session, person, number, seed=seed, now=quarter.clock())
                for row in exam_queries.questions_of(session, attempt.id):
                    chosen, texts = _answer(row, attempt.seed, quarter.chance.random() < knows)
                    exams.answer(
                        session, person, attempt.id, row.place, chosen=chosen, texts=texts, now=quarter.clock()
                    )
                exams.submit(session, person, attempt.id, now=quarter.clock())


def _answer(row: AttemptQuestion, seed: str, right: bool) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return an answer to *row* as somebody gives it who sees it in the order of *seed*."""
    item = papers.item_from_json(row.item)
    order = showing.order(item, papers.question_seed(seed, row.place))
    if item.kind is Kind.CLOZE:
        return (), tuple(ways[0] if right else "不知道" for ways in item.blanks)
    if item.kind is Kind.ORDER:
        steps = [order.index(place) for place in range(len(order))]
        return tuple(steps if right else [*steps[1:], steps[0]]), ()
    if right:
        return tuple(order.index(place) for place in item.right), ()
    wrong = next(place for place in range(len(item.options)) if place not in item.right)
    return (order.index(wrong),), ()
