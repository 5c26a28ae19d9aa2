"""What is offered to a form's field that names an entry."""

from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries.queries import by_key
from kb.permissions import SYSTEM, Role
from tests.support import factories


def keys(visitor, text):
    return [item["key"] for item in visitor.get("/suggest/entries", query_string={"q": text}).json]


def test_entries_are_found_as_agents_find_them_or_by_key_and_address(installation, agent):
    factories.publish(installation, "los", title="光猫红灯（光路中断）")
    factories.publish(installation, "tv", title="电视没信号", module_key="tv.signal", wordings=("一个台都没有",))
    installation.reindex()
    assert keys(agent, "一个台都没有")[0] == "tv"
    assert keys(agent, "los")[0] == keys(agent, "http://kb.example/entries/los?q=红灯")[0] == "los"
    (first, *_) = agent.get("/suggest/entries?q=光猫红灯").json
    assert first["title"] == "光猫红灯（光路中断）"
    assert keys(agent, "") == []


def test_nobody_is_offered_what_they_may_not_read(installation, agent, visit_as):
    factories.publish(installation, "leaders", title="光猫折扣审批", audience=(Role.LEADER, Role.EDITOR, Role.REVIEWER))
    installation.reindex()
    for text in ("光猫折扣审批", "leaders", "/entries/leaders"):
        assert "leaders" not in keys(agent, text)
        assert "leaders" in keys(visit_as(Role.LEADER), text)
    with unit_of_work(installation.sessions) as session:
        entries.suspend(session, SYSTEM, by_key(session, "leaders"), reason="错了", now=installation.clock())
    assert keys(visit_as(Role.LEADER), "光猫折扣审批") == []
