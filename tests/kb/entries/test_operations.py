from dataclasses import replace

import pytest
from sqlalchemy import func, select

from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries.models import Entry, Revision
from kb.entries.queries import by_key
from kb.entries.rules import TRANSITIONS, Slot, State, Step
from kb.errors import ConflictError, InvalidInputError, PermissionDeniedError, TransitionError
from kb.events import queries as events
from kb.events.models import Event, Subject, Verb
from kb.permissions import SYSTEM, Actor, Role
from tests.support.factories import content, draft, person, publish
from tests.support.installation import START, Installation
from tests.support.tables import dump

DO = {
    Step.SAVE: lambda *who, now: entries.save(*who, content(title="改过的标题"), now=now),
    Step.SUBMIT: entries.submit,
    Step.WITHDRAW: entries.withdraw,
    Step.RETURN: lambda *who, now: entries.send_back(*who, reason="缺时限", now=now),
    Step.REJECT: lambda *who, now: entries.reject(*who, reason="另有一条", now=now),
    Step.APPROVE: entries.approve,
    Step.APPROVE_SCOPED: entries.approve,
    Step.VERIFY: lambda *who, now: entries.verify(*who, region="hedong", now=now),
    Step.PUBLISH: entries.publish,
    Step.FLAG: lambda *who, now: entries.flag_for_review(*who, reason="到期", now=now),
    Step.CONFIRM: entries.confirm,
    Step.SUSPEND: lambda *who, now: entries.suspend(*who, reason="资费变了", now=now),
    Step.RESUME: entries.resume,
    Step.RETIRE: lambda *who, now: entries.retire(*who, reason="业务下线", now=now),
    Step.ARCHIVE: entries.archive,
}

VERBS = {
    Step.SAVE: Verb.REVISED,
    Step.SUBMIT: Verb.SUBMITTED,
    Step.WITHDRAW: Verb.WITHDRAWN,
    Step.RETURN: Verb.RETURNED,
    Step.REJECT: Verb.REJECTED,
    Step.APPROVE: Verb.APPROVED,
    Step.APPROVE_SCOPED: Verb.APPROVED,
    Step.VERIFY: Verb.VERIFIED,
    Step.PUBLISH: Verb.PUBLISHED,
    Step.FLAG: Verb.FLAGGED,
    Step.CONFIRM: Verb.CONFIRMED,
    Step.SUSPEND: Verb.SUSPENDED,
    Step.RESUME: Verb.RESUMED,
    Step.RETIRE: Verb.RETIRED,
    Step.ARCHIVE: Verb.ARCHIVED,
}

# Who may take a step with a colleague's entry about broadband faults (the expert's module) in Hedong (the verifier's).
WHO_MAY = {
    Step.SAVE: "expert editor manager",
    Step.SUBMIT: "expert editor manager",
    Step.WITHDRAW: "expert editor manager",
    Step.RETURN: "reviewer manager",
    Step.REJECT: "reviewer manager",
    Step.APPROVE: "reviewer manager",
    Step.APPROVE_SCOPED: "reviewer manager",
    Step.VERIFY: "verifier",
    Step.PUBLISH: "reviewer manager",
    Step.FLAG: "expert editor manager",
    Step.CONFIRM: "reviewer manager",
    Step.SUSPEND: "reviewer manager",
    Step.RESUME: "reviewer manager",
    Step.RETIRE: "manager",
    Step.ARCHIVE: "manager",
}

LATER = START.replace(hour=2)


def prepare(installation: Installation, step: Step) -> str:
    """Make an entry with both slots filled, by somebody whom no test lets act."""
    author = person(installation, "author", Role.EDITOR)
    publish(installation, "e")
    scoped = step in (Step.APPROVE_SCOPED, Step.VERIFY)
    with unit_of_work(installation.sessions) as session:
        written = content(regions=("hedong",) if scoped else ())
        entries.save(session, author, by_key(session, "e"), written, now=installation.clock())
    return "e"


def put(entry: Entry, slot: Slot, state: State | None) -> None:
    """Put a slot of *entry* into *state*, whatever the rules say; ``None`` empties it."""
    setattr(entry, f"{slot}_state", state)
    if state is None:
        setattr(entry, f"{slot}_revision", None)


