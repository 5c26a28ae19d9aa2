"""What pages share about corrections: reporting one, and what the duty is asked about."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import cast

from flask import g

from kb.corrections import operations, queries
from kb.corrections.models import Correction
from kb.entries import queries as entry_queries
from kb.errors import NotFoundError
from kb.i18n import N_
from kb.permissions import Permission, allowed
from web import requests
from web.corrections import forms
from web.corrections.presenters import Alarm, span
from web.services import services


def report(key: str, form: Mapping[str, str]) -> Correction:
    """Report, in a unit of work, what *form* says is wrong with the entry *key*.

    Also one that was suspended while the person was writing: their card showed it, and what they know is wanted.

    Raises:
        NotFoundError: there is no such entry that the person may read while it is on the desk.
        InvalidInputError: *form* can't be taken.
    """
    given, actor, now = forms.report(form), requests.actor(), requests.now()
    patience = timedelta(minutes=services().settings.p1_minutes)
    with requests.writing() as unit:
        entry = entry_queries.by_key(unit, key)
        live = entry.live_revision if entry is not None else None
        if entry is None or live is None or not allowed(actor, Permission.ENTRY_READ, entry.target(live)):
            raise NotFoundError(N_("没有这条知识，或者你没有权限看它"))
        return operations.report(unit, actor, entry, given, patience=patience, now=now)


def duty_alarms() -> Sequence[Alarm]:
    """Return what the person is asked about as the duty; read once a request. One statement, none for others."""
    if "duty_alarms" not in g:
        now = requests.now()
        found = queries.asking_the_duty(requests.session(), requests.actor())
        g.duty_alarms = [Alarm(item, span((item.suspend_at or now) - now)) for item in found]
    return cast("Sequence[Alarm]", g.duty_alarms)
