from threading import Event

import pytest
from sqlalchemy.exc import OperationalError

from kb.db import unit_of_work
from kb.desk.searches import store_searches
from kb.permissions import Role
from tests.support import factories
from web.suggest import frequent


@pytest.fixture
def asked(installation):
    factories.publish(installation, "los")
    factories.publish(installation, "leaders", title="光猫折扣审批", audience=(Role.LEADER, Role.EDITOR, Role.REVIEWER))
    installation.reindex()
    with unit_of_work(installation.sessions) as session:
        texts = ("猫在冒火星", "猫在冒火星", "猫能打折吗", "猫没人管")
        searches = [factories.searched(installation, text) for text in texts]
        store_searches(session, searches, timezone="Asia/Shanghai")
    factories.outcome(installation, installation.actors[Role.AGENT], "los", "猫在冒火星")
    factories.outcome(installation, installation.actors[Role.LEADER], "leaders", "猫能打折吗")
    return installation


def offered(visitor):
    return {item["text"] for item in visitor.get("/suggest?q=猫").json if item["kind"] == "query"}


def test_what_was_solved_is_offered_to_those_who_may_read_the_answer(asked, agent, visit_as):
    assert offered(agent) == set()
    assert frequent.refresh(asked.sessions, asked.search, asked.clock) == 2
    assert offered(agent) == {"猫在冒火星"}
    assert offered(visit_as(Role.LEADER)) == {"猫在冒火星", "猫能打折吗"}


def test_what_was_asked_long_ago_is_no_longer_offered(asked, visit_as):
    asked.clock.advance(days=31)
    assert frequent.refresh(asked.sessions, asked.search, asked.clock) == 0
    assert offered(visit_as(Role.AGENT)) == set()


def test_it_goes_on_after_a_database_that_was_away(asked, caplog):
    stop = Event()

    def sessions():
        stop.set()
        raise OperationalError("", {}, Exception("away"))

    frequent.run(stop, sessions, asked.search, asked.clock)
    assert "could not look up" in caplog.text
