from datetime import date

import pytest

from kb.db import unit_of_work
from kb.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from kb.permissions import Role
from kb.workdays import operations, queries
from kb.workdays.models import DayKind


def set_days(installation, first, last, kind=DayKind.HOLIDAY, name="国庆节", by=Role.MANAGER):
    with unit_of_work(installation.sessions) as session:
        return operations.set_days(session, installation.actors[by], first, last, kind, name, now=installation.clock())


def test_a_manager_says_what_days_are_and_takes_it_back(any_installation):
    installation = any_installation
    assert set_days(installation, date(2026, 10, 1), date(2026, 10, 7)) == 7
    assert set_days(installation, date(2026, 10, 7), date(2026, 10, 7), DayKind.MAKE_UP, "调休") == 1
    with installation.sessions() as session:
        calendar = queries.load(session, "Asia/Shanghai")
        assert [calendar.works(date(2026, 10, day)) for day in (6, 7, 8, 10)] == [False, True, True, False]
        assert [item.name for item in queries.special_days(session, 2026)] == ["国庆节"] * 6 + ["调休"]
        assert queries.special_days(session, 2027) == []
    with unit_of_work(installation.sessions) as session:
        manager = installation.actors[Role.MANAGER]
        operations.clear_day(session, manager, date(2026, 10, 1), now=installation.clock())
        with pytest.raises(NotFoundError):
            operations.clear_day(session, manager, date(2026, 10, 1), now=installation.clock())
    with installation.sessions() as session:
        assert queries.load(session, "Asia/Shanghai").works(date(2026, 10, 1))


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
