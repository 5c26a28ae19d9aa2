"""The history of an entry: its revisions, what changed between any two, and going back to one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from kb.entries import operations
from kb.entries import queries as entry_queries
from kb.entries.models import Entry, Revision
from kb.entries.rules import TRANSITIONS, Step
from kb.errors import NotFoundError
from kb.events import queries as event_queries
from kb.events.models import Event, Subject, Verb
from kb.i18n import N_
from kb.people import queries as people_queries
from kb.permissions import Actor, Permission, allowed, in_audience, require
from web import requests
from web.entries.differences import FIELDS, FieldChange, changes
from web.entries.views import blueprint
from web.requests import writing
from web.search.params import whole_number
from web.services import services

MOST_EVENTS = 1000
"""Events of an entry that its history is read from; older steps are left out, the revisions are all there."""
MAX_NUMBER = 1_000_000

STEPS: Mapping[Verb, str] = {
    Verb.SUBMITTED: N_("提交审核"),
    Verb.WITHDRAWN: N_("撤回"),
    Verb.RETURNED: N_("退回"),
    Verb.REJECTED: N_("不采用"),
    Verb.APPROVED: N_("审核通过"),
    Verb.VERIFIED: N_("核实"),
    Verb.OVERLAID: N_("写地方口径"),
    Verb.OVERLAY_WITHDRAWN: N_("撤地方口径"),
    Verb.PUBLISHED: N_("发布"),
    Verb.IMPORTED: N_("导入"),
    Verb.FLAGGED: N_("标记复核"),
    Verb.CONFIRMED: N_("确认仍然有效"),
    Verb.SUSPENDED: N_("暂停"),
    Verb.RESUMED: N_("恢复"),
    Verb.RETIRED: N_("停用"),
    Verb.ARCHIVED: N_("归档"),
    Verb.OWNER_CHANGED: N_("换了负责人"),
}
"""What happened to a revision after it was saved, as its history tells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One revision in the history.

    Attributes:
        steps: what happened to it, oldest first.
        level: what it went live at, ``None`` where it never did or nobody wrote it down.
        restored: number of the revision that it is a copy of.
    """

    revision: Revision
    steps: Sequence[Event]
    level: int | None
    restored: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two revisions side by side."""

    before: Revision
    after: Revision
    changes: Sequence[FieldChange]

    @property
    def unchanged(self) -> int:
        """How many fields say the same in both."""
        return len(FIELDS) - len(self.changes)


@blueprint.get("/entries/<key>/revisions")
def revisions(key: str) -> ResponseReturnValue:
    """Show the history of the entry *key*, and what changed between two revisions: the newest two when not told."""
    session, actor = requests.session(), requests.actor()
    entry = _entry(session, actor, key)
    lines = _lines(session, actor, entry)
    events = [event for line in lines for event in line.steps]
    ids = [line.revision.author_id for line in lines] + [event.actor_id for event in events]
    return render_template(
        "entries/revisions.html",
        entry=entry,
        lines=lines,
        steps=STEPS,
        comparison=_comparison(lines),
        may_restore=_may_restore(actor, entry),
        people=people_queries.bylines(session, ids),
    )


@blueprint.post("/entries/<key>/revisions/<int(max=999999999):number>/restore")
def restore(key: str, number: int) -> ResponseReturnValue:
    """Make what revision *number* says a new draft."""
    actor = requests.actor()
    with writing() as unit:
        entry = _entry(unit, actor, key)
        entry_queries.revision(unit, actor, entry, number)
        note = request.form.get("note", "").strip()
        made = operations.restore(unit, actor, entry, number, note=note, now=requests.now())
    flash(
        gettext(
            "第 %(old)s 版的内容成了新的草稿：第 %(new)s 版。审核通过以前，台上还是原来的。",
            old=number,
            new=made.number,
        )
    )
    return redirect(url_for("entries.revisions", key=key))


def _entry(session: Session, actor: Actor, key: str) -> Entry:
    """Return the entry *key*, whose drafts *actor* may read.

    Raises:
        NotFoundError: there is none that they may know of.
        PermissionDeniedError: they may read what is live, but not what was and what is to come.
    """
    entry = entry_queries.by_key(session, key)
    if entry is not None and allowed(actor, Permission.ENTRY_READ_UNPUBLISHED, entry.target()):
        return entry
    if entry is not None and entry_queries.may_read(actor, entry, now=requests.now()):
        require(actor, Permission.ENTRY_READ_UNPUBLISHED, entry.target())
    raise NotFoundError(N_("没有这条知识，或者你没有权限看它"))


def _lines(session: Session, actor: Actor, entry: Entry) -> list[Line]:
    """Return the history, newest first, without revisions that are meant for others than *actor*."""
    steps: dict[int, list[Event]] = defaultdict(list)
    for event in reversed(event_queries.history(session, Subject.ENTRY, entry.id, limit=MOST_EVENTS)):
        steps[event.payload.get("revision", 0)].append(event)
    return [
        Line(
            revision=revision,
            steps=[event for event in steps[revision.number] if event.verb in STEPS],
            level=_last(steps[revision.number], "level"),
            restored=_last(steps[revision.number], "restored"),
        )
        for revision in entry_queries.revisions(session, entry)
        if in_audience(actor, entry.target(revision))
    ]


def _last(events: Sequence[Event], name: str) -> int | None:
    found = [event.payload[name] for event in events if name in event.payload]
    return int(found[-1]) if found else None


def _comparison(lines: Sequence[Line]) -> Comparison | None:
    """Return what changed between the two revisions that the address names; ``None`` where there is only one."""
    by_number = {line.revision.number: line.revision for line in lines}
    numbers = sorted(by_number)
    if len(numbers) < 2:
        return None
    wanted = [
        whole_number(request.args, name, default=default, low=1, high=MAX_NUMBER)
        for name, default in (("from", numbers[-2]), ("to", numbers[-1]))
    ]
    for number in wanted:
        if number not in by_number:
            raise NotFoundError(N_("没有第 %(number)s 版"), number=number)
    before, after = (by_number[number] for number in wanted)
    cut = services().search.engine.analysis.segmenter.pieces
    found = changes(before.content, after.content, cut=cut, taxonomy=requests.taxonomy())
    return Comparison(before=before, after=after, changes=found)


def _may_restore(actor: Actor, entry: Entry) -> bool:
    targets = [
        entry.target(revision) for revision in (entry.live_revision, entry.work_revision) if revision is not None
    ]
    return entry.work_state in TRANSITIONS[Step.SAVE].sources and all(
        allowed(actor, Permission.ENTRY_EDIT, target) for target in targets
    )
