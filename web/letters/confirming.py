"""The link by which somebody confirms their address: signed, for one person and address, good for some days.

It is written anew for each attempt to send the letter, and always the same: how long it is good counts from when the
letter was made. Who follows it must be signed in as that person, so a link that gets into wrong hands is of no use.
"""

from datetime import datetime

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.letters import rules
from kb.permissions import Actor


class LinkError(InvalidInputError):
    """A link confirms nothing, and this is what to do."""


def token(user_id: int, address: str, made_at: datetime) -> str:
    """Return what the link of a letter made at *made_at* holds."""
    return str(_serializer().dumps([user_id, address, int((made_at + rules.CONFIRM_WITHIN).timestamp())]))


def address_in(text: str, actor: Actor, *, now: datetime) -> str:
    """Return the address that the token *text* confirms for *actor*.

    Raises:
        LinkError: it is no token of ours, or of another person, or too old.
    """
    try:
        user_id, address, until = _serializer().loads(text)
    except (BadSignature, ValueError, TypeError) as error:
        raise LinkError(N_("这个链接不对：可能没有复制完整，请从邮件里再打开一次")) from error
    if user_id != actor.user_id:
        raise LinkError(N_("这个链接是发给另一个账号的，请用那个账号登录以后再打开"))
    if now.timestamp() >= until:
        raise LinkError(N_("这个链接过期了，请再要一封确认信"))
    return str(address)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="mail address")
