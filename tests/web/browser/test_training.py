"""An exam through a killed server, and the pages of the loop."""

import http.client
import json
import socket
import subprocess
import sys
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from kb.clock import local_day, system_clock
from kb.db import unit_of_work
from kb.exams.models import Attempt, AttemptQuestion
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import SYSTEM, Role
from kb.training import lessons, operations
from kb.training.facts import Line, Occasion
from kb.training.rules import Period, PlanStep
from tests.support import factories, training
from tests.support.installation import PASSWORD
from tests.web.browser.axe import violations
from tests.web.browser.chromium import DESK, PHONE

pytestmark = pytest.mark.browser


class Server:
    """The serving process, to be killed and started again at the same address."""

    def __init__(self, installation):
        self.installation, self.process = installation, None
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = listener.getsockname()[1]

    def start(self):
        order = {
            "home": str(self.installation.settings.home),
            "database_url": self.installation.settings.url,
            "port": self.port,
            "edits": [],
            "entries": [],
            "seed": 1,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.doomed_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.process.stdin.write(json.dumps(order))
        self.process.stdin.close()
        while self.process.poll() is None and not self._answers():
            pass
        assert self.process.poll() is None

    def _answers(self):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def server(installation):
    made = Server(installation)
    yield made
    if made.process is not None:
        made.kill()


def enter(page, username):
    page.goto("/sign-in")
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    expect(page.locator("header.top")).to_be_visible()


def test_an_exam_survives_a_killed_server(installation, server, browser):
    installation.clock.now = system_clock()
    training.bank(installation, 8)
    exam = training.exam(installation, count=4)
    server.start()
    context = browser.new_context(base_url=f"http://127.0.0.1:{server.port}", viewport=DESK, locale="zh-CN")
    page = context.new_page()
    enter(page, "agent")
    page.goto(f"/exams/{exam.id}")
    page.get_by_role("button", name="开始考试").click()
    questions = page.locator("[data-question]")
    expect(questions).to_have_count(4)
    page.wait_for_load_state("load")

    def state(number):
        return questions.nth(number).locator("[data-state-text]")

    for number in (0, 1):
        questions.nth(number).locator("input[name=choice]").nth(number).check()
        expect(state(number)).to_have_text("已保存")
    server.kill()
    questions.nth(1).locator("input[name=choice]").nth(3).check()
    questions.nth(2).locator("input[name=choice]").nth(2).check()
    expect(state(1)).to_have_text("没连上，正在重试")
    expect(page.locator(".exam-said")).to_contain_text("连不上服务器")
    server.start()
    for number in (0, 1, 2):
        expect(state(number)).to_have_text("已保存", timeout=60_000)
    expect(page.locator("[data-count]")).to_have_text("3")
    page.reload()
    for number, chosen in ((0, 0), (1, 3), (2, 2)):
        expect(questions.nth(number).locator("input[name=choice]").nth(chosen)).to_be_checked()
    with installation.sessions() as session:
        rows = session.scalars(select(AttemptQuestion).order_by(AttemptQuestion.place)).all()
        assert [row.answer is not None for row in rows] == [True, True, True, False]
    page.wait_for_load_state("load")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.get_by_role("button", name="交卷").click()
    expect(page.get_by_role("heading", name="结果")).to_be_visible()
    assert asked == ["还有 1 题没答，确定交卷吗？"]
    with installation.sessions() as session:
        assert session.scalars(select(Attempt)).one().submitted_at is not None
    context.close()


@pytest.fixture
def cycle(installation):
    """A running plan with a lesson for a team in trouble; two open exams; a launch ahead."""
    training.bank(installation, 9)
    crew = training.crew(installation, "alpha", 6)
    for person in crew[1:]:
        factories.outcome(installation, person, "q-entry", "", solved=False)
    installation.clock.advance(hours=1)
    manager, now = installation.actors[Role.MANAGER], installation.clock()
    day = local_day(now, "Asia/Shanghai")
    with unit_of_work(installation.sessions) as session:
        for name in ("manager", "alpha-leader"):
            people.set_password(session, SYSTEM, by_username(session, name), PASSWORD, now=now)
        period = Period(
            title="季度培训", starts_on=day, ends_on=day + timedelta(days=45), since=now - timedelta(days=30), until=now
        )
        plan = operations.draft(session, manager, period, now=now)
        item = operations.add_line(
            session, manager, plan.id, Line(module=training.MODULE, team="alpha", due_on=day), now=now
        )
        operations.move(session, manager, plan.id, PlanStep.START, now=now)
        trainer = installation.actors[Role.EXPERT].user_id
        occasion = Occasion(starts_at=now + timedelta(days=1), trainer_id=trainer, entry_keys=("q-entry",))
        lessons.set_lesson(session, manager, item.id, occasion, now=now)
    exam = training.exam(installation, grants_tier="second")
    training.take(installation, crew[1], exam.id, right=5)
    return installation


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_pages_of_the_loop_are_for_everybody_and_never_scroll_sideways(cycle, new_page, size):
    page = new_page(**({"viewport": PHONE} if size == "phone" else {}))
    enter(page, "manager")
    wrong: list[tuple[str, str]] = []
    for address in (
        "/training",
        "/training/plans/1",
        "/training/plans/1/report",
        "/training/lessons/1",
        "/training/packs",
        "/training/packs/new",
        "/training/mine",
        "/exams",
        "/exams/1",
        "/exams/new",
        "/exams/1/results",
        "/licences",
    ):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), address
        if size == "desk":
            wrong += [(address, found) for found in violations(page)]
    assert wrong == []
    page.goto("/exams/1")
    page.get_by_role("button", name="开始考试").click()
    expect(page.locator("[data-question]")).to_have_count(5)
    page.wait_for_load_state("load")  # a page whose styles are still to come is as wide as it likes
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    if size == "desk":
        assert violations(page) == []
        page.locator("[data-question] input[name=choice]").first.focus()
        page.keyboard.press("Space")
        expect(page.locator("[data-state-text]").first).to_have_text("已保存")


