"""No sequence of steps by any people leads where the table does not: a state, a lost text, one's own work approved.

What happened is read back from the event log: replayed through the transition table it must give the entry as it is.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from kb.corrections import operations as corrections
from kb.corrections.rules import Report, Severity
from kb.db import make_engine, unit_of_work
from kb.drafting import operations as drafting
from kb.drafting.fields import to_form
from kb.entries import operations as entries
from kb.entries.models import Approval, Entry, Revision, Verification
from kb.entries.queries import by_key
from kb.entries.rules import TRANSITIONS, Slot, State, Step
from kb.errors import KbError
from kb.events.models import Event, Subject, Verb
from kb.importing.fields import Context
from kb.people import operations as people
from kb.permissions import SYSTEM, Role
from kb.review import operations as review
from kb.taxonomy import queries as taxonomy
from tests.support import factories
from tests.support.installation import Installation, settings_for

PEOPLE = {
    "writer": (Role.EDITOR,),
    "expert": (Role.EXPERT,),
    "agent": (Role.AGENT,),
    "reviewer": (Role.REVIEWER,),
    "both": (Role.EDITOR, Role.REVIEWER),
    "manager": (Role.MANAGER,),
    "county": (Role.VERIFIER, Role.REVIEWER),
    "local": (Role.VERIFIER, Role.EDITOR),
}
STEPS = {
    Verb.REVISED: Step.SAVE,
    Verb.SUBMITTED: Step.SUBMIT,
    Verb.WITHDRAWN: Step.WITHDRAW,
    Verb.RETURNED: Step.RETURN,
    Verb.REJECTED: Step.REJECT,
    Verb.APPROVED: Step.APPROVE,
    Verb.VERIFIED: Step.VERIFY,
    Verb.PUBLISHED: Step.PUBLISH,
    Verb.FLAGGED: Step.FLAG,
    Verb.CONFIRMED: Step.CONFIRM,
    Verb.SUSPENDED: Step.SUSPEND,
    Verb.RESUMED: Step.RESUME,
    Verb.RETIRED: Step.RETIRE,
    Verb.ARCHIVED: Step.ARCHIVE,
}
WHO = st.sampled_from(sorted(PEOPLE))
WRITERS = st.sampled_from(["both", "expert", "local", "manager", "writer"])
REVIEWERS = st.sampled_from(["both", "county", "manager", "reviewer"])
ANSWERS = ("插紧尾纤", "重启光猫", "报装维上门")
TEXTS = st.sampled_from(ANSWERS)
REGIONS = st.sampled_from([(), ("hedong",), ("hedong", "wanghu")])
NUMBERS = st.integers(1, 6)
AT_ONCE = ("approve", "publish", "reject", "save", "send_back", "submit", "suspend", "withdraw")
Job = Callable[[Session, Entry], object]


def replayed(events: list[Event], regions: dict[int, set[str]]) -> tuple[State | None, State | None, int | None]:
    """Return the states and the live revision that *events* lead to by the table, and no other way."""
    live: State | None = None
    work: State | None = None
    shown: int | None = None
    verified: set[str] = set()
    for event in events:
        number = event.payload.get("revision", 0)
        if event.verb is Verb.CREATED:
            work = State.DRAFT
            continue
        if event.verb is Verb.IMPORTED:  # comes from elsewhere, approved by nobody: the one way around the table
            live, work, shown = State.PUBLISHED, None, number
            continue
        step = STEPS[event.verb]
        if step is Step.APPROVE and regions[number]:
            step = Step.APPROVE_SCOPED
        row = TRANSITIONS[step]
        before = work if row.slot is Slot.WORK else live
        assert before in row.sources, (step, before)
        if step in (Step.APPROVE, Step.APPROVE_SCOPED):
            verified = set()
        if step is Step.VERIFY:
            verified.add(event.payload["region"])
            work = row.target if verified >= regions[number] else work
        elif step is Step.PUBLISH:
            live, work, shown = row.target, None, number
        elif row.slot is Slot.WORK:
            work = row.target
        else:
            live = row.target
    return live, work, shown


class Life(RuleBasedStateMachine):
    """One entry, and people of every kind who do anything to it in any order."""

    installation: Installation

    def __init__(self) -> None:
        super().__init__()
        self.installation.clock.advance(days=1)
        self.key = f"e-{int(self.installation.clock().timestamp())}"
        self.actors = {name: self.installation.actor(f"m-{name}") for name in PEOPLE}
        self.saved: dict[int, tuple[str, int | None]] = {}
        with unit_of_work(self.installation.sessions) as session:
            author, now = self.actors["agent"], self.installation.clock()
            entries.create(session, author, factories.content(answer=ANSWERS[0]), key=self.key, now=now)

    def attempt(self, job: Job) -> None:
        """Do *job* in a unit of work of its own, the way a request does; what is refused changes nothing."""
        self.installation.clock.advance(minutes=1)
        with suppress(KbError, StaleDataError), unit_of_work(self.installation.sessions) as session:
            entry = by_key(session, self.key)
            assert entry is not None
            job(session, entry)

    def step(self, verb: Callable[..., object], who: str, **fields: object) -> Job:
        return lambda session, entry: verb(session, self.actors[who], entry, now=self.installation.clock(), **fields)

    def to_save(self, who: str, text: str, regions: tuple[str, ...]) -> Job:
        return self.step(entries.save, who, content=factories.content(answer=text, regions=regions))

    @rule(who=WHO, text=TEXTS, regions=REGIONS)
    def save(self, who, text, regions):
        self.attempt(self.to_save(who, text, regions))

    @rule(who=WHO, number=NUMBERS)
    def restore(self, who, number):
        self.attempt(self.step(entries.restore, who, number=number))

    @rule(who=WHO)
    def submit(self, who):
        self.attempt(self.step(entries.submit, who))

    @rule(who=WHO)
    def withdraw(self, who):
        self.attempt(self.step(entries.withdraw, who))

    @rule(who=WHO)
    def send_back(self, who):
        self.attempt(self.step(entries.send_back, who, reason="再写清楚"))

    @rule(who=WHO)
    def reject(self, who):
        self.attempt(self.step(entries.reject, who, reason="不需要"))

    @rule(who=WHO)
    def approve(self, who):
        self.attempt(self.step(entries.approve, who))

    @rule(who=WHO, hours=st.integers(0, 2))
    def approve_for_a_time(self, who, hours):
        later = self.installation.clock() + timedelta(hours=hours)
        self.attempt(self.step(review.approve, who, publish_at=later))

    @rule(hours=st.integers(1, 3))
    def time_passes(self, hours):
        self.installation.clock.advance(hours=hours)
        self.attempt(lambda session, entry: review.publish_if_due(session, entry, now=self.installation.clock()))

    @rule(who=WHO, text=TEXTS, submitted=st.booleans())
    def hand_in(self, who, text, submitted):
        """The editor's way: a working copy of one's own that is handed in."""

        def job(session: Session, entry: Entry) -> None:
            actor, now, zone = self.actors[who], self.installation.clock(), "Asia/Shanghai"
            copy = drafting.begin_edit(session, actor, entry, key=f"{self.key}-{who}", timezone=zone, now=now)
            fields = to_form(factories.content(answer=text), zone)
            drafting.keep(session, actor, copy, fields, version=copy.version, now=now)
            context = Context(taxonomy.load(session), zone)
            drafting.hand_in(session, actor, copy, context=context, submit=submitted, now=now)

        self.attempt(job)

    @rule(who=WHO, duty=WHO)
    def say_that_it_is_wrong(self, who, duty):
        """A first severity, and whoever is on duty takes it off the desk."""

        def job(session: Session, entry: Entry) -> None:
            given, now = Report(severity=Severity.P1, wrong="收 30 元", right="不收"), self.installation.clock()
            made = corrections.report(session, self.actors[who], entry, given, patience=timedelta(minutes=9), now=now)
            corrections.suspend(session, self.actors[duty], made.id, now=now)

        self.attempt(job)

    @rule(who=WHO, region=st.sampled_from(["hedong", "wanghu", "jinsha"]))
    def verify(self, who, region):
        self.attempt(self.step(entries.verify, who, region=region))

    @rule(who=WHO)
    def publish(self, who):
        self.attempt(self.step(entries.publish, who))

    @rule(who=WHO)
    def flag(self, who):
        self.attempt(self.step(entries.flag_for_review, who, reason="旧了"))

    @rule(who=WHO)
    def confirm(self, who):
        self.attempt(self.step(entries.confirm, who))

    @rule(who=WHO)
    def suspend(self, who):
        self.attempt(self.step(entries.suspend, who, reason="错了"))

    @rule(who=WHO)
    def resume(self, who):
        self.attempt(self.step(entries.resume, who))

    @rule(who=WHO, really=st.integers(0, 3))
    def retire(self, who, really):
        if not really:  # seldom: not much happens afterwards
            self.attempt(self.step(entries.retire, who, reason="下线"))
            self.attempt(self.step(entries.archive, who))

    @rule(who=WHO, text=TEXTS, really=st.integers(0, 3))
    def take_over(self, who, text, really):
        if not really:
            content, now = factories.content(answer=text), self.installation.clock()
            self.attempt(
                lambda s, entry: entries.import_content(
                    s, self.actors[who], content, key=self.key, entry=entry, now=now
                )
            )

    @rule(text=TEXTS, regions=REGIONS, writer=WRITERS, who=REVIEWERS, county=st.sampled_from(["county", "local"]))
    def all_the_way(self, text, regions, writer, who, county):
        """The usual way onto the desk, as far as it can be gone: chance alone seldom gets there, or to one's own."""
        self.attempt(self.to_save(writer, text, regions))
        self.attempt(self.step(entries.submit, writer))
        self.attempt(self.step(entries.approve, who))
        for region in regions:
            self.attempt(self.step(entries.verify, county, region=region))
        self.attempt(self.step(entries.publish, who))

    @invariant()
    def it_is_as_the_log_and_the_table_say(self):
        with self.installation.sessions() as session:
            entry = by_key(session, self.key)
            assert entry is not None
            revisions = {
                row.number: row for row in session.scalars(select(Revision).where(Revision.entry_id == entry.id))
            }
            events = list(
                session.scalars(
                    select(Event)
                    .where(Event.subject_kind == Subject.ENTRY, Event.subject_id == str(entry.id))
                    .order_by(Event.seq)
                )
            )
            live, work, shown = replayed(events, {number: set(row.regions) for number, row in revisions.items()})
            assert (entry.live_state, entry.work_state) == (live, work)
            assert (entry.live_revision.number if entry.live_revision else None) == shown
            self._nothing_is_lost(revisions)
            self._nobody_passed_their_own(session, events, revisions)

    def _nothing_is_lost(self, revisions: dict[int, Revision]) -> None:
        assert sorted(revisions) == list(range(1, len(revisions) + 1))
        now = {number: (row.answer, row.author_id) for number, row in revisions.items()}
        assert now.items() >= self.saved.items()
        self.saved = now

    def _nobody_passed_their_own(self, session: Session, events: list[Event], revisions: dict[int, Revision]) -> None:
        live = 0
        for event in events:
            number = event.payload.get("revision", 0)
            if event.verb in (Verb.APPROVED, Verb.VERIFIED):
                text = revisions[number].content
                wrote = {
                    row.author_id
                    for row in revisions.values()
                    if live < row.number <= number or (row.number <= number and row.content == text)
                }
                assert event.actor_id not in wrote
            elif event.verb is Verb.PUBLISHED:
                approval = session.get_one(Approval, revisions[number].id)
                assert approval.reviewer_id != revisions[number].author_id
                seen = select(Verification.region_key).where(Verification.revision_id == revisions[number].id)
                assert set(revisions[number].regions) <= set(session.scalars(seen))
            if event.verb in (Verb.PUBLISHED, Verb.IMPORTED):
                live = number


