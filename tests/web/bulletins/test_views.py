from datetime import timedelta

import pytest

from kb.bulletins.models import Bulletin, Receipt
from kb.bulletins.rules import Question
from kb.permissions import Role
from tests.support import factories
from tests.support.statements import counted
from tests.web.visitor import Outline, Visitor
from web.services import services

QUESTION = Question(prompt="几点恢复？", options=("下午", "明天"), right=0, explanation="预计 16:30。")
ATTACK = "<script>alert(1)</script>"


@pytest.fixture
def indexed(installation):
    factories.publish(installation, "off", title="宽带断网处理", wordings=("家里断网了",))
    installation.reindex()
    return installation


@pytest.fixture
def neighbour(app, installation):
    factories.person(installation, "neighbour", Role.AGENT, region="wanglan")
    return Visitor(app, installation).become("neighbour")


def fields(installation, **changes):
    return {
        "title": "江阳区断网",
        "script": "正在抢修。",
        "words": "断网，没网",
        "regions": "jiangyang",
        "valid_until": "2026-11-02T12:00",
        **changes,
    }


def test_an_urgent_bulletin_is_on_every_page_of_those_it_concerns_only(indexed, agent, neighbour):
    factories.bulletin(indexed, title="江阳区光缆中断", urgent=True, regions=("jiangyang",))
    for address in ("/", "/?q=断网", "/entries/off", "/threads", "/help", "/nowhere", "/bulletins"):
        assert "江阳区光缆中断" in agent.get(address).text, address
        assert "江阳区光缆中断" not in neighbour.get(address).text, address
    assert neighbour.get("/bulletins/1").status_code == 404
    assert neighbour.get("/bulletins/1").text.count("江阳") == 0
    assert "江阳区光缆中断" not in neighbour.get("/bulletins/now").text


def test_what_is_neither_urgent_nor_due_is_in_the_list_and_on_no_other_page(installation, agent):
    factories.bulletin(installation, title="周五培训")
    assert "周五培训" not in agent.get("/threads").text
    assert "周五培训" in agent.get("/bulletins").text
    installation.clock.advance(hours=3)
    assert "最近一周结束的" in agent.get("/bulletins").text


def test_the_strip_costs_the_same_whatever_is_in_force(app, installation, agent):
    def cost():
        with counted(services(app).engine) as statements:
            assert agent.get("/bulletins/now").status_code == 200
        return len(statements)

    before = cost()
    for number in range(5):
        factories.bulletin(installation, title=f"公告 {number}", urgent=True, must_read=number % 2 == 0)
    assert cost() == before


def test_a_leader_publishes_revises_extends_and_withdraws(installation, visit_as, agent):
    leader = visit_as(Role.LEADER)
    assert agent.get("/bulletins/new").status_code == 403
    answer = leader.post("/bulletins/new", form="/bulletins/new", **fields(installation, urgent="yes"))
    assert answer.location == "/bulletins/1"
    assert "江阳区断网" in agent.get("/threads").text
    page = leader.get("/bulletins/1").text
    assert "生效中" in page
    with installation.sessions() as session:
        assert session.get(Bulletin, 1).valid_until == installation.clock() + timedelta(hours=3)
    changed = fields(installation, title="江阳区断网，抢通一半", valid_from="2026-11-02T09:00", version="1")
    assert leader.post("/bulletins/1/edit", form="/bulletins/1/edit", **changed).status_code == 302
    assert leader.post("/bulletins/1/edit", form="/bulletins/1/edit", **changed).status_code == 409
    leader.post("/bulletins/1/extend", form="/bulletins/1", valid_until="2026-11-02T20:00")
    installation.clock.advance(hours=5)
    assert "抢通一半" in agent.get("/bulletins").text
    leader.post("/bulletins/1/withdraw", form="/bulletins/1")
    assert "抢通一半" not in agent.get("/bulletins").text
    assert agent.get("/bulletins/1").status_code == 404
    assert "已撤回" in leader.get("/bulletins/manage").text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"title": " "}, "标题要有"),
        ({"valid_until": "someday"}, "时间看不懂"),
        ({"valid_until": "2026-11-01T12:00"}, "结束要晚于开始"),
        ({"regions": ""}, "请选好范围"),
        ({"must_read": "yes", "prompt": "几点？", "options": "下午\n明天", "right": "5"}, "哪个选项是对的"),
    ],
)
def test_a_form_that_cannot_be_taken_comes_back_with_what_was_typed(installation, visit_as, changes, text):
    leader = visit_as(Role.LEADER)
    answer = leader.post("/bulletins/new", form="/bulletins/new", **fields(installation, **changes))
    assert answer.status_code == 400
    assert text in answer.text
    assert "正在抢修。" in answer.text


