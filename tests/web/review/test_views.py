"""What the pages of review, verification, overdue entries and the calendar let whom do."""

import pytest

from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries.queries import by_key
from kb.entries.rules import State
from kb.permissions import Role
from kb.review import operations as review
from tests.support import factories

SEES = {
    "/review": set(Role) - {Role.VERIFIER, Role.ADMIN},
    "/review/overdue": set(Role) - {Role.VERIFIER, Role.ADMIN},
    "/review/e": {Role.REVIEWER, Role.MANAGER, Role.EDITOR, Role.EXPERT, Role.VERIFIER},
    "/verification": {Role.REVIEWER, Role.MANAGER, Role.VERIFIER},
    "/verification/e": {Role.REVIEWER, Role.MANAGER, Role.EDITOR, Role.EXPERT, Role.VERIFIER},
    "/workdays": {Role.MANAGER},
}


@pytest.fixture
def waiting(installation):
    """An entry that a county is asked about."""
    factories.draft(installation, "e", regions=("hedong",))
    now = installation.clock()
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, "e")
        entries.submit(session, installation.actors[Role.EDITOR], entry, now=now)
        review.approve(session, installation.actors[Role.REVIEWER], entry, publish_at=now, now=now)
    return installation


def get(installation, key="e"):
    with installation.sessions() as session:
        return by_key(session, key)


def post(visitor, address, fields):
    return visitor.post(address, form="/notices", **fields)


def test_who_sees_the_pages(waiting, visit_as):
    seen = {address: set() for address in SEES}
    for role in Role:
        visitor = visit_as(role)
        for address in SEES:
            status = visitor.get(address).status_code
            assert status in (200, 403, 404)
            if status == 200:
                seen[address].add(role)
    assert seen == SEES


def test_a_decision_needs_the_revision_that_was_read_and_a_reason(installation, visit_as):
    factories.draft(installation, "e")
    with unit_of_work(installation.sessions) as session:
        entries.submit(session, installation.actors[Role.EDITOR], by_key(session, "e"), now=installation.clock())
    reviewer = visit_as(Role.REVIEWER)
    given = {"decision": "return", "reason": "缺时限", "revision": "1"}
    assert post(reviewer, "/review/e/decision", {**given, "revision": "2"}).status_code == 409
    assert post(reviewer, "/review/e/decision", {**given, "reason": " "}).status_code == 400
    assert post(reviewer, "/review/e/decision", {**given, "decision": ""}).status_code == 400
    late = {**given, "decision": "approve", "release": "at", "publish_at": "2020-01-01T09:00"}
    assert post(reviewer, "/review/e/decision", late).status_code == 400
    assert get(installation).work_state is State.IN_REVIEW
    for role in (Role.EDITOR, Role.VERIFIER, Role.AGENT):
        assert post(visit_as(role), "/review/e/decision", given).status_code in (403, 404)
    set_ = {**late, "publish_at": "2026-11-03T09:00"}
    assert post(reviewer, "/review/e/decision", set_).status_code == 302
    assert "2026-11-03 09:00 自动发布" in reviewer.get("/review/e").text
    assert post(reviewer, "/review/e/publish", {}).status_code == 302
    assert get(installation).live_state is State.PUBLISHED
    assert reviewer.get("/review/e").status_code == 404


def test_a_county_confirms_what_it_read(waiting, visit_as):
    verifier = visit_as(Role.VERIFIER)
    given = {"region": "hedong", "revision": "1"}
    assert post(verifier, "/verification/e/confirm", {**given, "revision": "9"}).status_code == 409
    assert post(verifier, "/verification/e/confirm", {**given, "region": "jiangyang"}).status_code == 400
    assert post(visit_as(Role.REVIEWER), "/verification/e/confirm", given).status_code == 403
    long = {**given, "differs": "yes", "text": "长" * 2001}
    assert post(verifier, "/verification/e/confirm", long).status_code == 400
    for said in ({"differs": "yes", "text": " "}, {"differs": "no", "text": "另收 20 元"}):
        assert post(verifier, "/verification/e/confirm", {**given, **said}).status_code == 400  # not half of it
    assert get(waiting).work_state is State.VERIFYING
    assert post(verifier, "/verification/e/confirm", given).status_code == 302
    assert get(waiting).live_state is State.PUBLISHED
    assert post(verifier, "/verification/e/overlays", {"region": "hedong", "text": "另收 20 元"}).status_code == 302
    assert post(verifier, "/verification/e/overlays/1/withdraw", {}).status_code == 302
    assert post(verifier, "/verification/e/overlays/1/withdraw", {}).status_code == 409


