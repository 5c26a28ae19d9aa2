"""The whole way of a piece of knowledge: from what nobody could answer to the desk of a county, and back for a mend.

Everything is done on pages, by eight people; only what a moment of waiting does by itself is done by hand.
"""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from kb.db import unit_of_work
from kb.entries.queries import by_key
from kb.events.models import Event, Subject
from kb.notices import operations as notices
from kb.people import operations as people
from kb.people.models import User
from kb.permissions import SYSTEM, Role
from tests.support import factories
from tests.support.installation import PASSWORD
from web.entries.revisions import STEPS
from web.gaps import jobs
from web.gaps.jobs import Work

pytestmark = pytest.mark.browser

SAID = "过河收不收渡船费"
LOCAL = "石板滩一带要坐渡船，另收 20 元渡船费"
PEOPLE = {
    "asker": (Role.AGENT, "hedong"),
    "other": (Role.AGENT, "wanghu"),
    "knower": (Role.EXPERT, "lanjiang"),
    "writer": (Role.EDITOR, "lanjiang"),
    "checker": (Role.REVIEWER, "lanjiang"),
    "hedong-v": (Role.VERIFIER, "hedong"),
    "wanghu-v": (Role.VERIFIER, "wanghu"),
    "duty": (Role.LEADER, "lanjiang"),
}


@pytest.fixture
def enter(installation, new_page):
    """Add the people, and open a page of each."""
    with unit_of_work(installation.sessions) as session:
        for name, (role, region) in PEOPLE.items():
            people.add_user(
                session, SYSTEM, username=name, name=name, roles=[role], region=region, password=PASSWORD,
                expertise=["fault"] if role is Role.EXPERT else (),
                now=installation.clock(),
            )  # fmt: skip

    def as_(name: str) -> Page:
        page = new_page()
        page.goto("/sign-in")
        page.fill("#username", name)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_selector("header.top")
        return page

    return as_


@pytest.fixture
def settle(installation):
    """Do what happens by itself a moment later: gaps are placed, the index follows, people are told."""
    work = Work(
        sessions=installation.sessions, search=installation.search, clock=installation.clock, timezone="Asia/Shanghai"
    )

    def run() -> None:
        installation.reindex()
        jobs.settle(work)
        with unit_of_work(installation.sessions) as session:
            while notices.deliver(session):
                pass

    return run


def submit_to_review(page: Page) -> None:
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice")).to_contain_text("提交了")


