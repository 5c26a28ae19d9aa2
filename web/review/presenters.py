"""What the pages of review show, as values for their templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kb.corrections.rules import part_of
from kb.entries.content import Content
from kb.entries.models import Entry, Revision
from kb.entries.rules import State
from kb.events.models import Verb
from kb.i18n import N_
from kb.review.models import Remark
from kb.taxonomy.queries import Taxonomy
from web.entries.differences import FIELDS, FieldChange, changes
from web.services import services

AFTER: Mapping[State | None, str] = {
    None: N_("通过并发布了，台上马上就能搜到。"),
    State.SCHEDULED: N_("通过了，等着发布。"),
    State.VERIFYING: N_("通过了，等区县核实。"),
    State.RETURNED: N_("退回了，作者会收到原因。"),
    State.REJECTED: N_("记下了：不采用，作者会收到原因。"),
}
"""What a decision led to, by the state of the work slot after it."""

TRAIL: Mapping[Verb, str] = {
    Verb.SUBMITTED: N_("提交审核"),
    Verb.WITHDRAWN: N_("撤回"),
    Verb.RETURNED: N_("退回"),
    Verb.REJECTED: N_("不采用"),
    Verb.APPROVED: N_("审核通过"),
    Verb.VERIFIED: N_("核实"),
    Verb.PUBLISHED: N_("发布"),
}
"""What is told of the way so far."""

_NOTHING = Content(title="", kind=None, module_key="", tier_key="", answer="", freshness=None)  # type: ignore[arg-type]
"""What a first revision is compared with: all of it is new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRemark:
    """A remark on the page.

    Attributes:
        current: whether it is about the revision that is under review.
        stands: whether the words it quotes stand in that revision.
    """

    remark: Remark
    current: bool
    stands: bool


def parts(entry: Entry, revision: Revision, taxonomy: Taxonomy) -> Sequence[FieldChange]:
    """Return what *revision* says otherwise than what is live; all that it says where nothing is."""
    before = entry.live_revision.content if entry.live_revision is not None else _NOTHING
    cut = services().search.engine.analysis.segmenter.pieces
    found = changes(before, revision.content, cut=cut, taxonomy=taxonomy)
    return [field for field in found if field.pieces]


def remarks(found: Sequence[Remark], revision: Revision) -> Sequence[ShownRemark]:
    """Return *found* as they are shown beside *revision*."""
    content = revision.content
    return [
        ShownRemark(
            remark=item,
            current=item.revision_id == revision.id,
            stands=bool(item.quote) and part_of(content, item.quote) is not None,
        )
        for item in found
    ]


__all__ = ["AFTER", "FIELDS", "TRAIL", "ShownRemark", "parts", "remarks"]