def test_a_leader_goes_from_a_figure_to_its_list_and_drafts_a_plan(cycle, new_page):
    page = new_page()
    enter(page, "alpha-leader")
    page.goto("/training")
    row = page.locator(".needs tbody tr").first
    expect(row).to_contain_text("alpha")
    row.get_by_role("link", name="6").click()
    expect(page.locator("tbody tr")).to_have_count(6)
    expect(page.locator("main")).not_to_contain_text("alpha-agent")
    page.goto("/training")
    page.fill("#title", "本组补课")
    page.get_by_role("button", name="用勾选的需求草拟计划").click()
    expect(page.get_by_role("heading", name="本组补课")).to_be_visible()
    page.get_by_role("button", name="启动计划").click()
    page.get_by_text("排一次课").click()
    page.get_by_label("地点").fill("三号培训室")
    page.get_by_label("训前、训后、30 天各测一次").check()
    page.get_by_role("button", name="排课并分派").click()
    expect(page.locator(".lessons li")).to_contain_text("分派 6 人")
    expect(page.locator(".plan-item")).to_contain_text("30 天回忆")


def test_entries_of_a_launch_are_chosen_by_what_they_say(cycle, new_page):
    factories.publish(cycle, "los", title="光猫红灯（光路中断）", wordings=("盒子亮红灯了",))
    factories.publish(cycle, "fee", title="滞纳金怎么算", wordings=("晚交几天要罚钱吗",))
    cycle.reindex()
    page = new_page(refused=True)
    enter(page, "manager")
    page.goto("/training/packs/new")
    field, picked = page.locator("#entries"), page.locator(".picked li")
    expect(field).to_have_attribute("role", "combobox")
    field.fill("盒子亮红灯")
    expect(page.locator(".pick-around [role=option]").first).to_contain_text("光猫红灯（光路中断）")
    field.press("Enter")
    expect(picked).to_have_text(["光猫红灯（光路中断）×"])
    field.fill("晚交几天要罚钱吗")
    page.locator(".pick-around [role=option]", has_text="滞纳金怎么算").click()
    expect(picked).to_have_count(2)
    assert violations(page) == []
    field.press("Backspace")
    expect(picked).to_have_count(1)
    field.fill("nothing-such")
    field.press("Enter")
    expect(field).to_have_value("nothing-such")
    page.fill("#title", "新套餐上线")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".field-problem")).to_contain_text("nothing-such")
    expect(picked).to_have_text(["光猫红灯（光路中断）×", "nothing-such×"])
    picked.nth(1).get_by_role("button").click()
    page.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("光猫红灯（光路中断）")