def test_from_a_gap_to_the_desk_of_a_county_and_back_for_a_mend(installation, enter, settle):
    factories.publish(installation, "los", title="光猫红灯（光路中断）")
    installation.reindex()

    # What nobody could answer.
    asker = enter("asker")
    asker.goto("/desk?region=hedong&module=&product=")
    asker.fill("#q", SAID)
    expect(asker.locator("[data-gap]")).to_be_visible()
    asker.keyboard.press("ArrowDown")
    asker.locator("[data-list]").focus()
    asker.evaluate("document.activeElement.blur()")
    asker.keyboard.press("g")
    expect(asker.locator("[data-status]")).to_contain_text("记下了")
    settle()

    # Asked among colleagues, from the gap; answered; accepted.
    writer, knower = enter("writer"), enter("knower")
    writer.goto("/gaps")
    writer.locator("[data-results] h2 a").click()
    writer.click("a[data-press=t]")
    writer.select_option("#module", "fault.broadband")
    writer.fill("#body", "河东、望湖两个区都有人问，怎么答？")
    writer.click("text=发出去")
    writer.wait_for_url(re.compile("/threads/t-"))
    thread = writer.url
    knower.goto(thread)
    knower.fill("#body", "装机上门免费，检修上门 30 元。")
    knower.click("text=发出回复")
    expect(knower.locator("#reply-1")).to_contain_text("检修上门")
    writer.goto(thread)
    writer.get_by_role("button", name="采纳第 1 条为答案").click()
    expect(writer.locator(".post-accepted")).to_contain_text("检修上门")

    # Made a draft, written on, submitted, returned with a reason, submitted again, approved by another.
    writer.click("text=整理成知识")
    writer.click(".start-kind.is-likely")
    expect(writer.locator("[name=steps]")).to_have_value("装机上门免费，检修上门 30 元。")
    expect(writer.locator("[data-state]")).to_have_attribute("data-state", "saved")
    writer.fill("#title", "师傅上门收不收费")
    writer.fill("#wordings", f"{SAID}\n师傅上门要钱吗\n上门费多少")
    writer.fill("#fees", "检修上门 30 元")
    writer.click("summary:has-text('范围和相关')")
    for county in ("hedong", "wanghu"):
        writer.check(f"input[name=regions][value={county}]")
    expect(writer.locator("[data-state]")).to_have_attribute("data-state", "saved")
    submit_to_review(writer)
    key = writer.url.rpartition("/")[2]
    expect(writer.locator(".provenance")).to_contain_text("讨论")

    checker = enter("checker")
    checker.goto("/review")
    checker.locator("[data-results] h2 a").click()
    checker.wait_for_load_state()
    checker.keyboard.press("2")
    checker.keyboard.type("少了话术")
    checker.click("[data-decision] button[type=submit]")
    expect(checker.locator(".notice")).to_contain_text("退回了")
    settle()
    writer.goto("/notices")
    expect(writer.locator(".notices")).to_contain_text("少了话术")
    writer.goto(f"/entries/{key}")
    writer.get_by_role("button", name="修改这条知识").click()
    expect(writer.locator("[data-state]")).to_have_attribute("data-state", "saved")
    expect(writer.locator(".editor-said")).to_contain_text("少了话术")
    writer.fill("#script", "您好，装机上门不收费；检修上门是 30 元，师傅修好了才收。")
    expect(writer.locator("[data-state]")).to_have_attribute("data-state", "saved")
    submit_to_review(writer)
    checker.goto(f"/review/{key}")
    checker.wait_for_load_state()
    checker.keyboard.press("1")
    checker.click("[data-decision] button[type=submit]")
    expect(checker.locator(".notice")).to_contain_text("等区县核实")

    # Confirmed by two counties, one of which differs.
    hedong, wanghu = enter("hedong-v"), enter("wanghu-v")
    hedong.goto(f"/verification/{key}")
    hedong.check("input[name=differs][value=yes]")
    hedong.fill("textarea[name=text]", LOCAL)
    hedong.click("button:has-text('核实')")
    expect(hedong.locator(".notice")).to_contain_text("核实了，谢谢")
    wanghu.goto(f"/verification/{key}")
    wanghu.click("form.confirm button:has-text('核实')")
    expect(wanghu.locator(".notice")).to_contain_text("已经发布")
    settle()

    # Found by the caller's words, in the right county with what is otherwise there.
    asker.goto(f"/desk?region=hedong&module=&product=&q={SAID}&open={key}")
    expect(asker.locator(f"[data-card={key}] .overlay")).to_contain_text("20 元渡船费")
    other = enter("other")
    other.goto(f"/desk?region=wanghu&module=&product=&q={SAID}&open={key}")
    expect(other.locator(f"[data-card={key}] .answer")).to_contain_text("检修上门 30 元")
    expect(other.locator(".overlay")).to_have_count(0)

    # Wrong about a price: suspended, mended, published, and whoever said so is told.
    asker.keyboard.press("3")
    asker.keyboard.press("1")
    asker.keyboard.type("检修费已经调到 40 元")
    asker.keyboard.press("Tab")
    asker.keyboard.type("40 元")
    asker.keyboard.press("Control+Enter")
    expect(asker.locator(".desk-feedback-said")).to_contain_text("纠错收到了")
    duty = enter("duty")
    duty.goto("/corrections/1")
    duty.wait_for_load_state()
    duty.keyboard.press("s")
    expect(duty.locator(".notice")).to_contain_text("知识暂停了")
    settle()
    other.goto(f"/desk?region=wanghu&module=&product=&q={SAID}")
    expect(other.locator("[data-list]")).to_be_visible()
    expect(other.locator(f".desk-hit[data-key={key}]")).to_have_count(0)
    knower.goto("/corrections/1")
    knower.wait_for_load_state()
    knower.keyboard.press("1")
    knower.click("button:has-text('判定')")
    expect(knower.locator(".notice")).to_contain_text("判定好了")
    writer.goto(f"/entries/{key}")
    writer.get_by_role("button", name="修改这条知识").click()
    expect(writer.locator("[data-state]")).to_have_attribute("data-state", "saved")
    writer.fill("#answer", "装机上门免费，检修上门 40 元。")
    writer.fill("#fees", "检修上门 40 元")
    writer.fill("#script", "您好，装机上门不收费；检修上门是 40 元，师傅修好了才收。")
    writer.check("[name=material][value=yes]")
    expect(writer.locator("[data-state]")).to_have_attribute("data-state", "saved")
    submit_to_review(writer)
    knower.reload()
    knower.click("button:has-text('版改好了')")
    expect(knower.locator("main")).to_contain_text("上线以后自动了结")
    checker.goto(f"/review/{key}")
    checker.wait_for_load_state()
    checker.keyboard.press("1")
    checker.click("[data-decision] button[type=submit]")
    expect(checker.locator(".notice")).to_contain_text("等区县核实")
    for page in (hedong, wanghu):
        page.goto(f"/verification/{key}")
        page.locator("form.confirm button:has-text('核实')").click()
        expect(page.locator(".notice")).to_be_visible()
    settle()
    asker.goto(f"/desk?region=hedong&module=&product=&q={SAID}&open={key}")
    expect(asker.locator(f"[data-card={key}] .answer")).to_contain_text("40 元")
    expect(asker.locator(f"[data-card={key}] .overlay")).to_contain_text("20 元渡船费")
    asker.goto("/notices")
    expect(asker.locator(".notices")).to_contain_text("你报的“师傅上门收不收费”的纠错：")
    expect(asker.locator(".notices")).to_contain_text(SAID)  # the gap has its answer

    # The log and the entry's history tell the same story.
    writer.goto(f"/entries/{key}/revisions")
    with installation.sessions() as session:
        entry = by_key(session, key)
        log = list(session.scalars(select(Event).order_by(Event.seq)))
        names = {user.id: user.name for user in session.scalars(select(User)).unique()}
    about = [event for event in log if (event.subject_kind, event.subject_id) == (Subject.ENTRY, str(entry.id))]
    steps = [event for event in about if event.verb in STEPS]
    in_order = sorted(steps, key=lambda event: (event.payload["revision"], event.seq))
    assert writer.evaluate(HISTORY) == [[STEPS[event.verb], names.get(event.actor_id, "系统")] for event in in_order]
    for reason in (event.payload["reason"] for event in steps if event.payload.get("reason")):
        expect(writer.locator(".history-list")).to_contain_text(reason)
    told = [f"{event.subject_kind} {event.verb}" for event in log]
    assert [said for said in told[told.index("gap created") :] if not said.startswith(("person", "call"))] == STORY


STORY = [
    "gap created", "thread created", "gap linked", "thread replied", "thread accepted",
    "entry created", "entry submitted", "entry returned", "entry revised", "entry submitted",
    "entry approved", "entry overlaid", "entry verified", "entry verified", "entry published",
    "gap linked", "gap closed",
    "correction reported", "entry suspended", "correction suspended", "correction upheld",
    "entry revised", "entry submitted", "correction fixed", "entry approved", "entry verified", "entry verified",
    "entry published", "correction published", "correction told",
]  # fmt: skip
"""What the log says, all of it but who signed in and who was called."""
HISTORY = """() => [...document.querySelectorAll(".history-list > ol > li")].reverse().flatMap((line) =>
  [...line.querySelectorAll(".history-steps > li")].map((step) =>
    [step.querySelector("span").textContent, step.querySelector(".quiet").firstChild.textContent]))"""
"""What the page says was done to each revision, oldest first, and by whom."""
