from datetime import date, timedelta

import pytest

from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries import queries as entry_queries
from kb.permissions import SYSTEM, Role
from tests.support import factories
from tests.web.visitor import Outline

FULL = {
    "script": "您好，**请看**光猫。\n\n检查费是【待填：检查费】。",
    "steps": "1. 看灯\n2. 插紧",
    "internal_note": "别提赔偿",
    "exceptions": "- 停电不算",
    "fees": "【待填：上门费】",
    "deadlines": "两天",
    "transfer_to": "装维派单",
    "body": "## 原理\n\n光路断了。",
    "products": ("broadband",),
    "regions": ("hedong",),
    "review_due": date(2027, 3, 31),
}


def act(installation, key, operation, role, **arguments):
    with unit_of_work(installation.sessions) as session:
        entry = entry_queries.by_key(session, key)
        operation(session, installation.actors[role], entry, now=installation.clock(), **arguments)


def test_an_entry_shows_everything_an_agent_needs(installation, agent):
    factories.publish(installation, "los", **FULL)
    page = agent.get("/entries/los")
    text = Outline(page.text).text
    for said in (
        "光纤信号断了",
        "请看",
        "看灯",
        "别提赔偿",
        "不对客",
        "停电不算",
        "两天",
        "装维派单",
        "光路断了",
        "盒子亮红灯上不了网",
        "宽带",
        "河东区",
        "首层",
        "第 1 版",
        "2027-03-31 前",
        "采编",
        "核实 刚刚",
    ):
        assert said in text, said
    assert "<strong>请看</strong>" in page.text
    assert '<mark class="placeholder">【待填：上门费】</mark>' in page.text


def test_only_the_words_to_say_are_copied(installation, agent):
    factories.publish(installation, "los", **FULL)
    page = agent.get("/entries/los").text
    copied = page.partition('id="script-text"')[2].partition("</section>")[0]
    assert "光猫" in copied
    assert "别提赔偿" not in copied
    assert "hidden" in page.partition("data-copy=")[0].rpartition("<button")[2]  # until the script can copy


def test_an_entry_opened_from_a_search_leads_back_to_it(installation, agent):
    factories.publish(installation, "los")
    page = Outline(agent.get("/entries/los?q=红灯&module=fault&page=2").text)
    back = next(link for link in page.all("a") if "data-back" in link)
    assert back["href"] == "/?q=%E7%BA%A2%E7%81%AF&module=fault&page=2#hit-los"
    assert "回到“红灯”的结果" in page.text


def test_a_search_that_makes_no_sense_does_not_keep_anybody_from_the_answer(installation, agent):
    factories.publish(installation, "los")
    assert agent.get("/entries/los?q=红灯&module=gone&page=x").status_code == 200


def test_an_entry_that_is_not_theirs_looks_like_one_that_does_not_exist(installation, visit_as):
    factories.publish(installation, "secret", audience=(Role.MANAGER, Role.REVIEWER))
    factories.draft(installation, "draft")
    agent = visit_as(Role.AGENT)
    missing = agent.get("/entries/missing")
    for key in ("secret", "draft"):
        answer = agent.get(f"/entries/{key}")
        assert answer.status_code == 404
        assert answer.text.replace(key, "missing") == missing.text or "没有这条知识" in answer.text
    assert visit_as(Role.MANAGER).get("/entries/secret").status_code == 200


@pytest.mark.parametrize("step", ["suspend", "retire"])
def test_what_is_not_served_warns_whoever_may_still_see_it(installation, visit_as, step):
    factories.publish(installation, "los")
    act(installation, "los", getattr(entries, step), Role.MANAGER, reason="价格错了")
    page = visit_as(Role.MANAGER).get("/entries/los")
    assert "不要拿它答复客户" in page.text
    assert visit_as(Role.AGENT).get("/entries/los").status_code == 404


def test_a_draft_says_that_it_is_one(installation, visit_as):
    factories.draft(installation, "draft")
    page = Outline(visit_as(Role.EDITOR).get("/entries/draft").text)
    assert "草稿这条知识现在不对坐席提供" in page.text


def test_what_is_due_for_review_stays_usable(installation, visit_as):
    factories.publish(installation, "los")
    act(installation, "los", entries.flag_for_review, Role.EDITOR, reason="到期")
    page = visit_as(Role.AGENT).get("/entries/los")
    assert "内容仍然可以用" in page.text
    assert "不要拿它答复客户" not in page.text


def test_validity_that_has_ended_or_not_begun_is_said(installation, visit_as):
    now = installation.clock()
    factories.publish(installation, "ended", valid_until=now + timedelta(hours=1))
    factories.publish(installation, "coming", valid_from=now + timedelta(days=9))
    installation.clock.advance(hours=2)
    manager, agent = visit_as(Role.MANAGER), visit_as(Role.AGENT)
    assert "已过有效期" in manager.get("/entries/ended").text
    assert "还没有生效" in manager.get("/entries/coming").text
    assert agent.get("/entries/ended").status_code == 404


def test_related_entries_are_those_they_may_read(installation, agent):
    factories.publish(installation, "other", title="光猫更换")
    factories.publish(installation, "secret", title="秘密价格", audience=(Role.MANAGER, Role.REVIEWER))
    factories.publish(installation, "los", related=("other", "secret", "missing"))
    page = Outline(agent.get("/entries/los").text)
    assert "/entries/other" in page.links()
    assert "/entries/secret" not in page.links()
    assert "秘密价格" not in page.text


def test_where_it_came_from_and_what_came_of_it_are_linked(installation, agent):
    factories.thread(installation, "rain")
    with unit_of_work(installation.sessions) as session:
        for key, origin in (("los", "thread:rain"), ("variant", "entry:los"), ("orphan", "thread:gone")):
            entries.import_content(
                session, SYSTEM, factories.content(title=key), key=key, now=installation.clock(), derived_from=origin
            )
    los = Outline(agent.get("/entries/los").text)
    assert "/threads/rain" in los.links()
    assert "/entries/variant" in los.links()
    assert "/entries/los" in Outline(agent.get("/entries/variant").text).links()
    orphan = Outline(agent.get("/entries/orphan").text)
    assert not [link for link in orphan.links() if "gone" in link]
    assert "未验证" in orphan.text


def test_many_wordings_are_folded(installation, agent):
    factories.publish(installation, "los", wordings=tuple(f"说法{number}" for number in range(12)))
    page = Outline(agent.get("/entries/los").text)
    assert "还有 4 种说法" in page.text
    assert "说法11" in page.text
