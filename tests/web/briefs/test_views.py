import pytest

from kb.db import unit_of_work
from kb.people import operations as people
from kb.permissions import SYSTEM, Role
from tests.support import factories
from tests.web.visitor import Outline, Visitor


@pytest.fixture
def team(app, installation):
    with unit_of_work(installation.sessions) as session:
        ours = people.put_team(session, SYSTEM, key="ours", name="一组", region="lanzhou")
    for name, role in (("boss", Role.LEADER), ("ann", Role.AGENT)):
        factories.person(installation, name, role, team=ours, region="lanzhou")
    return {name: Visitor(app, installation).become(name) for name in ("boss", "ann")}


def test_an_agent_reads_and_signs_and_the_leader_sees_it(installation, team):
    factories.publish(installation, "los", title="光猫红灯")
    factories.bulletin(installation, title="江阳区断网")
    boss, ann = team["boss"], team["ann"]
    boss.post("/brief/shift", form="/brief", starts_at="2026-11-02T08:00")
    assert "这一班从 2026-11-02 08:00 开始" in Outline(boss.get("/brief").text).text
    page = ann.get("/brief").text
    assert "光猫红灯" in page
    assert "江阳区断网" in page
    assert "谁看了" not in page
    assert "还没看" in boss.get("/brief").text
    ann.post("/brief/receipt", form="/brief")
    assert "签收了" in ann.get("/brief").text
    assert "还没看" not in boss.get("/brief").text


def test_an_agent_sets_no_shift_and_a_strange_moment_is_said_so(installation, team):
    assert team["ann"].post("/brief/shift", form="/brief").status_code == 403
    answer = team["boss"].post("/brief/shift", form="/brief", starts_at="tomorrow")
    assert (answer.status_code, "时间看不懂" in answer.text) == (400, True)


def test_somebody_without_a_team_has_a_brief_too(agent):
    assert "没有变化" in agent.get("/brief").text
