import threading

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries.queries import by_key
from kb.entries.rules import State
from kb.errors import ConflictError, InvalidInputError, PermissionDeniedError, TransitionError
from kb.events.models import Event, Subject, Verb
from kb.notices import operations as notices
from kb.notices.models import Notice, NoticeKind
from kb.permissions import Role
from kb.review import operations as review
from kb.verification import operations, queries
from kb.verification.models import Overlay
from kb.workdays.rules import Calendar
from tests.support import factories

CALENDAR = Calendar("Asia/Shanghai")


@pytest.fixture
def asked(any_installation):
    """An entry that two counties are asked about, to go live when both have confirmed it."""
    installation = any_installation
    factories.draft(installation, "visit", regions=("hedong", "wanghu"))
    approve(installation)
    return installation


def approve(installation, key="visit"):
    now = installation.clock()
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, key)
        entries.submit(session, installation.actors[Role.EDITOR], entry, now=now)
        review.approve(session, installation.actors[Role.REVIEWER], entry, publish_at=now, now=now)


def do(installation, verb, *who, key="visit", by=Role.VERIFIER, **facts):
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, key)
        return verb(session, installation.actors[by], entry, *who, now=installation.clock(), **facts)


def entry_of(installation, key="visit"):
    with installation.sessions() as session:
        return by_key(session, key)


def in_force(installation, key="visit"):
    with installation.sessions() as session:
        entry = by_key(session, key)
        return {item.region: item.text for item in queries.overlays(session, [entry.id]).get(entry.id, ())}


def nudge(installation):
    with unit_of_work(installation.sessions) as session:
        return operations.nudge(session, CALENDAR, now=installation.clock())


def told(installation):
    with unit_of_work(installation.sessions) as session:
        while notices.deliver(session):
            pass
    with installation.sessions() as session:
        rows = session.execute(select(Notice.kind, Notice.user_id).order_by(Notice.id))
        return [tuple(row) for row in rows]


def test_it_goes_live_with_the_last_regions_word_and_silence_is_none(asked):
    do(asked, operations.confirm, region="hedong")
    asked.clock.advance(days=60)
    for _ in range(3):
        nudge(asked)
    assert entry_of(asked).work_state is State.VERIFYING
    do(asked, operations.confirm, region="wanghu")
    live = entry_of(asked)
    assert (live.live_state, live.work_state) == (State.PUBLISHED, None)


def test_an_overlay_holds_when_its_revision_is_live_and_goes_on_with_the_next(asked):
    do(asked, operations.overlay, region="hedong", text="另收 20 元")
    assert in_force(asked) == {}  # nothing is on the desk yet
    for region in ("hedong", "wanghu"):
        do(asked, operations.confirm, region=region)
    assert in_force(asked) == {"hedong": "另收 20 元"}

    # Another revision is asked about; what is said of it holds when it is live, and until then the old one does.
    with unit_of_work(asked.sessions) as session:
        revised = factories.content(regions=("hedong", "wanghu"), fees="上门 50 元")
        entries.save(session, asked.actors[Role.EDITOR], by_key(session, "visit"), revised, now=asked.clock())
    approve(asked)
    do(asked, operations.overlay, region="hedong", text="另收 30 元")
    do(asked, operations.overlay, region="wanghu", text="不收上门费")
    assert in_force(asked) == {"hedong": "另收 20 元"}
    for region in ("hedong", "wanghu"):
        do(asked, operations.confirm, region=region)
    assert in_force(asked) == {"hedong": "另收 30 元", "wanghu": "不收上门费"}

    # On the desk, it holds and goes at once.
    do(asked, operations.overlay, region="wanghu", text="上门 10 元")
    assert in_force(asked)["wanghu"] == "上门 10 元"
    with unit_of_work(asked.sessions) as session:
        entry = by_key(session, "visit")
        made = next(item for item in queries.of_entry(session, entry) if item.text == "上门 10 元")
        operations.withdraw(session, asked.actors[Role.VERIFIER], entry, made, now=asked.clock())
        with pytest.raises(ConflictError):
            operations.withdraw(session, asked.actors[Role.VERIFIER], entry, made, now=asked.clock())
    assert in_force(asked) == {"hedong": "另收 30 元"}
    factories.revise(asked, "visit", fees="上门 60 元")
    assert in_force(asked) == {"hedong": "另收 30 元"}
    with asked.sessions() as session:
        verbs = session.scalars(select(Event.verb).where(Event.subject_kind == Subject.ENTRY).order_by(Event.id)).all()
    assert (verbs.count(Verb.OVERLAID), verbs.count(Verb.OVERLAY_WITHDRAWN)) == (4, 1)


