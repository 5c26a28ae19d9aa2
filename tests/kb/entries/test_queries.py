from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries import queries
from kb.entries.models import Entry, Revision
from kb.entries.rules import SERVED, State
from kb.errors import NotFoundError
from kb.permissions import SYSTEM, Actor, Role
from tests.support.factories import content, draft, person, publish
from tests.support.installation import START, Installation
from tests.support.statements import counted

MOMENT = timedelta(microseconds=1)
UNTIL = START + timedelta(days=10)
EVERY_STATE = frozenset(State)

# The widest of who may read an unpublished entry of the editor's about broadband faults in Hedong.
SEE_UNPUBLISHED = {Role.EXPERT, Role.EDITOR, Role.REVIEWER, Role.VERIFIER, Role.MANAGER}


def readers(installation: Installation, key: str, *, now=START) -> set[Role]:
    with installation.sessions() as session:
        entry = queries.by_key(session, key)
        return {role for role, actor in installation.actors.items() if queries.may_read(actor, entry, now=now)}


def set_live(installation: Installation, key: str, state: State) -> None:
    with unit_of_work(installation.sessions) as session:
        queries.by_key(session, key).live_state = state


@pytest.mark.parametrize("state", [state for state in State if state not in SERVED])
def test_what_is_not_served_is_for_those_who_work_on_it(installation, state):
    publish(installation, "e", regions=("hedong",))
    set_live(installation, "e", state)
    assert readers(installation, "e") == SEE_UNPUBLISHED


@pytest.mark.parametrize("state", sorted(SERVED))
def test_what_is_served_is_for_everybody(installation, state):
    publish(installation, "e")
    set_live(installation, "e", state)
    assert readers(installation, "e") == set(Role)


def test_a_draft_is_its_authors_its_modules_its_regions_and_the_editors(installation):
    draft(installation, "own", author=Role.AGENT, module_key="tv.card")
    draft(installation, "module")
    draft(installation, "region", module_key="tv.card", regions=("wanghu",))
    draft(installation, "elsewhere", module_key="tv.card", regions=("jiangyang",))
    always = {Role.EDITOR, Role.REVIEWER, Role.MANAGER}
    assert readers(installation, "own") == always | {Role.AGENT}
    assert readers(installation, "module") == always | {Role.EXPERT}
    assert readers(installation, "region") == always | {Role.VERIFIER}
    assert readers(installation, "elsewhere") == always


def test_an_audience_keeps_everybody_else_out_but_its_author(installation):
    publish(installation, "e", audience=(Role.EXPERT, Role.REVIEWER))
    assert readers(installation, "e") == {Role.EXPERT, Role.REVIEWER, Role.EDITOR}
    with installation.sessions() as session:
        assert queries.may_read(SYSTEM, queries.by_key(session, "e"), now=START)


@pytest.mark.parametrize(
    ("now", "valid"),
    [(START - MOMENT, False), (START, True), (UNTIL - MOMENT, True), (UNTIL, False), (UNTIL + MOMENT, False)],
    ids=["before", "first moment", "last moment", "until", "after"],
)
def test_validity_begins_with_its_first_moment_and_ends_before_its_last(any_installation, now, valid):
    """The same boundary in Python and, for lists and counts, in SQL."""
    publish(any_installation, "e", valid_from=START, valid_until=UNTIL)
    agent = any_installation.actors[Role.AGENT]
    with any_installation.sessions() as session:
        entry = queries.by_key(session, "e")
        assert queries.valid_at(entry.live_revision, now) is valid
        assert queries.may_read(agent, entry, now=now) is valid
        assert bool(queries.readable_ids(session, agent, [entry.id], states=SERVED, now=now)) is valid
        assert bool(queries.titles(session, agent, ["e"], now=now)) is valid
        assert bool(queries.served_to(session, agent, now=now, limit=9)) is valid
        assert bool(queries.count_by_module(session, agent, now=now)) is valid


def test_an_open_validity_has_no_end():
    assert queries.valid_at(Revision(), START)
    assert queries.valid_at(Revision(valid_from=START), START.replace(year=2999))
    assert queries.valid_at(Revision(valid_until=UNTIL), START.replace(year=1999))


def test_lists_and_counts_agree_with_the_permission_check(any_installation):
    """Every combination of state, validity and audience, for everybody: SQL and Python say the same."""
    states = (None, State.PUBLISHED, State.REVIEW_DUE, State.SUSPENDED, State.RETIRED)
    validities = ({}, {"valid_from": UNTIL}, {"valid_until": UNTIL})
    audiences = ((), (Role.AGENT,), (Role.EXPERT, Role.LEADER))
    with unit_of_work(any_installation.sessions) as session:
        for number, (state, validity, audience) in enumerate(product(states, validities, audiences)):
            author = any_installation.actors[Role.MANAGER if number % 2 else Role.EDITOR]
            written = content(audience=audience, **validity)
            entry = entries.create(session, author, written, now=START)
            if state is not None:
                entry.live_revision, entry.live_state = entry.work_revision, state
    nobody = Actor(user_id=999, name="nobody", roles=frozenset())
    with any_installation.sessions() as session:
        everything = session.scalars(select(Entry)).all()
        for actor, now in product([*any_installation.actors.values(), SYSTEM, nobody], (START, UNTIL)):
            expected = {
                entry.key
                for entry in everything
                if entry.live_state in SERVED
                and queries.valid_at(entry.live_revision, now)
                and queries.may_read(actor, entry, now=now)
            }
            served = queries.served_to(session, actor, now=now, limit=1000)
            assert {entry.key for entry in served} == expected, actor
            counts = queries.count_by_module(session, actor, now=now)
            assert counts == ({"fault.broadband": len(expected)} if expected else {})
            readable = {entry.id for entry in everything if queries.may_read(actor, entry, now=now)}
            ids = [entry.id for entry in everything]
            assert queries.readable_ids(session, actor, ids, states=EVERY_STATE, now=now) == readable


