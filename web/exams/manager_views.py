"""What managers of exams see: all exams, the form, results with item analysis, the export, everybody's licences."""

from zoneinfo import ZoneInfo

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kb.errors import InvalidInputError
from kb.exams import operations, queries
from kb.exams.analysis import MIN_ATTEMPTS
from kb.exams.models import Exam
from kb.licences import operations as licences
from kb.licences import queries as licence_queries
from kb.people import queries as people_queries
from kb.permissions import Permission, require
from kb.questions.rules import Difficulty
from web import i18n, requests
from web.exams import forms
from web.exams.blueprint import blueprint
from web.exams.workbook import workbook
from web.maturity.workbook import MIME
from web.services import services

SHOWN = 200


@blueprint.get("/exams/manage")
def manage() -> ResponseReturnValue:
    """Show all exams."""
    rows = queries.managed(requests.session(), requests.actor(), limit=SHOWN)
    return render_template("exams/manage.html", rows=rows, now=requests.now())


@blueprint.get("/exams/new")
def new() -> ResponseReturnValue:
    """Show the form of a new exam."""
    require(requests.actor(), Permission.EXAM_MANAGE)
    return _form(forms.blank(_zone(), requests.now()), None)


@blueprint.post("/exams/new")
def create() -> ResponseReturnValue:
    """Make a draft."""
    actor, now = requests.actor(), requests.now()
    require(actor, Permission.EXAM_MANAGE)
    try:
        facts = forms.facts(request.form, _zone(), now=now)
        with requests.writing() as unit:
            exam = operations.create(unit, actor, facts, now=now)
    except InvalidInputError as problem:
        return _form(request.form, None, problem), 400
    flash(gettext("草稿存好了；发布以后才能考。"))
    return redirect(url_for("exams.results", number=exam.id))


@blueprint.get("/exams/<int(max=999999999):number>/edit")
def edit(number: int) -> ResponseReturnValue:
    """Show the form of a draft."""
    exam = queries.for_manager(requests.session(), requests.actor(), number)
    return _form(forms.values(exam, _zone()), exam)


@blueprint.post("/exams/<int(max=999999999):number>/edit")
def revise(number: int) -> ResponseReturnValue:
    """Change a draft."""
    actor, now = requests.actor(), requests.now()
    try:
        facts = forms.facts(request.form, _zone(), now=now)
        with requests.writing() as unit:
            operations.revise(unit, actor, number, facts, now=now)
    except InvalidInputError as problem:
        return _form(request.form, queries.for_manager(requests.session(), actor, number), problem), 400
    return redirect(url_for("exams.results", number=number))


@blueprint.post("/exams/<int(max=999999999):number>/<step>")
def move(number: int, step: str) -> ResponseReturnValue:
    """Publish an exam, or close it."""
    if step not in ("publish", "close"):
        abort(404)
    actor, now = requests.actor(), requests.now()
    verb = operations.publish if step == "publish" else operations.close
    try:
        with requests.writing() as unit:
            verb(unit, actor, number, now=now)
    except InvalidInputError as problem:
        return _results(number, problem), 400
    flash(gettext("发布了。") if step == "publish" else gettext("关闭了。"))
    return redirect(url_for("exams.results", number=number))


@blueprint.get("/exams/<int(max=999999999):number>/results")
def results(number: int) -> ResponseReturnValue:
    """Show an exam's results and what they say of its questions."""
    return _results(number)


@blueprint.get("/exams/<int(max=999999999):number>/results.xlsx")
def results_file(number: int) -> ResponseReturnValue:
    """Give results and analysis as a workbook."""
    session, actor = requests.session(), requests.actor()
    exam = queries.for_manager(session, actor, number)
    modules = requests.taxonomy().modules
    content = workbook(
        exam,
        queries.results(session, actor, exam),
        queries.analysed(session, actor, exam),
        zone=_zone(),
        headings=(
            [
                gettext("姓名"),
                gettext("用户名"),
                gettext("班组"),
                gettext("第几次"),
                gettext("开始"),
                gettext("结束"),
                gettext("怎么结束"),
                gettext("得分（百分制）"),
                gettext("结果"),
            ],
            [
                gettext("题号"),
                gettext("业务模块"),
                gettext("题型"),
                gettext("题目"),
                gettext("作答"),
                gettext("难度 p"),
                gettext("区分度 r"),
                gettext("高低分组差 D"),
                gettext("要看一看"),
            ],
        ),
        sheets=(gettext("成绩"), gettext("试题分析")),
        name=lambda key: i18n.term_name(modules[key]) if key in modules else key,
        said=lambda text: str(gettext(text)),
    )
    answer = Response(content, mimetype=MIME)
    answer.headers.set("Content-Disposition", "attachment", filename=f"exam-{number}-{i18n.day(requests.now())}.xlsx")
    return answer


@blueprint.get("/licences")
def licensed() -> ResponseReturnValue:
    """Show who holds which tier, and until when."""
    require(requests.actor(), Permission.EXAM_MANAGE)
    session, now = requests.session(), requests.now()
    return render_template(
        "exams/licences.html", rows=licence_queries.all_current(session, since=now, limit=SHOWN), now=now
    )


@blueprint.post("/licences/<int(max=999999999):number>/revoke")
def revoke(number: int) -> ResponseReturnValue:
    """Take a licence back."""
    actor, now = requests.actor(), requests.now()
    with requests.writing() as unit:
        licences.revoke(unit, actor, number, reason=request.form.get("reason", ""), now=now)
    flash(gettext("收回了。"))
    return redirect(url_for("exams.licensed"))


def _results(number: int, problem: InvalidInputError | None = None) -> str:
    session, actor = requests.session(), requests.actor()
    exam = queries.for_manager(session, actor, number)
    found = queries.results(session, actor, exam)
    return render_template(
        "exams/results.html",
        exam=exam,
        results=found,
        passed=sum(bool(result.attempt.passed) for result in found),
        analysed=queries.analysed(session, actor, exam),
        teams=people_queries.team_names(session),
        min_attempts=MIN_ATTEMPTS,
        now=requests.now(),
        problem=problem,
        Difficulty=Difficulty,
    )


def _form(given: forms.Form, exam: Exam | None, problem: InvalidInputError | None = None) -> str:
    taxonomy = requests.taxonomy()
    return render_template(
        "exams/form.html",
        values=given,
        exam=exam,
        problem=problem,
        modules=[
            (term.key, "　" * (len(taxonomy.modules.above(term.key)) - 1) + i18n.term_name(term))
            for term in taxonomy.modules.values()
            if not term.retired
        ],
        rows=forms.ROWS,
        tiers=list(taxonomy.tiers.values()),
        teams=people_queries.team_names(requests.session()),
        difficulties=list(Difficulty),
        timezone=services().settings.timezone,
    )


def _zone() -> ZoneInfo:
    return ZoneInfo(services().settings.timezone)