def test_what_is_withdrawn_goes_at_once_whatever_becomes_of_the_revision_that_waits(asked):
    def withdraw(text):
        with unit_of_work(asked.sessions) as session:
            entry = by_key(session, "visit")
            made = next(item for item in queries.of_entry(session, entry) if item.text == text)
            operations.withdraw(session, asked.actors[Role.VERIFIER], entry, made, now=asked.clock())

    for region in ("hedong", "wanghu"):
        do(asked, operations.overlay, region=region, text=f"{region} 另收 20 元")
        do(asked, operations.confirm, region=region)
    with unit_of_work(asked.sessions) as session:
        revised = factories.content(regions=("hedong", "wanghu"), fees="上门 50 元")
        entries.save(session, asked.actors[Role.EDITOR], by_key(session, "visit"), revised, now=asked.clock())
    approve(asked)
    do(asked, operations.overlay, region="wanghu", text="不收上门费")
    withdraw("hedong 另收 20 元")
    withdraw("wanghu 另收 20 元")  # replaced only when the revision is live
    assert in_force(asked) == {}
    do(asked, entries.send_back, by=Role.REVIEWER, reason="缺时限")
    assert in_force(asked) == {}
    approve(asked)
    withdraw("不收上门费")  # before it ever held
    for region in ("hedong", "wanghu"):
        do(asked, operations.confirm, region=region)
    assert (in_force(asked), entry_of(asked).live_revision.number) == ({}, 2)


def test_who_may_say_what_is_otherwise_where(asked):
    for role in set(Role) - {Role.VERIFIER}:
        with pytest.raises(PermissionDeniedError):
            do(asked, operations.overlay, by=role, region="hedong", text="另收 20 元")
    with pytest.raises(PermissionDeniedError):
        do(asked, operations.overlay, region="jiangyang", text="另收 20 元")  # not a region of theirs
    with pytest.raises(InvalidInputError):
        do(asked, operations.overlay, region="shiqiao", text="另收 20 元")  # not one of the entry's
    do(asked, operations.overlay, region="hedong", text="另收 20 元")
    with pytest.raises(ConflictError):
        do(asked, operations.overlay, region="hedong", text=" 另收 20 元 ")
    factories.draft(asked, "note")
    with pytest.raises(TransitionError):
        do(asked, operations.overlay, key="note", region="hedong", text="另收 20 元")


def test_verifiers_are_asked_reminded_once_and_then_the_managers_told_once(asked):
    verifier, manager, owner = (asked.actors[role].user_id for role in (Role.VERIFIER, Role.MANAGER, Role.EDITOR))
    assert told(asked) == [(NoticeKind.VERIFICATION_ASKED, verifier)]
    asked.clock.advance(hours=20)  # Tuesday morning, the first working day
    assert nudge(asked) == 0
    asked.clock.advance(days=1)
    do(asked, operations.confirm, region="hedong")
    assert (nudge(asked), nudge(asked)) == (1, 0)
    assert told(asked)[1:] == [(NoticeKind.VERIFICATION_LATE, verifier)]
    asked.clock.advance(days=1)
    assert (nudge(asked), nudge(asked)) == (1, 0)
    assert sorted(told(asked)[2:]) == sorted((NoticeKind.VERIFICATION_SILENT, who) for who in (owner, manager))

    # Returned and approved again, it is asked about anew.
    with unit_of_work(asked.sessions) as session:
        entries.send_back(
            session, asked.actors[Role.REVIEWER], by_key(session, "visit"), reason="再看", now=asked.clock()
        )
    asked.clock.advance(days=1)
    assert nudge(asked) == 0
    approve(asked)
    asked.clock.advance(days=10)
    assert (nudge(asked), nudge(asked)) == (2, 0)


