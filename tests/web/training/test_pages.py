"""The pages of training: a leader sees their team alone, and every list says what, not who."""

import re
from datetime import timedelta

import pytest

from kb.permissions import Role
from tests.support import factories, training
from tests.web.visitor import Visitor


def send(visitor, address, data=None):
    """Post *data* with a token."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/exams").text)[1]
    return visitor.client.post(address, data={"csrf_token": token, **(data or {})})


@pytest.fixture
def crew(installation):
    training.bank(installation, 9)
    made = training.crew(installation, "alpha", 6)
    training.crew(installation, "beta", 1)
    for person in made[1:]:
        factories.outcome(installation, person, "q-entry", "", solved=False)
    installation.clock.advance(hours=1)
    return made


def test_a_plan_from_its_need_to_its_report(app, crew, installation, visit_as):
    leader, manager = Visitor(app, installation).become("alpha-leader"), visit_as(Role.MANAGER)
    page = leader.get("/training?days=60").text
    link = re.search(r'href="(/training/evidence\?[^"]+)"', page)[1].replace("&amp;", "&")
    listed = leader.get(link).text
    assert listed.count("<td>宽带故障</td>") == 6
    assert "alpha-agent" not in listed
    assert "#" not in re.sub(r'href="#\w+"', "", listed.split("<main", 1)[1]), "no event number without the audit trail"
    assert "事件" in manager.get(link).text
    assert leader.get(link.replace("alpha", "beta")).status_code == 404
    since, until = (re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("since", "until"))
    form = {"since": since, "until": until, "cell": f"{training.MODULE}|alpha", "starts_on": "2026-11-02"}
    assert send(leader, "/training/plans", {**form, "title": "补课", "ends_on": "x"}).status_code == 400
    plan = send(leader, "/training/plans", {**form, "title": "补课", "ends_on": "2026-12-02"}).location
    assert (
        "已经有"
        in send(leader, f"{plan}/lines", {"module": training.MODULE, "team": "alpha", "due_on": "2026-12-02"}).text
    )
    new = {"team": "alpha", "first_day": "2026-11-03", "people": str(crew[1].user_id)}
    modules = {
        "module_rules": "service.conduct",
        "module_business": training.MODULE,
        "module_skill": "service.complaint",
    }
    assert send(leader, f"{plan}/onboarding", {**new, **modules}).status_code == 302
    assert send(leader, f"{plan}/onboarding", {**new, **modules, "people": ""}).status_code == 400
    send(leader, f"{plan}/start")
    lesson = {"plan": plan.rsplit("/", 1)[1], "starts_at": "2026-11-03T10:00", "minutes": "45", "quizzes": "yes"}
    trainer = installation.actors[Role.EXPERT].user_id
    assert send(leader, "/training/items/1/lessons", lesson).status_code == 400
    assert send(leader, "/training/items/1/lessons", {**lesson, "trainer": str(trainer)}).status_code == 302
    assert "分派 6 人" in leader.get(plan).text
    assert "宽带故障" in Visitor(app, installation).become("alpha-agent-0").get("/training/mine").text
    installation.clock.advance(days=1, hours=8)
    expert = visit_as(Role.EXPERT)
    assert "/training/lessons/1" in expert.get("/training/mine").text
    assert "记为已上" in expert.get("/training/lessons/1").text
    send(expert, "/training/lessons/1/hold", {"present": str(crew[1].user_id)})
    leader = leader.become("alpha-leader")
    report = leader.get(f"{plan}/report").text
    assert "1 / 6" in report
    calls = re.search(r'href="(/training/calls\?[^"]+)"', report)[1].replace("&amp;", "&")
    assert leader.get(calls).text.count("<td>宽带故障</td>") == 6
    assert leader.get(calls.replace("alpha", "beta")).status_code == 404
    following = {"title": "下一份", "starts_on": "2026-11-10", "ends_on": "2026-12-10"}
    assert send(leader, f"{plan}/next", following).status_code == 302
    send(leader, f"{plan}/close")
    agent = visit_as(Role.AGENT)
    for address in ("/training", plan, f"{plan}/report", "/training/packs", "/training/packs/new", link):
        assert agent.get(address).status_code in (403, 404), address
    assert Visitor(app, installation).become("beta-leader").get(plan).status_code == 404


def test_a_launch_pack_page_says_what_is_missing(crew, installation, visit_as):
    manager = visit_as(Role.MANAGER)
    launch = (installation.clock() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    form = {"title": "新套餐", "module": training.MODULE, "launch_at": launch, "entries": "q-entry", "teams": "alpha"}
    assert send(manager, "/training/packs/new", {**form, "entries": "none"}).status_code == 400
    pack = send(manager, "/training/packs/new", form).location
    page = manager.get(pack).text
    assert "知识在上线那天能用" in page
    assert "还没有公告" in page
    assert "新套餐" in manager.get("/training/packs").text
    number = factories.bulletin(installation, teams=("alpha",), must_read=True)
    send(manager, f"{pack}/edit", {**form, "bulletin": str(number)})
    assert f"/bulletins/{number}" in manager.get(pack).text
    assert 'value="新套餐"' in manager.get(f"{pack}/edit").text


@pytest.mark.parametrize(
    "address", ["/training/evidence?since=x&until=y", "/training/evidence?source=no", "/training/calls"]
)
def test_a_spoilt_address_is_said_to_be_one(visit_as, address):
    assert visit_as(Role.MANAGER).get(address).status_code == 400
