from datetime import timedelta

import pytest
from sqlalchemy import select

from kb.corrections import operations as corrections
from kb.corrections.models import Correction
from kb.corrections.rules import Hold, Report, Severity, State
from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries.queries import by_key
from kb.entries.rules import State as EntryState
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError, TransitionError
from kb.events import queries as events
from kb.events.models import Event, Subject, Verb
from kb.permissions import SYSTEM, Role
from kb.verification import operations as verification
from kb.verification import queries as verifications
from tests.support import factories
from tests.support.factories import PATIENCE, content

P1, P2, P3 = Severity


@pytest.fixture
def entry(any_installation) -> str:
    return factories.publish(any_installation, "e")


def get(installation, number) -> Correction:
    with installation.sessions() as session:
        return session.get_one(Correction, number)


def entry_state(installation, key="e") -> EntryState | None:
    with installation.sessions() as session:
        return by_key(session, key).live_state


def do(installation, verb, number, by=Role.MANAGER, **fields):
    actor = installation.actors[by] if isinstance(by, Role) else by
    with unit_of_work(installation.sessions) as session:
        return verb(session, actor, number, now=installation.clock(), **fields)


def uphold(installation, number, severity=P2, **fields):
    return do(installation, corrections.uphold, number, severity=severity, **fields)


def refuse(installation, number, **fields):
    return do(installation, corrections.refuse, number, **{"reason": "文件里就是这样写的", **fields})


def save(installation, **changes) -> int:
    """Save a new draft and return its number."""
    with unit_of_work(installation.sessions) as session:
        return entries.save(
            session,
            installation.actors[Role.EDITOR],
            by_key(session, "e"),
            content(**changes),
            now=installation.clock(),
        ).number


def on_entry(installation, verb, by=Role.MANAGER, **fields) -> None:
    with unit_of_work(installation.sessions) as session:
        verb(session, installation.actors[by], by_key(session, "e"), now=installation.clock(), **fields)


def told(installation) -> list[tuple[str, int, str]]:
    """Which correction's reporter was told what, in order."""
    with installation.sessions() as session:
        rows = session.scalars(select(Event).where(Event.verb == Verb.TOLD).order_by(Event.seq))
        return [(row.subject_id, row.payload["reporter"], row.payload["state"]) for row in rows]


def history(installation, number) -> list[Verb]:
    with installation.sessions() as session:
        return [event.verb for event in reversed(events.history(session, Subject.CORRECTION, number))]


# Reporting


def test_a_report_has_its_deadline_and_asks_nobody_to_suspend(any_installation, entry):
    number = factories.correction(any_installation, "e", evidence="装维群公告", passage="报装维上门")
    found = get(any_installation, number)
    now = any_installation.clock()
    assert (found.state, found.severity, found.hold) == (State.RECEIVED, P2, Hold.NONE)
    assert (found.reported_at, found.due_at) == (now, now + timedelta(hours=24))
    assert (found.wrong, found.right, found.evidence) == ("报装维要先拍照", "先远程复位", "装维群公告")
    assert history(any_installation, number) == [Verb.REPORTED]
    assert told(any_installation) == []


def test_what_is_sent_twice_is_one_report(any_installation, entry):
    one = factories.correction(any_installation, "e", token="t-1")
    assert factories.correction(any_installation, "e", token="t-1", wrong="又发了一次") == one
    assert factories.correction(any_installation, "e", token="t-2") != one
    assert factories.correction(any_installation, "e", Role.EXPERT, token="t-1") != one


def test_only_a_person_reports_and_only_what_was_on_the_desk(any_installation, entry):
    with pytest.raises(PermissionDeniedError):
        factories.correction(any_installation, "e", SYSTEM)
    factories.draft(any_installation, "d")
    with pytest.raises(ConflictError, match="还没有发布"):
        factories.correction(any_installation, "d")
    with pytest.raises(InvalidInputError, match="没有第 7 版"):
        factories.correction(any_installation, "e", revision=7)


def test_an_earlier_revision_can_be_reported_by_whoever_still_reads_it(any_installation, entry):
    factories.revise(any_installation, "e", answer="改过的答案")
    number = factories.correction(any_installation, "e", revision=1, severity=P1)
    with any_installation.sessions() as session:
        found = session.get_one(Correction, number)
        assert found.revision.number == 1
        assert found.hold is Hold.NONE, "what is wrong is not on the desk any more"


