"""Why a search came out as it did, as values: what was asked, what filters left out, and each hit's score in parts.

An engine fills them from what it really did (``Engine.explain``). How they are shown is the pages' business.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from indexer.text import TermKind
from kb.i18n import N_


class Sieve(StrEnum):
    """A filter that documents pass before anything is ranked, in this order."""

    SOURCE = "source"
    STATE = "state"
    VALIDITY = "validity"
    PERMISSION = "permission"
    AUDIENCE = "audience"
    TIER = "tier"
    KIND = "kind"
    MODULE = "module"
    PRODUCT = "product"
    REGION = "region"
    LOCAL = "local"
    """One version of an entry for each region: the others are left out."""
    WITHOUT = "without"
    PHRASE = "phrase"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return _SIEVES[self]


_SIEVES: Mapping[Sieve, str] = {
    Sieve.SOURCE: N_("不在搜索的这一类里"),
    Sieve.STATE: N_("状态不对坐席提供"),
    Sieve.VALIDITY: N_("不在有效期内"),
    Sieve.PERMISSION: N_("没有权限看未发布的"),
    Sieve.AUDIENCE: N_("不是给这个角色看的"),
    Sieve.TIER: N_("不由这一层答复"),
    Sieve.KIND: N_("不是这种类型"),
    Sieve.MODULE: N_("不在这个业务模块"),
    Sieve.PRODUCT: N_("不是这个产品"),
    Sieve.REGION: N_("不适用于这个区域"),
    Sieve.LOCAL: N_("别的区域的说法"),
    Sieve.WITHOUT: N_("被排除"),
    Sieve.PHRASE: N_("没有引号里的原话"),
}


class Part(StrEnum):
    """A part of a score. They add up to the relevance, which maturity multiplies."""

    WORDING_WORDS = "wording_words"
    WORDING_SENSE = "wording_sense"
    VOTES = "votes"
    TEXT_WORDS = "text_words"
    TEXT_SENSE = "text_sense"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return _PARTS[self]


_PARTS: Mapping[Part, str] = {
    Part.WORDING_WORDS: N_("最像的说法：字词"),
    Part.WORDING_SENSE: N_("最像的说法：语义"),
    Part.VOTES: N_("其他说法附议"),
    Part.TEXT_WORDS: N_("正文：字词"),
    Part.TEXT_SENSE: N_("最像的段落：语义"),
}


class Standing(StrEnum):
    """Where a document came out."""

    RANKED = "ranked"
    """In the order of results."""
    NO_ANSWER = "no_answer"
    """Looked at closely, but it accounts for too little of the question to count."""
    NOTHING = "nothing"
    """Neither words nor sense put it up."""
    SIEVED = "sieved"
    """A filter left it out."""
    UNKNOWN = "unknown"
    """The index has no such document."""

    @property
    def label(self) -> str:
        """The Chinese name."""
        return _STANDINGS[self]


_STANDINGS: Mapping[Standing, str] = {
    Standing.RANKED: N_("在结果里"),
    Standing.NO_ANSWER: N_("看过，但和这句话对上的太少，不算答案"),
    Standing.NOTHING: N_("字词和语义都没有找到它"),
    Standing.SIEVED: N_("被筛掉"),
    Standing.UNKNOWN: N_("索引里没有"),
}


class Role(StrEnum):
    """Where a term of the question comes from."""

    SAID = "said"
    SYNONYM = "synonym"
    FILLER = "filler"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return _ROLES[self]


_ROLES: Mapping[Role, str] = {Role.SAID: N_("原话"), Role.SYNONYM: N_("同义词"), Role.FILLER: N_("口头语")}

KIND_LABELS: Mapping[TermKind, str] = {
    TermKind.CHARACTER: N_("单字"),
    TermKind.BIGRAM: N_("双字"),
    TermKind.WORD: N_("词"),
    TermKind.PINYIN: N_("拼音"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TermUse:
    """A term that was looked for.

    Attributes:
        telling: whether it is a word of the trade, which makes a document an answer by itself.
        phrasings, texts: how many phrasings, and how many texts, have it; ``None`` where it is not looked for.
        phrasing_idf, text_idf: what it counts there for being that rare.
    """

    kind: TermKind
    text: str
    weight: float
    role: Role
    telling: bool
    phrasings: int | None = None
    phrasing_idf: float | None = None
    texts: int | None = None
    text_idf: float | None = None


@dataclass(frozen=True, slots=True)
class Screened:
    """How many documents a filter left out of those that passed the ones before it."""

    sieve: Sieve
    count: int


@dataclass(frozen=True, slots=True)
class Line:
    """One part of a score: *value*, 0..1 or a little more, times *factor*."""

    part: Part
    value: float
    factor: float

    @property
    def points(self) -> float:
        """What it adds to the relevance."""
        return self.value * self.factor


@dataclass(frozen=True, slots=True)
class TermPoints:
    """What one term adds to the relevance, within the part *part*."""

    part: Part
    kind: TermKind
    text: str
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One document and its score.

    Attributes:
        row: of the entry or thread in the database; ``None`` where the index has none.
        place: 1 for the best; ``None`` outside the order of results.
        closely: whether it was scored by words and sense; others are ordered by words alone, maturity left out.
        sieve: the first filter that left it out.
        wording: the title or wording that fits best; ``None`` where none does.
        passage: the piece of its text that is nearest in sense.
        maturity: what the relevance is multiplied by.
        score: what it was ordered by.
        terms: the terms that add most, the most first.
    """

    key: str
    title: str
    row: int | None
    standing: Standing
    place: int | None = None
    closely: bool = False
    sieve: Sieve | None = None
    wording: str | None = None
    passage: str | None = None
    lines: tuple[Line, ...] = ()
    maturity: float = 1.0
    score: float = 0.0
    terms: tuple[TermPoints, ...] = ()

    @property
    def relevance(self) -> float:
        """What the parts add up to, before maturity."""
        return sum(line.points for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a search came out as it did.

    Attributes:
        searched: the words that were searched for: those typed, or what they were put right to.
        filler: what of them says nothing.
        documents: how many the index holds, before any filter.
        answered: whether there is an answer, for *confidence*.
        places, needed: how many places of the question say something, and how many an answer by words accounts for.
        sense: whether sentence vectors took part.
        hits: the best, or the nearest where there is no answer.
        compared: the document that was asked about.
    """

    searched: str
    normalised: str
    filler: tuple[str, ...]
    phrases: tuple[str, ...]
    terms: tuple[TermUse, ...]
    documents: int
    screened: tuple[Screened, ...]
    answered: bool
    confidence: float
    places: int
    needed: int
    sense: bool
    total: int
    hits: tuple[Explained, ...]
    compared: Explained | None = None
