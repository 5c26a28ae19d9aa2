"""A knowledge manager at work: what is saved is found by the next search, without a restart."""

import pytest
from playwright.sync_api import expect

from kb.db import unit_of_work
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import SYSTEM, Role
from tests.support import factories, lexicon
from tests.support.installation import PASSWORD
from web.services import services

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def filled(installation) -> None:
    factories.publish(
        installation,
        "family",
        title="亲情号码设置",
        wordings=("怎么设亲情号",),
        answer="发短信开通。",
        script="",
        steps="",
    )
    for number in range(3):
        factories.publish(installation, f"los-{number}", title=f"光猫红灯 {number}")
    installation.reindex()
    with unit_of_work(installation.sessions) as session:
        user = by_username(session, Role.MANAGER.value)
        people.set_password(session, SYSTEM, user, PASSWORD, now=installation.clock())


@pytest.fixture
def manager(new_page):
    """A page of a signed-in knowledge manager."""
    page = new_page()
    page.goto("/sign-in")
    page.fill("#username", Role.MANAGER.value)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_selector("header.top")
    return page


def results(page, question):
    page.goto(f"/?q={question}")
    return page.locator(".hit h2 a").all_text_contents()


def open_list(page, name):
    page.click(".menu summary")
    page.click(".menu-panel >> text=词库")
    page.click(f".subtabs >> text={name}")


def test_a_synonym_is_looked_at_before_saving_and_found_after(manager, page, app):
    object.__setattr__(services(app), "recent_queries", lambda session, limit: ["心连心卡", "光猫红灯"])
    assert results(page, "心连心卡") == []
    open_list(manager, "同义词")
    manager.click("text=加同义词")
    manager.fill("#said", "心连心卡")
    manager.fill("#ours", "亲情号")
    manager.click("text=先看会变什么")
    expect(manager.locator("#preview tbody tr")).to_have_count(1)
    expect(manager.locator("#preview td").last).to_contain_text("亲情号码设置")
    assert results(page, "心连心卡") == []
    manager.click("text=保存")
    manager.wait_for_url("**/lexicon/synonyms")
    assert results(page, "心连心卡") == ["亲情号码设置"]


def test_a_pin_is_first_and_after_its_end_it_is_not(manager, page, installation):
    open_list(manager, "置顶答案")
    manager.click("text=加置顶答案")
    manager.fill("#ask", "光猫红灯")
    manager.click("text=先看看现在搜到什么")
    expect(manager.locator("input[name=found]")).to_have_count(3)
    expect(manager.locator("#entry")).to_have_attribute("role", "combobox")
    manager.fill("#entry", "family")
    manager.press("#entry", "Enter")
    expect(manager.locator(".picked li")).to_have_count(1)
    manager.fill("#valid_until", "2026-11-02T10:00")
    manager.click("text=保存")
    manager.wait_for_url("**/lexicon/pins")
    assert results(page, "光猫红灯")[0] == "亲情号码设置"
    expect(page.locator(".hit").first).to_contain_text("置顶")
    installation.clock.advance(hours=1)
    assert "亲情号码设置" not in results(page, "光猫红灯")


def test_a_word_leads_to_a_rebuild_and_search_works_throughout(manager, page, installation):
    before = installation.search.engine.status().generation
    open_list(manager, "词典")
    manager.click("text=加词")
    manager.fill("#text", "亲情号码")
    manager.click("text=保存")
    manager.wait_for_url("**/lexicon/words")
    assert installation.search.engine.status().generation == before
    assert results(page, "亲情号码") == ["亲情号码设置"]
    installation.reindex()
    assert installation.search.engine.status().generation != before
    assert results(page, "亲情号码") == ["亲情号码设置"]


def test_proposals_are_judged_with_one_key_each(manager, app, installation):
    asked = lexicon.asked("幕墙宝", "魔百盒")
    object.__setattr__(services(app), "recent_queries", lambda session, limit: asked)
    manager.goto("/lexicon/words#proposals")
    rows = manager.locator("[data-proposal]")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_be_focused()
    manager.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    manager.keyboard.press("ArrowUp")
    first, second = (row.locator("b").text_content() for row in rows.all())
    manager.keyboard.press("y")
    expect(rows).to_have_count(1)
    expect(rows.nth(0)).to_be_focused()
    manager.keyboard.press("n")
    expect(rows).to_have_count(0)
    words = {word.text for word in installation.search.engine.analysis.dictionary.words}
    assert first in words
    assert second not in words


def test_the_pages_do_not_scroll_sideways_on_a_phone(manager, installation):
    lexicon.synonym(installation, "心连心卡，亲情卡，家庭卡", "亲情号，亲情号码")
    lexicon.pin(installation, "光猫红灯", "family", note="十一月二日抢修期间用")
    manager.set_viewport_size({"width": 390, "height": 844})
    for address in ("synonyms", "words", "pins", "synonyms/new", "pins/new?query=光猫红灯"):
        manager.goto(f"/lexicon/{address}")
        width = manager.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, address