def test_what_a_county_takes_back_is_not_found_there_any_more(waiting, visit_as):
    """Also while the next revision waits for it: the one on the desk is what agents find."""
    verifier, agent = visit_as(Role.VERIFIER), visit_as(Role.AGENT)
    said = {"region": "hedong", "revision": "1", "differs": "yes", "text": "拖拉机过桥费另收二十元"}
    assert post(verifier, "/verification/e/confirm", said).status_code == 302
    search = "/api/v1/search?q=拖拉机过桥费&region=hedong"
    waiting.reindex()
    assert [hit["id"] for hit in agent.get(search).json["hits"]] == ["e"]
    now, editor = waiting.clock(), waiting.actors[Role.EDITOR]
    with unit_of_work(waiting.sessions) as session:
        entry = by_key(session, "e")
        entries.save(session, editor, entry, factories.content(regions=("hedong",), fees="50 元"), now=now)
        entries.submit(session, editor, entry, now=now)
        review.approve(session, waiting.actors[Role.REVIEWER], entry, publish_at=now, now=now)
    assert post(verifier, "/verification/e/overlays", {"region": "hedong", "text": "过桥免费"}).status_code == 302
    assert "新版发布前有效" in verifier.get("/verification/e").text
    assert "拖拉机" in agent.get("/entries/e?region=hedong").text
    assert post(verifier, "/verification/e/overlays/1/withdraw", {}).status_code == 302
    assert "拖拉机" not in agent.get("/entries/e?region=hedong").text
    waiting.reindex()
    assert agent.get(search).json["hits"] == []
    assert "拖拉机" not in agent.get("/api/v1/search?q=盒子亮红灯上不了网&region=hedong").text


def test_a_verifier_is_told_why_their_own_text_waits_for_another(installation, visit_as):
    local = factories.person(installation, "local", Role.EDITOR, Role.VERIFIER, region="jinsha")
    now = installation.clock()
    with unit_of_work(installation.sessions) as session:
        entry = entries.create(session, local, factories.content(regions=("jinsha",)), key="mine", now=now)
        entries.submit(session, local, entry, now=now)
        review.approve(session, installation.actors[Role.REVIEWER], entry, publish_at=now, now=now)
    visitor = visit_as(Role.VERIFIER).become("local")
    page = visitor.get("/verification/mine").text
    assert "这一版里有你写的内容" in page
    assert "没有人能替这里核实" in page
    assert "/verification/mine/confirm" not in page
    assert "没有等你核实的" in visitor.get("/verification").text
    refused = post(visitor, "/verification/mine/confirm", {"region": "jinsha", "revision": "1"})
    assert (refused.status_code, "不能核实自己写的内容" in refused.text) == (403, True)
    assert "没有人能替这里核实" in visit_as(Role.MANAGER).get("/verification/mine").text


def test_in_november_the_manager_is_told_that_the_next_years_days_are_missing(installation, visit_as):
    boss = visit_as(Role.MANAGER)
    assert "2027 年的节假日还没有设" in boss.get("/workdays").text
    given = {"kind": "holiday", "first": "2027-01-01", "name": "元旦"}
    assert boss.post("/workdays", form="/workdays", **given).status_code == 302
    page = boss.get("/workdays").text
    assert "还没有设，跨年" not in page
    assert "春节" in page  # this year's are there
