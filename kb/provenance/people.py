"""What a person gave and what became of it, and who knows what: from what they answered and published, not from titles.

There are no quotas and no order by count: whoever is counted writes for the count.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from kb.corrections.models import Correction
from kb.corrections.rules import State as CorrectionState
from kb.entries import queries as entry_queries
from kb.entries.models import Approval, Entry, EntrySource, Revision, Verification
from kb.forum.models import Reply, Thread, Vote
from kb.forum.queries import UNLISTED
from kb.gaps.models import Ask, Gap, Phrasing
from kb.gaps.rules import GapState
from kb.people.models import Expertise, User
from kb.permissions import Actor, Permission, require
from kb.provenance.queries import solved_calls

SHOWN = 12
"""Of each kind, on a person's page: the newest."""
KNOWN_FOR = timedelta(days=365)
"""How long what somebody answered or published says that they know."""
MOST = 3
"""Things that a line of the directory names."""
READ = 2000
"""Newest contributions that the directory is made from."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """Something a person gave.

    Attributes:
        key, title: of the thread or entry.
        module_key: its module.
        entry: the entry that came from it, where the thread became one that is served.
        solved: calls that the entry is known to have solved, the person's own left out.
    """

    key: str
    title: str
    module_key: str
    at: datetime
    entry: Entry | None = None
    solved: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a person gave, newest first.

    Attributes:
        started, answered: threads; the answers are those that were accepted.
        written: served entries whose text, or a part of its history, is theirs.
        corrections: how many errors they reported that were put right.
        questions: how many of the questions they met without an answer have one now.
        helped: how many threads of others they wrote something in that somebody found useful, the accepted aside.
        reviewed, verified: how many entries they approved, or confirmed for a region.
        solved: calls that all entries they gave to are known to have solved, their own calls left out.
    """

    started: Sequence[Contribution]
    answered: Sequence[Contribution]
    written: Sequence[Contribution]
    corrections: int
    questions: int
    solved: int
    helped: int = 0
    reviewed: int = 0
    verified: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        lists = (self.started, self.answered, self.written)
        return not (any(lists) or self.given_besides or self.corrections or self.questions)

    @property
    def given_besides(self) -> int:
        """How often they helped, reviewed and verified."""
        return self.helped + self.reviewed + self.verified


def given(session: Session, actor: Actor, user_id: int, *, now: datetime) -> Given:
    """Return what a person gave, as far as *actor* may read it. Nine statements.

    Raises:
        PermissionDeniedError: *actor* may not read the forum.
    """
    require(actor, Permission.THREAD_READ)
    started = session.scalars(
        select(Thread)
        .where(Thread.author_id == user_id, Thread.state.not_in(UNLISTED))
        .order_by(Thread.created_at.desc(), Thread.id.desc())
    ).all()
    answered = session.scalars(
        select(Thread)
        .join(Reply, and_(Reply.thread_id == Thread.id, Reply.number == Thread.accepted_number))
        .where(Reply.author_id == user_id, Thread.state.not_in(UNLISTED))
        .order_by(Reply.created_at.desc(), Reply.id.desc())
    ).all()
    grown = _grown_from(session, actor, {thread.key for thread in (*started, *answered)}, now)
    written = _written_by(session, actor, user_id, now)
    entries = {entry.id for entry in (*grown.values(), *written)}
    solved = solved_calls(session, sorted(entries), without=user_id)

    helped, reviewed, verified = session.execute(_besides(user_id)).one()

    def from_thread(thread: Thread) -> Contribution:
        entry = grown.get(thread.key)
        calls = 0 if entry is None else solved.get(entry.id, 0)
        return Contribution(thread.key, thread.title, thread.module_key, thread.created_at, entry, calls)

    return Given(
        started=[from_thread(thread) for thread in started[:SHOWN]],
        answered=[from_thread(thread) for thread in answered[:SHOWN]],
        written=[
            Contribution(
                entry.key,
                entry.shown_revision.title,
                entry.shown_revision.module_key,
                entry.shown_revision.created_at,
                entry,
                solved.get(entry.id, 0),
            )
            for entry in written[:SHOWN]
        ],
        corrections=session.scalar(
            select(func.count()).where(Correction.reporter_id == user_id, Correction.state == CorrectionState.PUBLISHED)
        )
        or 0,
        questions=session.scalar(
            select(func.count(Gap.id.distinct()))
            .join(Phrasing, Phrasing.gap_id == Gap.id)
            .join(Ask, Ask.phrasing_id == Phrasing.id)
            .where(Ask.user_id == user_id, Gap.state == GapState.CLOSED)
        )
        or 0,
        solved=sum(solved.values()),
        helped=helped,
        reviewed=reviewed,
        verified=verified,
    )


@dataclass(slots=True)
class Knows:
    """A line of the directory: who knows something about a module, and from what that is known.

    Attributes:
        latest: when they last answered or published; ``None`` for who was only named an expert.
        contributions: the newest few.
        named: whether the centre named them an expert of the module.
    """

    user_id: int
    latest: datetime | None = None
    contributions: list[tuple[str, Contribution]] = field(default_factory=list)
    named: bool = False

    def add(self, kind: str, item: Contribution) -> None:
        """Add what they gave, newest first."""
        self.latest = max(self.latest, item.at) if self.latest is not None else item.at
        if len(self.contributions) < MOST:
            self.contributions.append((kind, item))


