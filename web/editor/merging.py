"""Two versions beside each other: what somebody else saved meanwhile, or another entry that says nearly the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from indexer.differences import Change, Piece, compare, compare_items
from kb.drafting import operations, queries
from kb.drafting.fields import LISTS, to_form, unfinished
from kb.drafting.merging import TEXTS, FieldMerge, Result, applied, merge
from kb.drafting.models import WorkingCopy
from kb.drafting.operations import StaleBaseError, newest
from kb.entries.models import Entry, Revision
from kb.errors import ConflictError, KbError
from kb.i18n import N_
from kb.people import queries as people_queries
from web import requests
from web.editor import service
from web.editor.views import blueprint
from web.entries.differences import FIELDS, shown
from web.requests import writing
from web.search.params import whole_number
from web.services import services

PICKS = ("theirs", "mine", "merged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A field of the two versions.

    Attributes:
        theirs, mine: how each differs: from what both began from, or, of two entries, from the other.
        editable: whether the merged text can be written on.
        picked: what is taken; ``None`` while somebody has to decide.
    """

    name: str
    title: str
    result: Result
    items: bool
    theirs: Sequence[Piece]
    mine: Sequence[Piece]
    merged: str
    editable: bool
    picked: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What is brought together; ``into`` is the key of another entry that the working copy is to become a part of."""

    copy: WorkingCopy
    entry: Entry
    theirs: Revision
    into: str | None
    may_merge: bool
    fields: Mapping[str, Any]
    merges: Sequence[FieldMerge]


@blueprint.get("/<key>/merge", endpoint="merge")
def compare_sides(key: str) -> ResponseReturnValue:
    """Show what differs, field by field and word by word, to choose from."""
    return _show(_sides(service.own(key), None))


@blueprint.get("/<key>/beside/<entry>")
def compare_with(key: str, entry: str) -> ResponseReturnValue:
    """Show another entry that says nearly the same beside the working copy; who may edit it can merge into it."""
    return _show(_sides(service.own(key), entry))


@blueprint.post("/<key>/merge")
def take(key: str) -> ResponseReturnValue:
    """Take over what was chosen; nothing is saved to the entry yet."""
    actor, now, zone = requests.actor(), requests.now(), services().settings.timezone
    sides = _sides(service.own(key), request.form.get("into") or None)
    picks = {item.name: request.form.get(f"pick_{item.name}", "") for item in sides.merges}
    if any(pick not in PICKS for pick in picks.values()):
        problem = ConflictError(N_("还有没选的：每一处都要选一个，再合并"))
        return _show(sides, problem=problem, picks=picks), 400
    changes = {item.name: _chosen(item, picks[item.name]) for item in sides.merges}
    extras = {name: sides.copy.fields.get(name, "") for name in service.EXTRAS}
    fields = {**applied(sides.fields, changes), **extras}
    onto = whole_number(request.form, "onto", default=0, low=1, high=service.MAX_VERSION)
    version, own_entry = service.posted_version(), sides.into is None
    try:
        with writing() as unit:
            copy = queries.own(unit, actor, key)
            if own_entry:
                operations.rebase(unit, actor, copy, fields, onto=onto, version=version, now=now)
            else:
                entry = service.readable(unit, actor, sides.entry.key)
                title = sides.copy.fields.get("title", "")
                fields["note"] = str(gettext("并入“%(title)s”", title=title))
                copy = operations.merge_into(
                    unit, actor, copy, entry, fields, onto=onto, key=service.new_key(), timezone=zone, now=now
                )
            copy_key = copy.key
    except StaleBaseError as problem:
        return _show(_sides(service.own(key), sides.into), problem=problem), 409
    except ConflictError as problem:
        return _show(_sides(service.own(key), sides.into), problem=problem, picks=picks), 409
    flash(gettext("合好了，再看一眼就可以提交。") if own_entry else gettext("并进来了，再看一眼就可以提交。"))
    return redirect(url_for("editor.edit", key=copy_key))


def _sides(copy: WorkingCopy, into: str | None) -> Sides:
    """Return the two versions.

    Raises:
        NotFoundError: there is no entry *into* that the person may read.
        ConflictError: a new entry has nothing to be merged with.
    """
    zone = services().settings.timezone
    entry = copy.entry if into is None else service.readable(requests.session(), requests.actor(), into)
    if entry is None:
        raise ConflictError(N_("这是一条新的知识，没有要合并的"))
    may_merge = operations.may_edit(requests.actor(), entry)
    # Whoever may not edit it sees what everybody sees, and not what is in work.
    theirs = newest(entry) if may_merge else entry.shown_revision
    base = to_form(copy.base.content, zone) if into is None and copy.base is not None else None
    fields = to_form(theirs.content, zone)
    cut = services().search.engine.analysis.segmenter.pieces
    merges = merge(base, fields, copy.fields, cut)
    return Sides(copy=copy, entry=entry, theirs=theirs, into=into, may_merge=may_merge, fields=fields, merges=merges)


def _show(sides: Sides, *, problem: KbError | None = None, picks: Mapping[str, str] | None = None) -> str:
    rows = [_row(item, sides, (picks or {}).get(item.name)) for item in sides.merges]
    author = people_queries.bylines(requests.session(), [sides.theirs.author_id])
    return render_template(
        "editor/merge.html",
        sides=sides,
        copy=sides.copy,
        rows=rows,
        undecided=sum(row.picked is None for row in rows),
        people=author,
        problem=problem,
    )


def _row(item: FieldMerge, sides: Sides, pick: str | None) -> Row:
    default = None if item.result is Result.CONFLICT else "merged"
    left, right = _diffs(item, two=sides.into is not None)
    merged = request.form.get(f"text_{item.name}") if pick == "merged" else None
    return Row(
        name=item.name,
        title=str(gettext(FIELDS[item.name])),
        result=item.result,
        items=item.name in LISTS,
        theirs=left,
        mine=right,
        merged=merged if merged is not None else "、".join(_named(item.name, item.merged)),
        editable=item.name in TEXTS,
        picked=pick if pick in PICKS else default,
    )


def _diffs(item: FieldMerge, *, two: bool) -> tuple[Sequence[Piece], Sequence[Piece]]:
    """Return how each side differs from the base; of two entries, each with what only it says marked."""
    if two:
        left, right = _compared(item, item.mine, item.theirs)
        return _without_removed(left), _without_removed(right)
    return _compared(item, item.base, item.base)


def _without_removed(pieces: Sequence[Piece]) -> Sequence[Piece]:
    return [piece for piece in pieces if piece.change is not Change.REMOVED]


def _compared(
    item: FieldMerge, their_base: str | list[str], my_base: str | list[str]
) -> tuple[Sequence[Piece], Sequence[Piece]]:
    before = (their_base, my_base)
    cut = services().search.engine.analysis.segmenter.pieces
    if item.name in TEXTS:
        return compare(_text(before[0]), _text(item.theirs), cut), compare(_text(before[1]), _text(item.mine), cut)
    named = [_named(item.name, value) for value in (*before, item.theirs, item.mine)]
    return compare_items(named[0], named[2]), compare_items(named[1], named[3])


def _named(name: str, value: str | list[str]) -> list[str]:
    """Return the values of a field as people read them."""
    if name in TEXTS:
        return [_text(value)] if value else []
    read = getattr(unfinished({name: value}, service.context()), name)
    values = read if isinstance(read, tuple) else (read,)
    found = [shown(name, item, requests.taxonomy()) for item in values]
    return [text for text in found if text] or ([] if isinstance(value, list) or not value else [value])


def _chosen(item: FieldMerge, pick: str) -> str | list[str]:
    if pick == "theirs":
        return item.theirs
    if pick == "mine":
        return item.mine
    if item.name in TEXTS:
        written = request.form.get(f"text_{item.name}", _text(item.merged))
        return written.replace("\r\n", "\n")
    return item.merged


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "\n".join(value)
