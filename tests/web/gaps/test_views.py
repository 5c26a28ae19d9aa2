import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.desk.models import LearnedWording
from kb.desk.rules import WordingState
from kb.desk.scopes import Scope
from kb.gaps import operations, proposing, queries
from kb.gaps.models import GapProposal
from kb.gaps.rules import DeclineReason, GapState
from kb.permissions import Role
from tests.kb.gaps.support import act, gap, link, texts
from tests.kb.gaps.test_proposing import DAYS, search
from tests.support import factories
from tests.support.factories import missed
from tests.support.statements import counted
from tests.web.visitor import Outline
from web.services import services

SAID = "盒子上冒绿光怎么回事"


@pytest.fixture
def number(installation):
    """A gap of broadband faults, and two entries."""
    factories.publish(installation, "los")
    factories.publish(installation, "tv", title="电视没信号", module_key="tv.signal", wordings=("一个台都没有",))
    installation.reindex()
    return missed(installation, SAID, scope=Scope(region="yunxi", module="fault.broadband"), note="灯是绿的")


@pytest.fixture
def expert(visit_as):
    return visit_as(Role.EXPERT)


def rows(page: str) -> list[str]:
    """Return the numbers of the gaps on a page of the queue."""
    links = (link for link in Outline(page).links() if link.startswith("/gaps/"))
    return [link.rpartition("/")[2] for link in links]


def test_experts_see_their_modules_first_and_others_everything(installation, number, expert, visit_as):
    other = missed(installation, "电视信号zzz", scope=Scope(module="tv.signal"))
    lost = missed(installation, "没有模块的问题")
    assert rows(expert.get("/gaps").text) == [str(number)]
    assert set(rows(expert.get("/gaps?view=all").text)) == {str(number), str(other), str(lost)}
    editor = visit_as(Role.EDITOR)
    assert len(rows(editor.get("/gaps").text)) == 3
    assert "我的模块" not in editor.get("/gaps").text
    assert rows(editor.get("/gaps?module=tv").text) == [str(other)]
    assert rows(editor.get("/gaps?module=billing").text) == []


def test_each_tab_has_its_gaps_and_their_number(installation, number, expert):
    link(installation, number, "los")
    gone = missed(installation, "附近火锅店")
    act(installation, operations.decline, gone, DeclineReason.NOT_OURS)
    page = expert.get("/gaps?view=answered").text
    assert rows(page) == [str(number)]
    assert "光猫 LOS 红灯" in page
    page = Outline(expert.get("/gaps?view=closed").text)
    assert "不处理 · 不归我们答复" in page.text
    assert "已了结 1" in page.text
    assert "没有提议" in expert.get("/gaps?view=proposed").text


@pytest.mark.parametrize("address", ["/gaps?view=none", "/gaps?module=none", "/gaps?page=x", "/gaps?page=0"])
def test_an_address_that_says_nothing_is_refused(expert, address):
    assert expert.get(address).status_code == 400


def test_the_pages_are_for_those_who_fill_gaps(installation, number, agent, visit_as):
    for visitor in (agent, visit_as(Role.REVIEWER), visit_as(Role.LEADER)):
        assert visitor.get("/gaps").status_code == 403
        assert visitor.get(f"/gaps/{number}").status_code == 404
        assert visitor.post(f"/gaps/{number}/decline", form="/desk", reason="not_ours").status_code == 404
    assert gap(installation, number).state is GapState.OPEN
    assert visit_as(Role.EDITOR).get("/gaps/999").status_code == 404


def test_a_gaps_page_shows_who_asked_and_what_is_near(installation, number, expert):
    page = expert.get(f"/gaps/{number}").text
    text = Outline(page).text
    assert SAID in text
    assert "客户原话：灯是绿的" in text
    assert "云溪" in text
    assert "坐席记的" in text
    assert "光猫 LOS 红灯" in text
    assert f"/threads/new?gap={number}" in page


