import pytest

from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries.content import Content
from kb.entries.queries import by_key
from kb.permissions import Role
from tests.support import factories
from tests.support.statements import counted
from tests.web.visitor import Outline
from web.entries.differences import FIELDS
from web.services import services


@pytest.fixture
def entry(installation) -> None:
    factories.publish(installation, "e", answer="先把尾纤插紧再重启光猫", fees="首次 30 元", regions=())
    factories.revise(
        installation,
        "e",
        answer="先把尾纤插紧再重启机顶盒",
        fees="首次 50 元",
        wordings=("盒子亮红灯上不了网", "没网了", "断网"),
    )


def test_every_field_of_an_entry_has_a_name_in_the_history():
    assert set(FIELDS) == set(Content.__dataclass_fields__)


def test_the_history_says_who_when_and_what_changed(visit_as, entry):
    page = visit_as(Role.EDITOR).get("/entries/e/revisions")
    assert page.status_code == 200
    text = Outline(page.text).text
    assert "第 1 版 → 第 2 版" in text
    assert "改了 3 项，19 项没变" in text
    for said in ("采编", "审核通过", "发布", "L2 已验证"):
        assert said in text, said
    for piece in ("光猫</del>", "机顶盒</ins>", "30</del>", "50</ins>", "猫上面有个红灯一直闪</del>", "没网了</ins>"):
        assert piece in page.text, piece
    assert "一句话答案" in text
    assert "内部口径" not in text, "what did not change is left out"


def test_any_two_can_be_compared_in_either_direction(visit_as, installation, entry):
    factories.revise(installation, "e", answer="第三种说法")
    editor = visit_as(Role.EDITOR)
    page = editor.get("/entries/e/revisions?from=3&to=1").text
    assert "第 3 版 → 第 1 版" in Outline(page).text
    assert "光猫" in page
    assert "内容一样" in editor.get("/entries/e/revisions?from=2&to=2").text
    for address in ("?from=9", "?to=0", "?from=x"):
        assert editor.get(f"/entries/e/revisions{address}").status_code in (400, 404)


def test_one_revision_alone_is_compared_with_nothing(visit_as, installation):
    factories.draft(installation, "d")
    assert "只有一版" in visit_as(Role.EDITOR).get("/entries/d/revisions").text


def test_going_back_makes_a_draft_with_its_reason(visit_as, installation, entry):
    editor = visit_as(Role.EDITOR)
    address = "/entries/e/revisions"
    answer = editor.post("/entries/e/revisions/1/restore", form=address, note="第二版的价格错了")
    assert answer.location == address
    page = Outline(editor.get(address).text).text
    assert "恢复自第 1 版" in page
    assert "第二版的价格错了" in page
    with installation.sessions() as session:
        found = by_key(session, "e")
        assert (found.live_revision.number, found.work_revision.number) == (2, 3)
        assert found.work_revision.answer == "先把尾纤插紧再重启光猫"
    assert "内容一样" not in page
    assert editor.post("/entries/e/revisions/1/restore", form=address).status_code == 409


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.AGENT, 403), (Role.LEADER, 403), (Role.ADMIN, 403), (Role.EXPERT, 200), (Role.REVIEWER, 200)],
)
def test_who_may_see_what_was_and_what_is_to_come(visit_as, entry, role, status):
    visitor = visit_as(role)
    page = visitor.get("/entries/e/revisions")
    assert page.status_code == status
    assert ("/entries/e/revisions" in visitor.get("/entries/e").text) is (status == 200)
    if role is Role.REVIEWER:
        assert "恢复为新草稿" not in page.text, "a reviewer does not write"


def test_a_draft_that_nobody_may_know_of_is_not_there(visit_as, installation):
    factories.draft(installation, "d")
    assert visit_as(Role.AGENT).get("/entries/d/revisions").status_code == 404
    assert visit_as(Role.EDITOR).get("/entries/none/revisions").status_code == 404


def test_a_revision_meant_for_others_is_left_out(visit_as, installation, entry):
    with unit_of_work(installation.sessions) as session:
        found, by = by_key(session, "e"), installation.actors[Role.EDITOR]
        entries.save(
            session,
            by,
            found,
            factories.content(answer="只给专家看的", audience=(Role.EXPERT,)),
            now=installation.clock(),
        )
    assert "只给专家看的" in visit_as(Role.EXPERT).get("/entries/e/revisions").text
    page = visit_as(Role.REVIEWER).get("/entries/e/revisions").text
    assert "只给专家看的" not in page
    assert "第 3 版" not in page
    assert visit_as(Role.REVIEWER).get("/entries/e/revisions?from=3&to=1").status_code == 404


def test_the_history_costs_the_same_however_long_it_is(app, visit_as, installation, entry):
    editor = visit_as(Role.EDITOR)
    editor.get("/entries/e/revisions")

    def cost() -> int:
        with counted(services(app).engine) as statements:
            assert editor.get("/entries/e/revisions").status_code == 200
        return len(statements)

    before = cost()
    for number in range(5):
        factories.revise(installation, "e", answer=f"第 {number} 种说法")
    assert cost() <= before <= 18


def test_texts_are_shown_as_texts(visit_as, installation, entry):
    factories.revise(installation, "e", steps="<script>alert(1)</script> **粗**")
    page = visit_as(Role.EDITOR).get("/entries/e/revisions").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
