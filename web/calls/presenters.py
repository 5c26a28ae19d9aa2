"""What pages show of calls, as values for their templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext

from kb.calls.figures import Figures, Spread
from kb.calls.models import Call, Measure
from kb.entries.models import Entry, Revision
from kb.i18n import N_
from kb.permissions import Actor, Permission, allowed

MEASURE_LABELS = {
    Measure.FIRST_CARD: N_("第一个键到打开知识"),
    Measure.OUTCOME: N_("通话开始到标结果"),
    Measure.SEARCHES: N_("每通搜索次数"),
    Measure.POSITION: N_("打开的是第几条"),
}

_TIMES = (Measure.FIRST_CARD, Measure.OUTCOME)


@dataclass(frozen=True, slots=True)
class Bar:
    """The call on top of the desk; ``call`` is ``None`` before one begins."""

    call: Call | None
    now: datetime

    @property
    def goes_on(self) -> bool:
        """Whether there is a call, and something was heard of it lately."""
        return self.call is not None and self.call.goes_on(self.now)

    @property
    def elapsed_ms(self) -> int:
        """How long it lasts so far, or lasted, in milliseconds."""
        return duration_ms(self.call, self.now) if self.call is not None else 0


@dataclass(frozen=True, slots=True)
class Told:
    """A call as a list shows it, with what was told as far as the reader may read it.

    Attributes:
        entry, revision: ``None`` where nothing is known, or the reader is not of its audience (``hidden``).
    """

    call: Call
    entry: Entry | None
    revision: Revision | None
    hidden: bool

    @property
    def revised(self) -> bool:
        """Whether the entry says something else now."""
        return self.entry is not None and self.revision is not None and self.entry.live_revision_id != self.revision.id


def told(actor: Actor, calls: Sequence[Call]) -> list[Told]:
    """Return *calls* with what was told as far as *actor* is of its audience, whether or not it is still served."""
    found = []
    for call in calls:
        entry, revision = call.entry, call.revision
        is_known = entry is not None and revision is not None
        readable = (
            entry is not None and revision is not None and allowed(actor, Permission.ENTRY_READ, entry.target(revision))
        )
        found.append(Told(call, entry if readable else None, revision if readable else None, is_known and not readable))
    return found


def duration_ms(call: Call, now: datetime) -> int:
    """Return how long *call* lasted, or lasts at the moment *now*, in milliseconds."""
    end = call.closed_at or (now if call.goes_on(now) else call.last_at)
    return max(0, int((end - call.opened_at) / timedelta(milliseconds=1)))


def clock(ms: int) -> str:
    """Return milliseconds as a clock shows them: ``02:14``, and ``1:02:14`` from an hour on."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, rest = divmod(minutes, 60)
    return f"{hours}:{rest:02}:{seconds:02}" if hours else f"{rest:02}:{seconds:02}"


def value(number: int, measure: Measure) -> str:
    """Return a value of *measure* for people: seconds, minutes, or a count."""
    if measure not in _TIMES:
        return str(number)
    if number >= 60_000:
        return clock(number)
    return str(gettext("%(seconds)s 秒", seconds=f"{number / 1000:.1f}" if number < 10_000 else number // 1000))


def spread(figures: Figures, measure: Measure) -> Spread | None:
    """Return how *measure* is spread in *figures*; ``None`` where nothing may be shown."""
    return figures.spreads.get(measure)
