"""How somebody is told: what they wish, and which addresses mail may go to."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.notices.models import DEFAULT_TELLING, Mailing, NoticeKind, Telling

MAX_ADDRESS = 254
"""RFC 5321, 4.5.3.1.3, without the angle brackets."""

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?P<domain>(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63})")


@dataclass(frozen=True, slots=True)
class Wishes:
    """How one person wants to be told: what they chose otherwise than by default, and whether mail reaches them."""

    chosen: Mapping[NoticeKind, Telling]
    has_address: bool

    def telling(self, kind: NoticeKind) -> Telling:
        """Return how they want to be told of *kind*."""
        return self.chosen.get(kind, DEFAULT_TELLING)

    def mailing(self, kind: NoticeKind) -> Mailing:
        """Return what becomes of a notice of *kind* by mail."""
        if not self.has_address:
            return Mailing.NONE
        return {Telling.AT_ONCE: Mailing.AT_ONCE, Telling.DAILY: Mailing.DAILY}.get(self.telling(kind), Mailing.NONE)


def mail_address(text: str, domains: Collection[str]) -> str:
    """Return *text* as an address that mail may go to.

    Args:
        domains: the only ones allowed; empty for all.

    Raises:
        InvalidInputError: it is no address (in ASCII, as SMTP without extensions takes it), or not in *domains*.
    """
    address = text.strip()
    match = _ADDRESS.fullmatch(address)
    if match is None or len(address) > MAX_ADDRESS:
        raise InvalidInputError(N_("“%(address)s”不是邮箱地址"), field="address", address=address[:80])
    if domains and match["domain"].lower() not in {domain.lower() for domain in domains}:
        raise InvalidInputError(
            N_("只能填这些域名的邮箱：%(domains)s"), field="address", domains="、".join(sorted(domains))
        )
    return address
