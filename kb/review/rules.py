"""What a remark must say, and what an approval may promise: pure functions."""

from datetime import datetime, timedelta
from enum import StrEnum

from kb.corrections.rules import part_of
from kb.entries.content import Content
from kb.errors import InvalidInputError
from kb.i18n import N_

MAX_REMARK = 1000
MAX_QUOTE = 500
FARTHEST = timedelta(days=366)
"""How far ahead something can be set to go live: a later date is a slip."""


class Release(StrEnum):
    """When what is approved goes live."""

    AT_ONCE = "at_once"
    """As soon as every region it is scoped to has confirmed it; without regions, now."""
    AT = "at"
    """By itself at a set time, or when the last region has confirmed it, whichever is later."""
    BY_HAND = "by_hand"
    """When a person publishes it."""

    @property
    def label(self) -> str:
        """The Chinese name."""
        return RELEASE_LABELS[self]


RELEASE_LABELS = {
    Release.AT_ONCE: N_("通过后马上发布"),
    Release.AT: N_("定时发布"),
    Release.BY_HAND: N_("先通过，以后手工发布"),
}


def publish_at(release: Release, wanted: datetime | None, now: datetime) -> datetime | None:
    """Return from when on what is approved *now* may go live by itself; ``None`` for never.

    Raises:
        InvalidInputError: a set time that is missing, past, or farther off than a year.
    """
    match release:
        case Release.AT_ONCE:
            return now
        case Release.BY_HAND:
            return None
        case Release.AT:
            if wanted is None:
                raise InvalidInputError(N_("请选定发布的时间"), field="publish_at")
            if wanted <= now:
                raise InvalidInputError(N_("发布的时间要在现在以后"), field="publish_at")
            if wanted > now + FARTHEST:
                raise InvalidInputError(N_("发布的时间最多定在一年以后"), field="publish_at")
            return wanted


def anchored(content: Content, quote: str) -> str | None:
    """Return the name of the field of *content* that the *quote* stands in; ``None`` for a remark on the whole.

    Raises:
        InvalidInputError: the quote is too long, or stands nowhere: a remark must point at something.
    """
    quote = quote.strip()
    if not quote:
        return None
    if len(quote) > MAX_QUOTE:
        raise InvalidInputError(N_("引用的原文最多 %(max)s 个字"), field="quote", max=MAX_QUOTE)
    part = part_of(content, quote)
    if part is None:
        raise InvalidInputError(N_("这一版里没有引用的这句话"), field="quote")
    return part


def checked(text: str) -> str:
    """Return the *text* of a remark without white space around it.

    Raises:
        InvalidInputError: it is empty or too long.
    """
    text = text.strip()
    if not text:
        raise InvalidInputError(N_("请写意见"), field="text")
    if len(text) > MAX_REMARK:
        raise InvalidInputError(N_("这一栏最多 %(max)s 个字"), field="text", max=MAX_REMARK)
    return text