def test_the_queue_and_a_page_cost_the_same_statements_for_one_and_for_many(app, installation, number, visit_as):
    editor = visit_as(Role.EDITOR)

    def costs():
        found = []
        for address in ("/gaps", f"/gaps/{number}", "/gaps?view=closed"):
            with counted(services(app).engine) as statements:
                assert editor.get(address).status_code == 200
            found.append(len(statements))
        return found

    link(installation, number, "los")
    before = costs()
    for place, person in enumerate(factories.agents(installation, 6)):
        missed(installation, SAID, person)
        link(installation, missed(installation, f"没有的套餐{place}", person), "los")
    after = costs()
    assert after == before
    assert max(after) <= 24


def test_an_entry_that_the_words_find_closes_the_gap_at_once(installation, number, expert):
    factories.publish(installation, "green", title="盒子冒绿光", wordings=(SAID,))
    installation.reindex()
    form = f"/gaps/{number}"
    answer = expert.post(f"/gaps/{number}/entry", form=form, entry="http://kb.example/entries/green?q=x")
    assert answer.status_code == 302
    page = expert.get(answer.location).text
    assert "缺口关闭" in page
    assert gap(installation, number).state is GapState.CLOSED
    assert "重新打开" in page
    expert.post(f"/gaps/{number}/reopen", form=form)
    assert gap(installation, number).state is GapState.ANSWERED


def test_words_that_still_fail_are_named_and_become_wordings(installation, visit_as, expert):
    factories.publish(installation, "los")
    factories.publish(installation, "tv", title="电视没信号", module_key="tv.signal", wordings=("一个台都没有",))
    installation.reindex()
    number = missed(installation, "咕噜咕噜转圈圈", scope=Scope(module="fault.broadband"))
    form = f"/gaps/{number}"
    answer = expert.post(f"/gaps/{number}/entry", form=form, entry="tv")
    page = expert.get(answer.location).text
    assert "缺口没有关闭" in page
    assert "还搜不到它的说法：“咕噜咕噜转圈圈”" in page or "<q>咕噜咕噜转圈圈</q>" in page
    assert "提议成它的说法" in page  # the expert does not decide on television
    expert.post(f"/gaps/{number}/wordings", form=form)
    with installation.sessions() as session:
        (wording,) = session.scalars(select(LearnedWording))
    assert wording.state is WordingState.PROPOSED
    editor = visit_as(Role.EDITOR)
    assert "加成它的说法" in editor.get(form).text
    editor.post(f"/gaps/{number}/wordings", form=form)
    with installation.sessions() as session:
        (wording,) = session.scalars(select(LearnedWording))
    assert wording.state is WordingState.ACCEPTED
    installation.reindex()
    answer = editor.post(f"/gaps/{number}/try", form=form)
    assert "缺口关闭" in editor.get(answer.location).text


def test_a_draft_waits_until_it_is_published(installation, number, visit_as):
    factories.draft(installation, "draft")
    editor = visit_as(Role.EDITOR)
    answer = editor.post(f"/gaps/{number}/entry", form=f"/gaps/{number}", entry="draft")
    assert "发布以后" in editor.get(answer.location).text
    assert editor.post(f"/gaps/{number}/entry", form=f"/gaps/{number}", entry="nothing").status_code == 404
    assert editor.post(f"/gaps/{number}/try", form=f"/gaps/{number}").status_code == 409


def test_a_thread_is_started_from_a_gap_and_linked(installation, number, expert):
    address = f"/threads/new?gap={number}&title={SAID}&module=fault.broadband"
    assert f'name="gap" value="{number}"' in expert.get(address).text
    fields = {"title": SAID, "body": "谁遇到过？", "kind": "question", "module": "fault.broadband", "gap": str(number)}
    answer = expert.post("/threads", form=address, **fields)
    key = answer.location.rpartition("/")[2]
    with installation.sessions() as session:
        found = queries.gap(session, installation.actors[Role.EXPERT], number)
        assert (found.state, found.thread.key) == (GapState.ANSWERED, key)
    assert f"/threads/{key}" in expert.get(f"/gaps/{number}").text
    assert f"/threads/{key}" in expert.get("/gaps").text


