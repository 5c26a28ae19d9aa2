"""What everybody sees of maturity: the queue and the form of raters, an entry's maturity page, nominations, news."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from kb.entries import queries as entry_queries
from kb.entries.models import Entry
from kb.entries.rules import Level
from kb.errors import InvalidInputError, KbError, NotFoundError
from kb.i18n import N_
from kb.maturity import nominating, operations, queries
from kb.maturity.gates import evidence, next_gate
from kb.maturity.models import NominationState
from kb.maturity.rubric import ANCHORS, HIGHEST, LOWEST, MAX_REASON, Criterion
from kb.people import queries as people_queries
from kb.permissions import Actor, Permission, allowed, require
from web import requests
from web.entries.standard import checked
from web.maturity import forms
from web.maturity.blueprint import blueprint
from web.maturity.presenters import may_rate
from web.maturity.timeline import draw
from web.requests import writing
from web.search.params import MAX_PAGE, PAGE_SIZE, whole_number
from web.search.presenters import Pages

NEWS = 50
NOMINATIONS = 30


@dataclass(frozen=True, slots=True)
class QueueArgs:
    """Which page of the queue."""

    page: int = 1

    @property
    def query(self) -> dict[str, int]:
        """The arguments as they stand in an address."""
        return {"page": self.page} if self.page > 1 else {}

    def on_page(self, page: int) -> "QueueArgs":
        """Return the same queue, another page."""
        return QueueArgs(page)


@blueprint.get("/ratings")
def ratings() -> ResponseReturnValue:
    """Show an expert what is ripe for them to rate."""
    session, actor, now = requests.session(), requests.actor(), requests.now()
    require(actor, Permission.ENTRY_RATE)
    args = QueueArgs(whole_number(request.args, "page", default=1, low=1, high=MAX_PAGE))
    total = queries.count_ripe(session, actor, now=now)
    return render_template(
        "maturity/ratings.html",
        list_args=args,
        total=total,
        pages=Pages.of(total, args.page),
        ripe=queries.ripe(session, actor, now=now, limit=PAGE_SIZE, offset=(args.page - 1) * PAGE_SIZE),
    )


@blueprint.get("/entries/<key>/rating")
def rating(key: str) -> ResponseReturnValue:
    """Show the form to rate the entry *key*."""
    return _rating_form(key)


@blueprint.post("/entries/<key>/rating")
def rate(key: str) -> ResponseReturnValue:
    """Record a rating and go on with the queue."""
    actor, now = requests.actor(), requests.now()
    try:
        given = forms.scores(request.form)
        with writing() as unit:
            entry = _readable(unit, actor, key)
            before = entry.level
            operations.rate(unit, actor, entry, given, reason=request.form.get("reason", ""), now=now)
            after = entry.level
    except InvalidInputError as problem:
        return _rating_form(key, problem), 400
    if after > before:
        flash(gettext("评分记下了。这条知识升到了 L%(level)s。", level=after))
    else:
        flash(gettext("评分记下了。"))
    return redirect(url_for("maturity.ratings"))


def _rating_form(key: str, problem: KbError | None = None) -> str:
    session, actor, now = requests.session(), requests.actor(), requests.now()
    entry = _readable(session, actor, key)
    operations.check_may_rate(session, actor, entry)
    own = queries.rating_of(session, entry.id, requests.person().id)
    given = {criterion.value: str(getattr(own, criterion.value)) for criterion in Criterion} if own else {}
    return render_template(
        "maturity/rating.html",
        entry=entry,
        revision=entry.shown_revision,
        rubric=queries.current_rubric(session),
        criteria=list(Criterion),
        scale=range(LOWEST, HIGHEST + 1),
        anchors=ANCHORS,
        max_reason=MAX_REASON,
        own=own,
        form=request.form if problem else {**given, "reason": ""},
        problem=problem,
        standing=queries.standing(session, entry.id, now=now),
    )


@blueprint.get("/entries/<key>/maturity")
def show(key: str) -> ResponseReturnValue:
    """Show how mature the entry *key* is, how it came about, and what is next."""
    return _show(key)


def _show(key: str, problem: KbError | None = None) -> str:
    session, actor, now = requests.session(), requests.actor(), requests.now()
    entry = _readable(session, actor, key)
    standing = queries.standing(session, entry.id, now=now)
    changes = queries.changes(session, entry.id)
    manages = allowed(actor, Permission.MATURITY_MANAGE, entry.target())
    given = queries.ratings(session, entry.id) if manages else ()
    nomination = nominating.open_of(session, entry.id)
    return render_template(
        "maturity/show.html",
        entry=entry,
        revision=entry.shown_revision,
        standing=standing,
        checked=checked(entry.shown_revision.content, has_owner=entry.owner_id is not None),
        evidence=evidence(standing.facts) if standing else (),
        gate=next_gate(standing.level, standing.facts) if standing and not standing.hold else None,
        changes=changes,
        timeline=draw(changes, now=now),
        levels=[level for level in Level if level],
        manages=manages,
        ratings=given,
        criteria=list(Criterion),
        nomination=nomination,
        may_rate=may_rate(session, actor, entry),
        may_nominate=nomination is None
        and allowed(actor, Permission.ENTRY_NOMINATE, entry.target())
        and actor.user_id not in entry.target().people,
        max_reason=MAX_REASON,
        problem=problem,
        form=request.form,
        people=people_queries.bylines(
            session,
            [
                *(change.actor_id for change in changes),
                *(item.rater_id for item in given),
                standing.hold.held_by_id if standing and standing.hold else None,
                nomination.by_id if nomination else None,
            ],
        ),
    )


@blueprint.post("/entries/<key>/level")
def hold(key: str) -> ResponseReturnValue:
    """Set the level of the entry *key* by hand, or let the rules decide again."""
    actor, now = requests.actor(), requests.now()
    try:
        with writing() as unit:
            entry = _readable(unit, actor, key)
            if request.form.get("step") == "release":
                operations.release(unit, actor, entry, now=now)
            else:
                chosen = forms.level(request.form)
                operations.hold(unit, actor, entry, chosen, reason=request.form.get("reason", ""), now=now)
    except InvalidInputError as problem:
        return _show(key, problem), 400
    flash(gettext("等级记下了，理由和记录都在这一页。"))
    return redirect(url_for("maturity.show", key=key))


@blueprint.post("/entries/<key>/nomination")
def nominate(key: str) -> ResponseReturnValue:
    """Put the entry *key* forward as best practice."""
    actor, now = requests.actor(), requests.now()
    try:
        with writing() as unit:
            entry = _readable(unit, actor, key)
            nominating.nominate(unit, actor, entry, reason=request.form.get("praise", ""), now=now)
    except InvalidInputError as problem:
        return _show(key, InvalidInputError(problem.message, field="praise", **problem.params)), 400
    flash(gettext("提名记下了，由三位与作者无关的专家评审。"))
    return redirect(url_for("maturity.show", key=key))


@blueprint.get("/nominations")
def nominations() -> ResponseReturnValue:
    """Show what is nominated, and what panels decided."""
    return _nominations()


@blueprint.post("/nominations/<int(max=999999999):number>")
def vote(number: int) -> ResponseReturnValue:
    """Record what an expert of the panel says."""
    actor, now = requests.actor(), requests.now()
    try:
        with writing() as unit:
            approves = request.form.get("approves") == "yes"
            reason = request.form.get("reason", "")
            found = nominating.vote(unit, actor, number, approves=approves, reason=reason, now=now)
            state = found.state
    except InvalidInputError as problem:
        return _nominations(problem, number), 400
    if state is NominationState.OPEN:
        flash(gettext("意见记下了。"))
    else:
        flash(gettext("评审有了结果：%(state)s。", state=gettext(state.label)))
    return redirect(url_for("maturity.nominations"))


def _nominations(problem: KbError | None = None, number: int = 0) -> str:
    session, actor, now = requests.session(), requests.actor(), requests.now()
    shown = {
        state: [
            item
            for item in nominating.listed(session, state, limit=NOMINATIONS)
            if entry_queries.may_read(actor, item.entry, now=now)
        ]
        for state in NominationState
    }
    open_ones = shown[NominationState.OPEN]
    everything = [item for items in shown.values() for item in items]
    return render_template(
        "maturity/nominations.html",
        shown=shown,
        states=list(NominationState),
        panel=nominating.PANEL,
        votable={
            item.nomination.id for item in open_ones if nominating.may_vote(session, actor, item.nomination, item.entry)
        },
        problem=problem,
        number=number,
        form=request.form,
        max_reason=MAX_REASON,
        people=people_queries.bylines(session, [item.nomination.by_id for item in everything]),
    )


@blueprint.get("/levels")
def news() -> ResponseReturnValue:
    """Tell the person what became of the levels of what they own."""
    session, actor = requests.session(), requests.actor()
    return render_template("maturity/news.html", news=queries.unseen(session, actor, limit=NEWS))


@blueprint.post("/levels")
def seen() -> ResponseReturnValue:
    """Note that the person has seen it."""
    with writing() as unit:
        operations.see_changes(unit, requests.actor(), now=requests.now())
    return redirect(url_for("maturity.news"))


def _readable(session: Session, actor: Actor, key: str) -> Entry:
    entry, _ = entry_queries.readable_revision(session, actor, key, now=requests.now())
    if entry.live_revision is None:
        raise NotFoundError(N_("还没有发布，没有等级可看"))
    return entry
