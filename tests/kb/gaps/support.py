"""Reading and changing gaps for tests."""

from kb.db import unit_of_work
from kb.entries.queries import by_key
from kb.forum import queries as forum_queries
from kb.gaps import arranging, operations, queries
from kb.gaps.models import Gap
from kb.gaps.rules import Finding
from kb.permissions import Actor, Role
from tests.support.installation import Installation


def gap(installation: Installation, number: int) -> Gap:
    with installation.sessions() as session:
        return session.get_one(Gap, number)


def act(installation: Installation, verb, number: int, *arguments, by: Role | Actor = Role.EDITOR, **options):
    """Run a verb on a gap in a unit of work of its own, and return what it returns."""
    actor = installation.actors[by] if isinstance(by, Role) else by
    with unit_of_work(installation.sessions) as session:
        found = session.get_one(Gap, number)
        return verb(session, actor, found, *arguments, now=installation.clock(), **options)


def link(installation: Installation, number: int, key: str, by: Role | Actor = Role.EDITOR) -> None:
    actor = installation.actors[by] if isinstance(by, Role) else by
    with unit_of_work(installation.sessions) as session:
        found = session.get_one(Gap, number)
        operations.link_entry(session, actor, found, by_key(session, key), now=installation.clock())


def discuss(installation: Installation, number: int, key: str) -> None:
    with unit_of_work(installation.sessions) as session:
        found = session.get_one(Gap, number)
        thread = forum_queries.by_key(session, key)
        operations.link_thread(session, installation.actors[Role.EDITOR], found, thread, now=installation.clock())


def findings(installation: Installation, number: int, *places: int | None) -> list[Finding]:
    """Return what was found for each of a gap's phrasings and regions: its place, the last one for all others."""
    with installation.sessions() as session:
        tried = queries.to_try(session, number)
    filled = [*places, *[places[-1]] * (len(tried) - len(places))]
    return [
        Finding(item.phrasing_id, item.text, item.region_key, item.agents, place)
        for item, place in zip(tried, filled, strict=True)
    ]


def merge(installation: Installation, number: int, into: int, by: Role | Actor = Role.MANAGER) -> None:
    actor = installation.actors[by] if isinstance(by, Role) else by
    with unit_of_work(installation.sessions) as session:
        arranging.merge(
            session, actor, session.get_one(Gap, number), session.get_one(Gap, into), now=installation.clock()
        )


def met_by(installation: Installation, number: int) -> dict[int | None, int]:
    """Return how often each person met a gap."""
    with installation.sessions() as session:
        found: dict[int | None, int] = {}
        for ask, _ in queries.asks(session, number, limit=1000):
            found[ask.user_id] = found.get(ask.user_id, 0) + ask.times
        return found


def texts(installation: Installation, number: int) -> list[str]:
    with installation.sessions() as session:
        return [phrasing.text for phrasing in queries.phrasings(session, number)]
