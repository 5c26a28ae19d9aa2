"""What a notice says, in the person's language, and where it leads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext

from kb.corrections.rules import STATE_LABELS as CORRECTION_STATES
from kb.corrections.rules import State as CorrectionState
from kb.i18n import N_
from kb.notices.models import MODERATED_LABELS, Notice, NoticeKind


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


def _mentioned(notice: Notice) -> str:
    return str(gettext("有人在“%(title)s”里提到了你。", **_texts(notice, "title")))


def _thread_replied(notice: Notice) -> str:
    return str(gettext("“%(title)s”有新回复。", **_texts(notice, "title")))


def _thread_answered(notice: Notice) -> str:
    return str(gettext("“%(title)s”有采纳的答案了。", **_texts(notice, "title")))


def _reply_accepted(notice: Notice) -> str:
    return str(gettext("你在“%(title)s”里的回答被采纳了，谢谢。", **_texts(notice, "title")))


_MODERATED = {
    (False, False): N_("“%(title)s”%(done)s。"),
    (False, True): N_("“%(title)s”%(done)s：%(reason)s"),
    (True, False): N_("你在“%(title)s”里的回复%(done)s。"),
    (True, True): N_("你在“%(title)s”里的回复%(done)s：%(reason)s"),
}


def _thread_moderated(notice: Notice) -> str:
    said = _MODERATED[bool(notice.facts.get("reply")), bool(notice.facts.get("reason"))]
    happened = MODERATED_LABELS[notice.facts["verb"]]
    return str(gettext(said, done=gettext(happened), **_texts(notice, "title", "reason")))


def _expert_wanted(notice: Notice) -> str:
    return str(gettext("“%(title)s”还没有人回答，它属于你的模块。", **_texts(notice, "title")))


def _became_knowledge(notice: Notice) -> str:
    return str(gettext("“%(thread)s”成了知识“%(title)s”，谢谢你。", **_texts(notice, "thread", "title")))


SAYS: Mapping[NoticeKind, Callable[[Notice], str]] = {
    NoticeKind.GAP_CLOSED: _gap_closed,
    NoticeKind.GAP_DECLINED: _gap_declined,
    NoticeKind.CORRECTION_ANSWERED: _correction_answered,
    NoticeKind.MENTIONED: _mentioned,
    NoticeKind.THREAD_REPLIED: _thread_replied,
    NoticeKind.THREAD_ANSWERED: _thread_answered,
    NoticeKind.REPLY_ACCEPTED: _reply_accepted,
    NoticeKind.THREAD_MODERATED: _thread_moderated,
    NoticeKind.EXPERT_WANTED: _expert_wanted,
    NoticeKind.BECAME_KNOWLEDGE: _became_knowledge,
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

    An answer leads to the desk, with the same words searched and its card open; a correction to what became of it; what
    happened in the forum to the post, and what became knowledge to the entry.
    """
    if notice.kind is NoticeKind.GAP_CLOSED:
        words, region, entry = (notice.facts.get(name) or "" for name in ("words", "region", "entry"))
        return url_for("desk.screen", q=words, region=region, module="", product="", open=entry)
    if notice.kind is NoticeKind.CORRECTION_ANSWERED:
        return url_for("corrections.show", number=int(notice.subject_id))
    if notice.kind is NoticeKind.BECAME_KNOWLEDGE:
        return url_for("entries.show", key=notice.facts["entry"])
    if "thread" in notice.facts:
        anchor = f"reply-{notice.facts['reply']}" if notice.facts.get("reply") else None
        return url_for("forum.show", key=notice.facts["thread"], _anchor=anchor)
    return None


def _texts(notice: Notice, *names: str) -> dict[str, str]:
    return {name: str(notice.facts.get(name, "")) for name in names}
