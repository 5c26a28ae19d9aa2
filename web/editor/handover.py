"""Handing over what somebody owns when they leave, and the interview that keeps what only they know (managers)."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kb.entries import ownership
from kb.errors import ConflictError, InvalidInputError, KbError
from kb.people import queries as people_queries
from kb.permissions import Permission, require
from web import requests
from web.editor.views import blueprint
from web.requests import writing


@blueprint.get("/handover")
def handover() -> ResponseReturnValue:
    """Show who owns how much, and of one person, what."""
    return _page(request.args.get("person", ""))


@blueprint.post("/handover")
def hand_over() -> ResponseReturnValue:
    """Make somebody else the owner of what was chosen."""
    actor, form = requests.actor(), request.form
    try:
        with writing() as unit:
            giver = people_queries.by_username(unit, form.get("person", ""))
            taker = people_queries.by_username(unit, form.get("taker", ""))
            count = ownership.hand_over(
                unit,
                actor,
                giver,
                taker,
                keys=form.getlist("entry"),
                reason=form.get("reason", "").strip(),
                now=requests.now(),
            )
            names = (giver.name, taker.name)
    except (InvalidInputError, ConflictError) as problem:
        return _page(form.get("person", ""), problem=problem), 400
    flash(gettext("%(giver)s 的 %(count)s 条知识交给了 %(taker)s。", giver=names[0], taker=names[1], count=count))
    return redirect(url_for("editor.handover", person=form.get("person")))


def _page(username: str, *, problem: KbError | None = None) -> str:
    session = requests.session()
    require(requests.actor(), Permission.OWNERSHIP_TRANSFER)
    everyone = people_queries.everyone(session)
    counts = ownership.count_owned(session)
    person = people_queries.by_username(session, username) if username else None
    return render_template(
        "editor/handover.html",
        people=[user for user in everyone if counts.get(user.id) or user is person],
        counts=counts,
        giver=person,
        entries=ownership.owned_by(session, person.id) if person is not None else [],
        takers=[user for user in everyone if user.active and user is not person and ownership.may_own(user.roles)],
        chosen=request.form.getlist("entry") if problem is not None else None,
        problem=problem,
        max_reason=ownership.MAX_REASON,
    )
