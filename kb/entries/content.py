"""What an author writes: the fields of a knowledge entry as one value, and what is wrong with them.

A ``Content`` is what travels between forms, files and revisions; who wrote it and in what state it is live elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.permissions import Role
from kb.taxonomy.queries import Taxonomy

ANSWER_STANDARD = 60
"""Characters a one-line answer should keep to: what can be read out in one breath."""
MIN_WORDINGS = 3

MAX_TITLE = 120
MAX_ANSWER = 240
MAX_TEXT = 100_000
MAX_WORDING = 200
MAX_WORDINGS = 500


class Kind(StrEnum):
    """What kind of knowledge an entry holds."""

    ARTICLE = "article"
    FAQ = "faq"
    BEST_PRACTICE = "best_practice"
    CASE = "case"
    PROCEDURE = "procedure"
    BULLETIN = "bulletin"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return KIND_LABELS[self]


KIND_LABELS: Mapping[Kind, str] = {
    Kind.ARTICLE: N_("知识"),
    Kind.FAQ: N_("标准问答"),
    Kind.BEST_PRACTICE: N_("最佳经验"),
    Kind.CASE: N_("典型案例"),
    Kind.PROCEDURE: N_("流程"),
    Kind.BULLETIN: N_("公告"),
}


class Freshness(StrEnum):
    """How fast this kind of knowledge ages (design, "Maturity": T days)."""

    TARIFF = "tariff"
    POLICY = "policy"
    FAULT = "fault"
    EVERGREEN = "evergreen"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return FRESHNESS_LABELS[self]


FRESHNESS_LABELS: Mapping[Freshness, str] = {
    Freshness.TARIFF: N_("资费"),
    Freshness.POLICY: N_("政策"),
    Freshness.FAULT: N_("故障"),
    Freshness.EVERGREEN: N_("长期"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The authored fields of one revision.

    Attributes:
        title: what the centre calls it.
        module_key, tier_key, products, regions: taxonomy keys; no regions means the whole province.
        answer: one line that can be read out at once.
        wordings: customers' own ways to ask (客户说法).
        script: the words to say (话术), copyable.
        steps: what the agent does, Markdown.
        internal_note: for the agent only (内部口径), never copied to the customer.
        exceptions, fees, deadlines, body: Markdown.
        transfer_to: where to transfer the call.
        valid_from, valid_until: served at moment t only if valid_from ≤ t < valid_until; ``None`` is open.
        review_due: the day by which somebody must look at it again.
        audience: the only roles that may read it; empty for everybody.
        related: keys of related entries.
    """

    title: str
    kind: Kind
    module_key: str
    tier_key: str
    answer: str
    freshness: Freshness = Freshness.EVERGREEN
    products: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    wordings: tuple[str, ...] = ()
    script: str = ""
    steps: str = ""
    internal_note: str = ""
    exceptions: str = ""
    fees: str = ""
    deadlines: str = ""
    transfer_to: str = ""
    body: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    review_due: date | None = None
    audience: tuple[Role, ...] = ()
    related: tuple[str, ...] = ()


TEXT_FIELDS = ("script", "steps", "internal_note", "exceptions", "fees", "deadlines", "transfer_to", "body")


def problems(content: Content, taxonomy: Taxonomy) -> Iterator[InvalidInputError]:
    """Yield everything that makes *content* impossible to store, each with its field and a plain sentence."""
    if not content.title.strip():
        yield InvalidInputError(N_("标题不能为空"), field="title")
    if len(content.title) > MAX_TITLE:
        yield InvalidInputError(N_("标题最多 %(max)s 个字"), field="title", max=MAX_TITLE)
    if not content.answer.strip():
        yield InvalidInputError(N_("一句话答案不能为空"), field="answer")
    if len(content.answer) > MAX_ANSWER:
        yield InvalidInputError(N_("一句话答案最多 %(max)s 个字"), field="answer", max=MAX_ANSWER)
    if "\n" in content.answer.strip():
        yield InvalidInputError(N_("一句话答案只能有一行"), field="answer")
    for name in TEXT_FIELDS:
        if len(getattr(content, name)) > MAX_TEXT:
            yield InvalidInputError(N_("这一栏最多 %(max)s 个字"), field=name, max=MAX_TEXT)
    if len(content.wordings) > MAX_WORDINGS:
        yield InvalidInputError(N_("客户说法最多 %(max)s 条"), field="wordings", max=MAX_WORDINGS)
    if any(not wording.strip() or len(wording) > MAX_WORDING for wording in content.wordings):
        yield InvalidInputError(N_("每条客户说法要有 1–%(max)s 个字"), field="wordings", max=MAX_WORDING)
    yield from _unknown_keys(content, taxonomy)
    if content.valid_from and content.valid_until and content.valid_from >= content.valid_until:
        yield InvalidInputError(N_("有效期的开始必须早于结束"), field="valid_until")


def _unknown_keys(content: Content, taxonomy: Taxonomy) -> Iterator[InvalidInputError]:
    module = taxonomy.modules.get(content.module_key)
    if module is None or module.retired:
        yield InvalidInputError(N_("没有这个业务模块：%(key)s"), field="module", key=content.module_key)
    if content.tier_key not in taxonomy.tiers:
        yield InvalidInputError(N_("没有这个层级：%(key)s"), field="tier", key=content.tier_key)
    for key in content.products:
        if key not in taxonomy.products:
            yield InvalidInputError(N_("没有这个产品：%(key)s"), field="products", key=key)
    for key in content.regions:
        region = taxonomy.regions.get(key)
        if region is None or region.retired:
            yield InvalidInputError(N_("没有这个区域：%(key)s"), field="regions", key=key)
