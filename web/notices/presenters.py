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
from kb.validity.rules import DateKind
from web import i18n, requests


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


def _returned(notice: Notice) -> str:
    return str(gettext("“%(title)s”退回给你了：%(reason)s", **_texts(notice, "title", "reason")))


def _rejected(notice: Notice) -> str:
    return str(gettext("“%(title)s”没有采用：%(reason)s", **_texts(notice, "title", "reason")))


def _remarked(notice: Notice) -> str:
    return str(gettext("“%(title)s”有一条意见：%(text)s", **_texts(notice, "title", "text")))


def _asked(notice: Notice) -> str:
    return str(gettext("请核实“%(title)s”：%(region)s。", region=_region(notice), **_texts(notice, "title")))


def _late(notice: Notice) -> str:
    return str(gettext("“%(title)s”还等着%(region)s核实。", region=_region(notice), **_texts(notice, "title")))


def _silent(notice: Notice) -> str:
    return str(
        gettext("“%(title)s”过了两个工作日，%(region)s还没有核实。", region=_region(notice), **_texts(notice, "title"))
    )


def _date_near(notice: Notice) -> str:
    texts, days = _texts(notice, "title", "day"), notice.facts.get("days")
    if notice.facts.get("kind") == DateKind.VALID_UNTIL:
        if days == 0:
            return str(gettext("“%(title)s”的有效期到了，台上已经搜不到。", **texts))
        return str(gettext("“%(title)s”的有效期还有 %(days)s 天（%(day)s）。", days=days, **texts))
    if days == 0:
        return str(gettext("“%(title)s”该复核了（%(day)s）。", **texts))
    return str(gettext("“%(title)s”还有 %(days)s 天要复核（%(day)s）。", days=days, **texts))


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


def _handed_over(notice: Notice) -> str:
    return str(gettext("%(name)s 的 %(count)s 条知识交给你负责了。", **_texts(notice, "name", "count")))


def _published(notice: Notice) -> str:
    return str(gettext("“%(title)s”发布了，台上现在用的就是这一版。", **_texts(notice, "title")))


def _lesson_set(notice: Notice) -> str:
    texts = {**_texts(notice, "title", "place"), "at": _minute(notice, "at")}
    if not texts["place"]:
        return str(gettext("给你排了课：%(title)s，%(at)s。", **texts))
    return str(gettext("给你排了课：%(title)s，%(at)s，%(place)s。", **texts))


def _lesson_cancelled(notice: Notice) -> str:
    return str(gettext("%(at)s 的课取消了：%(title)s。", at=_minute(notice, "at"), **_texts(notice, "title")))


def _must_read(notice: Notice) -> str:
    texts = {**_texts(notice, "title"), "until": _minute(notice, "until")}
    return str(gettext("请在 %(until)s 前读“%(title)s”，答对题就算签收。", **texts))


def _exam_set(notice: Notice) -> str:
    times = {name: _minute(notice, name) for name in ("from", "until")}
    return str(gettext("有你的考试“%(title)s”：%(from)s 至 %(until)s。", **times, **_texts(notice, "title")))