def test_a_receipt_with_a_question_shows_what_was_right(installation, agent, visit_as):
    number = factories.bulletin(installation, must_read=True, question=QUESTION)
    assert "我已读，签收" in agent.get("/threads").text
    page = f"/bulletins/{number}"
    missing = agent.post(f"{page}/receipt", form=page, version="1")
    assert (missing.status_code, "请先选一个答案" in missing.text) == (400, True)
    answer = agent.post(f"{page}/receipt", form=page, version="1", choice="1")
    assert answer.location == page
    text = Outline(agent.get(page).text).text
    assert "答错了，正确的是：下午" in text
    assert "预计 16:30。" in text
    assert "我已读" not in agent.get("/threads").text
    assert "答错" in visit_as(Role.MANAGER).get(page).text


def test_a_receipt_goes_back_to_where_the_person_was_and_nowhere_else(installation, agent):
    for number, (target, end) in enumerate((("/threads?page=1", "/threads?page=1"), ("//evil.example", "/")), start=1):
        factories.bulletin(installation, must_read=True)
        address = f"/bulletins/{number}/receipt"
        answer = agent.post(address, form=f"/bulletins/{number}", version="1", next=target)
        assert answer.location == end
    with installation.sessions() as session:
        assert session.query(Receipt).count() == 2


def test_a_receipt_for_other_words_than_those_read_is_refused(installation, agent, visit_as):
    number = factories.bulletin(installation, must_read=True)
    answer = agent.post(f"/bulletins/{number}/receipt", form=f"/bulletins/{number}", version="7")
    assert answer.status_code == 409
    assert "刚刚变了" in answer.text


def test_polling_costs_nothing_but_a_tag_until_something_changes(installation, agent):
    first = agent.get("/bulletins/now")
    tag = {"If-None-Match": first.headers["ETag"]}
    assert agent.get("/bulletins/now", headers=tag).status_code == 304
    number = factories.bulletin(installation, urgent=True, must_read=True)
    second = agent.get("/bulletins/now", headers=tag)
    assert (second.status_code, "江阳区主干光缆中断" in second.text) == (200, True)
    assert second.headers["X-Next-Change"] == str(2 * 3600)
    agent.post(f"/bulletins/{number}/receipt", form=f"/bulletins/{number}", version="1")
    third = agent.get("/bulletins/now", headers={"If-None-Match": second.headers["ETag"]})
    assert third.status_code == 200
    installation.clock.advance(hours=2)
    assert "江阳区主干光缆中断" not in agent.get("/bulletins/now").text


def test_a_search_shows_the_line_to_take_first_on_page_and_api(indexed, agent, neighbour):
    number = factories.bulletin(indexed, regions=("jiangyang",))
    page = agent.get("/?q=家里断网了").text
    assert page.index(f"/bulletins/{number}") < page.index("/entries/off")
    assert "您好，您那一片正在抢修光缆" in page
    first = agent.get("/api/v1/search?q=家里断网了").json["hits"][0]
    assert (first["kind"], first["url"]) == ("bulletin", f"/bulletins/{number}")
    assert "抢修光缆" in first["answer"]
    others = neighbour.get("/api/v1/search?q=家里断网了").json
    assert (others["total"], others["hits"][0]["id"]) == (1, "off")


def test_what_is_written_is_shown_and_never_run(indexed, agent, visit_as):
    factories.bulletin(
        indexed, title=ATTACK, text=f"{ATTACK} [x](javascript:alert(1))", script=ATTACK, urgent=True, must_read=True
    )
    for visitor in (agent, visit_as(Role.MANAGER)):
        for address in ("/?q=断网", "/bulletins", "/bulletins/1", "/bulletins/now"):
            answer = visitor.get(address).text
            assert ATTACK not in answer, address
            assert 'href="javascript:' not in answer, address