# The duty


def test_the_duty_suspends_by_one_word_and_twice_is_once(any_installation, entry):
    number = factories.correction(any_installation, "e", severity=P1)
    assert get(any_installation, number).suspend_at == any_installation.clock() + PATIENCE
    for _ in range(2):
        do(any_installation, corrections.suspend, number, Role.LEADER)
    assert entry_state(any_installation) is EntryState.SUSPENDED
    found = get(any_installation, number)
    assert (found.hold, found.held_by_id) == (Hold.HELD, any_installation.actors[Role.LEADER].user_id)
    assert history(any_installation, number) == [Verb.REPORTED, Verb.SUSPENDED]
    with any_installation.sessions() as session:
        event = events.history(session, Subject.ENTRY, by_key(session, "e").id)[0]
        assert (event.verb, event.actor_id) == (Verb.SUSPENDED, any_installation.actors[Role.LEADER].user_id)


@pytest.mark.parametrize("role", [Role.AGENT, Role.EXPERT, Role.EDITOR, Role.VERIFIER, Role.ADMIN])
def test_nobody_else_is_on_duty(any_installation, entry, role):
    number = factories.correction(any_installation, "e", severity=P1)
    for verb in (corrections.suspend, corrections.keep):
        with pytest.raises(PermissionDeniedError):
            do(any_installation, verb, number, role)
    assert entry_state(any_installation) is EntryState.PUBLISHED


def test_without_an_answer_the_entry_is_suspended_to_the_minute(any_installation, entry):
    number = factories.correction(any_installation, "e", severity=P1)
    any_installation.clock.advance(minutes=9, seconds=59)

    def look() -> bool:
        with unit_of_work(any_installation.sessions) as session:
            return corrections.suspend_unanswered(session, number, now=any_installation.clock())

    assert look() is False
    assert entry_state(any_installation) is EntryState.PUBLISHED
    any_installation.clock.advance(seconds=1)
    assert look() is True
    assert look() is False, "once"
    assert entry_state(any_installation) is EntryState.SUSPENDED
    assert get(any_installation, number).held_by_id is None


def test_what_the_duty_lets_stay_is_not_suspended_by_itself(any_installation, entry):
    number = factories.correction(any_installation, "e", severity=P1)
    do(any_installation, corrections.keep, number, Role.LEADER)
    any_installation.clock.advance(hours=1)
    with unit_of_work(any_installation.sessions) as session:
        assert not corrections.suspend_unanswered(session, number, now=any_installation.clock())
    assert entry_state(any_installation) is EntryState.PUBLISHED
    with pytest.raises(ConflictError):
        do(any_installation, corrections.keep, number, Role.LEADER)
    do(any_installation, corrections.suspend, number, Role.LEADER)
    assert entry_state(any_installation) is EntryState.SUSPENDED, "the duty may think again"


def test_a_newer_revision_is_not_suspended_by_a_clock(any_installation, entry):
    number = factories.correction(any_installation, "e", severity=P1)
    factories.revise(any_installation, "e", answer="改过的答案")
    assert get(any_installation, number).hold is Hold.NONE
    any_installation.clock.advance(hours=1)
    with unit_of_work(any_installation.sessions) as session:
        assert not corrections.suspend_unanswered(session, number, now=any_installation.clock())
    assert entry_state(any_installation) is EntryState.PUBLISHED


def test_only_an_open_one_of_the_first_severity_suspends(any_installation, entry):
    number = factories.correction(any_installation, "e", severity=P2)
    with pytest.raises(ConflictError):
        do(any_installation, corrections.suspend, number)
    refused = factories.correction(any_installation, "e", severity=P1)
    refuse(any_installation, refused)
    with pytest.raises(ConflictError):
        do(any_installation, corrections.suspend, refused)


def test_who_resumes_the_entry_has_answered_for_the_duty(any_installation, entry):
    number = factories.correction(any_installation, "e", severity=P1)
    do(any_installation, corrections.suspend, number)
    on_entry(any_installation, entries.resume, Role.REVIEWER)
    assert get(any_installation, number).hold is Hold.KEPT
    assert entry_state(any_installation) is EntryState.PUBLISHED


# Deciding


