"""Taking exams: what is open, the paper, saving answers, handing in, the result; one's licences."""

import secrets
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from kb.exams import operations, queries, rules
from kb.exams.models import Attempt, Exam
from kb.exams.rules import SEED_LENGTH, Tried
from kb.licences import queries as licence_queries
from kb.questions.rules import Kind
from web import requests
from web.exams import forms
from web.exams.blueprint import blueprint


@dataclass(frozen=True, slots=True)
class Open:
    """An exam as the list shows it.

    Attributes:
        going_on: the attempt that goes on.
        refusal: why another one may not begin.
        last: the last attempt that ended.
    """

    exam: Exam
    going_on: Attempt | None
    refusal: str | None
    last: Attempt | None
    tried: int


@blueprint.get("/exams")
def index() -> ResponseReturnValue:
    """Show what the person can take, what they took, and their licences."""
    session, actor, now = requests.session(), requests.actor(), requests.now()
    attempts = queries.attempts_of(session, requests.person().id)
    found = [
        _open(exam, [a for a in attempts if a.exam_id == exam.id]) for exam in queries.open_to(session, actor, now=now)
    ]
    tiers = requests.taxonomy().tiers
    return render_template(
        "exams/index.html",
        open=found,
        ended=[attempt for attempt in reversed(attempts) if attempt.submitted_at is not None],
        licences=licence_queries.of_person(session, requests.person().id),
        tier=licence_queries.tier_of(session, actor, list(tiers), now=now),
        now=now,
    )


@blueprint.get("/exams/<int(max=999999999):number>")
def show(number: int) -> ResponseReturnValue:
    """Show what an exam is, before it is begun."""
    session, actor = requests.session(), requests.actor()
    exam = queries.for_person(session, actor, number)
    return render_template(
        "exams/show.html",
        item=_open(exam, list(queries.attempts_of(session, requests.person().id, number))),
        grace=int(rules.GRACE.total_seconds()),
    )


@blueprint.post("/exams/<int(max=999999999):number>/attempts")
def start(number: int) -> ResponseReturnValue:
    """Begin an attempt, or go back to the one that goes on."""
    actor, now = requests.actor(), requests.now()
    with requests.writing() as unit:
        attempt = operations.start(unit, actor, number, seed=secrets.token_hex(SEED_LENGTH // 2), now=now)
    return redirect(url_for("exams.attempt", attempt_id=attempt.id))


@blueprint.get("/attempts/<int(max=999999999):attempt_id>")
def attempt(attempt_id: int) -> ResponseReturnValue:
    """Show the paper of an attempt that goes on, else how it ended."""
    session, actor, now = requests.session(), requests.actor(), requests.now()
    found = queries.own(session, actor, attempt_id)
    if found.submitted_at is None and rules.takes_answers(found.ends_at, now):
        return render_template(
            "exams/attempt.html",
            attempt=found,
            paper=queries.paper(session, found),
            left=max(0, int((found.ends_at - now).total_seconds())),
            Kind=Kind,
        )
    if found.submitted_at is None:
        with requests.writing() as unit:
            operations.submit(unit, actor, attempt_id, now=now)
    return _result(requests.session(), attempt_id)


@blueprint.post("/attempts/<int(max=999999999):attempt_id>/answers/<int(max=999):place>")
def answer(attempt_id: int, place: int) -> ResponseReturnValue:
    """Save one answer at once; for a script with the seconds that are left."""
    actor, now = requests.actor(), requests.now()
    chosen, texts = forms.answer(request.form)
    with requests.writing() as unit:
        operations.answer(unit, actor, attempt_id, place, chosen=chosen, texts=texts, now=now)
        left = max(0, int((queries.own(unit, actor, attempt_id).ends_at - now).total_seconds()))
    if requests.asked_by_script():
        return {"saved": place, "left": left}
    flash(gettext("第 %(place)s 题已保存。", place=place))
    return redirect(url_for("exams.attempt", attempt_id=attempt_id, _anchor=f"question-{place}"))


@blueprint.post("/attempts/<int(max=999999999):attempt_id>/submit")
def submit(attempt_id: int) -> ResponseReturnValue:
    """Hand an attempt in."""
    actor, now = requests.actor(), requests.now()
    with requests.writing() as unit:
        operations.submit(unit, actor, attempt_id, now=now)
    return redirect(url_for("exams.attempt", attempt_id=attempt_id))


def _result(session: Session, attempt_id: int) -> str:
    actor, now = requests.actor(), requests.now()
    found = queries.own(session, actor, attempt_id)
    rows = queries.questions_of(session, attempt_id)
    return render_template(
        "exams/result.html",
        attempt=found,
        modules=queries.by_module(rows),
        right=sum(bool(row.right) for row in rows),
        count=len(rows),
        answered=sum(row.answer is not None for row in rows),
        solutions=queries.solutions(session, found, now),
    )


def _open(exam: Exam, attempts: list[Attempt]) -> Open:
    now = requests.now()
    going_on = next(
        (a for a in attempts if a.submitted_at is None and rules.takes_answers(a.ends_at, now)),
        None,
    )
    before = [Tried(a.started_at, a.passed) for a in attempts if a is not going_on]
    ended = [a for a in attempts if a.submitted_at is not None]
    return Open(
        exam=exam,
        going_on=going_on,
        refusal=rules.refusal(
            before,
            attempts=exam.attempts,
            wait=rules.waiting(exam.wait_hours),
            opens_at=exam.opens_at,
            closes_at=exam.closes_at,
            now=now,
        ),
        last=ended[-1] if ended else None,
        tried=len(attempts),
    )
