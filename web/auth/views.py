"""The pages of signing in, signing out, one's own password and the language."""

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response as BaseResponse

from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.people import operations
from kb.people.models import User
from web import requests
from web.auth.identity import remember
from web.demo_people import DEMO_PASSWORD, demo_people
from web.extensions import limiter, username_given
from web.i18n import LOCALE_COOKIE, LOCALE_COOKIE_SECONDS, LOCALES
from web.requests import now, public, writing
from web.services import services

blueprint = Blueprint("auth", __name__)


def _attempts() -> str:
    return services().settings.login_limit


def _failed(response: Response) -> bool:
    # A whole shift signs in from one address: only failures count.
    return response.status_code >= 400


@blueprint.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """Show the sign-in form."""
    if current_user.is_authenticated:
        return redirect(requests.safe_address(request.args.get("next")))
    return _sign_in_page()


@blueprint.post("/sign-in")
@public
@limiter.limit(_attempts, deduct_when=_failed)
@limiter.limit(_attempts, key_func=username_given, deduct_when=_failed)
def do_sign_in() -> ResponseReturnValue:
    """Sign somebody in."""
    password = request.form.get("password", "")
    known = operations.authenticate(requests.session(), request.form.get("username", ""), password)
    if known is None:
        problem = InvalidInputError(N_("用户名或密码不对"), field="password")
        return _sign_in_page(problem), 401
    with writing() as unit:
        user = unit.get_one(User, known.id)
        operations.sign_in(unit, user, password, now=now())
    remember(user, now=now())
    answer = redirect(requests.safe_address(request.form.get("next")))
    if user.locale in LOCALES:
        _set_locale(answer, user.locale)
    return answer


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Sign the person out here."""
    logout_user()
    session.clear()
    return redirect(url_for("auth.sign_in"))


@blueprint.get("/me/password")
def password() -> ResponseReturnValue:
    """Show the form for a new password."""
    return render_template("auth/password.html", problem=None, min_length=operations.MIN_PASSWORD_LENGTH)


@blueprint.post("/me/password")
@limiter.limit(_attempts, key_func=lambda: f"password:{current_user.get_id()}", deduct_when=_failed)
def change_password() -> ResponseReturnValue:
    """Set the person's own password; their other sessions end."""
    try:
        if request.form.get("new") != request.form.get("again"):
            raise InvalidInputError(N_("两次输入的新密码不一样"), field="again")
        actor = requests.actor()
        with writing() as unit:
            user = unit.get_one(User, requests.person().id)
            operations.change_password(
                unit,
                actor,
                user,
                current=request.form.get("current", ""),
                new=request.form.get("new", ""),
                now=now(),
            )
    except InvalidInputError as problem:
        page = render_template("auth/password.html", problem=problem, min_length=operations.MIN_PASSWORD_LENGTH)
        return page, 400
    remember(user, now=now())
    flash(gettext("密码改好了，其他地方的登录已经退出。"))
    return redirect(url_for("search.index"))


@blueprint.post("/language")
@public
def language() -> ResponseReturnValue:
    """Choose the language of pages."""
    chosen = request.form.get("locale")
    if chosen not in LOCALES:
        raise InvalidInputError(N_("没有这种语言：%(locale)s"), field="locale", locale=chosen)
    if current_user.is_authenticated:
        person_id = requests.person().id
        with writing() as unit:
            operations.choose_locale(unit, unit.get_one(User, person_id), chosen)
    answer = redirect(requests.safe_address(request.form.get("next")))
    _set_locale(answer, chosen)
    return answer


def _sign_in_page(problem: InvalidInputError | None = None) -> str:
    demo = services().settings.demo
    return render_template(
        "auth/sign_in.html",
        problem=problem,
        next=request.values.get("next", ""),
        username=request.form.get("username", ""),
        people=demo_people(requests.session()) if demo else {},
        demo_password=DEMO_PASSWORD if demo else None,
    )


def _set_locale(answer: BaseResponse, locale: str) -> None:
    answer.set_cookie(
        LOCALE_COOKIE,
        locale,
        max_age=LOCALE_COOKIE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=services().settings.secure_cookies,
    )
