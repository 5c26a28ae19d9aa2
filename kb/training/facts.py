"""What goes into a plan, as values: a line, and the occasion on which it is taught."""

from dataclasses import dataclass, field
from datetime import date, datetime

from kb.training.rules import Cause, Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Who learns what by when, and why.

    Attributes:
        people: ids, where it is for some of the team by name.
        leaders_first: whether leaders are to hear it first; of new business always.
        pack_id: the launch pack it prepares.
    """

    module: str
    team: str
    due_on: date
    people: frozenset[int] = field(default_factory=frozenset)
    path: Path = Path.BUSINESS
    cause: Cause = Cause.NEED
    leaders_first: bool = False
    reason: str = ""
    trainer_id: int | None = None
    pack_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """When, where, by whom and from what a lesson is taught.

    Attributes:
        leaders_only: whether it is for the team's leaders alone.
        entry_keys: the knowledge it teaches from.
    """

    starts_at: datetime
    minutes: int = 45
    place: str = ""
    trainer_id: int | None = None
    leaders_only: bool = False
    entry_keys: tuple[str, ...] = ()
