"""What time has done: entries past their review day or validity, or soon to be, and saying that one is still true."""

from dataclasses import dataclass, replace
from typing import Any, Self

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kb.clock import local_day
from kb.entries import operations as entries
from kb.entries import queries as entry_queries
from kb.entries.rules import State
from kb.errors import NotFoundError
from kb.i18n import N_
from kb.people import queries as people_queries
from kb.permissions import Permission, allowed, require
from kb.validity import queries
from kb.validity.queries import Overdue
from kb.validity.rules import next_review
from web import requests
from web.requests import writing
from web.review import forms
from web.review.views import blueprint
from web.search.params import MAX_PAGE, PAGE_SIZE, whole_number
from web.search.presenters import Pages
from web.services import services


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueArgs:
    """Which list, and which page of it."""

    which: Overdue = Overdue.REVIEW
    page: int = 1

    @property
    def query(self) -> dict[str, Any]:
        """The arguments as they stand in an address."""
        return {"list": self.which.value, **({"page": self.page} if self.page > 1 else {})}

    def on_page(self, page: int) -> Self:
        """Return the same list, another page."""
        return replace(self, page=page)


@blueprint.get("/overdue")
def overdue() -> ResponseReturnValue:
    """Show what is overdue of what the person reviews, edits or owns."""
    session, actor, now = requests.session(), requests.actor(), requests.now()
    if not allowed(actor, Permission.ENTRY_REVIEW):
        require(actor, Permission.ENTRY_EDIT)
    args, timezone = _args(), services().settings.timezone
    counts = queries.count_overdue(session, actor, timezone=timezone, now=now)
    found = queries.overdue(
        session,
        actor,
        args.which,
        timezone=timezone,
        now=now,
        limit=PAGE_SIZE,
        offset=(args.page - 1) * PAGE_SIZE,
    )
    today = local_day(now, timezone)
    return render_template(
        "review/overdue.html",
        list_args=args,
        counts=counts,
        found=found,
        today=today,
        now=now,
        next_due={entry.id: next_review(entry.shown_revision.freshness, today) for entry in found},
        may_confirm={
            entry.id
            for entry in found
            if entry.live_state is State.REVIEW_DUE
            and allowed(actor, Permission.ENTRY_REVIEW, entry.target())
            and entry.shown_revision.author_id != actor.user_id
        },
        pages=Pages.of(counts[args.which], args.page),
        people=people_queries.bylines(session, [entry.owner_id for entry in found]),
    )


@blueprint.post("/<key>/confirm")
def confirm(key: str) -> ResponseReturnValue:
    """Say that an entry that is due for review is still true, until a day."""
    actor, now = requests.actor(), requests.now()
    with writing() as unit:
        entry, _ = entry_queries.readable_revision(unit, actor, key, now=now)
        entries.confirm(unit, actor, entry, next_due=forms.day(request.form, "next_due"), now=now)
    flash(gettext("记下了：内容仍然有效。"))
    return redirect(url_for("review.overdue"))


def _args() -> OverdueArgs:
    given = request.args.get("list", Overdue.REVIEW.value)
    if given not in list(Overdue):
        raise NotFoundError(N_("没有这个列表"))
    page = whole_number(request.args, "page", default=1, low=1, high=MAX_PAGE)
    return OverdueArgs(which=Overdue(given), page=page)
