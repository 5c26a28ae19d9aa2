from kb import demo_reviews
from kb.db import unit_of_work
from kb.entries import queries as entry_queries
from kb.entries.rules import State
from kb.review import queries
from kb.review.queries import Tab
from kb.settings import PROJECT

CHANGES = PROJECT / "content" / "demo" / "reviews.yaml"


def submit(installation):
    with unit_of_work(installation.sessions) as session:
        return demo_reviews.submit_changes(session, CHANGES, clock=installation.clock)


def test_something_waits_for_the_demos_reviewer_and_is_not_submitted_twice(filled):
    assert (submit(filled), submit(filled)) == (2, 0)
    with filled.sessions() as session:
        for key in ("modem-replace", "bill-balance-credit"):
            entry = entry_queries.by_key(session, key)
            assert (entry.live_state, entry.work_state) == (State.PUBLISHED, State.IN_REVIEW)
            assert len(entry.work_revision.wordings) > len(entry.live_revision.wordings)
        waiting = queries.count(session, filled.actor("zhengkai"), Tab.WAITING)
        assert sum(waiting.values()) == 2
