import re

import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.desk.models import DeskScope, Outcome, SearchRecord
from kb.desk.rules import Reason
from kb.entries import operations as entries
from kb.entries.queries import by_key
from kb.gaps.models import Ask, Gap
from kb.gaps.rules import AskOrigin
from kb.permissions import Role
from tests.support import factories
from tests.web.visitor import Outline
from web.services import services

WIDE = "region=&module=&product="
SAID = "盒子亮红灯上不了网"


@pytest.fixture(autouse=True)
def filled(installation) -> None:
    factories.publish(installation, "los", related=("tv",), internal_note="先报班长", transfer_to="装维派单")
    factories.publish(installation, "tv", title="电视没信号", module_key="tv.signal", products=("tv",), wordings=())
    for number in range(9):
        factories.publish(installation, f"more-{number}", title=f"光猫红灯 {number}", wordings=())
    installation.reindex()


def rows(app, installation, model):
    services(app).search_log.flush()
    with installation.sessions() as session:
        return session.scalars(select(model)).all()


def shown(page: str) -> list[str]:
    return re.findall(r'<li class="desk-hit[^"]*" data-key="([^"]+)"', page)


def test_an_empty_desk_invites_to_type(agent):
    page = agent.get("/desk").text
    assert "把客户的话写进搜索框" in page
    assert shown(page) == []


def test_the_desk_is_the_first_tab(agent):
    tabs = re.search(r'<nav class="tabs".*?</nav>', agent.get("/desk").text, re.DOTALL).group()
    assert Outline(tabs).all("a")[0] == {"href": "/desk", "aria-current": "page"}
    assert tabs.count("aria-current") == 1


def test_at_most_seven_results_with_what_matched_evidence_and_scope(installation, agent):
    actors = factories.agents(installation, 2)
    for actor in actors:
        factories.outcome(installation, actor, "los", SAID)
    factories.outcome(installation, installation.actors[Role.EXPERT], "los", SAID, solved=False)
    page = agent.get(f"/desk?q={SAID}&{WIDE}").text
    assert len(shown(page)) == 7
    assert shown(page)[0] == "los"
    outline = Outline(page)
    assert "2/3 通解决，2 位坐席" in outline.text
    assert "还没有坐席标过结果" in outline.text
    assert "全省" in outline.text


def test_a_card_says_everything_in_order(agent):
    text = Outline(agent.get("/desk/cards/los?q=红灯").text).text
    parts = ("先把尾纤插紧", "对客户说", "怎么做", "内部口径", "转接", "相关", "解决了", "没解决", "纠错")
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_only_the_script_can_be_copied(agent):
    page = agent.get("/desk/cards/los").text
    assert re.findall(r'data-copy="([^"]+)"', page) == ["script-text"]
    script = re.search(r'id="script-text".*?</div>', page, re.DOTALL).group()
    assert "先报班长" not in script


def test_the_page_works_by_links_alone(agent):
    page = agent.get(f"/desk?q={SAID}&{WIDE}&call=c-7").text
    link = next(link for link in Outline(page).links() if "open=los" in link)
    opened = agent.get(link).text
    assert 'data-card="los"' in opened
    assert shown(opened)[0] == "los"
    assert "call=c-7" in opened


@pytest.mark.parametrize("key", ["missing", "secret"])
def test_what_may_not_be_read_is_no_card(installation, agent, key):
    factories.publish(installation, "secret", audience=(Role.MANAGER, Role.REVIEWER))
    assert agent.get(f"/desk/cards/{key}").status_code == 404
    page = agent.get(f"/desk?open={key}")
    assert page.status_code == 200
    assert "打不开这条知识" in page.text


def test_a_suspended_entry_asks_for_no_outcome_and_warns(installation, visit_as):
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, "los")
        entries.suspend(session, installation.actors[Role.MANAGER], entry, reason="价格错了", now=installation.clock())
    page = visit_as(Role.MANAGER).get("/desk/cards/los").text
    assert "不要拿它答复客户" in page
    assert "data-feedback" not in page


def test_an_outcome_is_recorded_with_or_without_script(app, installation, agent):
    address = f"/desk/cards/los/outcomes?q=红光&{WIDE}&call=c-7"
    answer = agent.post(address, form="/desk?open=los", solved="yes")
    assert answer.status_code == 302
    assert "open=los" in answer.location
    assert "call=c-7" in answer.location
    assert "今天记了：解决了" in agent.get(answer.location).text
    answer = agent.client.post(
        address, data={"csrf_token": token(agent), "reason": "wrong"}, headers={"X-Requested-With": "fetch"}
    )
    assert answer.status_code == 200
    assert "今天记了：没解决（内容不对或过时）" in answer.text
    (outcome,) = rows(app, installation, Outcome)
    assert (outcome.text, outcome.solved, outcome.reason) == ("红光", False, Reason.WRONG)


def token(visitor) -> str:
    return re.search(r'data-token="([^"]+)"', visitor.get("/desk").text).group(1)


