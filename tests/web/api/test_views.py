import re

import pytest

from kb.db import unit_of_work
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import SYSTEM, Role
from tests.support import factories


@pytest.fixture
def token(installation) -> str:
    with unit_of_work(installation.sessions) as session:
        user = by_username(session, "agent")
        return people.issue_token(session, SYSTEM, user, label="test", now=installation.clock())


@pytest.fixture
def filled(installation):
    factories.publish(installation, "los", regions=("hedong",))
    factories.publish(installation, "secret", audience=(Role.MANAGER, Role.REVIEWER))
    factories.thread(installation, "rain")
    installation.reindex()


def ask(visitor, token, **query):
    return visitor.get("/api/v1/search", query_string=query, headers={"Authorization": f"Bearer {token}"})


def test_a_program_searches_with_a_token(visitor, token, filled):
    answer = ask(visitor, token, q="红灯")
    assert answer.status_code == 200
    assert answer.json["query"] == "红灯"
    assert answer.json["total"] == 1
    assert answer.json["index"] == {"lag": 0}
    (hit,) = answer.json["hits"]
    assert (hit["id"], hit["url"], hit["regions"]) == ("los", "/entries/los", ["hedong"])
    assert hit["title"] == "光猫 LOS 红灯"
    assert "红灯" in answer.text  # Chinese stays readable


def test_a_program_is_told_whether_there_is_an_answer(visitor, token, filled):
    found, nothing = ask(visitor, token, q="红灯").json, ask(visitor, token, q="囧囧囧").json
    assert (found["answered"], nothing["answered"]) == (True, False)
    assert 1 >= found["confidence"] > nothing["confidence"] >= 0
    assert found["did_you_mean"] is nothing["did_you_mean"] is None
    assert ask(visitor, token, q="lso").json["did_you_mean"] == "los"


def test_a_page_may_ask_with_its_session(agent, filled):
    assert agent.get("/api/v1/search?q=红灯").json["total"] == 1


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer ", "Bearer zh_wrong", "Basic YTpi"])
def test_anybody_else_is_refused(visitor, header):
    answer = visitor.get("/api/v1/search?q=x", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.json["error"]["code"] == "not_signed_in"
    assert "令牌" in answer.json["error"]["message"]


def test_a_token_opens_no_pages(visitor, token):
    assert visitor.get("/", headers={"Authorization": f"Bearer {token}"}).status_code == 302


def test_a_token_of_somebody_deactivated_is_worth_nothing(visitor, token, installation):
    with unit_of_work(installation.sessions) as session:
        people.deactivate(session, SYSTEM, by_username(session, "agent"), now=installation.clock())
    assert ask(visitor, token, q="x").status_code == 401


def test_filters_limit_and_offset(visitor, token, filled, installation):
    for number in range(3):
        factories.publish(installation, f"more-{number}")
    installation.reindex()
    assert ask(visitor, token, q="红灯", region="hedong").json["total"] == 4
    assert ask(visitor, token, q="红灯", region="jiangyang").json["total"] == 3
    assert ask(visitor, token, q="红灯", module="tv").json["total"] == 0
    page = ask(visitor, token, q="红灯", limit="1", offset="3").json
    assert (page["total"], len(page["hits"])) == (4, 1)


def test_threads(visitor, token, filled):
    answer = ask(visitor, token, q="红灯", source="thread").json
    assert [(hit["id"], hit["url"], hit["level"]) for hit in answer["hits"]] == [("rain", "/threads/rain", 0)]


def test_an_empty_question_has_no_answers(visitor, token, filled):
    assert ask(visitor, token).json["total"] == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("limit", "0"), ("limit", "101"), ("limit", "ten"), ("offset", "-1"), ("offset", "10001"), ("module", "x")],
)
def test_a_wrong_argument_is_named(visitor, token, name, value):
    answer = ask(visitor, token, q="红灯", **{name: value})
    assert answer.status_code == 400
    error = answer.json["error"]
    assert (error["code"], error["field"]) == ("invalid_input", name)
    assert error["message"]


def test_messages_come_in_english_to_who_asks_for_it(visitor):
    answer = visitor.get("/api/v1/search", headers={"Accept-Language": "en"})
    assert "Authorization" in answer.json["error"]["message"]
    assert "Sign in" in answer.json["error"]["message"]


def say(visitor, token, data, **headers):
    return visitor.client.post("/api/v1/outcomes", json=data, headers={"Authorization": f"Bearer {token}", **headers})


def test_a_program_says_whether_an_entry_helped(visitor, token, filled):
    answer = say(visitor, token, {"entry": "los", "query": "盒子上冒红光", "solved": True})
    assert answer.status_code == 201
    assert answer.json == {
        "entry": "los",
        "query": "盒子上冒红光",
        "solved": True,
        "reason": None,
        "day": "2026-11-02",
    }
    again = say(visitor, token, {"entry": "los", "query": "盒子上冒红光", "solved": False, "reason": "wrong"})
    assert (again.status_code, again.json["reason"]) == (201, "wrong")


@pytest.mark.parametrize(
    ("data", "status", "field"),
    [
        ({"entry": "los", "query": "x", "solved": "yes"}, 400, "solved"),
        ({"entry": "los", "query": "x", "solved": False}, 400, "reason"),
        ({"entry": "los", "query": "x", "solved": False, "reason": "bad"}, 400, "reason"),
        ({"entry": 7, "query": "x", "solved": True}, 400, "entry"),
        ({"entry": "secret", "query": "x", "solved": True}, 404, None),
        ({"solved": True}, 404, None),
        ([], 400, None),
    ],
)
def test_what_makes_no_sense_is_refused(visitor, token, filled, data, status, field):
    answer = say(visitor, token, data)
    assert answer.status_code == status
    assert answer.json["error"]["field"] == field


def test_a_browsers_session_alone_records_nothing(agent, filled):
    """Another site could make a browser post: a page of ours sends its token along."""
    data = {"entry": "los", "query": "x", "solved": True}
    assert agent.client.post("/api/v1/outcomes", json=data).status_code == 400
    found = re.search(r'name="csrf_token" value="([^"]+)"', agent.get("/").text)
    assert agent.client.post("/api/v1/outcomes", json=data, headers={"X-CSRFToken": found[1]}).status_code == 201
