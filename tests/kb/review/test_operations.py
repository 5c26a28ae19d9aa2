import threading
from datetime import timedelta

import pytest
from sqlalchemy.exc import SQLAlchemyError

from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries.queries import by_key
from kb.entries.rules import State
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError, TransitionError
from kb.events import queries as event_queries
from kb.events.models import Subject, Verb
from kb.permissions import Role
from kb.review import operations, queries
from kb.review.queries import Tab
from tests.support import factories
from tests.support.statements import counted
from web.review import jobs

ZONE = "Asia/Shanghai"


def submit(installation, key="e", **changes):
    factories.draft(installation, key, **changes)
    do(installation, entries.submit, Role.EDITOR, key)
    return key


def do(installation, verb, by, key="e", **facts):
    actor = installation.actors[by] if isinstance(by, Role) else by
    with unit_of_work(installation.sessions) as session:
        return verb(session, actor, by_key(session, key), now=installation.clock(), **facts)


def revise(session, actor, entry, content, now):
    entries.save(session, actor, entry, content, now=now)


def get(installation, key="e"):
    with installation.sessions() as session:
        return by_key(session, key)


def test_what_is_set_for_a_time_goes_live_by_itself_then_and_once(any_installation):
    installation, clock = any_installation, any_installation.clock
    submit(installation)
    do(installation, operations.approve, Role.REVIEWER, publish_at=clock() + timedelta(days=3))
    clock.advance(days=3, seconds=-1)
    assert jobs.look(installation.sessions, clock, ZONE) == 0
    assert get(installation).work_state is State.SCHEDULED
    clock.advance(seconds=1)
    together = threading.Barrier(2)

    def look():
        together.wait()
        try:
            jobs.look(installation.sessions, clock, ZONE)
        except SQLAlchemyError as error:
            failures.append(error)

    failures: list[SQLAlchemyError] = []
    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entry = get(installation)
    assert (entry.live_state, entry.work_state, entry.level) == (State.PUBLISHED, None, 2)
    with installation.sessions() as session:
        history = event_queries.history(session, Subject.ENTRY, entry.id)
    published = [event for event in history if event.verb is Verb.PUBLISHED]
    assert [event.actor_id for event in published] == [None], failures


def test_what_nobody_gave_a_time_waits_for_a_person(installation):
    submit(installation)
    do(installation, operations.approve, Role.REVIEWER, publish_at=None)
    installation.clock.advance(days=400)
    assert jobs.look(installation.sessions, installation.clock, ZONE) == 0
    assert get(installation).work_state is State.SCHEDULED
    do(installation, entries.publish, Role.MANAGER)
    assert get(installation).live_state is State.PUBLISHED


def test_a_returned_revision_loses_its_time(installation):
    submit(installation)
    do(installation, operations.approve, Role.REVIEWER, publish_at=installation.clock() + timedelta(days=1))
    do(installation, entries.send_back, Role.REVIEWER, reason="等一等")
    installation.clock.advance(days=2)
    assert jobs.look(installation.sessions, installation.clock, ZONE) == 0
    assert get(installation).live_state is None


def test_what_is_not_wanted_is_told_why_and_takes_a_new_draft(installation):
    factories.publish(installation, "e")
    do(installation, revise, Role.EDITOR, content=factories.content(title="重复的"))
    do(installation, entries.submit, Role.EDITOR)
    with pytest.raises(InvalidInputError):
        do(installation, entries.reject, Role.REVIEWER, reason=" ")
    do(installation, entries.reject, Role.REVIEWER, reason="已有一条")
    entry = get(installation)
    assert (entry.live_state, entry.work_state) == (State.PUBLISHED, State.REJECTED)
    with pytest.raises(TransitionError):
        do(installation, entries.submit, Role.EDITOR)
    do(installation, revise, Role.EDITOR, content=factories.content(title="另一条"))
    assert get(installation).work_state is State.DRAFT


def test_the_queue_leaves_out_what_one_had_a_hand_in(any_installation):
    installation = any_installation
    both = factories.person(installation, "both", Role.EDITOR, Role.REVIEWER)
    submit(installation, "theirs", title="别人的")
    installation.clock.advance(hours=1)
    submit(installation, "tv", title="电视的", module_key="tv.signal")
    factories.draft(installation, "shared")
    with unit_of_work(installation.sessions) as session:
        entry, now = by_key(session, "shared"), installation.clock()
        entries.save(session, both, entry, factories.content(title="一起写的"), now=now)
        entries.save(session, installation.actors[Role.EDITOR], entry, factories.content(title="再改"), now=now)
        entries.submit(session, both, entry, now=now)
    with installation.sessions() as session:
        for actor, waiting, own in (
            (both, ["theirs", "tv"], 1),
            (installation.actors[Role.REVIEWER], ["theirs", "tv", "shared"], 0),
        ):
            found = queries.queue(session, actor, Tab.WAITING, modules=None, limit=10)
            assert [item.entry.key for item in found] == waiting
            assert queries.count_own_waiting(session, actor) == own
            assert sum(queries.count(session, actor, Tab.WAITING).values()) == len(waiting)
        mine = queries.queue(session, both, Tab.MINE, modules=None, limit=10)
        assert [item.entry.key for item in mine] == ["shared"]
        tv = queries.queue(session, both, Tab.WAITING, modules=["tv.signal"], limit=10)
        assert [item.entry.key for item in tv] == ["tv"]
        assert tv[0].since == installation.clock()
    with counted(installation.engine) as statements, installation.sessions() as session:
        queries.queue(session, both, Tab.WAITING, modules=None, limit=10)
    assert len(statements) == 3
    with unit_of_work(installation.sessions) as session, pytest.raises(PermissionDeniedError, match="自己写的"):
        operations.approve(
            session, both, by_key(session, "shared"), publish_at=installation.clock(), now=installation.clock()
        )


def test_a_remark_stays_with_its_revision_until_somebody_settles_it(any_installation):
    installation = any_installation
    submit(installation, fees="上门 30 元")

    def remark(session, actor, entry, now, **facts):
        return operations.remark(session, actor, entry, entry.work_revision, now=now, **facts)

    made = do(installation, remark, Role.REVIEWER, quote="上门30元", text="依据呢？")
    assert (made.part, made.resolved_at) == ("fees", None)
    with pytest.raises(InvalidInputError):
        do(installation, remark, Role.REVIEWER, quote="上门 99 元", text="依据呢？")
    for role in (Role.AGENT, Role.VERIFIER, Role.LEADER, Role.ADMIN):
        with pytest.raises(PermissionDeniedError):
            do(installation, remark, role, text="我也说一句")
    do(installation, entries.send_back, Role.REVIEWER, reason="见意见")
    do(installation, revise, Role.EDITOR, content=factories.content(fees="上门 30 元（渝价〔2026〕1 号）"))
    with installation.sessions() as session:
        (kept,) = queries.remarks(session, by_key(session, "e"))
        assert kept.revision.number == 1
    do(installation, operations.settle, Role.EDITOR, number=made.id, open_=False)
    with pytest.raises(ConflictError):
        do(installation, operations.settle, Role.EDITOR, number=made.id, open_=False)
    with pytest.raises(NotFoundError):
        do(installation, operations.settle, Role.EDITOR, number=99, open_=False)
    assert do(installation, operations.settle, Role.REVIEWER, number=made.id, open_=True).resolved_at is None
