from kb import demo
from kb.bulletins import queries
from kb.db import unit_of_work
from kb.settings import PROJECT

BULLETINS = PROJECT / "content" / "demo" / "bulletins.yaml"


def add(installation):
    with unit_of_work(installation.sessions) as session:
        return demo.add_bulletins(session, BULLETINS, clock=installation.clock)


def in_force(installation, username):
    with installation.sessions() as session:
        return len(queries.in_force(session, installation.actor(username), now=installation.clock()))


def test_the_demo_always_has_bulletins_in_force_for_those_they_concern(filled):
    assert add(filled) == 2
    assert add(filled) == 0
    assert (in_force(filled, "wangmin"), in_force(filled, "zhaolei")) == (2, 1)
    filled.clock.advance(days=30)
    assert in_force(filled, "wangmin") == 0
    assert add(filled) == 2
    assert in_force(filled, "wangmin") == 2
