"""The pages of gaps: the queue, one gap, and what people do about it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kb.entries import queries as entry_queries
from kb.errors import ConflictError, InvalidInputError
from kb.gaps import arranging, operations, proposing, queries
from kb.gaps.rules import DeclineReason, GapState
from kb.i18n import N_
from kb.permissions import Permission, require
from web import requests
from web.entry_keys import key_in
from web.gaps import service
from web.gaps.jobs import PROPOSE_FROM
from web.gaps.params import STATES, QueueArgs, View, parse
from web.requests import writing
from web.search.facets import module_counts
from web.search.params import PAGE_SIZE, whole_number
from web.search.presenters import Pages
from web.services import services

blueprint = Blueprint("gaps", __name__)

NUMBER = "<int(max=999999999):number>"


@blueprint.get("/gaps")
def index() -> ResponseReturnValue:
    """Show the queue: what nobody could answer, the most urgent first."""
    require(requests.actor(), Permission.GAP_READ)
    args = _args()
    return _proposals_page(args) if args.view is View.PROPOSED else _queue_page(args)


@blueprint.get(f"/gaps/{NUMBER}")
def show(number: int) -> ResponseReturnValue:
    """Show one gap; one that has become a part of another, that one."""
    page = service.page_of(number)
    if page.gap.state is GapState.MERGED and page.gap.merged_into_id is not None:
        return redirect(url_for("gaps.show", number=page.gap.merged_into_id))
    taxonomy = requests.taxonomy()
    return render_template(
        "gaps/show.html",
        page=page,
        gap=page.gap,
        declines=list(DeclineReason),
        modules=module_counts(taxonomy.modules, {}, empty=True),
        tiers=list(taxonomy.tiers.values()),
        writing_address=service.writing_address(page.gap),
    )


@blueprint.post(f"/gaps/{NUMBER}/place")
def place(number: int) -> ResponseReturnValue:
    """Say whose a gap is: a module's, a tier's."""
    actor, form = requests.actor(), request.form
    with writing() as unit:
        gap = queries.gap(unit, actor, number)
        tier = form.get("tier") or None
        operations.place(unit, actor, gap, module=form.get("module", ""), tier=tier, now=requests.now())
    flash(gettext("改好了，归这个模块的专家处理。"))
    return _back(number)


@blueprint.post(f"/gaps/{NUMBER}/entry")
def link_entry(number: int) -> ResponseReturnValue:
    """Link the entry that answers a gap, and try at once whether its words find it."""
    actor, now = requests.actor(), requests.now()
    key = key_in(request.form.get("entry", ""))
    with writing() as unit:
        gap = queries.gap(unit, actor, number)
        entry, _ = entry_queries.readable_revision(unit, actor, key, now=now)
        operations.link_entry(unit, actor, gap, entry, now=now)
    try:
        closed = service.try_and_close(number)
    except ConflictError:  # a draft: it is tried when it is published
        flash(gettext("关联好了。这条知识发布以后，会自动用这些话再搜一遍。"))
        return _back(number)
    return _tried(number, closed=closed)


@blueprint.post(f"/gaps/{NUMBER}/try")
def try_words(number: int) -> ResponseReturnValue:
    """Search with the gap's words, and close it if they find the entry."""
    return _tried(number, closed=service.try_and_close(number))


@blueprint.post(f"/gaps/{NUMBER}/wordings")
def propose_wordings(number: int) -> ResponseReturnValue:
    """Propose the words that fail as wordings of the entry."""
    count = service.propose_wordings(number)
    flash(gettext("有 %(count)s 句话成了这条知识的说法建议；采纳以后会自动再搜一遍。", count=count))
    return _back(number)


@blueprint.post(f"/gaps/{NUMBER}/decline")
def decline(number: int) -> ResponseReturnValue:
    """Say that nothing is done about a gap."""
    actor, value = requests.actor(), request.form.get("reason", "")
    try:
        reason = DeclineReason(value)
    except ValueError as error:
        raise InvalidInputError(N_("没有这个原因：%(key)s"), field="reason", key=value) from error
    with writing() as unit:
        operations.decline(unit, actor, queries.gap(unit, actor, number), reason, now=requests.now())
    return _back(number)


@blueprint.post(f"/gaps/{NUMBER}/reopen")
def reopen(number: int) -> ResponseReturnValue:
    """Take a decision back."""
    actor = requests.actor()
    with writing() as unit:
        operations.reopen(unit, actor, queries.gap(unit, actor, number), now=requests.now())
    return _back(number)


