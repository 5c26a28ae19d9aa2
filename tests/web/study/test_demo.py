from kb import demo_questions
from kb.db import unit_of_work
from kb.must_reads import queries as must_read_queries
from kb.questions import queries
from kb.questions.rules import Kind


def test_the_demo_has_something_to_study_and_something_to_look_at(filled):
    with unit_of_work(filled.sessions) as session:
        assert demo_questions.add_questions(session, clock=filled.clock) > 10
    with unit_of_work(filled.sessions) as session:
        assert demo_questions.add_questions(session, clock=filled.clock) == 0
    agent, editor = filled.actor("wangmin"), filled.actor("wuxia")
    with filled.sessions() as session:
        live = queries.bank(session, agent, now=filled.clock())
        assert {question.kind for question in live} == {Kind.ORDER, Kind.WHICH_ENTRY}
        assert len(must_read_queries.unread(session, agent, now=filled.clock(), limit=5)) == 1
        assert len(queries.waiting(session, editor, limit=10)) == 10