def test_only_what_was_asked_for_and_is_in_the_wanted_states_is_readable(installation):
    draft(installation, "draft")
    publish(installation, "live")
    publish(installation, "other")
    editor = installation.actors[Role.EDITOR]
    with installation.sessions() as session:
        ids = {key: queries.by_key(session, key).id for key in ("draft", "live")}
        asked = [*ids.values(), 999_999]
        assert queries.readable_ids(session, editor, asked, states=SERVED, now=START) == {ids["live"]}
        assert queries.readable_ids(session, editor, asked, states=EVERY_STATE, now=START) == set(ids.values())
        assert queries.readable_ids(session, editor, [], states=EVERY_STATE, now=START) == frozenset()


def test_titles_name_what_is_served_and_readable(installation):
    draft(installation, "draft")
    publish(installation, "live", title="甲")
    publish(installation, "experts", title="乙", audience=(Role.EXPERT, Role.REVIEWER))
    publish(installation, "gone")
    set_live(installation, "gone", State.RETIRED)
    keys = ["draft", "live", "experts", "gone", "unknown"]
    with installation.sessions() as session:
        titles = {
            role: queries.titles(session, installation.actors[role], keys, now=START)
            for role in (Role.AGENT, Role.EXPERT)
        }
    assert titles == {Role.AGENT: {"live": "甲"}, Role.EXPERT: {"live": "甲", "experts": "乙"}}


def test_the_revision_one_gets_to_see(installation):
    publish(installation, "e", title="第一版")
    draft(installation, "draft")
    editor, agent = installation.actors[Role.EDITOR], installation.actors[Role.AGENT]
    with unit_of_work(installation.sessions) as session:
        entries.save(session, editor, queries.by_key(session, "e"), content(title="第二版"), now=START)
    with installation.sessions() as session:
        for actor in (editor, agent):
            entry, revision = queries.readable_revision(session, actor, "e", now=START)
            assert (entry.key, revision.title) == ("e", "第一版")
        assert queries.readable_revision(session, editor, "draft", now=START)[1].number == 1
        refusals = set()
        for key in ("draft", "unknown"):
            with pytest.raises(NotFoundError) as refused:
                queries.readable_revision(session, agent, key, now=START)
            refusals.add((str(refused.value), refused.value.code))
    assert len(refusals) == 1, "what is hidden can be told from what is not there"


def test_what_is_served_comes_newest_first_in_pages_and_narrowed(installation):
    for key, module in (("a", "tv.card"), ("b", "fault.broadband"), ("c", "tv.card")):
        publish(installation, key, module_key=module)
        installation.clock.advance(minutes=1)
    with unit_of_work(installation.sessions) as session:
        queries.by_key(session, "a").derived_from = "thread:t"
    agent = installation.actors[Role.AGENT]

    def served(**wanted):
        with installation.sessions() as session:
            wanted = {"limit": 9, **wanted}
            return "".join(entry.key for entry in queries.served_to(session, agent, now=installation.clock(), **wanted))

    assert served() == "cba"
    assert served(limit=2) + served(limit=2, offset=2) == "cba"
    assert served(modules=["tv.card"]) == "ca"
    assert served(modules=["tv"]) == served(modules=[]) == ""
    assert served(derived_from="thread:t") == "a"


def test_counting_by_shown_state_and_listing_what_is_in_work(installation):
    draft(installation, "first")
    publish(installation, "live")
    installation.clock.advance(minutes=1)
    with unit_of_work(installation.sessions) as session:
        entries.save(session, SYSTEM, queries.by_key(session, "live"), content(), now=installation.clock())
    with installation.sessions() as session:
        assert queries.count_by_state(session) == {State.DRAFT: 1, State.PUBLISHED: 1}
        assert [entry.key for entry in queries.in_work(session, State.DRAFT)] == ["first", "live"]
        assert queries.in_work(session, State.IN_REVIEW) == []


def test_revisions_come_newest_first_with_their_authors(installation):
    author = person(installation, "author", Role.EDITOR)
    draft(installation, "e")
    with unit_of_work(installation.sessions) as session:
        entries.save(session, author, queries.by_key(session, "e"), content(), now=START, note="改了时限")
    with installation.sessions() as session:
        found = queries.revisions(session, queries.by_key(session, "e"))
        assert [(item.number, item.author.username, item.note) for item in found] == [
            (2, "author", "改了时限"),
            (1, "editor", ""),
        ]


@pytest.mark.parametrize(
    "query",
    [
        lambda session, actor: queries.by_key(session, "e0"),
        lambda session, actor: queries.by_ids(session, range(99)),
        lambda session, actor: queries.readable_ids(session, actor, range(99), states=EVERY_STATE, now=START),
        lambda session, actor: queries.readable_revision(session, actor, "e0", now=START),
        lambda session, actor: queries.count_by_state(session),
        lambda session, actor: queries.titles(session, actor, ["e0", "e1"], now=START),
        lambda session, actor: queries.count_by_module(session, actor, now=START),
        lambda session, actor: queries.served_to(session, actor, now=START, limit=9)[0].shown_revision.title,
        lambda session, actor: queries.in_work(session, State.DRAFT)[0].work_revision.title,
    ],
)
def test_one_statement_however_many_entries(installation, query):
    for number in range(3):
        publish(installation, f"e{number}")
        draft(installation, f"d{number}")
    agent = installation.actors[Role.AGENT]
    with installation.sessions() as session, counted(installation.engine) as statements:
        query(session, agent)
    assert len(statements) == 1
