"""What the editor's pages share: reading its form, what a working copy comes to, and how it will look."""

import secrets
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from flask import request

from kb.clock import local_day
from kb.desk import queries as desk_queries
from kb.drafting import operations, queries, sources, templates
from kb.drafting.fields import LISTS, NAMES, unfinished
from kb.drafting.models import WorkingCopy
from kb.entries import queries as entry_queries
from kb.entries.content import Content, Freshness, Kind
from kb.entries.material import difference, is_material
from kb.entries.models import Entry, Revision
from kb.entries.rules import Level, State
from kb.errors import NotFoundError
from kb.i18n import N_
from kb.importing.fields import Context
from kb.maturity.rules import SHELF_DAYS
from kb.permissions import Actor
from web import requests
from web.desk.presenters import Card
from web.entries.standard import Checked, checked
from web.search.params import whole_number
from web.services import services
from web.verification.service import Here

BY_LINES = ("wordings", "related")
"""Lists that are written one a line."""
EXTRAS = ("note", "material")
"""What is kept with a working copy besides its fields: they go into the revision."""
MAX_VERSION = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Material:
    """Whether an edit of a published entry makes other knowledge of it.

    Attributes:
        percent: how much of what agents act on differs.
        changed: whether anything that counts does.
        forced: whether it is material whatever the editor says.
    """

    percent: int
    changed: bool
    forced: bool


def context() -> Context:
    """Return what names and dates of a form are read by."""
    return Context(requests.taxonomy(), services().settings.timezone)


def own(key: str) -> WorkingCopy:
    """Return the person's working copy called *key*.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
    """
    return queries.own(requests.session(), requests.actor(), key)


def new_key() -> str:
    """Return the name of a new working copy."""
    return secrets.token_hex(8)


def posted() -> dict[str, Any]:
    """Return the fields that the form was posted with, as a working copy keeps them."""
    form = request.form
    found: dict[str, Any] = {}
    for name in NAMES:
        if name in BY_LINES:
            lines = _unix(form.get(name, "")).split("\n")
            found[name] = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
        elif name in LISTS:
            found[name] = list(dict.fromkeys(form.getlist(name)))
        else:
            found[name] = _unix(form.get(name, ""))
    return {**found, **{name: _unix(form.get(name, "")) for name in EXTRAS}}


def posted_version() -> int:
    """Return the version that the form was made from."""
    return whole_number(request.form, "version", default=0, low=0, high=MAX_VERSION)


def readable(session: Any, actor: Actor, key: str) -> Entry:
    """Return the entry *key*.

    Raises:
        NotFoundError: there is none that *actor* may read.
    """
    entry = entry_queries.by_key(session, key)
    if entry is None or not entry_queries.may_read(actor, entry, now=requests.now()):
        raise NotFoundError(N_("没有这条知识，或者你没有权限看它"))
    return entry


def template_of(copy: WorkingCopy, kind: Kind) -> templates.Template:
    """Return the template that *copy* is written by."""
    interview = copy.source is not None and copy.source.startswith("interview:") and kind is Kind.BEST_PRACTICE
    return _template(templates.INTERVIEW if interview else kind.value)


def start_fields(start: sources.Start | None, kind: Kind) -> dict[str, Any]:
    """Return the fields of a new working copy of *kind*; what the source says stands before the skeleton.

    It is to be reviewed as soon as knowledge of its kind is not fresh any more: a day that is there is changed more
    often than an empty one is filled.
    """
    template = _template(start.template if start is not None and start.template is not None else kind.value)
    fields = template.start()
    if kind is not Kind.BULLETIN:
        fields["review_due"] = due(Freshness(fields["freshness"] or Freshness.EVERGREEN)).isoformat()
    if start is None:
        return fields
    bodies = [str(start.fields.get("body", "")).strip(), template.skeleton]
    return {**fields, **start.fields, "body": "\n\n".join(text for text in bodies if text)}


def due(freshness: Freshness) -> date:
    """Return the day until which what is written today stays fresh."""
    today = local_day(requests.now(), services().settings.timezone)
    return today + timedelta(days=SHELF_DAYS[freshness])


def changed_kind(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return *after* with the skeleton of its kind, where the kind was changed and nothing was written into the old."""
    if after["kind"] == before.get("kind") or after["kind"] not in list(Kind):
        return after
    old = _template(str(before["kind"])).skeleton if before.get("kind") in list(Kind) else ""
    return {**after, "body": _template(after["kind"]).skeleton} if after["body"].strip() in ("", old) else after


def content_of(copy: WorkingCopy) -> Content:
    """Return what *copy* says so far."""
    return unfinished(copy.fields, context())


def standard_of(copy: WorkingCopy, content: Content) -> Checked:
    """Return what the writing standard says of *copy*; a new entry will be its author's."""
    owned = copy.entry is None or copy.entry.owner_id is not None
    return checked(content, has_owner=owned, by_field=True)


def material_of(copy: WorkingCopy, content: Content) -> Material | None:
    """Return how far *content* is other knowledge than what is live; ``None`` where nothing is live."""
    live = copy.entry.live_revision if copy.entry is not None else None
    if live is None:
        return None
    return Material(
        percent=round(100 * difference(live.content, content)),
        changed=is_material(True, live.content, content),
        forced=is_material(False, live.content, content),
    )


def preview(copy: WorkingCopy, content: Content) -> Card:
    """Return the desk's card of *content*, as it will be once it is published. At most two statements."""
    session, now, entry = requests.session(), requests.now(), copy.entry
    revision = Revision(number=0, created_at=now, note="", **asdict(content))
    shown = Entry(
        key=entry.key if entry is not None else "new",
        level=entry.level if entry is not None and entry.live_revision is not None else Level.L2,
        verified_at=now,
        live_state=State.PUBLISHED,
        updated_at=now,
    )
    related = entry_queries.titles(session, requests.actor(), content.related, now=now) if content.related else {}
    return Card(
        entry=shown,
        revision=revision,
        served=True,
        tally=desk_queries.tallies(session, [entry.id]).get(entry.id) if entry is not None else None,
        related={key: related[key] for key in content.related if key in related},
        asks=False,
        outcome=None,
        reasons=[],
        corrects=False,
        underway=[],
        here=Here(),
    )


def is_stale(copy: WorkingCopy) -> bool:
    """Return whether somebody else saved the entry since *copy* began from it."""
    return copy.entry is not None and operations.newest(copy.entry).id != copy.base_id


def _template(name: str) -> templates.Template:
    return templates.read(services().settings.content / "templates", name)


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
