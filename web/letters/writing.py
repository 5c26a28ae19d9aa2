"""What a letter says: a plain-text mail in the person's language, the same however often it is written."""

import hashlib
import hmac
import unicodedata
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from flask import Flask, url_for
from flask_babel import force_locale, gettext

from kb.letters import rules
from kb.letters.operations import Parcel
from kb.settings import Settings
from web.letters.confirming import token
from web.notices import presenters

MAX_SUBJECT = 150
"""Characters: more is cut off in every list of mails."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories: control, format (direction, zero width), surrogates, private use, separators of lines."""

POLICY = SMTP.clone(cte_type="7bit", max_line_length=78)
"""Works with every mail server: Chinese is encoded, and lines are short."""


def message_id(settings: Settings, secret: str, letter_id: int) -> str:
    """Return the name of a letter: the same for each attempt, and no other installation's.

    By it mail servers and readers know a second copy, which can come where a sender was killed between the server's
    answer and its own commit.
    """
    mark = hmac.new(secret.encode(), f"letter {letter_id}".encode(), hashlib.sha256).hexdigest()[:20]
    return f"<letter-{letter_id}.{mark}@{settings.mail_from.rpartition('@')[2] or 'localhost'}>"


def write(app: Flask, settings: Settings, parcel: Parcel) -> EmailMessage:
    """Return *parcel* as a mail. Links are left out where the site's address is not set."""
    with app.test_request_context(base_url=settings.public_url or None), force_locale(parcel.locale or settings.locale):
        message = EmailMessage(policy=POLICY)
        message["Message-ID"] = message_id(settings, app.config["SECRET_KEY"], parcel.letter_id)
        message["Date"] = format_datetime(parcel.made_at)
        message["From"] = Address(gettext("知汇"), addr_spec=settings.mail_from)
        message["To"] = Address(_in_header(parcel.name), addr_spec=parcel.address)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers it
        if parcel.confirms:
            message["Subject"] = gettext("知汇：请确认这个邮箱")
            message.set_content(_confirmation(settings, parcel))
            return message
        lines = [presenters.line(notice) for notice in parcel.notices]
        message["Subject"] = _in_header(
            gettext("知汇：%(count)s 条提醒", count=len(lines))
            if parcel.digest or len(lines) > 1
            else gettext("知汇：%(text)s", text=lines[0].text)
        )[:MAX_SUBJECT]
        message.set_content(_text(settings, parcel, lines))
    return message


def _text(settings: Settings, parcel: Parcel, lines: list[presenters.Line]) -> str:
    parts = [gettext("%(name)s，您好：", name=one_line(parcel.name)), ""]
    for line in lines:
        parts.append(f"· {one_line(line.text)}（{_moment(line.at, settings.timezone)}）")
        if settings.public_url and line.address:
            parts.append(f"  {urljoin(settings.public_url, line.address)}")
    parts.append("")
    if settings.public_url:
        every, choices = (urljoin(settings.public_url, url_for(f"notices.{name}")) for name in ("index", "choices"))
        parts.append(gettext("全部提醒：%(address)s", address=every))
        parts.append(gettext("不想再收到这样的邮件：%(address)s", address=choices))
    else:
        parts.append(gettext("要不要收邮件、收哪些，可以在知汇的“提醒”页里设置。"))
    return "\n".join(parts) + "\n"


def _moment(at: datetime, timezone: str) -> str:
    return f"{at.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M}"


def _confirmation(settings: Settings, parcel: Parcel) -> str:
    address = url_for("notices.address", token=token(parcel.user_id, parcel.address, parcel.made_at))
    parts = [
        gettext("%(name)s，您好：", name=one_line(parcel.name)),
        "",
        gettext("知汇里填了这个邮箱来收您的提醒。"),
        gettext("请在 %(days)s 天内打开下面的链接，用您的账号登录并确认：", days=rules.CONFIRM_WITHIN.days),
        "",
        f"  {urljoin(settings.public_url, address)}",
        "",
        gettext("不是您填的就不用理会：不确认，就不会再有提醒发到这里。"),
    ]
    return "\n".join(parts) + "\n"


def _in_header(text: str) -> str:
    """Return *text* as a part of a header. An encoded word would be decoded, line ends and all."""
    return one_line(text).replace("=?", "= ?")


def one_line(text: str) -> str:
    """Return *text*, which anybody may have written, as a part of a line.

    Without what would begin another line or header, and without marks that nobody sees: those that turn the direction
    of writing can make a line say something else than it does.
    """
    seen = "".join(" " if unicodedata.category(sign) in _UNSEEN else sign for sign in text)
    return " ".join(seen.split())
