from http.cookies import SimpleCookie

import pytest
from flask import Flask

from kb.db import unit_of_work
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import SYSTEM, Role
from tests.support.installation import PASSWORD, Installation
from tests.web.visitor import Visitor
from web.app import create_app
from web.demo_people import DEMO_PASSWORD
from web.services import services


def sign_in(visitor: Visitor, username: str = "agent", password: str = PASSWORD, **fields: str):
    return visitor.post("/sign-in", form="/sign-in", username=username, password=password, **fields)


def test_a_stranger_is_sent_to_sign_in_and_back_to_where_they_wanted(visitor):
    asked = visitor.get("/threads?module=fault")
    assert asked.status_code == 302
    assert asked.location == "/sign-in?next=/threads?module%3Dfault"
    page = visitor.get(asked.location)
    assert 'name="next" value="/threads?module=fault"' in page.text
    answer = sign_in(visitor, next="/threads?module=fault")
    assert answer.location == "/threads?module=fault"
    assert visitor.get("/threads?module=fault").status_code == 200


def test_a_search_in_chinese_survives_signing_in(visitor):
    visitor.get(visitor.get("/?q=红灯&module=fault").location)
    assert sign_in(visitor, next="/?q=红灯&module=fault").location == "/?q=%E7%BA%A2%E7%81%AF&module=fault"


def test_a_username_is_taken_in_any_case_and_with_blanks(visitor):
    assert sign_in(visitor, " Agent ").status_code == 302


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "evil", ""],
)
def test_signing_in_leads_nowhere_else(visitor, target):
    assert sign_in(visitor, next=target).location == "/"


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(visitor):
    wrong, unknown = sign_in(visitor, password="no"), sign_in(visitor, username="nobody")
    for answer in (wrong, unknown):
        assert answer.status_code == 401
        assert "用户名或密码不对" in answer.text
    assert visitor.get("/").status_code == 302


def test_attempts_are_limited_by_username_whatever_the_address(app, installation):
    for number in range(10):
        visitor = Visitor(app, installation)
        visitor.client.environ_base["REMOTE_ADDR"] = f"10.0.0.{number}"
        assert sign_in(visitor, password="no").status_code == 401
    visitor.client.environ_base["REMOTE_ADDR"] = "10.0.1.1"
    refused = sign_in(visitor)
    assert refused.status_code == 429
    assert "试得太频繁了" in refused.text


def test_attempts_are_limited_by_address_whatever_the_username(app, installation):
    visitor = Visitor(app, installation)
    for number in range(10):
        assert sign_in(visitor, username=f"name{number}").status_code == 401
    assert sign_in(visitor).status_code == 429


def test_a_shift_that_signs_in_from_one_address_is_not_limited(app, installation):
    for _ in range(12):
        assert sign_in(Visitor(app, installation)).status_code == 302


def test_signing_out_ends_the_session(visitor):
    sign_in(visitor)
    assert visitor.post("/sign-out", form="/help").location == "/sign-in"
    assert visitor.get("/").status_code == 302


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(visitor):
    cookie = SimpleCookie(sign_in(visitor).headers["Set-Cookie"])["kb_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["secure"]


def test_the_session_cookie_is_for_https_only_where_the_site_is(installation):
    settings = installation.settings.model_copy(update={"secure_cookies": True})
    app = create_app(settings, clock=installation.clock, search=installation.search)
    visitor = Visitor(app, installation)
    answer = visitor.get("/sign-in", base_url="https://localhost")
    assert SimpleCookie(answer.headers["Set-Cookie"])["kb_session"]["secure"]
    services(app).engine.dispose()


def test_a_session_ends_after_its_hours(visitor, installation):
    sign_in(visitor)
    installation.clock.advance(hours=installation.settings.session_hours, seconds=-1)
    assert visitor.get("/").status_code == 200
    installation.clock.advance(seconds=1)
    assert visitor.get("/").status_code == 302


def test_somebody_deactivated_is_out_at_once(agent, installation):
    assert agent.get("/").status_code == 200
    with unit_of_work(installation.sessions) as session:
        people.deactivate(session, SYSTEM, by_username(session, "agent"), now=installation.clock())
    assert agent.get("/").status_code == 302


def test_a_new_password_ends_all_other_sessions(app, installation):
    here, elsewhere = Visitor(app, installation).become("agent"), Visitor(app, installation).become("agent")
    answer = here.post(
        "/me/password", form="/me/password", current=PASSWORD, new="a new long password", again="a new long password"
    )
    assert answer.status_code == 302
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    assert sign_in(Visitor(app, installation), password="a new long password").status_code == 302


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"current": "no", "new": "a new long password", "again": "a new long password"}, "现在的密码不对"),
        ({"current": PASSWORD, "new": "short", "again": "short"}, "密码至少要 10 位"),
        ({"current": PASSWORD, "new": "a new long password", "again": "another password"}, "两次输入的新密码不一样"),
    ],
)
def test_a_password_that_is_not_changed_says_why(agent, fields, problem):
    answer = agent.post("/me/password", form="/me/password", **fields)
    assert answer.status_code == 400
    assert problem in answer.text
    assert agent.get("/").status_code == 200


def test_a_post_without_the_forms_token_is_refused(agent):
    answer = agent.client.post("/sign-out")
    assert answer.status_code == 400
    assert "表单失效" in answer.text
    assert agent.get("/").status_code == 200


def test_the_demo_shows_its_people_and_no_other_installation_does(visitor, installation):
    assert "演示环境" not in visitor.get("/sign-in").text
    settings = installation.settings.model_copy(update={"demo": True})
    app = create_app(settings, clock=installation.clock, search=installation.search)
    page = Visitor(app, installation).get("/sign-in").text
    assert DEMO_PASSWORD in page
    for role in Role:
        assert f'data-username="{role.value}"' in page
    services(app).engine.dispose()


def test_somebody_who_is_signed_in_needs_no_form(agent):
    assert agent.get("/sign-in?next=/threads").location == "/threads"


def test_behind_a_proxy_attempts_count_by_the_callers_address(installation: Installation):
    settings = installation.settings.model_copy(update={"trusted_proxies": 1, "login_limit": "1 per minute"})
    app: Flask = create_app(settings, clock=installation.clock, search=installation.search)
    for address, status in (("10.0.0.1", 401), ("10.0.0.2", 401), ("10.0.0.1", 429)):
        visitor = Visitor(app, installation)
        visitor.client.environ_base["HTTP_X_FORWARDED_FOR"] = address
        assert sign_in(visitor, username=f"user-{address}-{status}").status_code == status
    services(app).engine.dispose()
