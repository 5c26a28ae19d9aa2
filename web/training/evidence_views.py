"""The lists behind the figures: what a count counts, without whose it is."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from kb.errors import NotFoundError
from kb.i18n import N_
from kb.training import evidence, report
from kb.training.rules import Cell, Source
from web import requests
from web.training import forms, service
from web.training.blueprint import blueprint

LIMIT = 500


@blueprint.get("/evidence")
def facts() -> ResponseReturnValue:
    """Show what a need's figure counts."""
    session, args = requests.session(), request.args
    source = forms.member(args, "source", Source, Source.UNSOLVED)
    since, until = forms.instant(args, "since"), forms.instant(args, "until")
    teams = service.teams(session)
    cell = Cell(args.get("module", ""), args.get("team", ""))
    if cell.team not in teams:
        raise NotFoundError(N_("没有这个班组，或者它与你无关"))
    found = next(
        (
            need
            for need in report.needs(session, [cell.team], since=since, until=until, floor=service.floor())
            if need.cell == cell
        ),
        None,
    )
    hidden = found is not None and source in found.hidden
    listed = [] if hidden else evidence.listed(session, source, cell, since=since, until=until, limit=LIMIT)
    return render_template(
        "training/evidence.html",
        title=source.label,
        facts=listed,
        count=found.times(source) if found is not None else 0,
        hidden=hidden,
        floor=service.floor(),
        modules=[cell.module],
        team=teams[cell.team],
        since=since,
        until=until,
        # Who answered a quiz is not told by when they handed it in.
        shows_time=source is not Source.WRONG_ANSWER,
        shows_events=service.sees_events(),
        limit=LIMIT,
    )


@blueprint.get("/calls")
def calls() -> ResponseReturnValue:
    """Show the outcomes that a solved rate counts."""
    session, args = requests.session(), request.args
    since, until = forms.instant(args, "since"), forms.instant(args, "until")
    teams, team = service.teams(session), args.get("team", "")
    if team not in teams:
        raise NotFoundError(N_("没有这个班组，或者它与你无关"))
    modules = [key for key in args.getlist("module") if key in requests.taxonomy().modules]
    solved = {"yes": True, "no": False}.get(args.get("solved", ""))
    cells = [Cell(module, team) for module in modules]
    listed = (
        evidence.calls_listed(session, cells, solved=solved, since=since, until=until, limit=LIMIT) if cells else []
    )
    return render_template(
        "training/evidence.html",
        title=N_("解决了") if solved else N_("使用结果") if solved is None else N_("没解决"),
        facts=listed,
        count=None,
        hidden=False,
        floor=service.floor(),
        modules=modules,
        team=teams[team],
        since=since,
        until=until,
        shows_time=True,
        shows_events=service.sees_events(),
        limit=LIMIT,
    )
