"""An editor takes a Word manual apart; an agent chooses how they are told, and the bell rings by itself."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from kb.db import unit_of_work
from kb.documents.models import ImportDraft
from kb.entries.models import Entry
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import SYSTEM, Role
from tests.support import factories
from tests.support.installation import PASSWORD
from tests.support.manual import manual
from tests.support.notices import tell
from tests.web.browser.axe import violations
from tests.web.browser.chromium import PHONE

pytestmark = pytest.mark.browser


@pytest.fixture
def editor(new_page, installation):
    """A page of a signed-in editor, of a centre that has one entry already."""
    factories.publish(installation, "twice", title="账单与缴费办理条件")
    installation.reindex()
    with unit_of_work(installation.sessions) as session:
        user = by_username(session, Role.EDITOR.value)
        people.set_password(session, SYSTEM, user, PASSWORD, now=installation.clock())
    page = new_page()
    page.set_default_timeout(120_000)  # a file is read by a process of its own, which a busy machine starts slowly
    page.goto("/sign-in")
    page.fill("#username", Role.EDITOR.value)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_selector("header.top")
    return page


def check_looks(page):
    """The page can be used by everybody, dark or light, and does not scroll sideways on a phone."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour is on its way to another
        assert violations(page) == []
    size = page.viewport_size
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page.set_viewport_size(size)


def test_a_manual_is_taken_apart_and_taken_as_drafts(editor, installation):
    editor.click(".menu summary")
    editor.click(".menu-panel >> text=导入资料")
    check_looks(editor)
    data = manual(chapters=1, paragraphs=2).data
    editor.set_input_files("#file", {"name": "手册.docx", "mimeType": "application/octet-stream", "buffer": data})
    editor.click("text=读进来看看")
    parts = editor.locator(".import-part")
    expect(parts).to_have_count(11)
    expect(editor.locator(".import-heading")).to_contain_text("账单与缴费")
    expect(editor.locator("[data-chosen]")).to_have_text("选中 10 条")
    twice = parts.filter(has=editor.locator('input[value="账单与缴费办理条件"]'))
    expect(twice.locator(".import-alike a").first).to_have_text("账单与缴费办理条件")
    expect(twice.locator("input[type=checkbox]")).not_to_be_checked()
    # What a part says, with its picture, and a heading in it that begins a part of its own.
    first = parts.nth(1)
    first.get_by_text("看内容").click()
    picture = first.locator(".import-content img")
    expect(picture).to_have_count(1)
    assert picture.evaluate("async (image) => { await image.decode(); return image.naturalWidth; }") == 120
    first.locator(".import-title").fill("怎么查账单明细")
    check_looks(editor)
    first.get_by_role("button", name="操作步骤").click()
    expect(parts).to_have_count(12)
    expect(parts.nth(1).locator(".import-title")).to_have_value("怎么查账单明细")
    parts.nth(2).get_by_text("并入上一条").click()
    expect(parts).to_have_count(11)
    # Only what was chosen.
    editor.click("[data-none]")
    expect(editor.locator("[data-chosen]")).to_have_text("选中 0 条")
    parts.nth(1).locator("input[type=checkbox]").check()
    editor.select_option("#module", "billing.bill")
    parts.nth(1).get_by_text("单独设置").click()
    parts.nth(1).locator("select[name^=region-]").select_option("lanjiang")
    editor.click(".import-take .btn-accent")
    expect(editor.locator(".is-done .import-title")).to_have_text("怎么查账单明细")
    check_looks(editor)
    with installation.sessions() as session:
        (entry,) = session.scalars(select(Entry).join(ImportDraft, ImportDraft.entry_id == Entry.id))
        assert (entry.live_revision, entry.work_revision.regions) == (None, ["lanjiang"])
    editor.click(".is-done .import-title")
    expect(editor.locator("main img")).to_have_count(1)


def test_the_bell_rings_by_itself_and_people_choose_when_it_does(page, installation):
    agent = installation.actors[Role.AGENT]
    expect(page.locator(".bell-count")).to_have_count(0)
    tell(installation, agent, "附近火锅店")
    expect(page.locator(".bell-count")).to_have_text("1")
    expect(page.locator(".bell")).to_contain_text("1 条未读")
    page.click(".bell")
    page.click("text=怎么提醒我")
    check_looks(page)
    page.fill("#address", "chen@centre.example")
    page.get_by_label("不归我们答复").select_option(label="不告诉我")
    page.click("main button >> text=保存")
    expect(page.locator(".notice")).to_contain_text("存好了")
    expect(page.locator("#address")).to_have_value("chen@centre.example")
    expect(page.locator(".address-state")).to_contain_text("还没有确认")
    tell(installation, agent, "附近电影院")
    page.goto("/notices")
    expect(page.locator(".notices li")).to_have_count(1)