def test_two_lookers_at_once_remind_once(asked):
    asked.clock.advance(days=10)
    together = threading.Barrier(2)

    def look():
        together.wait()
        try:
            nudge(asked)
        except SQLAlchemyError as error:
            failures.append(error)

    failures: list[SQLAlchemyError] = []
    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert nudge(asked) == 0
    with asked.sessions() as session:
        verbs = session.scalars(select(Event.verb).where(Event.subject_kind == Subject.VERIFICATION)).all()
    assert sorted(verbs) == [Verb.ESCALATED] * 2 + [Verb.REMINDED] * 2, failures


def test_who_sees_what_waits(asked):
    with asked.sessions() as session:
        seen = {role: len(queries.waiting(session, asked.actors[role], CALENDAR)) for role in Role}
        assert {role for role, count in seen.items() if count} == {
            Role.VERIFIER, Role.REVIEWER, Role.MANAGER, Role.EDITOR, Role.EXPERT,
        }  # fmt: skip
        (waiting,) = queries.waiting(session, asked.actors[Role.VERIFIER], CALENDAR)
        assert waiting.asks(asked.actors[Role.VERIFIER]) == ["hedong", "wanghu"]
        assert waiting.asks(asked.actors[Role.REVIEWER]) == []
        assert session.scalars(select(Overlay)).all() == []


def test_nobody_confirms_their_own_text_and_where_nobody_else_can_it_goes_to_the_managers(any_installation):
    installation, manager = any_installation, any_installation.actors[Role.MANAGER]
    local = factories.person(installation, "local", Role.AGENT, Role.VERIFIER, region="jinsha")
    with unit_of_work(installation.sessions) as session:
        content = factories.content(regions=("jinsha", "hedong"))
        entry = entries.create(session, local, content, key="visit", now=installation.clock())
        # Somebody else's word on top does not make the rest theirs.
        entries.save(session, installation.actors[Role.EDITOR], entry, content, now=installation.clock())
    approve(installation)
    with unit_of_work(installation.sessions) as session, pytest.raises(PermissionDeniedError, match="自己写的"):
        operations.confirm(session, local, by_key(session, "visit"), region="jinsha", now=installation.clock())
    with installation.sessions() as session:
        (own,) = queries.waiting(session, local, CALENDAR)
        assert (own.asks(local), own.speaks(local), queries.unheard(session, own)) == ([], ["jinsha"], ["jinsha"])
    assert told(installation) == [(NoticeKind.VERIFICATION_ASKED, installation.actors[Role.VERIFIER].user_id)]
    do(installation, operations.confirm, region="hedong")

    # Nobody is left to be reminded; their silence goes to the managers and the owner as everybody's does.
    installation.clock.advance(days=10)
    assert nudge(installation) == 2
    assert sorted(told(installation)[1:]) == sorted(
        (NoticeKind.VERIFICATION_SILENT, who) for who in (local.user_id, manager.user_id)
    )
    with installation.sessions() as session:
        facts = session.scalars(select(Notice.facts).where(Notice.kind == NoticeKind.VERIFICATION_SILENT)).all()
    assert {item["nobody"] for item in facts} == {"yes"}

    # Another is appointed, and the region speaks.
    other = factories.person(installation, "other", Role.VERIFIER, region="qiyun")
    with unit_of_work(installation.sessions) as session:
        operations.confirm(session, other, by_key(session, "visit"), region="jinsha", now=installation.clock())
    assert entry_of(installation).live_state is State.PUBLISHED
    # What is on the desk already is not in the way of the next revision, unless the same text comes back.
    with unit_of_work(installation.sessions) as session:
        revised = factories.content(regions=("jinsha",), fees="上门 50 元")
        entries.save(
            session, installation.actors[Role.EDITOR], by_key(session, "visit"), revised, now=installation.clock()
        )
    approve(installation)
    with unit_of_work(installation.sessions) as session:
        operations.confirm(session, local, by_key(session, "visit"), region="jinsha", now=installation.clock())
    assert entry_of(installation).live_revision.number == 3
