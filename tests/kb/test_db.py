from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier, Thread

import pytest
from sqlalchemy import JSON, bindparam, literal, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from kb.db import UTCDateTime, unit_of_work
from kb.people.models import RoleGrant, Team, User
from kb.people.queries import by_username
from kb.permissions import Role
from tests.support.installation import START
from tests.support.tables import dump


def through_the_database(installation, moment):
    """What becomes of a moment that is stored and read back."""
    with installation.sessions() as session:
        session.add(User(username="x", name="x", created_at=moment))
        session.commit()
    with installation.sessions() as session:
        return by_username(session, "x").created_at


@pytest.mark.parametrize(
    "moment",
    [
        START,
        START.replace(microsecond=1),
        START.astimezone(timezone(timedelta(hours=8))),
        START.astimezone(timezone(timedelta(hours=-3, minutes=-30))),
    ],
    ids=["utc", "microsecond", "east", "west"],
)
def test_a_moment_comes_back_as_the_same_moment_in_utc(any_installation, moment):
    back = through_the_database(any_installation, moment)
    assert back == moment
    assert back.tzinfo is UTC


def test_moments_are_compared_as_moments_in_the_database(any_installation):
    """Text on SQLite: only one time zone in the database keeps the order."""
    nine_in_shanghai = datetime(2026, 11, 2, 9, tzinfo=timezone(timedelta(hours=8)))
    through_the_database(any_installation, nine_in_shanghai)
    with any_installation.sessions() as session:
        for moment, before in ((START, False), (START + timedelta(microseconds=1), True)):
            found = session.scalar(select(User.id).where(User.username == "x", User.created_at < moment))
            assert (found is not None) is before


def test_a_naive_moment_is_refused(any_installation):
    with any_installation.sessions() as session:
        session.add(User(username="x", name="x", created_at=datetime(2026, 11, 2)))  # noqa: DTZ001 - the point
        with pytest.raises(StatementError, match="naive datetime"):
            session.flush()


def test_no_moment_stays_none(any_installation):
    with any_installation.sessions() as session:
        assert session.scalar(select(bindparam("at", None, UTCDateTime()))) is None


def test_a_unit_of_work_commits_at_its_end(any_installation):
    with unit_of_work(any_installation.sessions) as session:
        session.add(Team(key="t", name="一班"))
    assert dump(any_installation.engine)["teams"] == [(1, "t", "一班", None)]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_unit_of_work_that_raises_leaves_nothing(any_installation, error):
    before = dump(any_installation.engine)

    def work():
        with unit_of_work(any_installation.sessions) as session:
            session.add(Team(key="t", name="一班"))
            session.flush()
            raise error

    with pytest.raises(error):
        work()
    assert dump(any_installation.engine) == before


def test_objects_stay_readable_after_their_unit_of_work(installation):
    with unit_of_work(installation.sessions) as session:
        team = Team(key="t", name="一班")
        session.add(team)
    assert (team.id, team.name) == (1, "一班")


def test_foreign_keys_hold_on_every_database(any_installation):
    with any_installation.sessions() as session:
        session.add(RoleGrant(user_id=999, role=Role.AGENT))
        with pytest.raises(IntegrityError):
            session.flush()


def test_an_enum_is_stored_by_its_value(any_installation):
    with any_installation.engine.connect() as connection:
        stored = connection.execute(text("SELECT DISTINCT role FROM role_grants")).scalars()
        assert set(stored) == {role.value for role in Role}


def test_chinese_json_reads_back(any_installation):
    with any_installation.sessions() as session:
        assert session.scalar(select(literal(["客户说法", "😀"], JSON()))) == ["客户说法", "😀"]


def test_sqlite_keeps_a_commit_through_a_power_cut_and_lets_readers_read(installation):
    with installation.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    with unit_of_work(installation.sessions) as writer:
        writer.add(Team(key="t", name="一班"))
        writer.flush()
        assert dump(installation.engine)["teams"] == []


def test_who_reads_and_then_writes_waits_for_the_writer_before(any_installation):
    """Two at once, each counting on from what it has read: neither fails, neither is lost."""
    rounds = 20
    barrier = Barrier(2)
    with unit_of_work(any_installation.sessions) as session:
        session.add(Team(key="t", name="0"))

    def count_on():
        barrier.wait()
        for _ in range(rounds):
            with unit_of_work(any_installation.sessions) as session:
                team = session.scalars(select(Team).with_for_update()).one()
                team.name = str(int(team.name) + 1)

    others = [Thread(target=count_on) for _ in range(2)]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert dump(any_installation.engine)["teams"] == [(1, "t", str(2 * rounds), None)]
