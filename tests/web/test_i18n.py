from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from kb.entries.rules import State
from kb.errors import TransitionError
from kb.i18n import N_
from kb.people.queries import by_username
from tests.support.installation import PASSWORD
from tests.web.visitor import Outline, Visitor
from web import i18n
from web.app import create_app
from web.services import services


def language(visitor: Visitor, accept: str = "", address: str = "/sign-in") -> str | None:
    page = visitor.get(address, headers={"Accept-Language": accept})
    return Outline(page.text).all("html")[0]["lang"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [("", "zh-CN"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"), ("en-GB,en;q=0.9", "en"), ("fr", "zh-CN"), ("de,en", "en")],
)
def test_a_browser_is_answered_in_its_language_or_the_centres(visitor, accept, expected):
    assert language(visitor, accept) == expected


def test_the_centres_own_language_is_a_setting(installation):
    settings = installation.settings.model_copy(update={"locale": "en"})
    app = create_app(settings, clock=installation.clock, search=installation.search)
    assert language(Visitor(app, installation)) == "en"
    assert language(Visitor(app, installation), "zh") == "en"
    services(app).engine.dispose()


def test_a_choice_wins_and_is_remembered_for_the_person(visitor, installation):
    visitor.become("agent")
    answer = visitor.post("/language", form="/help", locale="en", next="/help")
    assert answer.location == "/help"
    assert language(visitor, "zh", "/help") == "en"
    with installation.sessions() as session:
        assert by_username(session, "agent").locale == "en"


def test_signing_in_brings_the_persons_language_along(app, installation, visitor):
    visitor.become("agent")
    visitor.post("/language", form="/help", locale="en")
    other = Visitor(app, installation)
    other.post("/sign-in", form="/sign-in", username="agent", password=PASSWORD)
    assert language(other, "zh", "/help") == "en"


def test_a_language_that_does_not_exist_is_refused(visitor):
    answer = visitor.post("/language", form="/sign-in", locale="xx")
    assert answer.status_code == 400


def test_names_of_the_taxonomy_and_of_levels_follow_the_language(agent):
    assert "网络故障" in agent.get("/").text
    agent.post("/language", form="/help", locale="en")
    page = agent.get("/").text
    assert "Network faults" in page
    assert "网络故障" not in page
    assert "Best practice" in agent.get("/help").text


@pytest.fixture
def in_english(app: Flask):
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


@pytest.fixture
def in_chinese(app: Flask):
    with app.test_request_context():
        yield


@pytest.mark.usefixtures("in_english")
def test_an_error_is_translated_with_the_names_in_it():
    error = TransitionError(
        N_("现在是“%(state)s”，不能做这一步（%(step)s）"), state=State.IN_REVIEW.label, step="publish"
    )
    text = i18n.message(error)
    assert "In review" in text
    assert "publish" in text


@pytest.mark.usefixtures("in_chinese")
@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=20), "刚刚"),
        (timedelta(minutes=5), "5分钟前"),
        (timedelta(hours=2), "2小时前"),
        (timedelta(days=3), "3天前"),
        (timedelta(days=31), "2026-10-02"),
    ],
)
def test_a_moment_is_told_as_an_age_and_later_as_a_date(installation, age, text):
    assert i18n.ago(installation.clock() - age) == text


@pytest.mark.usefixtures("in_chinese")
def test_days_are_those_of_the_centres_time_zone():
    assert i18n.day(datetime(2026, 1, 1, 17, 0, tzinfo=UTC)) == "2026-01-02"
    assert i18n.day(date(2026, 1, 1)) == "2026-01-01"
    assert i18n.last_day(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == "2026-12-31"
    assert i18n.minute(datetime(2026, 1, 1, 17, 5, tzinfo=UTC)) == "2026-01-02 01:05"
    assert i18n.iso(datetime(2026, 1, 1, 17, 5, tzinfo=UTC)) == "2026-01-01T17:05:00Z"