def take(installation: Installation, step: Step, state: State | None, actor: Actor, *, commit: bool) -> Event:
    """Take *step* from *state* and return the event it appended; without *commit* nothing of it lasts."""
    slot = TRANSITIONS[step].slot
    with installation.sessions() as session:
        entry = by_key(session, "e")
        put(entry, slot, state)
        session.flush()
        other = entry.live_state if slot is Slot.WORK else entry.work_state
        DO[step](session, actor, entry, now=LATER)
        if step is Step.PUBLISH:
            assert (entry.live_state, entry.work_state) == (TRANSITIONS[step].target, None)
        else:
            assert getattr(entry, f"{slot}_state") is TRANSITIONS[step].target
            assert (entry.live_state if slot is Slot.WORK else entry.work_state) is other
        assert entry.updated_at == LATER
        session.flush()
        appended = session.scalars(select(Event).where(Event.seq.is_(None))).one()
        if commit:
            session.commit()
        return appended


@pytest.mark.parametrize("step", Step)
def test_a_step_works_from_its_sources_and_otherwise_changes_nothing(installation, step):
    prepare(installation, step)
    before = dump(installation.engine)
    for state in (None, *State):
        if state in TRANSITIONS[step].sources:
            appended = take(installation, step, state, SYSTEM, commit=False)
            assert (appended.verb, appended.subject_kind, appended.at) == (VERBS[step], Subject.ENTRY, LATER)
        else:
            with installation.sessions() as session:
                entry = by_key(session, "e")
                put(entry, TRANSITIONS[step].slot, state)
                session.flush()
                with pytest.raises(TransitionError):
                    DO[step](session, SYSTEM, entry, now=LATER)
                assert not session.new
                assert not session.dirty
                assert session.scalar(select(func.count()).where(Event.seq.is_(None))) == 0
        assert dump(installation.engine) == before, state


@pytest.mark.parametrize("step", Step)
def test_a_step_belongs_to_some_roles(installation, step):
    prepare(installation, step)
    state = next(state for state in State if state in TRANSITIONS[step].sources)
    may = []
    for role, actor in installation.actors.items():
        try:
            take(installation, step, state, actor, commit=False)
        except PermissionDeniedError:
            continue
        may.append(role.value)
    assert " ".join(may) == WHO_MAY[step]


def test_a_committed_step_leaves_one_event_with_who_and_what(installation):
    prepare(installation, Step.RETURN)
    take(installation, Step.RETURN, State.IN_REVIEW, installation.actors[Role.REVIEWER], commit=True)
    with installation.sessions() as session:
        newest = events.history(session, Subject.ENTRY, by_key(session, "e").id)[0]
    assert newest.verb is Verb.RETURNED
    assert newest.actor_id == installation.actors[Role.REVIEWER].user_id
    assert newest.payload == {"reason": "缺时限", "revision": 2}


def test_creating_and_importing_last_only_if_committed(any_installation):
    before = dump(any_installation.engine)
    with any_installation.sessions() as session:
        entries.create(session, SYSTEM, content(), now=START)
        entries.import_content(session, SYSTEM, content(), key="imported", now=START)
        session.flush()
        session.rollback()
    assert dump(any_installation.engine) == before


def test_an_author_keeps_their_own_draft_in_hand_but_nobody_elses(installation):
    agent = installation.actors[Role.AGENT]
    draft(installation, "mine", author=Role.AGENT)
    draft(installation, "theirs")
    with unit_of_work(installation.sessions) as session:
        mine, theirs = by_key(session, "mine"), by_key(session, "theirs")
        entries.save(session, agent, mine, content(title="再改"), now=START)
        entries.submit(session, agent, mine, now=START)
        entries.withdraw(session, agent, mine, now=START)
        for step in (Step.SAVE, Step.SUBMIT, Step.WITHDRAW):
            with pytest.raises(PermissionDeniedError):
                DO[step](session, agent, theirs, now=START)
    assert mine.work_state is State.DRAFT


def test_who_may_edit_a_live_entry_does_not_change_with_a_draft_of_it(installation):
    publish(installation, "e")
    billing = person(installation, "billing", Role.EXPERT, expertise=["billing"])
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, "e")
        entries.save(session, installation.actors[Role.EXPERT], entry, content(module_key="billing.bill"), now=START)
        with pytest.raises(PermissionDeniedError):
            entries.save(session, billing, entry, content(), now=START)