class TwoAtOnce(Life):
    """The same, with two of the people at it in the same moment, most often where both of them may."""

    @rule(
        way=st.integers(0, 3),
        first=st.sampled_from(AT_ONCE),
        second=st.sampled_from(AT_ONCE),
        one=REVIEWERS,
        other=REVIEWERS,
        text=TEXTS,
    )
    def at_once(self, way, first, second, one, other, text):
        steps = (entries.submit, entries.approve, entries.publish)
        self.attempt(self.to_save("writer", text, ()))
        for step, who in zip(steps[:way], ("writer", "reviewer", "reviewer"), strict=False):
            self.attempt(self.step(step, who))
        barrier = Barrier(2)

        def go(name: str, who: str) -> None:
            verb = getattr(entries, name)
            fields = {
                "save": {"content": factories.content(answer=text)},
                "send_back": {"reason": "改"},
                "suspend": {"reason": "错"},
                "reject": {"reason": "不要"},
            }.get(name, {})

            def job(session: Session, entry: Entry) -> None:
                barrier.wait()
                verb(session, self.actors[who], entry, now=self.installation.clock(), **fields)

            self.attempt(job)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(go, (first, second), (one, other)))


def with_people(installation: Installation) -> Installation:
    with unit_of_work(installation.sessions) as session:
        for name, roles in PEOPLE.items():
            more = {"expertise": ["fault"], "region": "wanglan", "now": installation.clock()}
            people.add_user(session, SYSTEM, username=f"m-{name}", name=name, roles=roles, **more)
    return installation


