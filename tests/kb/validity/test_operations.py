from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from kb.clock import local_day, local_day_end
from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries.models import Entry, Revision
from kb.entries.queries import by_key
from kb.entries.rules import State
from kb.errors import InvalidInputError
from kb.notices import operations as notices
from kb.notices.models import Notice, NoticeKind
from kb.people.models import User
from kb.permissions import Role
from kb.validity import operations, queries
from kb.validity.models import DateReminder
from kb.validity.queries import Due, Overdue
from kb.validity.rules import LONG_AGO, REMIND_DAYS, DateKind, reminder
from tests.support import factories
from tests.support.statements import counted
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


def test_where_nobody_answers_for_an_entry_the_managers_are_reminded(installation):
    owner = factories.person(installation, "leaver", Role.EXPERT)
    factories.publish(installation, "offer", valid_until=installation.clock() + timedelta(days=1), review_due=None)
    with unit_of_work(installation.sessions) as session:
        by_key(session, "offer").owner_id = owner.user_id
        session.get_one(User, owner.user_id).active = False
    jobs.look(installation.sessions, installation.clock, ZONE)
    with unit_of_work(installation.sessions) as session:
        notices.deliver(session)
        told = session.scalars(select(Notice.user_id).where(Notice.kind == NoticeKind.DATE_NEAR)).all()
    assert told == [installation.actors[Role.MANAGER].user_id]


STEPS = st.sets(st.sampled_from(REMIND_DAYS), max_size=3)
AWAY = st.sampled_from([timedelta(days=days) for days in (-7, -1, 0, 1, 7)])
LITTLE = st.sampled_from([timedelta(0), timedelta.resolution, -timedelta.resolution]) | st.timedeltas(
    timedelta(days=-9), timedelta(days=9)
)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=700)).map(lambda later: datetime(2026, 1, 1, tzinfo=UTC) + later)


def test_the_query_says_of_all_dates_what_the_rule_says_of_each(any_installation):
    """At any moment, for any dates and whatever was told before, in a zone that is far from UTC."""
    installation = any_installation
    for key in ("a", "b"):
        factories.publish(installation, key)
    with installation.sessions() as session:
        rows = {key: (by_key(session, key).id, by_key(session, key).live_revision_id) for key in ("a", "b")}
    one = st.tuples(st.none() | st.builds(lambda *parts: sum(parts, timedelta(0)), AWAY, LITTLE), STEPS)
    day = st.tuples(st.none() | st.integers(-9, 9), STEPS)

    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(now=MOMENTS, ends=st.tuples(one, one), days=st.tuples(day, day))
    def hold(now, ends, days):
        expected = set()
        with unit_of_work(installation.sessions) as session:
            session.execute(delete(DateReminder))
            for (entry_id, revision_id), (away, told), (number, said) in zip(rows.values(), ends, days, strict=True):
                end = None if away is None else now + away
                due = None if number is None else local_day(now, ZONE) + timedelta(days=number)
                session.execute(update(Revision).where(Revision.id == revision_id).values(valid_until=end))
                session.execute(update(Entry).where(Entry.id == entry_id).values(review_due=due))
                dates = [] if end is None else [(DateKind.VALID_UNTIL, local_day(end, ZONE), end, told)]
                dates += [] if due is None else [(DateKind.REVIEW_DUE, due, local_day_end(due, ZONE), said)]
                for kind, on, moment, before in dates:
                    session.add_all(
                        DateReminder(entry_id=entry_id, kind=kind, day=on, days_before=days, at=now) for days in before
                    )
                    nearest = reminder(moment, now, before)
                    if nearest is not None and moment > now - LONG_AGO:
                        expected.add(Due(entry_id, kind, on, nearest))
            session.flush()
            found = queries.due(session, timezone=ZONE, now=now)
        assert (len(found), set(found)) == (len(expected), expected)

    hold()


def test_each_part_reads_what_it_handles(any_installation):
    installation = any_installation
    for number in range(6):
        factories.publish(installation, f"offer-{number}", review_due=date(2026, 11, 4))
    factories.publish(installation, "later")
    now = installation.clock()
    with installation.sessions() as session, counted(installation.engine) as statements:
        found = queries.due(session, timezone=ZONE, now=now)
        assert (len(found), len(statements)) == (6, 2)
    taken = []
    for part in (found[:3], found[3:]):
        with unit_of_work(installation.sessions) as session, counted(installation.engine) as statements:
            assert operations.remind(session, part, timezone=ZONE, now=now) == 3
            session.flush()
            taken.append(len(statements))
    assert taken[0] == taken[1] <= 2 + 3 + 3
    # Another process that found the same a moment ago gives none of them.
    with unit_of_work(installation.sessions) as session:
        assert operations.remind(session, found, timezone=ZONE, now=now) == 0
        assert operations.remind(session, [], timezone=ZONE, now=now) == 0
