from datetime import timedelta

from kb.bulletins import queries
from kb.permissions import Role
from tests.support import factories
from tests.support.statements import counted


def test_what_is_in_force_is_one_statement_with_the_urgent_first(any_installation):
    agent, now = any_installation.actors[Role.AGENT], any_installation.clock()
    factories.bulletin(any_installation, title="平常", words=())
    factories.bulletin(any_installation, title="必读", must_read=True, words=())
    factories.bulletin(any_installation, title="紧急", urgent=True)
    factories.bulletin(any_installation, title="以后", valid_from=now + timedelta(minutes=7))
    with any_installation.sessions() as session, counted(any_installation.engine) as statements:
        outlook = queries.outlook(session, agent, now=now)
    assert [notice.bulletin.title for notice in outlook.notices] == ["紧急", "必读", "平常"]
    assert [notice.due for notice in outlook.notices] == [False, True, False]
    assert len(statements) == 1
    assert outlook.next_change == now + timedelta(minutes=7)
    with any_installation.sessions() as session, counted(any_installation.engine) as statements:
        assert [bulletin.title for bulletin in queries.naming(session, agent, now=now)] == ["紧急"]
    assert len(statements) == 1


def test_a_neighbours_bulletins_do_not_show_in_when_something_changes(any_installation):
    now = any_installation.clock()
    neighbour = factories.person(any_installation, "neighbour", Role.AGENT, region="wanglan")
    factories.bulletin(any_installation, regions=("jiangyang",), valid_from=now + timedelta(minutes=7))
    with any_installation.sessions() as session:
        assert queries.outlook(session, neighbour, now=now).next_change is None
