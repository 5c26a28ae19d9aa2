"""Answers when something went wrong: a page in the person's language, or JSON for a program."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from indexer.engine import IndexBusyError, IndexNotReadyError
from kb.errors import (
    ConflictError,
    InvalidInputError,
    KbError,
    NotFoundError,
    PermissionDeniedError,
    SetupError,
    TransitionError,
)
from kb.i18n import N_
from web.i18n import message
from web.requests import NotSignedInError

STATUS: Mapping[type[KbError], HTTPStatus] = {
    NotSignedInError: HTTPStatus.UNAUTHORIZED,
    NotFoundError: HTTPStatus.NOT_FOUND,
    PermissionDeniedError: HTTPStatus.FORBIDDEN,
    InvalidInputError: HTTPStatus.BAD_REQUEST,
    ConflictError: HTTPStatus.CONFLICT,
    TransitionError: HTTPStatus.CONFLICT,
    SetupError: HTTPStatus.SERVICE_UNAVAILABLE,
    IndexNotReadyError: HTTPStatus.SERVICE_UNAVAILABLE,
    IndexBusyError: HTTPStatus.SERVICE_UNAVAILABLE,
}

TITLES: Mapping[int, str] = {
    HTTPStatus.BAD_REQUEST: N_("这个请求看不懂"),
    HTTPStatus.UNAUTHORIZED: N_("请先登录"),
    HTTPStatus.FORBIDDEN: N_("没有权限"),
    HTTPStatus.NOT_FOUND: N_("没有找到这个页面"),
    HTTPStatus.METHOD_NOT_ALLOWED: N_("不能这样访问这个页面"),
    HTTPStatus.CONFLICT: N_("没有保存成功"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: N_("内容太大了"),
    HTTPStatus.TOO_MANY_REQUESTS: N_("试得太频繁了"),
    HTTPStatus.INTERNAL_SERVER_ERROR: N_("系统出错了"),
    HTTPStatus.SERVICE_UNAVAILABLE: N_("系统暂时不能用"),
}

ADVICE: Mapping[int, str] = {
    HTTPStatus.FORBIDDEN: N_("需要的话，请找组长或知识经理开通。"),
    HTTPStatus.NOT_FOUND: N_("可能是链接写错了，也可能已经下架，或者你没有权限看它。"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: N_("请分成几次提交。"),
    HTTPStatus.TOO_MANY_REQUESTS: N_("请过一分钟再试。忘了密码请找管理员重设。"),
    HTTPStatus.INTERNAL_SERVER_ERROR: N_("已经记下来了，请稍后再试；急用时请按纸质手册或问组长。"),
}

RELOAD_SECONDS = 5
"""How soon the page about an index that is being built looks again."""


def init_app(app: Flask) -> None:
    """Give *app* its error pages."""
    app.register_error_handler(KbError, _domain_error)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _no_database)
    app.register_error_handler(StaleDataError, _changed_meanwhile)


def _domain_error(error: KbError) -> ResponseReturnValue:
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), HTTPStatus.BAD_REQUEST)
    if isinstance(error, IndexNotReadyError) and not _wants_json():
        page = render_template("errors/index_not_ready.html", reload_seconds=RELOAD_SECONDS)
        return page, status, {"Retry-After": str(RELOAD_SECONDS)}
    field = error.field if isinstance(error, InvalidInputError) else None
    return _answer(status, code=error.code, text=message(error), field=field)


def _stale_form(error: CSRFError) -> ResponseReturnValue:
    text = gettext("这个页面放得太久，表单失效了。请返回上一页，刷新后再提交。")
    return _answer(HTTPStatus.BAD_REQUEST, code="stale_form", text=text)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return make_response(error.response)
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    advice = ADVICE.get(status)
    answer = _answer(status, code=status.name.lower(), text=gettext(advice) if advice else "")
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        answer.headers["Allow"] = ", ".join(allowed)
    return answer


def _no_database(error: OperationalError) -> ResponseReturnValue:
    current_app.logger.error("database: %s", error)
    text = gettext("连不上数据库，请稍后再试。")
    return _answer(HTTPStatus.SERVICE_UNAVAILABLE, code="database_unavailable", text=text)


def _changed_meanwhile(error: StaleDataError) -> ResponseReturnValue:
    """Answer whoever came second: what they did was based on what is no more, and nothing of it was kept."""
    text = gettext("别人刚刚也改了这里。请刷新看看现在的内容，再试一次。")
    return _answer(HTTPStatus.CONFLICT, code="conflict", text=text)


def _answer(status: HTTPStatus, *, code: str, text: str, field: str | None = None) -> Response:
    title = gettext(TITLES[status]) if status in TITLES else status.phrase
    if _wants_json():
        answer = jsonify(error={"code": code, "message": text or title, "field": field})
    else:
        # Whoever signed in keeps the navigation, unless what failed may be what the navigation needs.
        broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        signed_in = not broken and current_user.is_authenticated
        answer = make_response(
            render_template("errors/error.html", status=int(status), title=title, text=text, signed_in=signed_in)
        )
    answer.status_code = status
    return answer


def _wants_json() -> bool:
    asked = request.headers.get("Accept") == "application/json"  # our scripts say nothing else
    return asked or request.path.startswith("/api/") or request.blueprint in ("api", "ops", "suggest")
