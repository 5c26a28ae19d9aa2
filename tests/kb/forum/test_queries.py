import pytest

from kb.db import unit_of_work
from kb.errors import NotFoundError
from kb.forum import operations as forum
from kb.forum import queries
from kb.forum.models import ThreadKind, ThreadState
from kb.forum.queries import Narrowing
from kb.permissions import SYSTEM, Actor, Role
from tests.support.factories import thread
from tests.support.statements import counted

MODERATORS = {Role.EDITOR, Role.LEADER, Role.MANAGER}


@pytest.fixture
def threads(installation):
    """An older open thread with two replies, a closed one, and the newest, which is hidden."""
    for key, module, state in (
        ("open", "fault.broadband", ThreadState.OPEN),
        ("closed", "tv.card", ThreadState.CLOSED),
        ("hidden", "tv.card", ThreadState.HIDDEN),
    ):
        thread(installation, key, title=key, module=module)
        with unit_of_work(installation.sessions) as session:
            found = queries.by_key(session, key)
            for body in ("一", "二") if key == "open" else ():
                forum.reply(session, SYSTEM, found, body, now=installation.clock())
            found.state = state
        installation.clock.advance(minutes=1)
    return installation


@pytest.fixture
def session(threads):
    with threads.sessions() as session:
        yield session


@pytest.mark.parametrize("key", ["open", "closed"])
def test_everybody_reads_what_is_not_hidden(threads, session, key):
    for actor in threads.actors.values():
        assert queries.readable(session, actor, key).key == key


def test_what_is_hidden_is_the_moderators(threads, session):
    hidden = queries.by_key(session, "hidden")
    assert {role for role, actor in threads.actors.items() if queries.may_read(actor, hidden)} == MODERATORS
    agent = threads.actors[Role.AGENT]  # who started it
    refusals = set()
    for key in ("hidden", "unknown"):
        with pytest.raises(NotFoundError) as refused:
            queries.readable(session, agent, key)
        refusals.add(str(refused.value))
    assert len(refusals) == 1, "what is hidden can be told from what is not there"


def test_whoever_has_no_role_reads_nothing(session):
    nobody = Actor(user_id=999, name="nobody", roles=frozenset())
    assert not queries.may_read(nobody, queries.by_key(session, "open"))


def test_readable_ids_are_of_those_asked_for(threads, session):
    ids = {key: queries.by_key(session, key).id for key in ("open", "closed", "hidden")}
    agent, editor = threads.actors[Role.AGENT], threads.actors[Role.EDITOR]
    assert queries.readable_ids(session, agent, [*ids.values(), 999]) == {ids["open"], ids["closed"]}
    assert queries.readable_ids(session, editor, [ids["open"], ids["hidden"]]) == {ids["open"], ids["hidden"]}
    assert queries.readable_ids(session, editor, []) == frozenset()


def test_lists_leave_hidden_threads_out_and_begin_with_the_newest(session):
    assert [found.key for found in queries.latest(session, limit=9)] == ["closed", "open"]
    assert [found.key for found in queries.latest(session, limit=1)] == ["closed"]
    assert [(found.key, replies) for found, replies in queries.page(session, limit=9)] == [("closed", 0), ("open", 2)]
    assert queries.count_by_module(session) == {"fault.broadband": 1, "tv.card": 1}
    assert queries.titles(session, ["open", "hidden", "unknown"]) == {"open": "open"}


def test_a_page_can_be_narrowed_and_turned(session):
    def keys(**wanted):
        return [found.key for found, _ in queries.page(session, **wanted)]

    assert keys(limit=1) + keys(limit=1, offset=1) + keys(limit=1, offset=2) == ["closed", "open"]

    def narrowed(**wanted):
        counts = queries.count_by_module(session, narrowing=Narrowing(**wanted))
        return keys(limit=9, narrowing=Narrowing(**wanted)), sum(counts.values())

    assert narrowed(modules=["tv.card"]) == (["closed"], 2)  # the counts of all modules, to choose from
    assert narrowed(modules=[]) == ([], 2)
    found = queries.by_key(session, "open")
    found.region_key, found.kind = "hedong", ThreadKind.CASE
    session.flush()
    assert narrowed(regions=["hedong", "wanghu"]) == narrowed(kind=ThreadKind.CASE) == (["open"], 1)
    assert narrowed(regions=["wanghu"]) == narrowed(kind=ThreadKind.CASE, regions=["wanghu"]) == ([], 0)


@pytest.mark.parametrize(
    ("query", "statements"),
    [
        (lambda session: queries.by_key(session, "open").replies, 2),
        (lambda session: [found.replies for found in queries.by_ids(session, range(99))], 2),
        (lambda session: queries.readable_ids(session, SYSTEM, range(99)), 1),
        (lambda session: [found.replies for found in queries.latest(session, limit=9)], 2),
        (queries.count_by_module, 1),
        (lambda session: queries.page(session, limit=9), 1),
        (lambda session: queries.titles(session, ["open", "closed"]), 1),
    ],
    ids=["by_key", "by_ids", "readable_ids", "latest", "count_by_module", "page", "titles"],
)
def test_statements_do_not_grow_with_threads(threads, session, query, statements):
    with counted(threads.engine) as issued:
        query(session)
    assert len(issued) == statements
