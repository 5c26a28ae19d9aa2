"""A gap from the agent's key to the agent's notice, and the pages on the way."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from kb.db import unit_of_work
from kb.gaps.models import Gap, GapProposal, ProposalState
from kb.gaps.rules import GapState
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import SYSTEM
from tests.kb.gaps.test_proposing import search
from tests.support import factories
from tests.support.factories import missed
from tests.support.installation import PASSWORD
from tests.web.browser.axe import violations
from tests.web.browser.chromium import DESK, PHONE
from tests.web.browser.test_pages import TOO_FAINT
from web.gaps import jobs
from web.gaps.jobs import Work

pytestmark = pytest.mark.browser

SAID = "咕噜咕噜转圈圈"


@pytest.fixture(autouse=True)
def filled(installation) -> None:
    factories.publish(installation, "los", title="光猫红灯（光路中断）")
    factories.publish(installation, "tv", title="电视没信号", module_key="tv.signal", wordings=("一个台都没有",))
    installation.reindex()
    with unit_of_work(installation.sessions) as session:
        for name in ("expert", "editor"):
            people.set_password(session, SYSTEM, by_username(session, name), PASSWORD, now=installation.clock())


@pytest.fixture
def work(installation):
    return Work(
        sessions=installation.sessions, search=installation.search, clock=installation.clock, timezone="Asia/Shanghai"
    )


@pytest.fixture
def page_of(new_page):
    """Open a page of somebody who is signed in."""

    def open_page(username, **options):
        page = new_page(**options)
        page.goto("/sign-in")
        page.fill("#username", username)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_selector("header.top")
        return page

    return open_page


def gap(installation):
    with installation.sessions() as session:
        return session.scalars(select(Gap).where(Gap.state != GapState.MERGED)).one()


def test_an_agents_key_becomes_an_answer_that_the_agent_is_told_of(installation, page_of, work):
    agent = page_of("agent")
    agent.goto("/desk?region=yunxi&module=fault&product=")
    agent.fill("#q", SAID)
    expect(agent.locator("[data-gap]")).to_be_visible()
    agent.keyboard.press("ArrowDown")
    agent.locator("[data-list]").focus()
    agent.evaluate("document.activeElement.blur()")
    agent.keyboard.press("g")
    expect(agent.locator("[data-status]")).to_contain_text("记下了")
    jobs.settle(work)

    expert = page_of("expert")
    expert.goto("/gaps")
    link = expert.locator("[data-results] h2 a")
    expect(link).to_have_text(SAID)
    link.click()
    expect(expert.locator(".gap-asks")).to_contain_text("坐席")
    expect(expert.locator("#entry")).to_have_attribute("role", "combobox")
    expert.fill("#entry", "los")
    expert.locator("#entry").press("Enter")
    expect(expert.locator(".picked")).to_contain_text("光猫红灯（光路中断）")
    expert.locator("#entry").press("Enter")
    expect(expert.locator(".notice")).to_contain_text("还有说法搜不到这条知识")
    assert gap(installation).state is GapState.ANSWERED
    expect(expert.locator(".gap-answer")).to_contain_text(SAID)

    expert.wait_for_load_state()
    expert.keyboard.press("a")  # an expert of this module decides on its wordings
    expect(expert.locator(".notice")).to_contain_text("说法建议")
    installation.reindex()
    jobs.settle(work)
    assert gap(installation).state is GapState.CLOSED
    expert.goto("/gaps?view=closed")
    expect(expert.locator("[data-results] h2 a")).to_have_text(SAID)

    agent.goto("/")
    expect(agent.locator(".bell-count")).to_have_text("1")
    agent.click(".bell")
    expect(agent.locator(".notices .is-unread")).to_contain_text(f"你问过的“{SAID}”有答案了：光猫红灯（光路中断）")
    agent.click(".notices button")
    expect(agent.locator("[data-card]")).to_have_attribute("data-card", "los")
    expect(agent.locator(".desk-hits li").first).to_have_attribute("data-key", "los")
    agent.goto("/")
    expect(agent.locator(".bell")).to_be_visible()
    expect(agent.locator(".bell-count")).to_have_count(0)


def test_a_thread_for_a_gap_comes_filled_in(installation, page_of):
    number = missed(installation, SAID)
    page = page_of("editor")
    page.goto(f"/gaps/{number}")
    expect(page.locator("[data-press=t]")).to_be_visible()
    page.keyboard.press("t")
    expect(page.locator("#title")).to_have_value(SAID)
    page.select_option("#module", "fault.broadband")
    page.fill("#body", "谁遇到过？")
    page.click("text=发出去")
    page.wait_for_url(re.compile("/threads/t-"))
    page.goto("/gaps?view=answered")
    expect(page.locator("[data-results]")).to_contain_text(SAID)


def test_proposals_by_key(installation, page_of, work):
    for agent in factories.agents(installation, 3):
        search(installation, agent, "卡不行了", "补卡怎么办理")
        installation.clock.advance(minutes=9)
        search(installation, agent, "网不灵", "宽带断了")
        installation.clock.advance(minutes=9)
    assert jobs.propose(work) == 2
    page = page_of("editor")
    page.goto("/gaps?view=proposed")
    links = page.locator("[data-results] h2 a")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("a")
    expect(page.locator(".notice")).to_contain_text("成了一个缺口")
    expect(links).to_have_count(1)
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("r")
    expect(page.locator(".empty")).to_be_visible()
    with installation.sessions() as session:
        states = [row.state for row in session.scalars(select(GapProposal).order_by(GapProposal.id))]
    assert states == [ProposalState.ACCEPTED, ProposalState.DISMISSED]


def test_the_pages_work_without_scripts(installation, page_of):
    number = missed(installation, SAID)
    page = page_of("editor", java_script_enabled=False)
    page.goto("/gaps")
    page.click(f"text={SAID}")
    page.click("text=不是问题")
    page.wait_for_selector("text=不处理 · 不是问题")
    page.goto("/gaps?view=closed")
    assert page.locator(f"#gap-{number}").count() == 1


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_the_pages_fit_can_be_read_and_have_no_barrier(installation, page_of, viewport, colours, work):
    number = missed(installation, SAID, note="盒子上面那个圈一直转" * 5)
    missed(installation, "咕噜咕噜的转圈圈圈")
    other = missed(installation, "机顶盒上冒绿光" * 9)
    jobs.settle(work)
    page = page_of("editor", viewport=viewport, color_scheme=colours)
    for address in ("/gaps", f"/gaps/{number}", f"/gaps/{other}", "/gaps?view=proposed", "/notices"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), address
        assert page.evaluate(TOO_FAINT) == [], address
        assert violations(page) == [], address
