import pytest

from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries.queries import by_key, revision, revisions
from kb.entries.rules import State
from kb.errors import ConflictError, NotFoundError, PermissionDeniedError, TransitionError
from kb.events import queries as events
from kb.events.models import Subject, Verb
from kb.permissions import Role
from tests.support import factories


@pytest.fixture
def entry(any_installation) -> str:
    """An entry whose second revision is live."""
    factories.publish(any_installation, "e", answer="原来的答案")
    factories.revise(any_installation, "e", answer="改过的答案", audience=())
    return "e"


def restore(installation, number, by=Role.EDITOR, **fields):
    with unit_of_work(installation.sessions) as session:
        actor, found = installation.actors[by], by_key(session, "e")
        return entries.restore(session, actor, found, number, now=installation.clock(), **fields).number


def test_restoring_makes_a_new_draft_and_leaves_what_is_live(any_installation, entry):
    assert restore(any_installation, 1, note="改错了") == 3
    with any_installation.sessions() as session:
        found = by_key(session, "e")
        assert (found.live_revision.number, found.live_state) == (2, State.PUBLISHED)
        assert (found.work_revision.number, found.work_state) == (3, State.DRAFT)
        assert found.work_revision.content == next(r for r in revisions(session, found) if r.number == 1).content
        assert found.work_revision.note == "改错了"
        event = events.history(session, Subject.ENTRY, found.id)[0]
        assert (event.verb, event.payload) == (Verb.REVISED, {"revision": 3, "restored": 1, "note": "改错了"})


def test_what_is_the_same_already_is_not_restored(any_installation, entry):
    with pytest.raises(ConflictError, match="一样"):
        restore(any_installation, 2)
    restore(any_installation, 1)
    with pytest.raises(ConflictError, match="一样"):
        restore(any_installation, 1)


def test_there_must_be_such_a_revision(any_installation, entry):
    with pytest.raises(NotFoundError, match="第 9 版"):
        restore(any_installation, 9)


def test_what_is_under_review_is_not_replaced(any_installation, entry):
    restore(any_installation, 1)
    with unit_of_work(any_installation.sessions) as session:
        entries.submit(
            session, any_installation.actors[Role.EDITOR], by_key(session, "e"), now=any_installation.clock()
        )
    with pytest.raises(TransitionError):
        restore(any_installation, 2)


@pytest.mark.parametrize("role", [Role.AGENT, Role.REVIEWER, Role.LEADER])
def test_only_who_may_edit_it_restores(any_installation, entry, role):
    with pytest.raises(PermissionDeniedError):
        restore(any_installation, 1, by=role)


def test_going_live_is_recorded_with_the_level(any_installation, entry):
    with any_installation.sessions() as session:
        found = by_key(session, "e")
        published = next(e for e in events.history(session, Subject.ENTRY, found.id) if e.verb is Verb.PUBLISHED)
        assert published.payload.items() >= {"revision": 2, "level": found.level}.items()


def test_a_revision_meant_for_others_is_not_there(any_installation, entry):
    with unit_of_work(any_installation.sessions) as session:
        found, by = by_key(session, "e"), any_installation.actors[Role.EDITOR]
        narrow = factories.content(audience=(Role.EXPERT,))
        entries.save(session, by, found, narrow, now=any_installation.clock())
    with any_installation.sessions() as session:
        found = by_key(session, "e")
        assert revision(session, any_installation.actors[Role.EXPERT], found, 3).number == 3
        assert revision(session, any_installation.actors[Role.REVIEWER], found, 2).number == 2
        for number in (3, 4):
            with pytest.raises(NotFoundError):
                revision(session, any_installation.actors[Role.REVIEWER], found, number)
