import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.desk.models import LearnedWording, Outcome, SearchRecord
from kb.desk.rules import Reason, WordingState
from kb.desk.searches import store_searches
from kb.entries import operations as entries
from kb.entries.queries import by_key
from kb.gaps.models import Gap
from kb.permissions import Role
from tests.support import factories
from tests.support.statements import counted
from tests.web.visitor import Outline
from web.services import services

SAID = "盒子上冒红光"
FROM_SEARCH = f"/entries/los?q={SAID}"


@pytest.fixture
def filled(installation):
    factories.publish(installation, "los")
    factories.publish(installation, "tv", title="电视没信号", module_key="tv.signal")
    installation.reindex()


def rows(installation, model):
    with installation.sessions() as session:
        return session.scalars(select(model).order_by(model.id)).all()


def propose(installation, *texts, key="los"):
    """Let one agent solve a call with each of *texts*."""
    for number, text in enumerate(texts):
        agent = factories.person(installation, f"{key}-{number}", Role.AGENT)
        factories.outcome(installation, agent, key, text)


def test_an_entry_opened_from_a_search_asks_whether_it_helped(filled, agent):
    page = agent.get(FROM_SEARCH).text
    assert "这条知识解决了客户的问题吗？" in page
    assert all(reason.label in page for reason in Reason)
    assert "data-outcome" not in agent.get("/entries/los").text


def test_an_entry_that_is_not_served_asks_nothing(filled, installation, visit_as):
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, "los")
        entries.suspend(session, installation.actors[Role.MANAGER], entry, reason="价格错了", now=installation.clock())
    assert "data-outcome" not in visit_as(Role.MANAGER).get(FROM_SEARCH).text


def test_solved_is_recorded_with_the_words_and_thanked_for(filled, installation, agent):
    address = f"/entries/los/outcomes?q={SAID}&module=fault"
    answer = agent.post(address, form=FROM_SEARCH, solved="yes")
    assert answer.status_code == 302
    assert answer.location.startswith("/entries/los?q=")
    assert "module=fault" in answer.location
    page = agent.get(answer.location).text
    assert "谢谢，记下了" in page
    assert "今天你标过：解决了" in page
    (outcome,) = rows(installation, Outcome)
    assert (outcome.text, outcome.solved, outcome.user_id) == (SAID, True, installation.actors[Role.AGENT].user_id)


def test_not_solved_needs_a_reason(filled, installation, agent):
    address = f"/entries/los/outcomes?q={SAID}"
    assert agent.post(address, form=FROM_SEARCH).status_code == 400
    assert agent.post(address, form=FROM_SEARCH, reason="nonsense").status_code == 400
    assert rows(installation, Outcome) == []
    answer = agent.post(address, form=FROM_SEARCH, reason="wrong")
    assert "今天你标过：没解决（内容不对或过时）" in agent.get(answer.location).text
    assert rows(installation, Outcome)[0].reason is Reason.WRONG


def test_nobody_records_about_what_they_may_not_read(filled, installation, agent):
    factories.publish(installation, "secret", audience=(Role.MANAGER, Role.REVIEWER))
    for key in ("secret", "missing"):
        assert agent.post(f"/entries/{key}/outcomes?q=x", form=FROM_SEARCH, solved="yes").status_code == 404
    assert agent.client.post("/entries/los/outcomes?q=x", data={"solved": "yes"}).status_code == 400  # no token


def test_wordings_that_calls_taught_are_shown_to_all_and_their_origin_to_editors(filled, installation, agent, visit_as):
    for number in range(3):
        factories.outcome(installation, factories.person(installation, f"a{number}", Role.AGENT), "los", SAID)
    seen = Outline(agent.get("/entries/los").text).text
    assert SAID in seen
    assert "通来电" not in seen
    edited = Outline(visit_as(Role.EDITOR).get("/entries/los").text).text
    assert f"{SAID} 来自 3 通来电" in edited
    assert "盒子亮红灯上不了网 作者" in edited
    factories.revise(installation, "los", wordings=(SAID + "！", "灯红了", "没网"))
    taken_over = Outline(visit_as(Role.EDITOR).get("/entries/los").text).text
    assert taken_over.count(SAID) == 1
    assert "通来电" not in taken_over


