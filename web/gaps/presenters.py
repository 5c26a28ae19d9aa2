"""What a gap's page shows, as a value for its template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indexer.engine import Hit
from kb.gaps.models import Ask, Gap, Phrasing
from kb.people.queries import Byline


@dataclass(frozen=True, slots=True)
class Alike:
    """Another gap that may mean the same, and how alike it is, 0..1."""

    gap_id: int
    text: str
    likeness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GapPage:
    """Everything about one gap.

    Attributes:
        asks: the newest of them, with the words that were used.
        nearest: the entries that search finds for its words now; ``answered`` says whether they are good answers.
        may_answer: whether the person can do something about it.
        may_decide: whether they decide on wordings of its entry.
        reads_entry: whether they may read its entry.
    """

    gap: Gap
    phrasings: Sequence[Phrasing]
    asks: Sequence[tuple[Ask, str]]
    people: Mapping[int, Byline]
    nearest: Sequence[Hit]
    answered: bool
    alike: Sequence[Alike]
    may_answer: bool
    may_decide: bool
    reads_entry: bool

    @property
    def failing(self) -> Sequence[Phrasing]:
        """The phrasings that did not find the entry when they were last tried."""
        return [phrasing for phrasing in self.phrasings if phrasing.found is False]