def test_upheld_fixed_published_and_told(any_installation, entry):
    number = factories.correction(any_installation, "e", severity=P1)
    do(any_installation, corrections.suspend, number, Role.LEADER)
    uphold(any_installation, number, P1, by=Role.EXPERT)
    revision = save(any_installation, answer="先远程复位，再报装维。")
    do(any_installation, corrections.fix, number, Role.EDITOR, revision=revision)
    assert get(any_installation, number).state is State.FIXED
    assert entry_state(any_installation) is EntryState.SUSPENDED
    any_installation.clock.advance(hours=1)
    factories.release(any_installation, "e")
    found = get(any_installation, number)
    assert (found.state, found.hold, found.on_time) == (State.PUBLISHED, Hold.RELEASED, True)
    assert found.closed_at == found.told_at == any_installation.clock()
    assert entry_state(any_installation) is EntryState.PUBLISHED
    assert told(any_installation) == [(str(number), any_installation.actors[Role.AGENT].user_id, "published")]
    assert history(any_installation, number) == [
        Verb.REPORTED, Verb.SUSPENDED, Verb.UPHELD, Verb.FIXED, Verb.PUBLISHED, Verb.TOLD,
    ]  # fmt: skip


def test_the_first_severity_confirmed_suspends_at_once(any_installation, entry):
    number = factories.correction(any_installation, "e", severity=P3)
    uphold(any_installation, number, P1, by=Role.EDITOR)
    found = get(any_installation, number)
    assert entry_state(any_installation) is EntryState.SUSPENDED
    assert (found.hold, found.reported_severity) == (Hold.HELD, P3)
    assert found.due_at == found.reported_at + timedelta(hours=2)


def test_a_lesser_severity_gives_the_entry_back(any_installation, entry):
    number = factories.correction(any_installation, "e", severity=P1)
    do(any_installation, corrections.suspend, number, Role.LEADER)
    with pytest.raises(PermissionDeniedError):
        uphold(any_installation, number, P2, by=Role.EDITOR)  # may decide, but not give back
    assert get(any_installation, number).state is State.RECEIVED
    uphold(any_installation, number, P2, by=Role.REVIEWER)
    assert entry_state(any_installation) is EntryState.PUBLISHED
    assert get(any_installation, number).hold is Hold.RELEASED


def test_refused_needs_a_reason_and_gives_the_entry_back(any_installation, entry):
    number = factories.correction(any_installation, "e", severity=P1)
    do(any_installation, corrections.suspend, number)
    with pytest.raises(InvalidInputError):
        refuse(any_installation, number, reason=" ")
    refuse(any_installation, number)
    found = get(any_installation, number)
    assert (found.state, found.hold, found.reason) == (State.NOT_UPHELD, Hold.RELEASED, "文件里就是这样写的")
    assert entry_state(any_installation) is EntryState.PUBLISHED
    assert [state for _, _, state in told(any_installation)] == ["not_upheld"]


def test_the_author_does_not_judge_that_their_own_text_is_right(any_installation, entry):
    number = factories.correction(any_installation, "e")
    with pytest.raises(PermissionDeniedError, match="作者"):
        refuse(any_installation, number, by=Role.EDITOR)
    uphold(any_installation, number, by=Role.EDITOR)


def test_two_that_hold_an_entry_both_have_to_let_go(any_installation, entry):
    one, other = (factories.correction(any_installation, "e", severity=P1) for _ in range(2))
    do(any_installation, corrections.suspend, one)
    third = factories.correction(any_installation, "e", severity=P1)
    assert get(any_installation, third).hold is Hold.HELD, "reported while it is off the desk"
    refuse(any_installation, one)
    assert entry_state(any_installation) is EntryState.SUSPENDED
    refuse(any_installation, third)
    assert entry_state(any_installation) is EntryState.PUBLISHED
    assert get(any_installation, other).hold is Hold.PENDING


def test_an_entry_that_a_person_suspended_stays_suspended(any_installation, entry):
    on_entry(any_installation, entries.suspend, reason="资费要变")
    number = factories.correction(any_installation, "e", severity=P1)
    with pytest.raises(TransitionError):
        do(any_installation, corrections.suspend, number)
    refuse(any_installation, number)
    assert entry_state(any_installation) is EntryState.SUSPENDED


