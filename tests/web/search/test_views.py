import pytest

from kb.db import unit_of_work
from kb.people.queries import by_username
from kb.permissions import Role
from tests.support import factories
from tests.web.visitor import Outline, Visitor


@pytest.fixture
def filled(installation):
    factories.publish(installation, "los")
    factories.publish(
        installation,
        "tv",
        title="电视没有信号",
        module_key="tv.signal",
        answer="先查智能卡：【待填：检查费】，再看信号线。",
        wordings=("电视看不了", "一个台都没有", "电视黑的"),
        products=("tv",),
    )
    factories.thread(installation, "rain")
    installation.reindex()


def test_the_first_page_greets_and_offers_ways_in(filled, agent):
    page = Outline(agent.get("/").text)
    assert "坐席，您好" in page.text
    assert "/?module=fault" in page.links()
    assert "/entries/los" in page.links()
    assert "/threads/rain" in page.links()
    assert "共 2 条知识" in page.text


def test_an_installation_with_nothing_in_it_has_a_first_page(agent):
    assert "这里还没有知识" in agent.get("/").text


def test_a_result_shows_why_it_was_found_and_what_it_says(filled, agent):
    page = agent.get("/?q=家里盒子亮红灯").text
    text = Outline(page).text
    assert "<mark>红灯</mark>" in page
    assert "客户说" in text
    assert "光纤信号断了" in text
    assert "L2" in text
    assert "已验证" in text
    assert "网络故障 › 宽带故障" in text
    assert "全省" in text
    assert "刚刚核实" in text
    assert "索引已同步" in text
    assert "毫秒" in text


def test_a_result_keeps_the_search_in_its_address(filled, agent):
    links = Outline(agent.get("/?q=红灯&module=fault").text).links()
    assert "/entries/los?q=%E7%BA%A2%E7%81%AF&module=fault" in links


def test_placeholders_stand_out_in_results(filled, agent):
    assert '<mark class="placeholder">【待填：检查费】</mark>' in agent.get("/?q=电视没信号").text


def test_filters_narrow_and_can_be_dropped_one_by_one(filled, agent):
    assert "/entries/tv" not in agent.get("/?q=信号&module=fault").text
    page = Outline(agent.get("/?q=信号&module=tv&kind=faq").text)
    assert "/?q=%E4%BF%A1%E5%8F%B7&module=tv" in page.links()
    assert "/?q=%E4%BF%A1%E5%8F%B7&kind=faq" in page.links()
    assert "/?q=%E4%BF%A1%E5%8F%B7" in page.links()


def test_a_filter_that_does_not_exist_is_said_so(agent):
    answer = agent.get("/?q=信号&module=nothing")
    assert answer.status_code == 400
    assert "没有这个业务模块：nothing" in answer.text


def test_a_persons_own_region_is_one_click_away_but_never_preset(filled, installation, agent):
    assert "只看" not in agent.get("/?q=信号").text  # theirs is the whole province
    with unit_of_work(installation.sessions) as session:
        by_username(session, "agent").region_key = "jiangyang"
    page = Outline(agent.get("/?q=信号").text)
    assert "只看江阳区适用的" in page.text
    assert "/?q=%E4%BF%A1%E5%8F%B7&region=jiangyang" in page.links()
    assert not [option for option in page.all("option") if "selected" in option]


def test_threads_are_searched_apart(filled, agent):
    page = Outline(agent.get("/?q=红灯&source=thread").text)
    assert "1 个帖子" in page.text
    assert any(link.startswith("/threads/rain?q=") for link in page.links())
    assert not any(link.startswith("/entries/los") for link in page.links())


def test_an_index_that_is_behind_says_so(filled, installation, agent):
    factories.thread(installation, "later")
    assert "还有 1 条更改正在进入索引" in agent.get("/?q=红灯").text


def test_nothing_found_is_honest_and_shows_ways_on(filled, agent):
    page = Outline(agent.get("/?q=zzzz").text)
    assert "没有找到" in page.text
    assert "知识和讨论区里都没有" in page.text
    assert "/threads/new?title=zzzz" in page.links()
    assert "/?module=billing" in page.links()


def test_nothing_found_because_of_filters_tells_how_much_there_is_without(filled, agent):
    page = Outline(agent.get("/?q=红灯&module=billing").text)
    assert "去掉筛选再搜有 2 条" in page.text
    assert "/?q=%E7%BA%A2%E7%81%AF" in page.links()


def test_nothing_found_points_to_the_forum_where_there_is_something(installation, filled, agent):
    factories.thread(installation, "cats", title="猫咪咖啡店", body="有人问")
    installation.reindex()
    page = Outline(agent.get("/?q=猫咪咖啡店").text)
    assert "看讨论区里的有 1 条" in page.text


