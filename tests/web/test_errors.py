import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from kb.errors import ConflictError, KbError, NotFoundError, PermissionDeniedError, SetupError, TransitionError
from tests.web.visitor import Outline, Visitor
from web.app import create_app
from web.requests import public
from web.services import services


@pytest.fixture
def failing(installation) -> Visitor:
    """A visitor of an application whose ``/fail/<what>`` fails."""
    failures: dict[str, Exception] = {
        "not-found": NotFoundError("没有这条知识，或者你没有权限看它"),
        "denied": PermissionDeniedError(),
        "conflict": ConflictError("编号 %(key)s 已经有了", key="a"),
        "transition": TransitionError("没有修改稿"),
        "setup": SetupError("这里还没有初始化，请先运行 kb init"),
        "other": KbError("标题不能为空"),
        "database": OperationalError("SELECT 1", {}, Exception("gone")),
        "changed": StaleDataError("UPDATE statement on table 'entries' expected to update 1 row(s); 0 were matched."),
        "bug": ZeroDivisionError("secret detail"),
    }
    app: Flask = create_app(installation.settings, clock=installation.clock, search=installation.search)
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.get("/fail/<what>")
    @app.get("/api/v1/fail/<what>", endpoint="api.fail")
    @public
    def fail(what: str) -> str:
        raise failures[what]

    yield Visitor(app, installation)
    services(app).engine.dispose()


@pytest.mark.parametrize(
    ("what", "status", "text"),
    [
        ("not-found", 404, "没有这条知识，或者你没有权限看它"),
        ("denied", 403, "你没有权限这样做"),
        ("conflict", 409, "编号 a 已经有了"),
        ("transition", 409, "没有修改稿"),
        ("setup", 503, "请先运行 kb init"),
        ("other", 400, "标题不能为空"),
        ("database", 503, "连不上数据库"),
        ("changed", 409, "别人刚刚也改了这里"),
        ("bug", 500, "系统出错了"),
    ],
)
def test_every_error_has_a_page_and_json(failing, what, status, text):
    page = failing.get(f"/fail/{what}")
    assert page.status_code == status
    assert text in page.text
    assert len(Outline(page.text).all("h1")) == 1
    answer = failing.get(f"/api/v1/fail/{what}")
    assert answer.status_code == status
    assert set(answer.json["error"]) == {"code", "message", "field"}
    assert "secret detail" not in page.text + answer.text


def test_a_page_that_does_not_exist_keeps_the_navigation(agent):
    page = agent.get("/entries/no-such")
    assert page.status_code == 404
    assert 'id="q"' in page.text


def test_too_much_at_once_is_refused(agent):
    answer = agent.client.post("/notices/read", data={"body": "x" * 1_100_000})
    assert answer.status_code == 413
    assert "内容太大了" in answer.text


def test_a_wrong_method_names_the_right_ones(agent):
    answer = agent.get("/sign-out")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_an_index_that_is_being_built_says_so_and_looks_again(agent):
    page = agent.get("/?q=红灯")  # nothing has been indexed yet
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "5"
    assert '<meta http-equiv="refresh" content="5">' in page.text
    assert "索引正在建立" in page.text
    assert agent.get("/").status_code == 200
    answer = agent.get("/api/v1/search?q=红灯")
    assert answer.status_code == 503
    assert answer.json["error"]["code"] == "index_not_ready"
