from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.letters import operations, queries, rules
from kb.letters.models import Letter, LetterLine, LetterState
from kb.notices.models import Mailing, Notice, Telling
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import SYSTEM
from tests.support.notices import listener, tell, wish

WHEN = {"timezone": "Asia/Shanghai", "hour": 8}


def make(installation):
    with unit_of_work(installation.sessions) as session:
        return operations.make(session, **WHEN, now=installation.clock())


def take(installation):
    with unit_of_work(installation.sessions) as session:
        return operations.take(session, now=installation.clock())


def letters(installation):
    with installation.sessions() as session:
        return session.scalars(select(Letter).order_by(Letter.id)).all()


def is_due(installation):
    with installation.sessions() as session:
        return queries.is_anything_due(session, **WHEN, now=installation.clock())


@pytest.fixture
def agent(any_installation):
    return listener(any_installation, "chen", Telling.AT_ONCE)


def test_what_is_told_at_once_goes_at_once_and_the_rest_in_the_morning(any_installation, agent):
    daily, quiet = listener(any_installation, "daily"), listener(any_installation, "quiet", Telling.INBOX)
    nowhere = listener(any_installation, "nowhere", None)
    assert not is_due(any_installation)
    for number in range(2):
        for actor in (agent, daily, quiet, nowhere):
            tell(any_installation, actor, f"{actor.name} 的火锅店 {number}")
    assert is_due(any_installation)
    assert make(any_installation) == 2
    assert make(any_installation) == 0
    parcel = take(any_installation)
    assert (parcel.address, len(parcel.notices), parcel.digest) == ("chen@centre.example", 2, False)
    assert take(any_installation) is None
    any_installation.clock.now = datetime(2026, 11, 2, 23, 59, tzinfo=UTC)
    assert make(any_installation) == 0
    any_installation.clock.now = datetime(2026, 11, 3, 0, 0, tzinfo=UTC)  # eight in the morning
    assert make(any_installation) == 2
    with unit_of_work(any_installation.sessions) as session:
        operations.sent(session, parcel, now=any_installation.clock())
    parcel = take(any_installation)
    assert (parcel.name, len(parcel.notices), parcel.digest) == ("daily", 2, True)
    assert make(any_installation) == 0


def test_what_was_read_here_or_whose_person_has_left_is_not_mailed(any_installation, agent):
    gone, moved = (listener(any_installation, name, Telling.AT_ONCE) for name in ("gone", "moved"))
    for actor in (agent, gone, moved):
        tell(any_installation, actor, f"{actor.name} 的火锅店")
    with unit_of_work(any_installation.sessions) as session:
        for notice in session.scalars(select(Notice).where(Notice.user_id == agent.user_id)):
            notice.read_at = any_installation.clock()
        people.deactivate(session, SYSTEM, by_username(session, "gone"), now=any_installation.clock())
    assert make(any_installation) == 3
    with any_installation.sessions() as session:
        mailings = dict(session.execute(select(Notice.user_id, Notice.mail)).all())
    assert mailings == {
        agent.user_id: Mailing.SKIPPED,
        gone.user_id: Mailing.SKIPPED,
        moved.user_id: Mailing.TAKEN,
    }
    wish(any_installation, moved, address="")
    assert take(any_installation) is None
    assert [letter.state for letter in letters(any_installation)] == [LetterState.GIVEN_UP]


def test_whoever_makes_letters_at_the_same_time_puts_a_notice_into_one(any_installation, agent):
    for number in range(5):
        tell(any_installation, agent, f"附近火锅店 {number}")
    barrier = Barrier(3)

    def run(_):
        barrier.wait()
        return make(any_installation)

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(run, range(3))) == 5
    with any_installation.sessions() as session:
        assert len(session.scalars(select(LetterLine)).all()) == 5
    barrier.reset()
    with ThreadPoolExecutor(3) as pool:
        taken = [parcel for parcel in pool.map(lambda _: take(any_installation), range(3)) if parcel is not None]
    assert len(taken) == len({parcel.letter_id for parcel in taken}) == len(letters(any_installation))


def test_a_letter_whose_sender_was_killed_is_taken_again_after_the_lease(any_installation, agent):
    tell(any_installation, agent, "附近火锅店")
    make(any_installation)
    first = take(any_installation)
    any_installation.clock.now += rules.LEASE - timedelta(seconds=1)
    assert take(any_installation) is None
    any_installation.clock.advance(seconds=1)
    second = take(any_installation)
    assert (second.letter_id, second.attempt) == (first.letter_id, 2)
    with unit_of_work(any_installation.sessions) as session:  # the first was only slow: what it says is too late
        operations.failed(session, first, "timed out", for_good=True, now=any_installation.clock())
    assert letters(any_installation)[0].state is LetterState.SENDING


def test_a_letter_that_does_not_go_is_tried_less_and_less_often_and_given_up(any_installation, agent):
    tell(any_installation, agent, "附近火锅店")
    make(any_installation)
    started = any_installation.clock()
    for _ in range(len(rules.PAUSES) + 1):
        parcel = take(any_installation)
        with unit_of_work(any_installation.sessions) as session:
            operations.failed(session, parcel, "451 later", for_good=False, now=any_installation.clock())
        assert take(any_installation) is None
        (letter,) = letters(any_installation)
        any_installation.clock.now = letter.next_try_at
    assert (letter.state, letter.problem) == (LetterState.GIVEN_UP, "451 later")
    assert timedelta(hours=12) < any_installation.clock() - started < timedelta(days=1)
    with any_installation.sessions() as session:
        assert queries.last(session, agent).id == letter.id