def test_what_is_live_stays_live_until_its_successor_is_published(installation):
    publish(installation, "e")
    editor, reviewer = installation.actors[Role.EDITOR], installation.actors[Role.REVIEWER]
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, "e")
        live = entry.live_revision
        second = entries.save(session, editor, entry, content(title="第二版"), now=START)
        for step in (entries.submit, entries.approve):
            step(session, editor if step is entries.submit else reviewer, entry, now=START)
            assert (entry.live_revision, entry.live_state) == (live, State.PUBLISHED)
        assert entry.work_revision is second
        entries.publish(session, reviewer, entry, now=START)
        assert (entry.live_revision, entry.work_revision, entry.work_state) == (second, None, None)
        assert second.number == live.number + 1


def test_what_is_under_review_is_not_edited(installation):
    draft(installation, "e")
    editor = installation.actors[Role.EDITOR]
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, "e")
        entries.submit(session, editor, entry, now=START)
        with pytest.raises(TransitionError):
            entries.save(session, editor, entry, content(title="悄悄改"), now=START)
        assert session.scalar(select(func.count(Revision.id))) == 1


@pytest.mark.parametrize(
    "change",
    [lambda *a: entries.send_back(*a, reason=" ", now=START), lambda *a: entries.suspend(*a, reason="", now=START)],
    ids=["send_back", "suspend"],
)
def test_a_reason_is_required(installation, change):
    prepare(installation, Step.SUSPEND)
    with installation.sessions() as session, pytest.raises(InvalidInputError) as refused:
        change(session, SYSTEM, by_key(session, "e"))
    assert refused.value.field == "reason"


def test_a_taken_key_and_unusable_content_are_refused_and_a_key_is_made_up(installation):
    draft(installation, "e")
    before = dump(installation.engine)
    with installation.sessions() as session:
        with pytest.raises(ConflictError, match="e 已经有了"):
            entries.create(session, SYSTEM, content(), key="e", now=START)
        with pytest.raises(InvalidInputError):
            entries.create(session, SYSTEM, content(title=" "), now=START)
        with pytest.raises(InvalidInputError):
            entries.save(session, SYSTEM, by_key(session, "e"), content(answer=""), now=START)
        session.commit()
        made = {entries.create(session, SYSTEM, content(), now=START).key for _ in range(3)}
        assert len(made) == 3
    assert dump(installation.engine) == before


def test_a_new_entry_belongs_to_its_author_unless_somebody_is_named(installation):
    agent, expert = installation.actors[Role.AGENT], installation.actors[Role.EXPERT]
    with unit_of_work(installation.sessions) as session:
        own = entries.create(session, agent, content(), now=START)
        given = entries.create(session, agent, content(), owner_id=expert.user_id, derived_from="thread:t", now=START)
    assert (own.owner_id, own.derived_from) == (agent.user_id, None)
    assert (given.owner_id, given.created_by_id, given.derived_from) == (expert.user_id, agent.user_id, "thread:t")


def test_an_import_wins_over_a_revision_in_work_and_keeps_the_history(installation):
    prepare(installation, Step.SAVE)
    imported = replace(content(), title="来自旧系统")
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, "e")
        entries.import_content(session, SYSTEM, imported, key="e", entry=entry, owner_id=1, now=LATER)
        assert (entry.live_revision.number, entry.work_revision, entry.owner_id) == (3, None, 1)
        entries.import_content(session, SYSTEM, imported, key="e", entry=entry, published=False, now=LATER)
        assert (entry.live_revision.number, entry.work_revision.number, entry.work_state) == (3, 4, State.DRAFT)
        assert session.scalar(select(func.count(Revision.id))) == 4


def test_importing_belongs_to_managers(installation):
    with installation.sessions() as session:
        for role, actor in installation.actors.items():
            if role is Role.MANAGER:
                entries.import_content(session, actor, content(), key="e", now=START)
                continue
            with pytest.raises(PermissionDeniedError):
                entries.import_content(session, actor, content(), key=role, now=START)
