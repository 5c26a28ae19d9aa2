"""What a notice says, in the person's language, and where it leads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext

from kb.corrections.rules import STATE_LABELS as CORRECTION_STATES
from kb.corrections.rules import State as CorrectionState
from kb.notices.models import Notice, NoticeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A notice as it is shown.

    Attributes:
        address: where it leads; ``None`` where there is nothing to see.
    """

    number: int
    kind: NoticeKind
    text: str
    at: datetime
    read: bool
    address: str | None


def _gap_closed(notice: Notice) -> str:
    return str(gettext("你问过的“%(words)s”有答案了：%(title)s", **_texts(notice, "words", "title")))


def _gap_declined(notice: Notice) -> str:
    return str(gettext("你问过的“%(words)s”不归我们答复，不用再等。", **_texts(notice, "words")))


def _correction_answered(notice: Notice) -> str:
    state = CORRECTION_STATES[CorrectionState(notice.facts["state"])]
    return str(gettext("你报的“%(title)s”的纠错：%(state)s。", state=gettext(state), **_texts(notice, "title")))


def _handed_over(notice: Notice) -> str:
    return str(gettext("%(name)s 的 %(count)s 条知识交给你负责了。", **_texts(notice, "name", "count")))


SAYS: Mapping[NoticeKind, Callable[[Notice], str]] = {
    NoticeKind.GAP_CLOSED: _gap_closed,
    NoticeKind.GAP_DECLINED: _gap_declined,
    NoticeKind.CORRECTION_ANSWERED: _correction_answered,
    NoticeKind.HANDED_OVER: _handed_over,
}


def line(notice: Notice) -> Line:
    """Return *notice* as it is shown."""
    return Line(
        number=notice.id,
        kind=notice.kind,
        text=SAYS[notice.kind](notice),
        at=notice.at,
        read=notice.read_at is not None,
        address=address(notice),
    )


def address(notice: Notice) -> str | None:
    """Return where *notice* leads.

    An answer leads to the desk, with the same words searched and its card open; a correction to what became of it.
    """
    if notice.kind is NoticeKind.GAP_CLOSED:
        words, region, entry = (notice.facts.get(name) or "" for name in ("words", "region", "entry"))
        return url_for("desk.screen", q=words, region=region, module="", product="", open=entry)
    if notice.kind is NoticeKind.HANDED_OVER:
        return url_for("editor.index", _anchor="owned")
    if notice.kind is NoticeKind.CORRECTION_ANSWERED:
        return url_for("corrections.show", number=int(notice.subject_id))
    return None


def _texts(notice: Notice, *names: str) -> dict[str, str]:
    return {name: str(notice.facts.get(name, "")) for name in names}