def test_a_duplicate_hands_over_its_urgency_and_its_hold(any_installation, entry):
    original = factories.correction(any_installation, "e", severity=P3)
    urgent = factories.correction(any_installation, "e", Role.EXPERT, severity=P1)
    do(any_installation, corrections.suspend, urgent)
    do(any_installation, corrections.merge, urgent, into=original)
    found = get(any_installation, original)
    assert (found.severity, found.hold, found.state) == (P1, Hold.HELD, State.RECEIVED)
    assert found.due_at == get(any_installation, urgent).due_at
    assert entry_state(any_installation) is EntryState.SUSPENDED
    uphold(any_installation, original, P1)
    revision = save(any_installation, answer="对的")
    do(any_installation, corrections.fix, original, revision=revision)
    factories.release(any_installation, "e")
    expert, agent = (any_installation.actors[role].user_id for role in (Role.EXPERT, Role.AGENT))
    assert told(any_installation) == [
        (str(urgent), expert, "duplicate"),
        (str(original), agent, "published"),
        (str(urgent), expert, "duplicate"),  # told again: what they said is answered
    ]
    assert entry_state(any_installation) is EntryState.PUBLISHED


def test_duplicates_make_no_chains_and_no_circles(any_installation, entry):
    one, two, three = (factories.correction(any_installation, "e") for _ in range(3))
    do(any_installation, corrections.merge, one, into=two)
    with pytest.raises(InvalidInputError):
        do(any_installation, corrections.merge, two, into=one)
    with pytest.raises(InvalidInputError):
        do(any_installation, corrections.merge, two, into=two)
    do(any_installation, corrections.merge, two, into=three)
    assert [get(any_installation, n).duplicate_of_id for n in (one, two, three)] == [three, three, None]
    factories.publish(any_installation, "other")
    foreign = factories.correction(any_installation, "other")
    with pytest.raises(InvalidInputError):
        do(any_installation, corrections.merge, foreign, into=three)


def test_what_is_decided_is_decided_once(any_installation, entry):
    number = factories.correction(any_installation, "e")
    refuse(any_installation, number)
    for again in (uphold, refuse):
        with pytest.raises(TransitionError, match="不属实"):
            again(any_installation, number)
    with pytest.raises(NotFoundError):
        refuse(any_installation, 999)


@pytest.mark.parametrize("role", [Role.AGENT, Role.VERIFIER, Role.LEADER, Role.ADMIN])
def test_who_may_not_decide(any_installation, entry, role):
    number = factories.correction(any_installation, "e")
    for decide in (uphold, refuse):
        with pytest.raises(PermissionDeniedError):
            decide(any_installation, number, by=role)


def test_an_expert_decides_within_their_modules(any_installation):
    factories.publish(any_installation, "tv", module_key="tv.signal")
    number = factories.correction(any_installation, "tv")
    with pytest.raises(PermissionDeniedError):
        uphold(any_installation, number, by=Role.EXPERT)


# The fix


def test_a_fix_that_is_live_already_is_published_at_once(any_installation, entry):
    number = factories.correction(any_installation, "e")
    uphold(any_installation, number)
    with pytest.raises(InvalidInputError):
        do(any_installation, corrections.fix, number, revision=1)
    factories.revise(any_installation, "e", answer="对的")
    assert get(any_installation, number).state is State.UPHELD, "nobody said that this puts it right"
    do(any_installation, corrections.fix, number, Role.EDITOR, revision=2)
    assert get(any_installation, number).state is State.PUBLISHED


def test_what_was_wrong_about_a_county_is_right_with_the_countys_word(any_installation, entry):
    verifier = any_installation.actors[Role.VERIFIER]

    with unit_of_work(any_installation.sessions) as session:
        now = any_installation.clock()
        verification.overlay(session, verifier, by_key(session, "e"), region="hedong", text="另收 20 元", now=now)
    any_installation.clock.advance(minutes=1)
    number = factories.correction(any_installation, "e", wrong="渡船费不收了", passage="另收 20 元")
    uphold(any_installation, number)
    with pytest.raises(InvalidInputError, match="没有改过"):
        do(any_installation, corrections.fix, number, revision=None)
    any_installation.clock.advance(minutes=1)
    with unit_of_work(any_installation.sessions) as session:
        changed = by_key(session, "e")
        made = verifications.overlay(session, changed, 1)
        verification.withdraw(session, verifier, changed, made, now=any_installation.clock())
    with pytest.raises(PermissionDeniedError):
        do(any_installation, corrections.fix, number, by=Role.AGENT, revision=None)
    do(any_installation, corrections.fix, number, revision=None)
    found = get(any_installation, number)
    assert (found.state, found.fixed_revision_id) == (State.PUBLISHED, None)
    assert (found.fixed_by_id, found.told_at) == (
        any_installation.actors[Role.MANAGER].user_id,
        any_installation.clock(),
    )


