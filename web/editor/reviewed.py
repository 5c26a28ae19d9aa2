"""What reviewers said of the entry that is being edited: its author reads it beside what they write."""

from collections.abc import Sequence
from dataclasses import dataclass

from kb.drafting import operations
from kb.drafting.models import WorkingCopy
from kb.entries.rules import State
from kb.events import queries as event_queries
from kb.events.models import Event, Subject, Verb
from kb.people import queries as people_queries
from kb.people.queries import Byline
from kb.review import queries
from kb.review.models import Remark
from web import requests

SENT_BACK = {State.RETURNED: Verb.RETURNED, State.REJECTED: Verb.REJECTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was said, and by whom.

    Attributes:
        sent_back: the event that tells why the newest revision was returned or not wanted.
        remarks: those that nobody took as settled yet.
    """

    sent_back: Event | None
    remarks: Sequence[Remark]
    people: dict[int, Byline]


def said_of(copy: WorkingCopy) -> Said | None:
    """Return what reviewers said of the entry of *copy* that is still to be answered; ``None`` for nothing."""
    session, entry = requests.session(), copy.entry
    if entry is None or entry.work_state is None:
        return None
    if not queries.has_a_say(requests.actor(), entry, operations.newest(entry)):
        return None
    verb = SENT_BACK.get(entry.work_state)
    events = event_queries.history(session, Subject.ENTRY, entry.id) if verb is not None else ()
    sent_back = next((event for event in events if event.verb is verb), None)
    remarks = [item for item in queries.remarks(session, entry) if item.resolved_at is None]
    if sent_back is None and not remarks:
        return None
    ids = [item.author_id for item in remarks] + ([sent_back.actor_id] if sent_back is not None else [])
    return Said(sent_back=sent_back, remarks=remarks, people=dict(people_queries.bylines(session, ids)))