SAYS: Mapping[NoticeKind, Callable[[Notice], str]] = {
    NoticeKind.GAP_CLOSED: _gap_closed,
    NoticeKind.GAP_DECLINED: _gap_declined,
    NoticeKind.CORRECTION_ANSWERED: _correction_answered,
    NoticeKind.ENTRY_RETURNED: _returned,
    NoticeKind.ENTRY_REJECTED: _rejected,
    NoticeKind.ENTRY_REMARKED: _remarked,
    NoticeKind.VERIFICATION_ASKED: _asked,
    NoticeKind.VERIFICATION_LATE: _late,
    NoticeKind.VERIFICATION_SILENT: _silent,
    NoticeKind.DATE_NEAR: _date_near,
    NoticeKind.MENTIONED: _mentioned,
    NoticeKind.THREAD_REPLIED: _thread_replied,
    NoticeKind.THREAD_ANSWERED: _thread_answered,
    NoticeKind.REPLY_ACCEPTED: _reply_accepted,
    NoticeKind.THREAD_MODERATED: _thread_moderated,
    NoticeKind.EXPERT_WANTED: _expert_wanted,
    NoticeKind.BECAME_KNOWLEDGE: _became_knowledge,
    NoticeKind.HANDED_OVER: _handed_over,
    NoticeKind.ENTRY_PUBLISHED: _published,
    NoticeKind.LESSON_SET: _lesson_set,
    NoticeKind.LESSON_CANCELLED: _lesson_cancelled,
    NoticeKind.MUST_READ: _must_read,
    NoticeKind.EXAM_SET: _exam_set,
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
    """Return where *notice* leads; ``None`` where there is nothing more to see."""
    leads = _LEADS.get(notice.kind)
    return None if leads is None else leads(notice)


def _to_desk(notice: Notice) -> str:
    """With the same words searched, and the card of the answer open."""
    words, region, entry = (notice.facts.get(name) or "" for name in ("words", "region", "entry"))
    return url_for("desk.screen", q=words, region=region, module="", product="", open=entry)


def _to_correction(notice: Notice) -> str:
    return url_for("corrections.show", number=int(notice.subject_id))


def _to_owned(notice: Notice) -> str:
    return url_for("editor.index", _anchor="owned")


def _to_entry(endpoint: str) -> Callable[[Notice], str]:
    return lambda notice: url_for(endpoint, key=notice.facts["entry"])


def _to_post(notice: Notice) -> str:
    anchor = f"reply-{notice.facts['reply']}" if notice.facts.get("reply") else None
    return url_for("forum.show", key=notice.facts["thread"], _anchor=anchor)


_LEADS: Mapping[NoticeKind, Callable[[Notice], str]] = {
    NoticeKind.GAP_CLOSED: _to_desk,
    NoticeKind.CORRECTION_ANSWERED: _to_correction,
    NoticeKind.HANDED_OVER: _to_owned,
    NoticeKind.ENTRY_RETURNED: _to_entry("review.show"),
    NoticeKind.ENTRY_REJECTED: _to_entry("review.show"),
    NoticeKind.ENTRY_REMARKED: _to_entry("review.show"),
    NoticeKind.VERIFICATION_SILENT: _to_entry("review.show"),
    NoticeKind.VERIFICATION_ASKED: _to_entry("verification.show"),
    NoticeKind.VERIFICATION_LATE: _to_entry("verification.show"),
    NoticeKind.DATE_NEAR: _to_entry("entries.show"),
    NoticeKind.BECAME_KNOWLEDGE: _to_entry("entries.show"),
    NoticeKind.MENTIONED: _to_post,
    NoticeKind.THREAD_REPLIED: _to_post,
    NoticeKind.THREAD_ANSWERED: _to_post,
    NoticeKind.REPLY_ACCEPTED: _to_post,
    NoticeKind.THREAD_MODERATED: _to_post,
    NoticeKind.EXPERT_WANTED: _to_post,
    NoticeKind.ENTRY_PUBLISHED: _to_entry("entries.show"),
    NoticeKind.MUST_READ: _to_entry("entries.show"),
    NoticeKind.LESSON_SET: lambda notice: url_for("training.mine"),
    NoticeKind.LESSON_CANCELLED: lambda notice: url_for("training.mine"),
    NoticeKind.EXAM_SET: lambda notice: url_for("exams.show", number=int(notice.subject_id)),
}


def _minute(notice: Notice, name: str) -> str:
    return str(i18n.minute(datetime.fromisoformat(notice.facts[name])))


def _region(notice: Notice) -> str:
    key = str(notice.facts.get("region", ""))
    found = requests.taxonomy().regions.get(key)
    return key if found is None else i18n.term_name(found)


def _texts(notice: Notice, *names: str) -> dict[str, str]:
    return {name: str(notice.facts.get(name, "")) for name in names}