def test_an_agent_can_not_say_that_it_is_fixed(any_installation, entry):
    number = factories.correction(any_installation, "e")
    uphold(any_installation, number)
    revision = save(any_installation, answer="对的")
    with pytest.raises(PermissionDeniedError):
        do(any_installation, corrections.fix, number, Role.AGENT, revision=revision)


def test_another_revision_does_not_bring_back_what_a_first_severity_holds(any_installation, entry):
    number = factories.correction(any_installation, "e", severity=P1)
    uphold(any_installation, number, P1)
    factories.revise(any_installation, "e", fees="免费")
    assert entry_state(any_installation) is EntryState.SUSPENDED
    found = get(any_installation, number)
    assert (found.state, found.hold) == (State.UPHELD, Hold.HELD)
    do(any_installation, corrections.fix, number, revision=2)
    assert entry_state(any_installation) is EntryState.PUBLISHED


def test_restoring_what_was_before_takes_the_fix_back(any_installation, entry):
    number = factories.correction(any_installation, "e")
    uphold(any_installation, number)
    revision = save(any_installation, answer="对的")
    do(any_installation, corrections.fix, number, revision=revision)
    on_entry(any_installation, lambda *who, now: entries.restore(*who, 1, now=now), Role.EDITOR)
    assert get(any_installation, number).state is State.UPHELD
    factories.release(any_installation, "e")
    found = get(any_installation, number)
    assert (found.state, found.fixed_revision_id) == (State.UPHELD, None)
    assert Verb.FIX_LOST in history(any_installation, number)


def test_restoring_the_fix_itself_keeps_it(any_installation, entry):
    number = factories.correction(any_installation, "e")
    uphold(any_installation, number)
    revision = save(any_installation, answer="对的")
    do(any_installation, corrections.fix, number, revision=revision)
    save(any_installation, answer="对的，再改一句")
    on_entry(any_installation, lambda *who, now: entries.restore(*who, revision, now=now), Role.EDITOR)
    factories.release(any_installation, "e")
    assert get(any_installation, number).state is State.PUBLISHED


def test_an_import_does_not_pass_for_the_fix(any_installation, entry):
    number = factories.correction(any_installation, "e", severity=P1)
    uphold(any_installation, number, P1)
    do(any_installation, corrections.fix, number, revision=save(any_installation, answer="对的"))
    with unit_of_work(any_installation.sessions) as session:
        entries.import_content(
            session, SYSTEM, content(), key="e", entry=by_key(session, "e"), now=any_installation.clock()
        )
    assert get(any_installation, number).state is State.UPHELD
    assert entry_state(any_installation) is EntryState.SUSPENDED


def test_an_entry_that_is_retired_is_no_longer_wrong(any_installation, entry):
    upheld, received = (factories.correction(any_installation, "e", severity=P1) for _ in range(2))
    uphold(any_installation, upheld, P1)
    on_entry(any_installation, entries.retire, reason="业务下线")
    found = get(any_installation, upheld)
    assert (found.state, found.hold) == (State.PUBLISHED, Hold.RELEASED)
    assert get(any_installation, received).state is State.RECEIVED
    uphold(any_installation, received, P1)
    assert get(any_installation, received).state is State.PUBLISHED
    assert len(told(any_installation)) == 2


def test_a_report_is_not_stored_when_its_unit_is_rolled_back(any_installation, entry):
    with any_installation.sessions() as session:
        report = Report(severity=P2, wrong="错")
        actor = any_installation.actors[Role.AGENT]
        corrections.report(
            session, actor, by_key(session, "e"), report, patience=PATIENCE, now=any_installation.clock()
        )
        session.rollback()
    with any_installation.sessions() as session:
        assert session.scalar(select(Correction.id)) is None
        assert events.last_seq(session, kinds=(Subject.CORRECTION,)) == 0
