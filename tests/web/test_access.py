"""Nothing is open by accident: every address is closed unless it stands here."""

import pytest
from flask import Flask

OPEN = {
    "static",
    "bootstrap.static",
    "auth.sign_in",
    "auth.do_sign_in",
    "auth.language",
    "ops.alive",
    "ops.ready",
}


def _address(app: Flask, endpoint: str) -> str:
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    with app.test_request_context():
        return rule.build(dict.fromkeys(rule.arguments, "1"), append_unknown=False)[1]


def test_every_other_view_asks_a_stranger_to_sign_in(app, visitor):
    closed = {rule.endpoint: rule for rule in app.url_map.iter_rules() if rule.endpoint not in OPEN}
    assert len(closed) > 10
    for endpoint, rule in closed.items():
        if "GET" not in rule.methods:
            continue
        answer = visitor.get(_address(app, endpoint))
        if endpoint.startswith(("api.", "ops.", "suggest.")):
            assert answer.status_code == 401, endpoint
        else:
            assert answer.location is not None, endpoint
            assert answer.location.startswith("/sign-in"), endpoint


def test_views_that_change_something_take_a_stranger_nowhere(app, visitor):
    changing = [rule for rule in app.url_map.iter_rules() if "POST" in rule.methods and rule.endpoint not in OPEN]
    assert changing
    for rule in changing:
        answer = visitor.client.post(_address(app, rule.endpoint))
        if rule.endpoint.startswith("api."):
            assert answer.status_code == 401, rule.endpoint
        else:
            assert answer.location == "/sign-in", rule.endpoint


@pytest.mark.parametrize("address", ["/nowhere", "/entries/", "/api/v1/nowhere"])
def test_what_does_not_exist_is_said_so(visitor, address):
    assert visitor.get(address).status_code == 404