def directory(
    session: Session, actor: Actor, *, modules: Collection[str] | None, named_for: Collection[str] | None, now: datetime
) -> Sequence[Knows]:
    """Return who knows about *modules*: who gave last comes first, then who was only named an expert. Three statements.

    Args:
        modules: keys, levels below included; ``None`` for all.
        named_for: the modules whose named experts are meant: *modules* and those above.
    """
    since = now - KNOWN_FOR
    found: dict[int, Knows] = {}
    answers = select(Reply.author_id, Reply.created_at, Thread.key, Thread.title, Thread.module_key)
    answers = answers.join(Thread, and_(Reply.thread_id == Thread.id, Reply.number == Thread.accepted_number))
    answers = answers.where(Reply.created_at > since, Thread.state.not_in(UNLISTED))
    if modules is not None:
        answers = answers.where(Thread.module_key.in_(modules))
    things: list[tuple[int, str, Contribution]] = [
        (author, "thread", Contribution(key, title, module, at))
        for author, at, key, title, module in session.execute(answers.order_by(Reply.created_at.desc()).limit(READ))
        if author is not None
    ]
    for entry in entry_queries.served_to(session, actor, now=now, limit=READ, modules=modules):
        revision = entry.shown_revision
        if revision.author_id is not None and revision.created_at > since:
            item = Contribution(entry.key, revision.title, revision.module_key, revision.created_at)
            things.append((revision.author_id, "entry", item))
    for author, kind, item in sorted(things, key=lambda thing: thing[2].at, reverse=True):
        found.setdefault(author, Knows(author)).add(kind, item)
    named = select(Expertise.user_id).distinct()
    if named_for is not None:
        named = named.where(Expertise.module_key.in_(named_for))
    for user_id in session.scalars(named):
        found.setdefault(user_id, Knows(user_id)).named = True
    active = set(session.scalars(select(User.id).where(User.id.in_(found), User.active))) if found else set()
    never = datetime.min.replace(tzinfo=now.tzinfo)
    lines = sorted(found.values(), key=lambda line: (line.latest or never, -line.user_id), reverse=True)
    return [line for line in lines if line.user_id in active]


def _besides(user_id: int) -> Select[int, int, int]:
    """Return the statement that counts what a person helped, reviewed and verified, each thread and entry once."""
    helped = (
        select(func.count(Reply.thread_id.distinct()))
        .join(Thread, Thread.id == Reply.thread_id)
        .where(
            Reply.author_id == user_id,
            Reply.hidden_reason.is_(None),
            Thread.state.not_in(UNLISTED),
            or_(Thread.author_id.is_(None), Thread.author_id != user_id),
            or_(Thread.accepted_number.is_(None), Thread.accepted_number != Reply.number),
            select(Vote.user_id).where(Vote.thread_id == Reply.thread_id, Vote.number == Reply.number).exists(),
        )
    )
    counted = func.count(Revision.entry_id.distinct())
    reviewed = select(counted).join(Approval, Approval.revision_id == Revision.id)
    verified = select(counted).join(Verification, Verification.revision_id == Revision.id)
    return select(
        helped.scalar_subquery(),
        reviewed.where(Approval.reviewer_id == user_id).scalar_subquery(),
        verified.where(Verification.verifier_id == user_id).scalar_subquery(),
    )


def _grown_from(session: Session, actor: Actor, keys: Collection[str], now: datetime) -> Mapping[str, Entry]:
    """Return the served entries that came from the threads *keys*, or took them in, by the thread's key.

    Two statements. An entry that came from a thread goes before one that took it in.
    """
    if not keys:
        return {}
    wanted = [f"thread:{key}" for key in keys]
    served = select(EntrySource.source, Entry).select_from(Entry).join(Entry.live_revision)
    served = served.options(contains_eager(Entry.live_revision)).where(entry_queries.is_served_to(actor, now))
    took_in = served.join(EntrySource, EntrySource.entry_id == Entry.id).where(EntrySource.source.in_(wanted))
    began = served.with_only_columns(Entry.derived_from, Entry).where(Entry.derived_from.in_(wanted))
    rows = [*session.execute(took_in.order_by(EntrySource.at)), *session.execute(began.order_by(Entry.id.desc()))]
    return {row[0].partition(":")[2]: row[1] for row in rows}


def _written_by(session: Session, actor: Actor, user_id: int, now: datetime) -> Sequence[Entry]:
    """Return the served entries that a person wrote some revision of, newest first. One statement."""
    theirs = select(Revision.entry_id).where(Revision.author_id == user_id)
    return session.scalars(
        select(Entry)
        .join(Entry.live_revision)
        .options(contains_eager(Entry.live_revision))
        .where(entry_queries.is_served_to(actor, now), or_(Entry.id.in_(theirs), Entry.created_by_id == user_id))
        .order_by(Entry.updated_at.desc(), Entry.id.desc())
    ).all()