def test_an_agent_can_link_no_thread_to_a_gap(installation, number, agent):
    fields = {"title": SAID, "body": "？", "kind": "question", "module": "fault.broadband", "gap": str(number)}
    assert agent.post("/threads", form="/threads/new", **fields).status_code == 404
    assert agent.post("/threads", form="/threads/new", **{**fields, "gap": "x"}).status_code == 400
    assert gap(installation, number).thread_id is None


def test_gaps_are_placed_declined_merged_and_split(installation, number, visit_as):
    manager, form = visit_as(Role.MANAGER), f"/gaps/{number}"
    manager.post(f"{form}/place", form=form, module="tv.signal", tier="second")
    assert (gap(installation, number).module_key, gap(installation, number).tier_key) == ("tv.signal", "second")
    other = missed(installation, "盒子上怎么冒绿光")
    assert f"/gaps/{other}" in manager.get(form).text  # perhaps the same question
    manager.post(f"{form}/merge", form=form, into=str(other))
    assert manager.get(form).location == f"/gaps/{other}"
    assert texts(installation, other) == [SAID, "盒子上怎么冒绿光"]
    with installation.sessions() as session:
        leaving = queries.phrasings(session, other)[0].id
    answer = manager.post(f"/gaps/{other}/split", form=f"/gaps/{other}", phrasing=str(leaving))
    own = int(answer.location.rpartition("/")[2])
    assert texts(installation, own) == [SAID]
    manager.post(f"/gaps/{own}/decline", form=f"/gaps/{own}", reason="no_question")
    assert gap(installation, own).state is GapState.DECLINED
    for verb, fields in (("decline", {"reason": "x"}), ("merge", {"into": "x"}), ("split", {}), ("place", {})):
        assert manager.post(f"/gaps/{other}/{verb}", form=f"/gaps/{other}", **fields).status_code == 400, verb


def test_proposals_are_accepted_and_dismissed(installation, number, visit_as):
    for agent in factories.agents(installation, 3):
        search(installation, agent, "卡不行了", "补卡怎么办理")
        installation.clock.advance(minutes=9)
        search(installation, agent, "网不灵", "宽带断了")
        installation.clock.advance(minutes=9)
    with unit_of_work(installation.sessions) as session:
        proposing.propose(session, since=installation.clock() - DAYS)
        ids = {row.text: row.id for row in session.scalars(select(GapProposal))}
    editor, tab = visit_as(Role.EDITOR), "/gaps?view=proposed"
    page = editor.get(tab).text
    assert "总要换个说法再搜" in page
    assert "3 人搜了 3 次" in page
    editor.post(f"/gaps/proposals/{ids['卡不行了']}", form=tab, decision="accept", next=str(ids["网不灵"]))
    editor.post(f"/gaps/proposals/{ids['网不灵']}", form=tab, decision="dismiss")
    assert "没有提议" in editor.get(tab).text
    assert "卡不行了" in editor.get("/gaps").text
    assert editor.post(f"/gaps/proposals/{ids['网不灵']}", form=form_of(number), decision="accept").status_code == 409
    assert editor.post(f"/gaps/proposals/{ids['网不灵']}", form=form_of(number), decision="x").status_code == 400
    assert editor.post("/gaps/proposals/999", form=form_of(number), decision="accept").status_code == 404


def form_of(number: int) -> str:
    return f"/gaps/{number}"


def test_what_is_hostile_is_only_text(installation, number, visit_as):
    bad = "<script>alert(1)</script>红灯\"'"
    hostile = missed(installation, bad, note=bad)
    for address in ("/gaps", form_of(hostile)):
        assert "<script>alert" not in visit_as(Role.MANAGER).get(address).text, address
