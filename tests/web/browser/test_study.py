"""Idle study in a browser: interrupted by a call, without the server, on a phone, by keyboard only."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from kb.bulletins.rules import Question as BulletinQuestion
from kb.must_reads.models import MustReadReceipt
from kb.questions.rules import Item, Kind
from kb.study.models import StudyAnswer
from tests.support import factories, study
from tests.web.browser.axe import violations
from tests.web.browser.chromium import DESK, PHONE
from tests.web.browser.test_desk_offline import Server

pytestmark = pytest.mark.browser

ORDER = Item(kind=Kind.ORDER, prompt="LOS 红灯怎么查？", options=("看灯", "插紧尾纤", "重启光猫"))
CLOZE = Item(kind=Kind.CLOZE, prompt="怎么对客户说？", text="这个红灯表示[[光纤]]信号断了。")
SEVERAL = replace(
    study.ITEM, kind=Kind.MULTIPLE, prompt="先做哪些？", options=("看灯", "插紧尾纤", "换套餐"), right=(0, 1)
)


@pytest.fixture
def bank(installation) -> dict[str, int]:
    """Four entries with a question each, in the order in which they come."""
    made = {}
    for key, item in (("los", study.ITEM), ("steps", ORDER), ("words", CLOZE), ("several", SEVERAL)):
        factories.publish(installation, key, title=f"知识 {key}")
        made[key] = study.question(installation, key, item)
    installation.reindex()
    return made


def saved(installation):
    with installation.sessions() as session:
        return session.scalars(select(StudyAnswer).order_by(StudyAnswer.id)).all()


def digit(page, text):
    """The key of the option that says *text*."""
    rows = page.locator("form[data-card] .study-option span[lang]").all_inner_texts()
    return str(rows.index(text) + 1)


def result(page, text):
    expect(page.locator("[data-feedback] h2")).to_contain_text(text)
    expect(page.locator("[data-stage] [data-next]")).to_be_focused()


def test_a_session_by_keyboard_is_interrupted_by_a_call_and_resumed(installation, page, bank):
    page.goto("/desk")
    page.locator("body").press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("s")
    expect(page.locator("form[data-card]")).to_contain_text("LOS 红灯说明什么")
    assert violations(page) == []
    page.keyboard.press(digit(page, "欠费停机"))
    page.keyboard.press("j")
    result(page, "很有把握")
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(page.locator("form[data-card]")).to_contain_text("LOS 红灯怎么查")
    for step in ORDER.options[:2]:
        page.keyboard.press(digit(page, step))
    expect(page.locator(".study-option.is-placed")).to_have_count(2)
    installation.clock.advance(minutes=1)
    page.goto("/desk?call=CTI-1&q=红灯")  # the telephone system's link
    expect(page.locator("[data-call-bar]")).to_contain_text("结束")
    installation.clock.advance(minutes=1)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("s")
    expect(page.locator("[data-study-said]")).to_contain_text("接着刚才的题")
    expect(page.locator(".study-option.is-placed")).to_have_count(2)
    page.keyboard.press(digit(page, ORDER.options[2]))
    page.keyboard.press("k")
    result(page, "答对了")
    page.keyboard.press("n")
    expect(page.locator("input[name=text]")).to_be_focused()
    page.keyboard.type("光纤")
    page.keyboard.press("Enter")
    expect(page.locator("button[name=confidence]").first).to_be_focused()
    page.keyboard.press("Enter")
    result(page, "答对了")
    installation.clock.advance(minutes=10)
    page.keyboard.press("Enter")
    # wrong though sure: back first, before the card that is new
    expect(page.locator("form[data-card]")).to_contain_text("LOS 红灯说明什么")
    expect(page.locator(".study-why")).to_contain_text("到期复习")
    page.keyboard.press(digit(page, "光纤断了"))
    page.keyboard.press("j")
    result(page, "答对了")
    page.keyboard.press("Escape")
    page.wait_for_url("**/desk")
    rows = saved(installation)
    assert [row.right for row in rows] == [False, True, True, True]
    assert rows[1].took_ms > 0


def test_must_reads_with_their_question_come_first(installation, page, bank):
    number = study.must_read(installation, "several", bank["several"])
    question = BulletinQuestion(prompt="几点恢复？", options=("下午", "明天"), right=0)
    factories.bulletin(installation, must_read=True, title="光缆中断", question=question)
    page.goto("/entries/several")  # opening is not reading
    page.goto("/study")
    stage = page.locator("[data-stage]")
    expect(stage).to_contain_text("光缆中断")
    stage.get_by_label("下午").check()
    stage.get_by_role("button", name="我已读").click()
    expect(stage).to_contain_text("答对了")
    page.keyboard.press("Enter")
    expect(stage).to_contain_text("先做哪些")
    expect(page.locator(".study-reading")).to_contain_text("插紧尾纤")
    assert violations(page) == []
    page.keyboard.press(digit(page, "看灯"))
    page.keyboard.press("j")
    result(page, "答错了")
    page.keyboard.press("Enter")
    expect(page.locator(".study-why")).to_contain_text("必读")
    for option in ("看灯", "插紧尾纤"):
        page.keyboard.press(digit(page, option))
    page.keyboard.press("j")
    expect(page.locator(".study-receipt")).to_contain_text("签收好了")
    with installation.sessions() as session:
        assert [row.must_read_id for row in session.scalars(select(MustReadReceipt))] == [number]


@pytest.fixture
def server(app) -> Iterator[Server]:
    made = Server(app)
    yield made
    made.stop()


def test_answers_wait_for_a_server_that_is_away_and_are_counted_once(installation, browser, server, sign_in, bank):
    context = browser.new_context(base_url=f"http://127.0.0.1:{server.port}", viewport=PHONE, locale="zh-CN")
    phone: Page = context.new_page()
    sign_in(phone)
    phone.goto("/study")
    expect(phone.locator("form[data-card]")).to_be_visible()
    assert violations(phone) == []
    assert not phone.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    server.stop()
    phone.locator(".study-option", has_text="光纤断了").click()
    phone.get_by_role("button", name="有把握").click()
    expect(phone.locator("[data-study-said]")).to_contain_text("先存在这里")
    phone.locator("[data-next]").click()
    for step in ORDER.options:
        phone.locator("[data-step]", has_text=step).click()
    phone.get_by_role("button", name="猜的").click()
    expect(phone.locator("[data-feedback] h2")).to_contain_text("存好了")
    assert saved(installation) == []
    server.start()
    expect(phone.locator("[data-study-said]")).to_contain_text("补交了 2 题，答对 2 题", timeout=15_000)
    phone.locator("[data-next]").click()
    expect(phone.locator(".study-cloze")).to_be_visible()
    assert [row.right for row in saved(installation)] == [True, True]
    context.close()


def test_an_answer_that_was_closed_with_the_page_is_handed_in_by_the_next_one(
    installation, browser, address, sign_in, bank
):
    context = browser.new_context(base_url=address, viewport=DESK, locale="zh-CN")
    page = context.new_page()  # its console may complain about what is cut off
    sign_in(page)
    page.goto("/study")
    page.route("**/study/answers", lambda route: route.abort())
    page.locator(".study-option", has_text="光纤断了").click()
    page.keyboard.press("j")
    expect(page.locator("[data-study-said]")).to_contain_text("先存在这里")
    page.unroute("**/study/answers")
    page.goto("/study/week")
    page.goto("/study")
    expect(page.locator("[data-study-said]")).to_contain_text("补交了 1 题，答对 1 题")
    expect(page.locator("form[data-card]")).to_contain_text("LOS 红灯怎么查")
    assert [row.right for row in saved(installation)] == [True]
    context.close()


def test_my_week_can_be_used_by_everybody(installation, new_page, sign_in, bank):
    for size in (DESK, PHONE):
        visitor = new_page(viewport=size)
        sign_in(visitor)
        visitor.goto("/study/week")
        assert violations(visitor) == []
