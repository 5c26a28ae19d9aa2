"""The desk while its server is away: what was opened stays readable, since when is said, and it goes on by itself."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from kb.calls.models import CallStep
from kb.calls.rules import StepKind
from kb.corrections.models import Correction
from tests.support import factories
from tests.web.browser.chromium import DESK

pytestmark = pytest.mark.browser

WIDE = "region=&module=&product="


class Server:
    """The application on one port, stopped and started at will."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.port = 0
        self.start()

    def start(self) -> None:
        self._server = make_server("127.0.0.1", self.port, self._app, threaded=True)
        self.port = self._server.port
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    made = Server(app)
    yield made
    made.stop()


@pytest.fixture
def desk(installation, browser, server, sign_in) -> Iterator[Page]:
    """A desk with a card open. Its console may complain about the server."""
    factories.publish(installation, "los", title="光猫 LOS 红灯", script="您好，这个红灯表示光断了。")
    factories.publish(installation, "tv", title="电视没信号", module_key="tv.signal", wordings=("电视黑屏",))
    installation.reindex()
    context = browser.new_context(base_url=f"http://127.0.0.1:{server.port}", viewport=DESK, locale="zh-CN")
    page = context.new_page()
    sign_in(page)
    page.goto(f"/desk?q=红灯&{WIDE}")
    page.keyboard.press("Enter")
    expect(page.locator("[data-card=los]")).to_be_visible()
    yield page
    context.close()


def test_the_server_goes_away_in_the_middle_of_a_call_and_comes_back(server, desk):
    trouble = desk.locator("[data-trouble]")
    server.stop()
    desk.fill("#q", "电视黑屏")
    expect(trouble).to_contain_text("起连不上服务器")
    expect(desk.locator("[data-card=los]")).to_be_visible()
    desk.locator(".desk-kept [data-key=los] a").click()
    expect(desk.locator(".desk-kept-note")).to_contain_text("可能已经有改动")
    expect(desk.locator("#script-text")).to_contain_text("光断了")
    desk.keyboard.press("1")
    expect(desk.locator(".desk-feedback-said")).to_contain_text("没有记上")
    server.start()
    expect(trouble).not_to_be_visible(timeout=15_000)
    expect(desk.locator(".desk-kept-note")).to_have_count(0)
    desk.keyboard.press("1")
    expect(desk.locator(".desk-feedback-said")).to_contain_text("解决了")
    desk.fill("#q", "电视没信号")
    expect(desk.locator(".desk-hit h3 a").first).to_contain_text("电视")


def test_a_correction_waits_for_the_server_and_is_sent_once(installation, server, desk):
    server.stop()
    desk.keyboard.press("3")
    desk.keyboard.press("1")
    desk.keyboard.type("话术里的价格错了")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".desk-feedback-said")).to_contain_text("先存着")
    server.start()
    expect(desk.locator(".desk-feedback-said")).to_contain_text("纠错收到了", timeout=15_000)
    desk.reload()
    expect(desk.locator(".desk-underway")).to_contain_text("有一条纠错在处理")
    with installation.sessions() as session:
        assert [row.wrong for row in session.scalars(select(Correction))] == ["话术里的价格错了"]


def test_cards_are_forgotten_when_their_reader_signs_out(desk):
    assert desk.evaluate("Object.keys(sessionStorage).length") == 1
    desk.click(".menu summary")
    desk.click(".menu-out")
    desk.wait_for_selector("#username")
    desk.wait_for_function("() => Object.keys(sessionStorage).length === 0")


def test_a_session_that_ended_says_so(desk):
    desk.context.clear_cookies()
    desk.fill("#q", "电视黑屏")
    expect(desk.locator("[data-trouble]")).to_contain_text("登录已经过期")


def test_an_answer_that_failed_can_be_asked_for_again(desk):
    desk.route("**/desk/results*", lambda route: route.fulfill(status=500, body=""))
    desk.fill("#q", "电视没信号")
    expect(desk.locator("[data-trouble]")).to_contain_text("出错了")
    desk.unroute("**/desk/results*")
    desk.click("[data-retry]")
    expect(desk.locator("[data-trouble]")).not_to_be_visible()
    expect(desk.locator(".desk-hit h3 a").first).to_contain_text("电视")


def test_what_was_done_without_the_server_is_told_when_it_is_back(installation, server, desk):
    def steps():
        with installation.sessions() as session:
            return session.scalars(select(CallStep).order_by(CallStep.page, CallStep.number)).all()

    with desk.expect_response(lambda answer: answer.url.endswith("/steps") and answer.status == 204):
        expect(desk.locator("[data-going-on]")).to_be_visible()
    before = steps()
    server.stop()
    desk.fill("#q", "电视黑屏")
    expect(desk.locator("[data-trouble]")).to_contain_text("起连不上服务器")
    desk.locator(".desk-kept [data-key=los] a").click()
    expect(desk.locator(".desk-kept-note")).to_be_visible()
    desk.wait_for_function("() => Object.keys(sessionStorage).some((name) => name.endsWith(':steps'))")
    server.start()
    desk.wait_for_function("() => !Object.keys(sessionStorage).some((name) => name.endsWith(':steps'))")
    expect(desk.locator("[data-trouble]")).not_to_be_visible(timeout=15_000)
    after = steps()
    assert [step.number for step in after] == list(range(1, len(after) + 1))
    assert [step.kind for step in after[len(before) :]].count(StepKind.OPENED) >= 1
    assert len({(step.call_id, step.page) for step in after}) == 1


def test_steps_wait_for_the_next_page_where_this_one_could_not_tell_them(installation, server, desk):
    desk.route("**/steps", lambda route: route.abort())
    desk.keyboard.press("Escape")
    desk.locator(".desk-hit[data-key=los] a").click()
    desk.wait_for_function("() => Object.keys(sessionStorage).some((name) => name.endsWith(':steps'))")
    desk.unroute("**/steps")
    desk.goto("/desk")
    desk.wait_for_function("() => !Object.keys(sessionStorage).some((name) => name.endsWith(':steps'))")
    with installation.sessions() as session:
        kinds = [step.kind for step in session.scalars(select(CallStep))]
    assert kinds.count(StepKind.OPENED) >= 2
