"""How many statements a page costs, whatever it shows: nothing is read row by row."""

import pytest

from kb.db import unit_of_work
from kb.forum import operations as forum
from kb.forum.queries import by_key
from kb.permissions import Role
from tests.support import factories
from tests.support.statements import counted
from web.services import services

# Two of a page's are the bulletins on top and the unread notices, one of a search's the bulletins that name its words.
BOUNDS = {
    "/": 14,
    "/?q=红灯": 15,
    "/suggest?q=红灯": 8,
    "/desk?q=红灯": 18,
    "/desk/results?q=红灯": 12,
    "/desk/cards/entry-0?q=红灯": 13,
    "/?module=fault": 13,
    "/entries/entry-0": 21,
    "/entries/entry-0?q=红灯": 22,
    "/threads": 16,
    "/threads/rain": 19,
    "/api/v1/search?q=红灯": 12,
}


def add(installation, first: int, last: int) -> None:
    for number in range(first, last):
        factories.publish(installation, f"entry-{number}", related=tuple(f"entry-{n}" for n in range(number)))
        factories.thread(installation, f"thread-{number}")
        with unit_of_work(installation.sessions) as session:
            role = (Role.AGENT, Role.EXPERT, Role.EDITOR)[number % 3]
            forum.reply(session, installation.actors[role], by_key(session, "rain"), "同样", now=installation.clock())
    installation.reindex()


@pytest.fixture
def few(installation) -> None:
    factories.thread(installation, "rain")
    add(installation, 0, 1)


def test_statements_do_not_grow_with_what_is_shown(app, agent, installation, few):
    def costs() -> dict[str, int]:
        found = {}
        agent.get("/threads/rain")  # whoever reads news marks them as read, in two more
        for address in BOUNDS:
            with counted(services(app).engine) as statements:
                assert agent.get(address).status_code == 200
            found[address] = len(statements)
        return found

    before = costs()
    add(installation, 1, 9)
    after = costs()
    for address, bound in BOUNDS.items():
        assert after[address] <= bound, (address, after[address])
        # one more at most: names of authors and teams are asked for only where there are any
        assert after[address] <= before[address] + 1, (address, before[address], after[address])
