"""What became of the records of an import."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kb.errors import KbError
from kb.i18n import N_
from kb.importing.records import Rejected, Where


class Outcome(StrEnum):
    """What became of one record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    AWAITING_VERIFICATION = "awaiting_verification"
    """Approved, and waiting for the verifiers of the regions it is scoped to (待核实)."""
    REJECTED = "rejected"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return OUTCOME_LABELS[self]


OUTCOME_LABELS: Mapping[Outcome, str] = {
    Outcome.CREATED: N_("新增"),
    Outcome.UPDATED: N_("更新"),
    Outcome.UNCHANGED: N_("没有变化"),
    Outcome.AWAITING_VERIFICATION: N_("待区县核实"),
    Outcome.REJECTED: N_("未导入"),
}


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a record that was taken, and what people should know about it."""

    outcome: Outcome
    notices: tuple[KbError, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something people should know about a record that was taken."""

    where: Where
    message: KbError


@dataclass(slots=True)
class Report:
    """What became of all records: how many of each outcome, what was rejected, and what people should know."""

    counts: Counter[Outcome] = field(default_factory=Counter)
    rejected: list[Rejected] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)

    def add(self, where: Where, result: Stored | Rejected) -> Outcome:
        """Count the record at *where* and return what became of it."""
        if isinstance(result, Rejected):
            self.rejected.append(result)
            outcome = Outcome.REJECTED
        else:
            self.warnings += [Notice(where, notice) for notice in result.notices]
            outcome = result.outcome
        self.counts[outcome] += 1
        return outcome

    @property
    def created(self) -> int:
        """How many entries and threads are new."""
        return self.counts[Outcome.CREATED]

    @property
    def updated(self) -> int:
        """How many have changed."""
        return self.counts[Outcome.UPDATED]

    @property
    def unchanged(self) -> int:
        """How many were the same as the last time."""
        return self.counts[Outcome.UNCHANGED]

    @property
    def awaiting_verification(self) -> int:
        """How many were new or have changed, and wait for the verifiers of their regions."""
        return self.counts[Outcome.AWAITING_VERIFICATION]

    @property
    def total(self) -> int:
        """How many records there were, the rejected included."""
        return self.counts.total()

    @property
    def ok(self) -> bool:
        """Whether nothing was rejected."""
        return not self.rejected
