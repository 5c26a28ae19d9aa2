"""What knowledge managers see of maturity: the board, the report, the rubric, flags."""

from datetime import timedelta

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kb.entries.rules import Level
from kb.errors import InvalidInputError, KbError
from kb.i18n import N_
from kb.maturity import board, flags, operations, queries
from kb.maturity.board import ModuleRow
from kb.maturity.models import FlagState
from kb.maturity.rubric import ANCHORS, MAX_REASON, MAX_WORDS, Criterion
from kb.people import queries as people_queries
from kb.permissions import Permission, require
from web import i18n, requests
from web.maturity import forms
from web.maturity.blueprint import blueprint
from web.maturity.workbook import MIME, values, workbook
from web.requests import writing
from web.search.params import MAX_PAGE, PAGE_SIZE, whole_number

PERIOD = timedelta(days=30)
SHOWN = 8


def _managers_only() -> None:
    require(requests.actor(), Permission.MATURITY_MANAGE)


@blueprint.get("/maturity")
def overview() -> ResponseReturnValue:
    """Show the board: levels by module, what falls, what is stale, held and suspended."""
    _managers_only()
    session, actor, now = requests.session(), requests.actor(), requests.now()
    rows = board.rolled_up(board.report(session, since=now - PERIOD, now=now), _roots())
    return render_template(
        "maturity/board.html",
        rows=rows,
        levels=[level for level in Level if level],
        whole=board.rolled_up(rows, dict.fromkeys((row.module_key for row in rows), ""))[:1],
        fallen=board.fallen(session, actor, since=now - PERIOD, limit=SHOWN),
        stale=board.stale(session, actor, now=now, limit=SHOWN),
        suspended=board.suspended(session, actor, limit=SHOWN),
        held=board.held(session, actor, limit=SHOWN),
        ripe=queries.ripe_for_anybody(session, actor, now=now, limit=SHOWN),
        flags=flags.count_open(session),
    )


@blueprint.get("/maturity/report")
def report() -> ResponseReturnValue:
    """Show the maturity assessment report."""
    _managers_only()
    return render_template("maturity/report.html", rows=_rows(), headings=_headings(), values=values, period=_period())


@blueprint.get("/maturity/report.xlsx")
def report_file() -> ResponseReturnValue:
    """Give the report as a workbook."""
    _managers_only()
    content = workbook(
        _rows(), title=gettext("知识成熟度评估"), period=_period(), name=_module_name, headings=_headings()
    )
    answer = Response(content, mimetype=MIME)
    answer.headers.set("Content-Disposition", "attachment", filename=f"maturity-{i18n.day(requests.now())}.xlsx")
    return answer


@blueprint.get("/maturity/rubric")
def rubric() -> ResponseReturnValue:
    """Show the rubric to be rewritten, and its versions."""
    _managers_only()
    return _rubric()


@blueprint.post("/maturity/rubric")
def rewrite() -> ResponseReturnValue:
    """Make a new version of the rubric."""
    actor, now = requests.actor(), requests.now()
    try:
        with writing() as unit:
            note = request.form.get("note", "")
            operations.rewrite_rubric(unit, actor, forms.words(request.form), note=note, now=now)
    except InvalidInputError as problem:
        return _rubric(problem), 400
    flash(gettext("评分标准更新了；以前的评分保留当时的标准。"))
    return redirect(url_for("maturity.rubric"))


def _rubric(problem: KbError | None = None) -> str:
    session = requests.session()
    versions = queries.rubrics(session)
    return render_template(
        "maturity/rubric.html",
        words=forms.words(request.form) if problem else versions[0].words,
        versions=versions,
        criteria=list(Criterion),
        anchors=ANCHORS,
        max_words=MAX_WORDS,
        max_reason=MAX_REASON,
        problem=problem,
        people=people_queries.bylines(session, [version.by_id for version in versions]),
    )


@blueprint.get("/maturity/flags")
def flagged() -> ResponseReturnValue:
    """Show what the honesty checks found."""
    _managers_only()
    session, state = requests.session(), _state(request.args.get("state") or FlagState.OPEN.value)
    page = whole_number(request.args, "page", default=1, low=1, high=MAX_PAGE)
    found = flags.listed(session, state, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    return render_template(
        "maturity/flags.html",
        state=state,
        states=list(FlagState),
        flags=found,
        page=page,
        more=len(found) == PAGE_SIZE,
        titles=flags.titles(session, requests.actor(), {id_ for flag in found for id_ in flag.entry_ids[:SHOWN]}),
        shown=SHOWN,
        max_reason=MAX_REASON,
        people=people_queries.bylines(
            session, [*(id_ for flag in found for id_ in flag.user_ids), *(flag.decided_by_id for flag in found)]
        ),
    )


@blueprint.post("/maturity/flags/<int(max=999999999):number>")
def decide(number: int) -> ResponseReturnValue:
    """Decide on a flag, or open it again."""
    actor, now = requests.actor(), requests.now()
    state = _state(request.form.get("decision", ""))
    with writing() as unit:
        flags.decide(unit, actor, number, state, note=request.form.get("note", ""), now=now)
    flash(gettext("记下了：%(state)s。", state=gettext(state.label)))
    return redirect(url_for("maturity.flagged"))


def _state(value: str) -> FlagState:
    try:
        return FlagState(value)
    except ValueError as error:
        raise InvalidInputError(N_("没有这种状态：%(key)s"), field="state", key=value) from error


def _rows() -> list[ModuleRow]:
    now = requests.now()
    return list(board.report(requests.session(), since=now - PERIOD, now=now))


def _period() -> str:
    now = requests.now()
    return str(gettext("%(since)s 至 %(until)s 的变化", since=i18n.day(now - PERIOD), until=i18n.day(now)))


def _roots() -> dict[str, str]:
    """Return the topmost module of every module."""
    modules = requests.taxonomy().modules
    return {key: modules.above(key)[-1] for key in modules}


def _module_name(key: str) -> str:
    modules = requests.taxonomy().modules
    names = [i18n.term_name(term) for part in reversed(modules.above(key)) if (term := modules.get(part))]
    return " / ".join(names) or key


def _headings() -> list[str]:
    return [
        gettext("业务模块"),
        gettext("在用知识"),
        *(level.name for level in Level if level),
        gettext("成熟占比（L3 及以上）"),
        gettext("平均成熟度 M"),
        gettext("使用结果"),
        gettext("解决率下限 W"),
        gettext("评分人次"),
        gettext("升级"),
        gettext("降级"),
        gettext("超期未核实"),
        gettext("暂停"),
    ]
