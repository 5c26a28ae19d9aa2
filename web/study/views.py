"""The pages of idle study. Scripts are answered with a part of the page; without one every step is a page."""

from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kb.errors import ConflictError, InvalidInputError, NotFoundError
from kb.study import choosing, operations
from kb.study import week as weeks
from kb.study.models import Card
from kb.study.rules import Confidence
from web import requests
from web.i18n import message
from web.requests import writing
from web.search.facets import module_counts
from web.study import service

blueprint = Blueprint("study", __name__, url_prefix="/study")

WEEK = timedelta(days=7)


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Show what comes next for the person; our script gets the part of the page that it puts on the stage."""
    held = service.next_up(service.without(request.args.get("without", "")))
    part = requests.asked_by_script()
    answer = make_response(
        render_template("study/_session.html" if part else "study/index.html", held=held, confidences=_surest_first())
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/answers")
def answer() -> ResponseReturnValue:
    """Save one answer, and say what it came to."""
    actor, spacing = requests.actor(), service.spacing()
    try:
        given = service.given(request.form)
        with writing() as unit:
            answered = operations.answer(unit, actor, given, spacing, now=requests.now())
            due_at = unit.get_one(Card, (requests.person().id, answered.question.id)).due_at
    except (ConflictError, InvalidInputError, NotFoundError) as problem:
        if not requests.asked_by_script():
            raise
        # It is said in so many words that this answer will never be taken: the page keeps all others and tries again.
        return message(problem), HTTPStatus.CONFLICT, {"X-Refused": "yes"}
    item = answered.question.item
    return render_template(
        "study/_feedback.html" if requests.asked_by_script() else "study/feedback.html",
        answer=answered.answer,
        question=answered.question,
        item=item,
        right=service.right_of(item),
        said=service.said_of(item, answered.answer.given),
        read=answered.read,
        due_at=due_at,
        soon=answered.answer.confidence == Confidence.SURE and not answered.answer.right,
    )


@blueprint.get("/week")
def week() -> ResponseReturnValue:
    """Show the person their own week. There is no address that shows it to anybody else."""
    return _week()


@blueprint.post("/scope")
def choose_scope() -> ResponseReturnValue:
    """Choose which new cards to be shown."""
    tier = request.form.get("tier") or None
    try:
        with writing() as unit:
            operations.choose_scope(
                unit, requests.actor(), tier=tier, modules=[key for key in request.form.getlist("modules") if key]
            )
    except InvalidInputError as problem:
        return _week(problem), 400
    flash(gettext("存好了，新卡片按这个范围来。"))
    return redirect(url_for("study.week"))


def _week(problem: InvalidInputError | None = None) -> str:
    session, now, user_id = requests.session(), requests.now(), requests.person().id
    tonight = service.tonight()
    return render_template(
        "study/week.html",
        week=weeks.week(session, requests.actor(), user_id, since=now - WEEK, now=now, midnight=tonight),
        days=[tonight - timedelta(minutes=1) + timedelta(days=day) for day in range(7)],
        scope=choosing.scope_of(session, user_id),
        modules=module_counts(requests.taxonomy().modules, {}, empty=True),
        problem=problem,
    )


def _surest_first() -> list[Confidence]:
    return sorted(Confidence, reverse=True)
