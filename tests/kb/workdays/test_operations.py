from datetime import date, timedelta

import pytest

from kb import home
from kb.db import unit_of_work
from kb.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from kb.permissions import Role
from kb.workdays import files, operations, queries
from kb.workdays.models import DayKind


def set_days(installation, first, last, kind=DayKind.HOLIDAY, name="国庆节", by=Role.MANAGER):
    with unit_of_work(installation.sessions) as session:
        return operations.set_days(session, installation.actors[by], first, last, kind, name, now=installation.clock())


def test_a_manager_says_what_days_are_and_takes_it_back(any_installation):
    installation = any_installation
    assert set_days(installation, date(2027, 10, 1), date(2027, 10, 7)) == 7
    assert set_days(installation, date(2027, 10, 7), date(2027, 10, 7), DayKind.MAKE_UP, "调休") == 1
    with installation.sessions() as session:
        calendar = queries.load(session, "Asia/Shanghai")
        assert [calendar.works(date(2027, 10, day)) for day in (6, 7, 8, 9)] == [False, True, True, False]
        assert [item.name for item in queries.special_days(session, 2027)] == ["国庆节"] * 6 + ["调休"]
        assert queries.special_days(session, 2028) == []
    with unit_of_work(installation.sessions) as session:
        manager = installation.actors[Role.MANAGER]
        operations.clear_day(session, manager, date(2027, 10, 1), now=installation.clock())
        with pytest.raises(NotFoundError):
            operations.clear_day(session, manager, date(2027, 10, 1), now=installation.clock())
    with installation.sessions() as session:
        assert queries.load(session, "Asia/Shanghai").works(date(2027, 10, 1))


@pytest.mark.parametrize(
    ("last", "name", "field"),
    [(date(2026, 9, 30), "国庆节", "last"), (date(2027, 10, 1), "国庆节", "last"), (date(2026, 10, 1), " ", "name")],
)
def test_what_is_no_holiday_is_refused(installation, last, name, field):
    with pytest.raises(InvalidInputError) as refused:
        set_days(installation, date(2026, 10, 1), last, name=name)
    assert refused.value.field == field


def test_only_managers_do(installation):
    for role in set(Role) - {Role.MANAGER}:
        with pytest.raises(PermissionDeniedError):
            set_days(installation, date(2026, 10, 1), date(2026, 10, 1), by=role)


def special(installation, year):
    with installation.sessions() as session:
        return {item.day: (item.kind, item.name) for item in queries.special_days(session, year)}


def test_what_the_state_council_published_is_there_and_is_the_managers(any_installation):
    installation, manager = any_installation, any_installation.actors[Role.MANAGER]
    shipped = special(installation, 2026)
    assert len(shipped) == 3 + 9 + 3 + 5 + 3 + 3 + 7 + 6
    with installation.sessions() as session:
        calendar = queries.load(session, "Asia/Shanghai")
    # Every make-up day is a weekend that is worked, and nobody works less or more than the weekdays taken off.
    made_up = {day for day, (kind, _) in shipped.items() if kind is DayKind.MAKE_UP}
    assert {day.weekday() for day in made_up} == {5, 6}
    assert all(calendar.works(day) == (day in made_up) for day in shipped)
    year = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    assert sum(calendar.works(day) for day in year) == 248  # 365 days, 104 of weekends, 13 of public holidays

    # What a manager took back stays so, and a year of theirs is left alone.
    with unit_of_work(installation.sessions) as session:
        for day in shipped:
            operations.clear_day(session, manager, day, now=installation.clock())
    home.initialise(installation.settings, installation.engine, now=installation.clock())
    assert special(installation, 2026) == {}


def load(installation, path, by=None):
    with unit_of_work(installation.sessions) as session:
        return files.load_file(session, by or installation.actors[Role.MANAGER], path, now=installation.clock())


@pytest.mark.parametrize(
    "text",
    [
        "2031: [{name: 国庆节, holiday: [2030-10-01, 2030-10-07]}]",
        "2031: [{name: 元旦, holiday: [2031-01-01, 2031-01-01], make_up: [2031-01-01]}]",
        "2031: [{holiday: [2031-01-01, 2031-01-01]}]",
        "2031: [{name: 元旦, holiday: 2031-01-01}]",
        "- 2031",
        "2031: [",
    ],
)
def test_a_file_that_is_no_calendar_is_refused_and_leaves_nothing(installation, tmp_path, text):
    path = tmp_path / "calendar.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInputError, match="读不了日历文件"):
        load(installation, path)
    assert special(installation, 2031) == {}


def test_only_who_looks_after_the_calendar_takes_one_over(installation, tmp_path):
    path = tmp_path / "calendar.yaml"
    assert load(installation, path) == 0  # a centre without one
    path.write_text("2031: [{name: 元旦, holiday: [2031-01-01, 2031-01-01]}]", encoding="utf-8")
    with pytest.raises(PermissionDeniedError):
        load(installation, path, installation.actors[Role.REVIEWER])
    assert load(installation, path) == 1
    assert load(installation, path) == 0
