"""What maturity is told by other parts of the house: corrections, the manual, repeated calls, the standard.

The one place to wire them. Until a part is there, nothing is in the manual.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from kb.calls.repeats import repeats
from kb.corrections import queries as correction_queries
from kb.corrections.rules import Severity
from kb.entries.standard import Standard
from kb.entries.standard import read as read_standard
from kb.maturity.gates import ManualFacts, OpenCorrections
from kb.maturity.honesty import CalledAgain

CorrectionSource = Callable[[Session, Collection[int]], Mapping[int, OpenCorrections]]
"""Gives the open corrections of these entries, by entry; those without any may be missing. One statement."""
ManualSource = Callable[[Session, Collection[int]], Mapping[int, ManualFacts]]
"""Gives what the manual says of these entries, by entry. One statement."""
CallSource = Callable[[Session, datetime], Sequence[CalledAgain]]
"""Gives the solved marks since a moment that another call followed within seven days."""


def open_corrections(session: Session, entry_ids: Collection[int]) -> Mapping[int, OpenCorrections]:
    """Return the open corrections of these entries. One statement."""
    counts = correction_queries.count_open(session, entry_ids)
    return {
        entry_id: OpenCorrections(
            p1=found.get(Severity.P1, 0), p2=found.get(Severity.P2, 0), p3=found.get(Severity.P3, 0)
        )
        for entry_id, found in counts.items()
    }


def no_corrections(session: Session, entry_ids: Collection[int]) -> Mapping[int, OpenCorrections]:
    """Return that no correction is open."""
    return {}


def no_manual(session: Session, entry_ids: Collection[int]) -> Mapping[int, ManualFacts]:
    """Return that nothing is in a manual."""
    return {}


def no_calls(session: Session, since: datetime) -> Sequence[CalledAgain]:
    """Return that nobody called again."""
    return ()


def repeated_calls(session: Session, since: datetime) -> Sequence[CalledAgain]:
    """Return the solved marks whose calls name a ticket, and how many of these called again. One statement."""
    return [
        CalledAgain(agent=item.user_id, entry=item.entry_id, marks=item.solved, again=item.again)
        for item in repeats(session, since)
    ]


WITHOUT_WORDS = Standard()
"""The writing standard of an installation that lists no internal words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Where facts of other parts come from."""

    corrections: CorrectionSource = no_corrections
    manual: ManualSource = no_manual
    calls: CallSource = no_calls
    standard: Standard = WITHOUT_WORDS


WIRED = Elsewhere(corrections=open_corrections, calls=repeated_calls)
"""What every installation is wired to. A part that arrives puts its source here."""


def wired(content: Path) -> Elsewhere:
    """Return what the installation with this folder *content* is wired to."""
    return replace(WIRED, standard=read_standard(content))