def test_the_queue_shows_what_is_proposed_with_its_counts(filled, installation, visit_as):
    propose(installation, SAID)
    factories.outcome(installation, installation.actors[Role.AGENT], "los", SAID, solved=False)
    page = Outline(visit_as(Role.EDITOR).get("/wordings").text)
    for said in (f"“{SAID}”", "光猫 LOS 红灯", "1 人、1 次说解决了", "1 次说没解决", "待定 1", "网络故障 › 宽带故障"):
        assert said in page.text, said
    assert any(link.startswith("/entries/los?q=") for link in page.links())


def test_the_queue_is_the_editors_the_managers_and_the_modules_experts(filled, installation, visit_as):
    propose(installation, SAID)
    propose(installation, "电视一片蓝", key="tv")
    for role in Role:
        answer = visit_as(role).get("/wordings")
        menu = visit_as(role).get("/").text
        if role in (Role.EDITOR, Role.MANAGER, Role.EXPERT):
            assert SAID in answer.text
            assert ("电视一片蓝" in answer.text) is (role is not Role.EXPERT)
            assert 'href="/wordings"' in menu
        else:
            assert answer.status_code == 403, role
            assert 'href="/wordings"' not in menu


def test_a_decision_leads_to_the_next_one_and_can_be_undone(filled, installation, visit_as):
    propose(installation, SAID, "猫在闪")
    editor = visit_as(Role.EDITOR)
    assert 'name="next" value="2"' in editor.get("/wordings").text
    answer = editor.post("/wordings/1", form="/wordings", decision="accepted", next="2")
    assert answer.location == "/wordings?last=1#wording-2"
    page = editor.get("/wordings?last=1")
    assert f"已采纳“{SAID}”" in page.text
    assert rows(installation, LearnedWording)[0].state is WordingState.ACCEPTED
    answer = editor.post("/wordings/1", form="/wordings?last=1", decision="proposed")
    assert answer.location == "/wordings#wording-1"
    assert rows(installation, LearnedWording)[0].state is WordingState.PROPOSED
    assert "撤销上一个" in editor.get("/wordings?last=1").text
    assert "已采纳“" not in editor.get("/wordings?last=1").text  # it has been undone


def test_decided_wordings_are_on_pages_of_their_own(filled, installation, visit_as):
    propose(installation, SAID, "猫在闪")
    editor = visit_as(Role.EDITOR)
    editor.post("/wordings/1", form="/wordings", decision="accepted")
    editor.post("/wordings/2", form="/wordings", decision="rejected")
    assert "没有待定的说法" in editor.get("/wordings").text
    accepted = Outline(editor.get("/wordings?state=accepted").text).text
    assert SAID in accepted
    assert "采编 决定" in accepted
    assert "猫在闪" in editor.get("/wordings?state=rejected").text
    answer = editor.post("/wordings/1", form="/wordings?state=accepted", decision="rejected")
    assert answer.status_code == 302


def test_what_is_no_decision_is_refused(filled, installation, visit_as):
    propose(installation, SAID, key="tv")
    editor, expert = visit_as(Role.EDITOR), visit_as(Role.EXPERT)
    assert editor.post("/wordings/1", form="/wordings", decision="maybe").status_code == 400
    assert editor.post("/wordings/404", form="/wordings", decision="accepted").status_code == 404
    assert expert.post("/wordings/1", form="/wordings?state=proposed&last=1", decision="accepted").status_code == 404
    assert editor.get("/wordings?state=nothing").status_code == 400
    assert "撤销上一个" in expert.get("/wordings?last=1").text


def test_a_long_queue_has_pages(filled, installation, visit_as):
    propose(installation, *(f"红光说法{chr(0x4E00 + number)}" for number in range(12)))
    page = Outline(visit_as(Role.EDITOR).get("/wordings").text)
    assert "/wordings?page=2" in page.links()
    second = visit_as(Role.EDITOR).get("/wordings?page=2").text
    assert second.count('class="hit"') == 2
    assert "/wordings/1?page=2" in second or "/wordings/12?page=2" in second


