from kb.db import unit_of_work
from kb.desk.searches import store_searches
from tests.support import factories

REST = "已为 0 个没有人回答的问题请了专家\n已删除 0 个没有用上的文件\n"


def test_old_searches_are_summed_up(kb, installation):
    with unit_of_work(installation.sessions) as session:
        store_searches(session, [factories.searched(installation, "红灯")], timezone="Asia/Shanghai")
    assert kb("housekeeping").output == "已汇总 0 条搜索记录\n已删除 0 通到期的通话记录\n" + REST
    installation.clock.advance(days=91)
    assert kb("housekeeping").output == "已汇总 1 条搜索记录\n已删除 0 通到期的通话记录\n" + REST
