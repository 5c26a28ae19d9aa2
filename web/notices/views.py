"""The pages of notices: what the person is told, opening one, taking all as read, how they want to be told."""

from collections.abc import Mapping

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from kb.errors import ConflictError, InvalidInputError, KbError, NotFoundError
from kb.i18n import N_
from kb.letters import confirming
from kb.letters import queries as letters
from kb.letters.models import LetterState
from kb.notices import operations, queries
from kb.notices.models import DEFAULT_TELLING, NOTICE_GROUPS, TELLING_LABELS, NoticeKind, Telling
from web import requests
from web.desk.views import PageArgs
from web.extensions import limiter
from web.letters import confirming as links
from web.letters.confirming import LinkError
from web.notices import presenters, service
from web.requests import writing
from web.search.params import MAX_PAGE, PAGE_SIZE, whole_number
from web.search.presenters import Pages
from web.services import services

blueprint = Blueprint("notices", __name__)


@blueprint.get("/notices")
def index() -> ResponseReturnValue:
    """Show the person's notices, unread ones first."""
    session, actor = requests.session(), requests.actor()
    args = PageArgs(page=whole_number(request.args, "page", default=1, low=1, high=MAX_PAGE))
    return render_template(
        "notices/index.html",
        list_args=args,
        pages=Pages.of(queries.count(session, actor), args.page),
        lines=[presenters.line(item) for item in queries.page(session, actor, limit=PAGE_SIZE, offset=args.offset)],
    )


@blueprint.get("/notices/unread")
def unread() -> ResponseReturnValue:
    """Tell an open page how many notices there are to read."""
    answer = jsonify(unread=service.unread())
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/notices/choices")
def choices() -> ResponseReturnValue:
    """Show how the person wants to be told."""
    session, actor = requests.session(), requests.actor()
    found = queries.mailbox(session, actor)
    return _choices(queries.choices(session, actor), found.address if found is not None else "")


@blueprint.post("/notices/choices")
def choose() -> ResponseReturnValue:
    """Keep how the person wants to be told."""
    chosen = {kind: _telling(request.form.get(kind.value, "")) for kind in NoticeKind}
    address = request.form.get("mail", "")
    settings, actor = services().settings, requests.actor()
    try:
        with writing() as unit:
            is_new = operations.choose(
                unit, actor, chosen, address=address, domains=settings.domains, now=requests.now()
            )
            if is_new and _can_ask():
                confirming.ask(unit, actor, now=requests.now())
    except (InvalidInputError, ConflictError) as problem:
        return _choices(chosen, address, problem), 409 if isinstance(problem, ConflictError) else 400
    flash(gettext("存好了，从下一条提醒开始这样告诉你。"))
    return redirect(url_for("notices.choices"))


@blueprint.post("/notices/address/ask")
def ask() -> ResponseReturnValue:
    """Send one more letter that asks the person to confirm their address."""
    session, actor = requests.session(), requests.actor()
    try:
        with writing() as unit:
            if not _can_ask():
                raise ConflictError(N_("这里还发不了邮件"))
            confirming.ask(unit, actor, now=requests.now())
    except ConflictError as problem:
        found = queries.mailbox(session, actor)
        return _choices(queries.choices(session, actor), found.address if found is not None else "", problem), 409
    flash(gettext("确认信就会发出，请到邮箱里打开里面的链接。"))
    return redirect(url_for("notices.choices"))


@blueprint.get("/notices/address")
def address() -> ResponseReturnValue:
    """Show what a link out of a letter would confirm. Looking confirms nothing: mail servers follow links, too."""
    return _address(request.args.get("token", ""))


@blueprint.post("/notices/address")
@limiter.limit(
    lambda: services().settings.login_limit,
    key_func=lambda: f"address:{current_user.get_id()}",
    deduct_when=lambda answer: answer.status_code >= 400,
)
def confirm() -> ResponseReturnValue:
    """Take the address in a link as the person's."""
    text = request.form.get("token", "")
    try:
        wanted = links.address_in(text, requests.actor(), now=requests.now())
        with writing() as unit:
            confirming.confirm(unit, requests.actor(), wanted, now=requests.now())
    except (LinkError, NotFoundError):
        return _address(text)
    flash(gettext("邮箱确认好了，从下一条提醒开始发邮件。"))
    return redirect(url_for("notices.choices"))


def _address(text: str) -> ResponseReturnValue:
    actor = requests.actor()
    found = queries.mailbox(requests.session(), actor)
    problem: KbError | None = None
    try:
        wanted = links.address_in(text, actor, now=requests.now())
        if found is None or found.address != wanted:
            problem = NotFoundError(N_("你现在填的不是这个邮箱，这封确认信不用了"))
    except LinkError as error:
        problem = error
    page = render_template("notices/address.html", mailbox=found, token=text, problem=problem)
    return page, 200 if problem is None else 400


def _can_ask() -> bool:
    """Return whether letters go, and with links in them."""
    settings = services().settings
    return settings.smtp_host is not None and bool(settings.public_url)


def _choices(chosen: Mapping[NoticeKind, Telling], address: str, problem: KbError | None = None) -> str:
    settings = services().settings
    found = queries.mailbox(requests.session(), requests.actor())
    return render_template(
        "notices/choices.html",
        chosen=chosen,
        address=address,
        problem=problem,
        groups=NOTICE_GROUPS,
        tellings=TELLING_LABELS,
        mailbox=found if found is not None and found.address == address.strip() else None,
        mails=settings.smtp_host is not None,
        asks=_can_ask(),
        hour=settings.digest_hour,
        domains=sorted(settings.domains),
        last=letters.last(requests.session(), requests.actor()),
        LetterState=LetterState,
    )


def _telling(text: str) -> Telling:
    return Telling(text) if text in list(Telling) else DEFAULT_TELLING


@blueprint.post("/notices/<int(max=999999999):number>")
def open_(number: int) -> ResponseReturnValue:
    """Take a notice as read and go where it leads."""
    actor = requests.actor()
    notice = queries.notice(requests.session(), actor, number)
    with writing() as unit:
        operations.read(unit, actor, now=requests.now(), number=number)
    return redirect(presenters.address(notice) or url_for("notices.index"))


@blueprint.post("/notices/read")
def read_all() -> ResponseReturnValue:
    """Take all notices as read."""
    with writing() as unit:
        operations.read(unit, requests.actor(), now=requests.now())
    return redirect(url_for("notices.index"))
