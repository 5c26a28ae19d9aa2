"""What is scored: two kinds of units, four kinds of terms, and BM25's parameters for each pair.

The parameters are the design's recipe ("Searching"), measured on customer-service questions: short phrasings want a
small k1 and nearly full length normalisation, long passages the opposite.
"""

from dataclasses import dataclass
from enum import StrEnum

from indexer.text import TermKind


class Unit(StrEnum):
    """What is scored for itself."""

    PHRASING = "phrasing"
    """A title or a customer's wording."""
    TEXT = "text"
    """Answer and texts together: words find more in the whole than in its pieces (measured)."""
    PASSAGE = "passage"
    """A piece of that, as long as a thought: what sense is compared with, and what is shown."""


@dataclass(frozen=True, slots=True)
class Field:
    """One kind of term over one kind of unit; *weight* is what its BM25 score counts."""

    unit: Unit
    kind: TermKind
    k1: float
    b: float
    weight: float

    @property
    def name(self) -> str:
        """The name its arrays are stored under."""
        return f"{self.unit.value}.{self.kind.value}"


FIELDS: tuple[Field, ...] = (
    Field(Unit.PHRASING, TermKind.CHARACTER, 0.8, 0.9, 1.0),
    Field(Unit.PHRASING, TermKind.BIGRAM, 0.8, 0.9, 0.4),
    Field(Unit.PHRASING, TermKind.WORD, 0.8, 0.9, 0.3),
    Field(Unit.PHRASING, TermKind.PINYIN, 0.8, 0.9, 0.3),
    Field(Unit.TEXT, TermKind.CHARACTER, 1.2, 0.4, 0.6),
    Field(Unit.TEXT, TermKind.BIGRAM, 1.2, 0.4, 1.0),
    Field(Unit.TEXT, TermKind.WORD, 1.2, 0.4, 0.5),
)

KINDS: dict[Unit, tuple[TermKind, ...]] = {
    unit: tuple(field.kind for field in FIELDS if field.unit is unit) for unit in Unit
}

SCORED = tuple(dict.fromkeys(field.unit for field in FIELDS))
"""What words are looked for in."""

SENSED = (Unit.PHRASING, Unit.PASSAGE)
"""What has a vector."""