def test_typing_is_not_logged_and_what_somebody_stayed_with_is(app, installation, agent):
    agent.get(f"/desk/results?q=盒子亮&{WIDE}")
    assert rows(app, installation, SearchRecord) == []
    agent.get(f"/desk?q={SAID}&{WIDE}&open=los")
    assert rows(app, installation, SearchRecord) == []
    answer = agent.post("/desk/searches", form="/desk", q=SAID, region="jiangyang")
    assert answer.status_code == 204
    (record,) = rows(app, installation, SearchRecord)
    assert (record.text, record.door.value, record.region_key, record.answered) == (SAID, "desk", "jiangyang", True)
    assert rows(app, installation, Gap) == []


def test_a_search_without_an_answer_is_a_gap_and_says_how_to_go_on(app, installation, agent):
    page = agent.get(f"/desk?q=zzzz&{WIDE}").text
    assert "没有找到" in page
    assert "记一条缺口" in page
    (gap,) = rows(app, installation, Gap)
    assert gap.text == "zzzz"


def test_a_gap_can_be_reported_where_something_was_found(app, installation, agent):
    answer = agent.post("/desk/gaps", form="/desk", q=SAID, region="jiangyang", module="fault")
    assert answer.status_code == 302
    assert "还没有合适的知识" in agent.get(answer.location).text
    (gap,), (ask,) = rows(app, installation, Gap), rows(app, installation, Ask)
    assert (gap.text, gap.module_key, ask.module_key, ask.region_key) == (SAID, "fault", "fault", "jiangyang")
    agent.post("/desk/gaps", form="/desk", q=SAID, region="jiangyang", module="fault", note="灯绿的", noted="yes")
    (noted,) = rows(app, installation, Ask)
    assert (noted.note, noted.times) == ("灯绿的", 1)
    assert (ask.origin, ask.user_id) == (AskOrigin.REPORT, installation.actors[Role.AGENT].user_id)


def test_where_only_the_scope_is_in_the_way_the_desk_says_so_and_no_gap_is_made(app, installation, agent):
    page = agent.get("/desk?q=电视没信号&region=&module=&product=mobile").text
    if shown(page):
        assert "tv" not in shown(page)
    else:
        assert "去掉范围有" in Outline(page).text
    assert rows(app, installation, Gap) == []


def test_the_scope_is_remembered_until_the_address_says_another(app, installation, agent):
    answer = agent.post("/desk/scope", form="/desk", q="红灯", region="jiangyang", module="fault", product="")
    assert answer.status_code == 302
    assert "region=jiangyang" in answer.location
    (kept,) = rows(app, installation, DeskScope)
    assert (kept.region_key, kept.module_key, kept.product_key) == ("jiangyang", "fault", None)

    def chosen(address):
        return re.findall(r'<option value="([^"]+)" selected', agent.get(address).text)

    assert chosen("/desk") == ["jiangyang", "fault"]
    assert chosen("/desk?region=yunxi") == ["yunxi"]
    assert chosen(f"/desk?{WIDE}") == []
    assert chosen("/desk") == ["jiangyang", "fault"]


def test_a_verifier_begins_in_their_own_region(visit_as, agent):
    assert 'value="wanglan" selected' in visit_as(Role.VERIFIER).get("/desk").text
    assert " selected>" not in agent.get("/desk").text


def test_strangers_see_nothing(visitor):
    for address in ("/desk", "/desk/results?q=红灯", "/desk/cards/los"):
        assert visitor.get(address).status_code == 302
    assert visitor.client.post("/desk/gaps", data={"q": "红灯"}).status_code in (302, 400)


def test_a_form_without_token_changes_nothing(app, installation, agent):
    for address in ("/desk/scope", "/desk/gaps", "/desk/searches", "/desk/cards/los/outcomes"):
        assert agent.client.post(address, data={"q": "红灯", "solved": "yes"}).status_code == 400
    for model in (DeskScope, Gap, SearchRecord, Outcome):
        assert rows(app, installation, model) == []


def test_a_bulletin_that_names_the_words_is_the_first_result_and_has_a_card(installation, agent):
    number = factories.bulletin(
        installation, title="江阳光缆中断", script="您好，您那里的光缆断了，正在抢修。", words=("红灯",)
    )
    page = agent.get("/desk/results?q=红灯").text
    first = page.index(f'data-key="bulletin-{number}"')
    assert first < page.index('data-key="los"')
    card = agent.get(f"/desk/cards/bulletin-{number}?q=红灯")
    assert "正在抢修" in card.text
    assert 'data-copy="script-text"' in card.text
    assert "正在抢修" in agent.get(f"/desk?q=红灯&open=bulletin-{number}").text


def test_a_bulletin_for_others_has_no_card(installation, visit_as):
    number = factories.bulletin(installation, regions=("jiangyang",), words=("红灯",))
    visitor = visit_as(Role.VERIFIER)
    assert visitor.get(f"/desk/cards/bulletin-{number}").status_code == 404
    assert visitor.get("/desk/cards/bulletin-99").status_code == 404