@blueprint.post(f"/gaps/{NUMBER}/merge")
def merge(number: int) -> ResponseReturnValue:
    """Make a gap a part of another one that means the same."""
    actor = requests.actor()
    into = whole_number(request.form, "into", default=0, low=1, high=999_999_999)
    with writing() as unit:
        gap, other = queries.gap(unit, actor, number), queries.gap(unit, actor, into)
        arranging.merge(unit, actor, gap, other, now=requests.now())
    flash(gettext("并到一起了，问过的人都还在。"))
    return _back(into)


@blueprint.post(f"/gaps/{NUMBER}/split")
def split(number: int) -> ResponseReturnValue:
    """Make a gap of its own of some phrasings."""
    actor = requests.actor()
    wanted = {int(value) for value in request.form.getlist("phrasing") if value.isascii() and value.isdigit()}
    with writing() as unit:
        own = arranging.split(unit, actor, queries.gap(unit, actor, number), wanted, now=requests.now())
        own_number = own.id
    flash(gettext("拆成了两个缺口，这是拆出来的。"))
    return _back(own_number)


@blueprint.post(f"/gaps/proposals/{NUMBER}")
def decide(number: int) -> ResponseReturnValue:
    """Make a gap of proposed words, or never propose them again; go on with the next."""
    actor, now, decision = requests.actor(), requests.now(), request.form.get("decision", "")
    if decision not in ("accept", "dismiss"):
        raise InvalidInputError(N_("没有这种状态：%(key)s"), field="decision", key=decision)
    following = whole_number(request.form, "next", default=0, low=1, high=999_999_999)
    with writing() as unit:
        proposal = queries.proposal(unit, actor, number)
        if decision == "accept":
            zone = services().settings.timezone
            proposing.accept(unit, actor, proposal, since=now - PROPOSE_FROM, timezone=zone, now=now)
        else:
            proposing.dismiss(unit, actor, proposal, now=now)
    flash(gettext("成了一个缺口。") if decision == "accept" else gettext("不会再提议这句话。"))
    return redirect(
        url_for("gaps.index", view=View.PROPOSED.value, _anchor=f"proposal-{following}" if following else None)
    )


def _queue_page(args: QueueArgs) -> str:
    session, actor, taxonomy = requests.session(), requests.actor(), requests.taxonomy()
    chosen = None if args.module is None else taxonomy.modules.below([args.module])
    mine = actor.modules if chosen is None else actor.modules & chosen
    shown = mine if args.view is View.MINE else chosen
    counts, own = queries.counts(session, chosen), queries.counts(session, mine)
    totals = {
        view: sum((own if view is View.MINE else counts)[state] for state in states) for view, states in STATES.items()
    }
    gaps = queries.page(session, STATES[args.view], modules=shown, limit=PAGE_SIZE, offset=args.offset)
    return render_template(
        "gaps/index.html",
        list_args=args,
        views=_views(),
        totals={**totals, View.PROPOSED: queries.count_proposals(session)},
        pages=Pages.of(totals[args.view], args.page),
        gaps=gaps,
        readable={
            gap.entry_id
            for gap in gaps
            if gap.entry is not None and entry_queries.may_read(actor, gap.entry, now=requests.now())
        },
        modules=module_counts(taxonomy.modules, queries.count_by_module(session, STATES[args.view]), empty=True),
    )


def _proposals_page(args: QueueArgs) -> str:
    session = requests.session()
    total = queries.count_proposals(session)
    counts, own = queries.counts(session), queries.counts(session, requests.actor().modules)
    totals = {
        view: sum((own if view is View.MINE else counts)[state] for state in states) for view, states in STATES.items()
    }
    return render_template(
        "gaps/proposals.html",
        list_args=args,
        views=_views(),
        totals={**totals, View.PROPOSED: total},
        pages=Pages.of(total, args.page),
        proposals=queries.proposals(session, limit=PAGE_SIZE, offset=args.offset),
    )


def _views() -> list[View]:
    """Return the tabs: whoever is no expert of anything has no modules of their own."""
    return [view for view in View if view is not View.MINE or requests.actor().modules]


def _args() -> QueueArgs:
    default = View.MINE if requests.actor().modules else View.ALL
    return parse(request.args, requests.taxonomy(), default=default)


def _tried(number: int, *, closed: bool) -> ResponseReturnValue:
    flash(
        gettext("用坐席的话搜到了这条知识，缺口关闭，问过的人都会收到提醒。")
        if closed
        else gettext("还有说法搜不到这条知识，缺口没有关闭。")
    )
    return _back(number)


def _back(number: int) -> ResponseReturnValue:
    return redirect(url_for("gaps.show", number=number))