def test_somebody_who_may_not_write_is_not_told_to(filled, visit_as):
    assert "/threads/new" not in visit_as(Role.ADMIN).get("/?q=zzzz").text


def test_results_are_paged_and_the_address_holds_the_page(installation, agent):
    for number in range(12):
        factories.publish(installation, f"los-{number}", title=f"光猫红灯 {number}")
    installation.reindex()
    first = Outline(agent.get("/?q=光猫红灯").text)
    assert len([link for link in first.links() if link.startswith("/entries/")]) == 10
    assert "/?q=%E5%85%89%E7%8C%AB%E7%BA%A2%E7%81%AF&page=2" in first.links()
    second = Outline(agent.get("/?q=光猫红灯&page=2").text)
    assert len([link for link in second.links() if link.startswith("/entries/")]) == 2
    assert "没有这么多页" in agent.get("/?q=光猫红灯&page=9").text


def test_what_somebody_may_not_read_is_neither_found_nor_counted(installation, visit_as):
    factories.publish(installation, "secret", audience=(Role.MANAGER, Role.REVIEWER), module_key="billing.bill")
    installation.reindex()
    agent, manager = visit_as(Role.AGENT), visit_as(Role.MANAGER)
    for address in ("/?q=红灯", "/", "/?module=billing"):
        assert "/entries/secret" not in agent.get(address).text
        assert "/entries/secret" in manager.get(address).text
    assert "共 0 条知识" in Outline(agent.get("/").text).text
    assert "共 1 条知识" in Outline(manager.get("/").text).text


def test_a_module_can_be_browsed_with_what_lies_below_it(filled, agent):
    page = Outline(agent.get("/?module=fault").text)
    assert "/entries/los" in page.links()
    assert "/entries/tv" not in page.links()
    assert "共 1 条知识" in page.text
    assert "这个模块还没有你能看的知识" in agent.get("/?module=billing").text


def test_the_search_field_keeps_what_was_typed(filled, agent):
    field = next(item for item in Outline(agent.get("/?q=<红灯>").text).all("input") if item.get("id") == "q")
    assert field["value"] == "<红灯>"


def test_two_people_see_their_own_pages(filled, app, installation):
    one, other = (Visitor(app, installation).become(role.value) for role in (Role.AGENT, Role.EXPERT))
    assert "坐席，您好" in one.get("/").text
    assert "专家，您好" in other.get("/").text


def test_where_nothing_is_an_answer_the_nearest_is_offered_under_a_clear_line(filled, agent):
    page = Outline(agent.get("/?q=早上面试谁陪").text)
    assert "没有合适的答案。" in page.text
    assert "已经替你记成缺口" in page.text
    assert "下面只是最接近的" in page.text
    assert any(link.startswith("/entries/los?") for link in page.links())


def test_where_nothing_is_near_nothing_is_offered(filled, agent):
    assert "最接近的" not in agent.get("/?q=囧囧囧").text


def test_what_can_only_be_a_slip_is_put_right_and_can_be_meant(installation, agent):
    factories.publish(installation, "signal", title="手机没信号怎么办", wordings=("手机没信号",))
    for number in range(12):
        factories.publish(installation, f"other-{number}", title=f"第{number}种费用说明", wordings=())
    installation.reindex()
    page = Outline(agent.get("/?q=手几没信好&module=fault").text)
    assert "按“手机没信号”搜索的" in page.text
    assert "手机没信号怎么办" in page.text
    as_typed = "/?q=%E6%89%8B%E5%87%A0%E6%B2%A1%E4%BF%A1%E5%A5%BD&module=fault&as_typed=1"
    assert as_typed in page.links()
    page = Outline(agent.get(as_typed).text)
    assert "搜索的" not in page.text
    assert "您是不是要找：手机没信号" in page.text
    assert "/?q=%E6%89%8B%E6%9C%BA%E6%B2%A1%E4%BF%A1%E5%8F%B7&module=fault" in page.links()
    assert "您是不是要找" not in agent.get("/?q=手机没信号").text


def test_a_gap_is_said_to_be_recorded_only_where_one_is(filled, agent):
    assert "已经替你记成缺口" in agent.get("/?q=zzzz").text
    assert "已经替你记成缺口" not in agent.get("/?q=zzzz&source=thread").text
    assert "已经替你记成缺口" not in agent.get("/?q=信号&module=billing").text  # it is there without the filter
    assert "已经替你记成缺口" not in agent.get("/?q=？？").text  # says nothing
