"""Every role × every address × one's own, others', other regions': open exactly where the permission table says."""

from io import BytesIO

import pytest
from flask import Flask
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from kb.permissions import Role
from tests.web.visitor import Visitor
from tests.web.walls import routes
from tests.web.walls.conftest import Kept
from tests.web.walls.routes import PUBLIC, Wall
from tests.web.walls.routes_learning import LEARNING
from tests.web.walls.routes_more import MORE
from tests.web.walls.world import Thing, World, token
from web.maturity.workbook import MIME

WALLS = {**routes.WALLS, **MORE, **LEARNING}
THROUGH = frozenset({200, 201, 204, 302, 400, 409})
"""What somebody whom the wall lets through may get: a state or a form may stand in the way."""


def test_every_route_has_a_wall(walls_app: Flask):
    there = {rule.endpoint for rule in walls_app.url_map.iter_rules()}
    assert there - PUBLIC - set(WALLS) == set(), "add a line to tests/web/walls/routes.py"
    assert set(WALLS) - there == set(), "gone: take the line away"


@pytest.mark.parametrize("endpoint", WALLS)
def test_it_is_open_exactly_where_the_table_says(
    endpoint: str, walls_app: Flask, world: World, visitors: dict[Role, Visitor], kept: Kept
):
    wall, done = WALLS[endpoint], 0
    methods = {rule.endpoint: rule.methods or set() for rule in walls_app.url_map.iter_rules()}[endpoint]
    for role, visitor in visitors.items():
        actor = world.actors[role]
        for thing in world.of(wall.kind, role, tuple(wall.names)) if wall.kind is not None else (None,):
            before = kept.count
            answer = ask(walls_app, visitor, endpoint, wall, thing, role=role, post="POST" in methods)
            where = f"{endpoint}: {role.value} → {thing.name if thing else 'anything'}: {answer.status_code}"
            known = thing is None or (wall.known(actor, thing) if wall.known else thing.known(actor))
            if not known:
                assert answer.status_code == 404, where
            elif not wall.may(actor, thing):
                assert answer.status_code == 403, where
            else:
                assert answer.status_code in THROUGH, where
                assert endpoint == "auth.sign_out" or not (answer.location or "").startswith("/sign-in"), where
                done += kept.count - before
                told = world.told_of_the_hidden(actor, text_of(answer))
                assert not told, f"{where} tells {told}"
                continue
            assert kept.count == before, f"{where}, and yet it was done"
            told = world.told_of_the_hidden(actor, text_of(answer))
            assert not told, f"{where} tells {told}"
    if "POST" in methods and wall.keeps:
        assert done, f"{endpoint}: nobody did anything: what is posted is not enough"


def text_of(answer: TestResponse) -> str:
    """Return what an answer says; a stream never comes to its end, and says no more than when to look again."""
    if answer.mimetype == "text/event-stream":
        answer.close()
        return ""
    if answer.mimetype == MIME:
        sheets = load_workbook(BytesIO(answer.data)).worksheets
        return " ".join(str(value) for sheet in sheets for row in sheet.iter_rows(values_only=True) for value in row)
    return answer.text


def ask(
    app: Flask, visitor: Visitor, endpoint: str, wall: Wall, thing: Thing | None, *, role: Role, post: bool
) -> TestResponse:
    arguments = dict(wall.args) | (dict(thing.args) if thing is not None else {})
    query = {name: thing.name if value is ... and thing else value for name, value in wall.query.items()}
    with app.test_request_context():
        rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
        address = rule.build({name: arguments[name] for name in rule.arguments}, append_unknown=False)
    assert address is not None
    form = wall.form(thing) if callable(wall.form) else wall.form
    options = {"json": form["json"]} if "json" in form else {"data": dict(form)} if post else {}
    client = visitor.client
    if endpoint.startswith("api."):  # a program, with a token and no session
        client, options["headers"] = app.test_client(), {"Authorization": f"Bearer {token(role)}"}
    return client.open(address[1], method="POST" if post else "GET", query_string=query, **options)