def run(life: type[Life], installation: Installation, *, examples: int, steps: int) -> None:
    machine = type("Machine", (life,), {"installation": with_people(installation)})
    given = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=given)


def test_no_sequence_of_steps_leads_elsewhere(installation):
    run(Life, installation, examples=20, steps=25)


@pytest.mark.slow
def test_nor_do_two_at_once_on_a_server(postgres_url, tmp_path, analysis):
    given = settings_for(tmp_path / "home", postgres_url)
    made = Installation(given, make_engine(given.url), analysis)
    run(TwoAtOnce, made, examples=8, steps=20)
    made.close()


def test_whoever_wrote_a_text_does_not_approve_it_when_somebody_else_brings_it_back(installation):
    """A draft that never went live, restored by a colleague, is still its author's text."""
    with_people(installation)
    both, writer = installation.actor("m-both"), installation.actor("m-writer")
    reviewer, now = installation.actor("m-reviewer"), installation.clock()
    with unit_of_work(installation.sessions) as session:
        entry = entries.create(session, both, factories.content(answer="我写的"), key="e", now=now)
        entries.save(session, writer, entry, factories.content(answer="重写的"), now=now)
        entries.submit(session, writer, entry, now=now)
        entries.approve(session, reviewer, entry, now=now)
        entries.publish(session, reviewer, entry, now=now)
        entries.restore(session, writer, entry, 1, now=now)
        entries.submit(session, writer, entry, now=now)
        with pytest.raises(KbError, match="自己写的"):
            entries.approve(session, both, entry, now=now)
        entries.approve(session, reviewer, entry, now=now)
