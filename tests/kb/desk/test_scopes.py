import pytest

from kb.db import unit_of_work
from kb.desk import scopes
from kb.desk.scopes import Scope
from kb.errors import InvalidInputError, PermissionDeniedError
from kb.permissions import SYSTEM, Role
from tests.support.statements import counted


def remember(installation, scope, actor=None):
    with unit_of_work(installation.sessions) as session:
        scopes.remember(session, actor or installation.actors[Role.AGENT], scope)


def remembered(installation):
    person = installation.actors[Role.AGENT].user_id
    with installation.sessions() as session, counted(installation.engine) as statements:
        found = scopes.remembered(session, person)
    assert len(statements) == 1
    return found


def test_the_last_scope_is_remembered(any_installation):
    assert remembered(any_installation) is None
    first = Scope(region="jiangyang", module="fault.broadband", product="broadband")
    remember(any_installation, first)
    assert remembered(any_installation) == first
    remember(any_installation, Scope())
    assert remembered(any_installation) == Scope()


@pytest.mark.parametrize("field", ["region", "module", "product"])
def test_an_unknown_key_is_refused_by_its_name(installation, field):
    with pytest.raises(InvalidInputError) as problem:
        remember(installation, Scope(**{field: "nowhere"}))
    assert problem.value.field == field
    assert remembered(installation) is None


def test_only_people_have_a_desk(installation):
    with pytest.raises(PermissionDeniedError):
        remember(installation, Scope(), SYSTEM)
