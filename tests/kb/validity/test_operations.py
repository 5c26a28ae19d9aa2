from datetime import date, timedelta

import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries.queries import by_key
from kb.entries.rules import State
from kb.errors import InvalidInputError
from kb.notices import operations as notices
from kb.notices.models import Notice, NoticeKind
from kb.permissions import Role
from kb.validity import operations, queries
from kb.validity.queries import Overdue
from tests.support import factories
from web.review import jobs

ZONE = "Asia/Shanghai"


def look(installation):
    """Do what is due, and tell of it; return the days of all reminders so far."""
    jobs.look(installation.sessions, installation.clock, ZONE)
    with unit_of_work(installation.sessions) as session:
        while notices.deliver(session):
            pass
    with installation.sessions() as session:
        owner = installation.actors[Role.EDITOR].user_id
        found = session.scalars(select(Notice).where(Notice.kind == NoticeKind.DATE_NEAR).order_by(Notice.id)).all()
        assert {notice.user_id for notice in found} <= {owner}
        return [(notice.facts["kind"], notice.facts["days"]) for notice in found]


def test_the_owner_is_reminded_at_seven_days_at_one_and_at_the_end(any_installation):
    installation, clock = any_installation, any_installation.clock
    factories.publish(installation, "offer", valid_until=clock() + timedelta(days=30), review_due=None)
    assert look(installation) == []
    clock.advance(days=23)
    assert look(installation) == look(installation) == [("valid_until", 7)]
    clock.advance(days=6)
    assert look(installation)[1:] == [("valid_until", 1)]
    clock.advance(days=1)
    assert look(installation)[2:] == look(installation)[2:] == [("valid_until", 0)]
    clock.advance(days=300)
    assert len(look(installation)) == 3
    # Another date is another thing to be told of.
    factories.revise(installation, "offer", valid_until=clock() + timedelta(days=6))
    assert look(installation)[3:] == [("valid_until", 7)]


def test_what_is_past_its_review_day_is_marked_and_stays_on_the_desk(installation):
    factories.publish(installation, "los", review_due=date(2026, 11, 10))
    installation.clock.advance(days=1)
    assert look(installation) == []
    installation.clock.advance(days=7)  # the tenth itself: there is time until it ends
    look(installation)
    assert get(installation).live_state is State.PUBLISHED
    installation.clock.advance(hours=16)
    assert look(installation)[-1] == ("review_due", 0)
    assert get(installation).live_state is State.REVIEW_DUE

    with unit_of_work(installation.sessions) as session:
        entry, reviewer, now = by_key(session, "los"), installation.actors[Role.REVIEWER], installation.clock()
        with pytest.raises(InvalidInputError, match="今天以后"):
            entries.confirm(session, reviewer, entry, now=now, next_due=now.date())
        entries.confirm(session, reviewer, entry, now=now)
    look(installation)
    assert get(installation).live_state is State.PUBLISHED  # it is not marked again for a day that was seen to
    assert get(installation).review_due == date(2027, 11, 10)
    installation.clock.advance(days=366)
    look(installation)
    assert get(installation).live_state is State.REVIEW_DUE
    factories.revise(installation, "los", review_due=date(2028, 12, 31))
    assert (get(installation).live_state, get(installation).review_due) == (State.PUBLISHED, date(2028, 12, 31))


def get(installation, key="los"):
    with installation.sessions() as session:
        return by_key(session, key)


def test_the_lists_of_what_is_overdue(any_installation):
    installation, now = any_installation, any_installation.clock()
    factories.publish(installation, "seen", review_due=date(2027, 3, 1))
    factories.publish(installation, "due", review_due=date(2026, 11, 1))
    factories.publish(installation, "soon", review_due=date(2026, 11, 5))
    factories.publish(installation, "gone", review_due=None, valid_until=now + timedelta(hours=1))
    factories.publish(installation, "ends", review_due=None, valid_until=now + timedelta(days=3))
    installation.clock.advance(hours=2)
    now = installation.clock()

    def lists(role):
        with installation.sessions() as session:
            actor, shown = installation.actors[role], {"timezone": ZONE, "now": now}
            counts = queries.count_overdue(session, actor, **shown)
            found = {
                which: [item.key for item in queries.overdue(session, actor, which, limit=10, **shown)]
                for which in Overdue
            }
        assert {which: len(keys) for which, keys in found.items()} == counts
        return found

    assert lists(Role.REVIEWER) == {
        Overdue.REVIEW: ["due"],
        Overdue.EXPIRED: ["gone"],
        Overdue.SOON: ["ends", "soon"],
    }
    assert lists(Role.EXPERT)[Overdue.REVIEW] == ["due"]
    assert not any(lists(Role.AGENT).values())
    assert lists(Role.EDITOR)[Overdue.REVIEW] == ["due"]
    with unit_of_work(installation.sessions) as session:
        assert operations.flag_due(session, timezone=ZONE, now=now) == 1
        assert operations.flag_due(session, timezone=ZONE, now=now) == 0