def test_the_queue_costs_the_same_statements_for_one_and_for_many(app, filled, installation, visit_as):
    editor = visit_as(Role.EDITOR)
    counts = []
    for size in (1, 9):
        propose(installation, *(f"红光{size}说法{number}" for number in range(size)), key="los" if size == 1 else "tv")
        with counted(services(app).engine) as statements:
            assert editor.get("/wordings").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 12


def test_gaps_are_listed_for_those_who_fill_them(app, filled, installation, visit_as):
    agent = visit_as(Role.AGENT)
    for _ in range(2):
        agent.get("/?q=宠物套餐怎么办")
    services(app).search_log.flush()
    page = Outline(visit_as(Role.EDITOR).get("/gaps").text)
    assert "宠物套餐怎么办" in page.text
    assert "1 人2 次" in page.text
    assert agent.get("/gaps").status_code == 403
    assert visit_as(Role.REVIEWER).get("/gaps").status_code == 403


def test_without_gaps_and_wordings_the_pages_say_so(visit_as):
    manager = visit_as(Role.MANAGER)
    assert "这里没有要处理的缺口" in manager.get("/gaps").text
    assert "没有待定的说法" in manager.get("/wordings").text
    assert "这里还没有说法" in manager.get("/wordings?state=rejected").text


def test_every_search_of_page_and_api_is_noted(app, filled, installation, agent):
    agent.get("/?q=红灯 13800138000&module=fault&region=hedong")
    agent.get("/?q=红灯&page=2")
    agent.get("/?q=红灯&source=thread")
    agent.get("/api/v1/search?q=没信号")
    agent.get("/api/v1/search?q=没信号&offset=20")
    agent.get("/api/v1/search?q=")
    agent.get("/")
    services(app).search_log.flush()
    first, threads, api = rows(installation, SearchRecord)
    assert (first.text, first.spelling) == ("红灯 ***", "红灯")
    assert (first.module_key, first.region_key, first.door, first.forum) == ("fault", "hedong", "page", False)
    assert first.user_id == installation.actors[Role.AGENT].user_id
    assert threads.forum
    assert (api.text, api.door, api.top[0], api.answered) == ("没信号", "api", "tv", True)
    assert api.took_ms > 0


@pytest.mark.parametrize(
    ("address", "gaps"),
    [
        ("/?q=宠物套餐", 1),
        ("/?q=宠物套餐&module=fault", 1),
        ("/api/v1/search?q=宠物套餐", 1),
        ("/?q=没信号&module=billing", 0),  # the filter is why, not the knowledge
        ("/?q=宠物套餐&source=thread", 0),
        ("/?q=红灯", 0),
    ],
)
def test_a_gap_is_a_question_without_an_answer_whatever_the_filters(app, filled, installation, agent, address, gaps):
    assert agent.get(address).status_code == 200
    services(app).search_log.flush()
    assert len(rows(installation, SearchRecord)) == 1
    assert len(rows(installation, Gap)) == gaps


def test_a_search_issues_no_statement_for_being_noted(app, filled, agent):
    agent.get("/?q=红灯")
    with counted(services(app).engine) as statements:
        agent.get("/?q=红灯")
    assert not [sql for sql in statements if "search_records" in sql or "gaps" in sql]


def test_what_is_hostile_is_only_text(filled, installation, visit_as):
    bad = "<script>alert(1)</script>红灯\"'"
    propose(installation, bad)
    with unit_of_work(installation.sessions) as session:
        searched = factories.searched(installation, bad, total=0, answered=False, is_gap=True)
        store_searches(session, [searched], timezone="Asia/Shanghai")
    manager = visit_as(Role.MANAGER)
    for address in ("/wordings", "/gaps", f"/entries/los?q={bad}"):
        assert "<script>alert" not in manager.get(address).text, address
