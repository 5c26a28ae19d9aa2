"""What the desk shows, as values for its templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indexer.engine import Hit
from indexer.search import Results
from kb.corrections.queries import Underway
from kb.desk.models import Outcome
from kb.desk.rules import Reason, Tally
from kb.entries.models import Entry, Revision
from web.verification.service import Here


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The results on the left.

    Attributes:
        hits: the answers; where there is none, what comes nearest.
        tallies: what agents said about the hits, by the entry's row; none where nobody did.
        unscoped: how many answers there are without the scope, where there is none within it.
        ticket: the ticket number that the search may be meant as, with on how many calls it was noted.
    """

    results: Results
    hits: Sequence[Hit]
    tallies: Mapping[int, Tally]
    unscoped: int
    ticket: str | None = None
    on_ticket: int = 0

    @property
    def answered(self) -> bool:
        """Whether the hits are answers."""
        return bool(self.results.hits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The open entry on the right.

    Attributes:
        served: whether agents may answer with it now.
        tally: what agents said about it; ``None`` where nobody did.
        related: titles of related entries by key, those that the person may read.
        asks: whether the person can say how it went.
        outcome: what they said today.
        corrects: whether the person can say that it is wrong.
        underway: what is being corrected in it, the most urgent first.
        here: what is otherwise where the person answers for.
        escalates: whether its tier is above what the person is licensed for: a question to hand over.
    """

    entry: Entry
    revision: Revision
    served: bool
    tally: Tally | None
    related: Mapping[str, str]
    asks: bool
    outcome: Outcome | None
    reasons: Sequence[Reason]
    corrects: bool
    underway: Sequence[Underway]
    here: Here
    escalates: bool = False
