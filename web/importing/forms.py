"""What somebody decides about a document's parts, as a form sends it: fields are named by where a part starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from indexer.alike import Alike
from kb.documents import drafting
from kb.documents.drafting import Choice
from kb.documents.rules import Part
from kb.entries.content import Content, Kind
from kb.entries.models import Entry
from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.taxonomy.queries import Taxonomy

Form = MultiDict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A part as the page shows it.

    Attributes:
        wanted: whether it is to become a draft.
        own: what was chosen for this part alone, by field; empty where the choice for all counts.
        alike: entries that say the same already.
        draft: what it has become.
    """

    part: Part
    title: str
    wanted: bool
    own: Mapping[str, str]
    alike: Sequence[Alike]
    draft: Entry | None


def rows(
    parts: Sequence[Part], form: Form, alike: Mapping[str, Sequence[Alike]], drafts: Mapping[int, Entry]
) -> Sequence[Row]:
    """Return how *parts* stand: as *form* has them, and else as proposed.

    Proposed is to take whatever has a text and is not surely there already.
    """
    found = []
    for part in parts:
        proposed = drafting.title_of(part)
        near = alike.get(proposed, ())
        known = f"title-{part.start}" in form
        wanted = f"take-{part.start}" in form if known else not any(item.is_sure for item in near)
        found.append(
            Row(
                part=part,
                title=form.get(f"title-{part.start}", proposed),
                wanted=wanted and not part.is_empty and part.start not in drafts,
                own={name: form.get(f"{name}-{part.start}", "") for name in ("kind", "module", "tier", "region")},
                alike=near,
                draft=drafts.get(part.start),
            )
        )
    return found


def contents(given: Sequence[Row], form: Form, taxonomy: Taxonomy) -> Mapping[int, Content]:
    """Return the content of the draft of each wanted row, by where its part starts.

    Raises:
        InvalidInputError: nothing is wanted, or it has not been said what it is about.
    """
    wanted = [row for row in given if row.wanted and f"take-{row.part.start}" in form]
    if not wanted:
        raise InvalidInputError(N_("还没有选要转成草稿的条目"), field="take")
    made = {}
    for row in wanted:
        values = {name: row.own[name] or form.get(name, "") for name in row.own}
        default = Choice(
            kind=Kind(values["kind"]) if values["kind"] in list(Kind) else Kind.ARTICLE,
            module_key=values["module"],
            tier_key=values["tier"],
            regions=(values["region"],) if values["region"] else (),
        )
        choice = default if any(row.own.values()) else drafting.choice_of(row.part, default, taxonomy)
        if not choice.module_key:
            raise InvalidInputError(N_("请选业务模块"), field="module")
        made[row.part.start] = drafting.content_of(row.part, row.title, choice)
    return made
