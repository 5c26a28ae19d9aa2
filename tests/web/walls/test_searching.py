"""What somebody may not read is not found at any door: not as a hit, a suggestion, a count, or a word put right."""

from itertools import product

import pytest

from kb.bulletins.queries import concerns
from kb.entries.models import Entry
from kb.entries.rules import SERVED
from kb.permissions import Role
from tests.web.visitor import Visitor
from tests.web.walls.world import COMMON, World, secret

HIDDEN = ("draft-fault", "suspended-fault", "expired-fault", "narrow-fault", "narrow-draft", "thread-hidden")
DOORS = ("/api/v1/search", "/", "/suggest", "/desk/results", "/desk")


@pytest.mark.parametrize("role", Role)
def test_the_exact_words_find_nothing_that_is_not_theirs(role: Role, world: World, visitors: dict[Role, Visitor]):
    actor, visitor = world.actors[role], visitors[role]
    for name in HIDDEN:
        word = secret(name)
        source = "thread" if name.startswith("thread") else "entry"
        # Half of the word is asked for, so that what stands on the page is told and not only said back.
        for door, asked in [*product(DOORS, (word[:-2],)), ("/api/v1/search", f"{COMMON} {word[:-1]}")]:
            answer = visitor.get(door, query_string={"q": asked, "source": source, "region": ""})
            assert answer.status_code == 200, door
            told = world.told_of_the_hidden(actor, answer.text)
            assert not told, f"{door}?q={asked} tells {role.value} of {told}"


@pytest.mark.parametrize("role", Role)
def test_counts_are_of_what_they_may_read(role: Role, world: World, visitors: dict[Role, Visitor]):
    actor, served = world.actors[role], 0
    with world.installation.sessions() as session:
        for thing in world.things["entry"].values():
            entry = session.get_one(Entry, thing.row)
            is_served = entry.live_state in SERVED and thing.name != "expired-fault"
            served += is_served and thing.known(actor)
    answer = visitors[role].get(f"/api/v1/search?q={COMMON}&limit=100").json
    bulletins = sum(hit["kind"] == "bulletin" for hit in answer["hits"])
    assert bulletins == sum(
        thing.known(actor) and concerns(actor, thing.row) for thing in world.things["bulletin"].values()
    )
    assert answer["total"] - bulletins == len(answer["hits"]) - bulletins == served
    assert sum(answer["facets"]["kind"].values()) == served + bulletins
