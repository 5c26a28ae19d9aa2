"""What the pages about corrections show, as values for their templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from flask_babel import gettext

from kb.corrections.models import Correction
from kb.corrections.rules import part_of
from kb.entries.models import Revision
from kb.events.models import Verb
from kb.i18n import N_
from kb.markup import plain

VERBS: Mapping[Verb, str] = {
    Verb.REPORTED: N_("报告"),
    Verb.SUSPENDED: N_("暂停了知识"),
    Verb.KEPT: N_("认为不用暂停"),
    Verb.RELEASED: N_("恢复了知识"),
    Verb.UPHELD: N_("判定属实"),
    Verb.REFUSED: N_("判定不属实"),
    Verb.MERGED: N_("并入另一条"),
    Verb.FIXED: N_("标记改好"),
    Verb.FIX_LOST: N_("改好的那一版被盖掉，要重新改"),
    Verb.PUBLISHED: N_("更正上线"),
    Verb.TOLD: N_("告诉了报告的人"),
}
"""What happened to a correction, as its history tells it."""


class Urgency(StrEnum):
    """How a clock looks."""

    CALM = "calm"
    SOON = "soon"
    OVER = "over"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Clock:
    """How much time is left, or by how much it is over."""

    urgency: Urgency
    text: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """What the duty is asked about: a correction, and the time until the entry is suspended by itself."""

    correction: Correction
    left: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A field of the entry as it was read, around the words that were quoted from it.

    Attributes:
        name: the field's, as in ``web.entries.differences.FIELDS``.
        quoted: the words; empty where they stand in the text in another way, so that they can't be marked.
    """

    name: str
    before: str
    quoted: str
    after: str


def span(delta: timedelta) -> str:
    """Return a length of time as people say it: to the minute below a day, to the hour above."""
    minutes = max(int(delta.total_seconds()) // 60, 0)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return str(gettext("%(days)s 天 %(hours)s 小时", days=days, hours=hours))
    if hours:
        return str(gettext("%(hours)s 小时 %(minutes)s 分", hours=hours, minutes=minutes))
    return str(gettext("%(minutes)s 分钟", minutes=minutes))


def clock(correction: Correction, now: datetime) -> Clock:
    """Return the clock of *correction*: it stops when the correction is answered, and says then whether in time."""
    if correction.closed_at is not None:
        took = span(correction.closed_at - correction.reported_at)
        text = (
            gettext("按时，用了 %(span)s", span=took)
            if correction.on_time
            else gettext("超时，用了 %(span)s", span=took)
        )
        return Clock(Urgency.DONE if correction.on_time else Urgency.OVER, str(text))
    left = correction.due_at - now
    if left < timedelta(0):
        return Clock(Urgency.OVER, str(gettext("超时 %(span)s", span=span(-left))))
    whole = correction.due_at - correction.reported_at
    urgency = Urgency.SOON if left < whole / 4 else Urgency.CALM
    return Clock(urgency, str(gettext("还有 %(span)s", span=span(left))))


def passage(correction: Correction) -> Passage | None:
    """Return where in the revision that was read the quoted words stand; ``None`` where nothing was quoted or found."""
    content, quoted = correction.revision.content, correction.passage.strip()
    name = part_of(content, quoted)
    if name is None:
        return None
    text = _close(plain(getattr(content, name)))
    before, found, after = text.partition(_close(quoted))
    return Passage(name, before, found, after) if found else Passage(name, text, "", "")


def _close(text: str) -> str:
    """Return *text* without empty lines: what is left of lists and paragraphs that were rendered."""
    return "\n".join(line for line in text.splitlines() if line.strip())


def candidates(correction: Correction) -> Sequence[Revision]:
    """Return the revisions that may put *correction* right: the live one and that in work, if newer than reported."""
    entry = correction.entry
    found = {
        revision.number: revision
        for revision in (entry.live_revision, entry.work_revision)
        if revision is not None and revision.number > correction.revision.number
    }
    return [found[number] for number in sorted(found)]
