"""Launch packs (新业务上线包): what has to be there before calls about a new business begin, and whether it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.bulletins.models import Bulletin, Receipt
from kb.desk.models import LearnedWording
from kb.desk.rules import WordingState
from kb.entries import queries as entry_queries
from kb.entries.models import Entry
from kb.entries.rules import SERVED
from kb.errors import InvalidInputError, NotFoundError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.exams.models import Attempt, Exam
from kb.exams.rules import Purpose
from kb.i18n import N_
from kb.people.models import RoleGrant, Team, User
from kb.permissions import Actor, Permission, Role, Target, allowed, require
from kb.taxonomy.models import Module
from kb.training.models import LaunchPack
from kb.training.queries import AT_THE_DESK
from kb.training.rules import MAX_MATERIAL, MAX_TITLE

WORDINGS = 3
"""Ways in which callers will put it that each entry needs at least: without them searches do not find it."""
READY = 0.9
"""The share of people who have read and passed that counts as ready; somebody is always on leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackFacts:
    """What a pack says; the fields are those of ``LaunchPack``."""

    title: str
    module: str
    launch_at: datetime
    teams: tuple[str, ...] = ()
    entry_keys: tuple[str, ...] = ()
    bulletin_id: int | None = None
    exam_id: int | None = None


class Part(StrEnum):
    """A part of a pack that can be ready or not."""

    ENTRIES = "entries"
    WORDINGS = "wordings"
    BULLETIN = "bulletin"
    LEADERS = "leaders"
    READ = "read"
    PASSED = "passed"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return PART_LABELS[self]


PART_LABELS: Mapping[Part, str] = {
    Part.ENTRIES: N_("知识在上线那天能用"),
    Part.WORDINGS: N_("每条知识有 3 种以上客户说法"),
    Part.BULLETIN: N_("必读公告最迟上线时生效"),
    Part.LEADERS: N_("组长通过了考试"),
    Part.READ: N_("坐席签收了公告"),
    Part.PASSED: N_("坐席通过了考试"),
}


@dataclass(frozen=True, slots=True)
class Readiness:
    """How far a part is. A launch is guarded by an exam, not a quiz: who passed an exam is known to its managers.

    Attributes:
        done, total: of entries, of bulletins, or of people.
        share: how much of it is enough, 0..1.
    """

    part: Part
    done: int
    total: int
    share: float = 1.0

    @property
    def is_ready(self) -> bool:
        """Whether enough is done."""
        return self.total > 0 and self.done >= self.share * self.total - 1e-9


def prepare(session: Session, actor: Actor, facts: PackFacts, *, now: datetime) -> LaunchPack:
    """Make a launch pack and return it.

    Raises:
        PermissionDeniedError: *actor* may not plan for all these teams.
        InvalidInputError: *facts* can't be taken.
    """
    _check(session, actor, facts, now)
    pack = LaunchPack(owner_id=actor.user_id, created_at=now)
    _put(pack, facts)
    session.add(pack)
    session.flush()
    _record(session, actor, pack, Verb.CREATED, now)
    return pack


def change(session: Session, actor: Actor, number: int, facts: PackFacts, *, now: datetime) -> LaunchPack:
    """Change pack *number*.

    Raises:
        PermissionDeniedError: *actor* may not plan for these teams.
        InvalidInputError: *facts* can't be taken.
    """
    pack = _held(session, actor, number)
    _check(session, actor, facts, now)
    _put(pack, facts)
    session.flush()
    _record(session, actor, pack, Verb.REVISED, now)
    return pack


def pack(session: Session, actor: Actor, number: int) -> LaunchPack:
    """Return pack *number*. One statement.

    Raises:
        NotFoundError: there is none.
        PermissionDeniedError: *actor* plans no training.
    """
    require(actor, Permission.TRAINING_MANAGE)
    found = session.get(LaunchPack, number)
    if found is None or (found.teams and actor.team not in found.teams and not _plans_for(actor, found.teams)):
        raise NotFoundError(N_("没有这个上线包"))
    return found


def packs(session: Session, actor: Actor, *, since: datetime, limit: int) -> Sequence[LaunchPack]:
    """Return the packs launched after *since* that concern *actor*, soonest first. One statement."""
    require(actor, Permission.TRAINING_MANAGE)
    found = session.scalars(
        select(LaunchPack)
        .where(LaunchPack.launch_at >= since)
        .order_by(LaunchPack.launch_at, LaunchPack.id)
        .limit(limit)
    )
    return [item for item in found if not item.teams or actor.team in item.teams or _plans_for(actor, item.teams)]


def entries_of(session: Session, found: LaunchPack) -> Sequence[tuple[Entry, int]]:
    """Return the pack's entries with how many wordings each has. Four statements at most."""
    rows = [entry for key in found.entry_keys if (entry := entry_queries.by_key(session, key)) is not None]
    learned = session.execute(
        select(LearnedWording.entry_id, func.count())
        .where(LearnedWording.entry_id.in_([entry.id for entry in rows]), LearnedWording.state == WordingState.ACCEPTED)
        .group_by(LearnedWording.entry_id)
    )
    more = {row[0]: row[1] for row in learned}
    return [(entry, len(entry.shown_revision.wordings) + more.get(entry.id, 0)) for entry in rows]


def readiness(session: Session, found: LaunchPack) -> Sequence[Readiness]:
    """Return how far every part of the pack is. Ten statements at most, and one for each entry."""
    entries = entries_of(session, found)
    live = [entry for entry, _ in entries if _is_live_at(entry, found.launch_at)]
    spoken = [entry for entry, wordings in entries if wordings >= WORDINGS]
    bulletin = session.get(Bulletin, found.bulletin_id) if found.bulletin_id is not None else None
    exam = session.get(Exam, found.exam_id) if found.exam_id is not None else None
    agents, leaders = _people(session, found, AT_THE_DESK), _people(session, found, (Role.LEADER,))
    read = _have_read(session, bulletin)
    passed = _have_passed(session, exam)
    return (
        Readiness(Part.ENTRIES, len(live), len(found.entry_keys)),
        Readiness(Part.WORDINGS, len(spoken), len(found.entry_keys)),
        Readiness(Part.BULLETIN, int(bulletin is not None and _announces(bulletin, found.launch_at)), 1),
        Readiness(Part.LEADERS, len(leaders & passed), len(leaders)),
        Readiness(Part.READ, len(agents & read), len(agents), READY),
        Readiness(Part.PASSED, len(agents & passed), len(agents), READY),
    )


def _is_live_at(entry: Entry, moment: datetime) -> bool:
    revision = entry.live_revision
    return revision is not None and entry.live_state in SERVED and entry_queries.valid_at(revision, moment)


def _announces(bulletin: Bulletin, launch_at: datetime) -> bool:
    return (
        bulletin.must_read and bulletin.withdrawn_at is None and bulletin.valid_from <= launch_at < bulletin.valid_until
    )


def _people(session: Session, found: LaunchPack, roles: Sequence[Role]) -> set[int]:
    wanted = select(User.id).where(
        User.active.is_(True), User.id.in_(select(RoleGrant.user_id).where(RoleGrant.role.in_(roles)))
    )
    if found.teams:
        wanted = wanted.join(Team, Team.id == User.team_id).where(Team.key.in_(found.teams))
    return set(session.scalars(wanted))


def _have_read(session: Session, bulletin: Bulletin | None) -> set[int]:
    if bulletin is None:
        return set()
    return set(
        session.scalars(
            select(Receipt.user_id).where(Receipt.bulletin_id == bulletin.id, Receipt.version == bulletin.version)
        )
    )


def _have_passed(session: Session, exam: Exam | None) -> set[int]:
    if exam is None:
        return set()
    return set(session.scalars(select(Attempt.user_id).where(Attempt.exam_id == exam.id, Attempt.passed.is_(True))))


def _check(session: Session, actor: Actor, facts: PackFacts, now: datetime) -> None:
    for team in facts.teams or (None,):
        require(actor, Permission.TRAINING_MANAGE, Target(teams=frozenset({team}) if team else frozenset()))
    if not 0 < len(facts.title.strip()) <= MAX_TITLE:
        raise InvalidInputError(N_("名称要有 1–%(max)s 个字"), field="title", max=MAX_TITLE)
    if session.get(Module, facts.module) is None:
        raise InvalidInputError(N_("没有这个模块：%(key)s"), field="module", key=facts.module)
    if facts.launch_at <= now:
        raise InvalidInputError(N_("上线要在以后"), field="launch_at")
    if not 0 < len(facts.entry_keys) <= MAX_MATERIAL:
        raise InvalidInputError(N_("要列出 1–%(max)s 条知识"), field="entry_keys", max=MAX_MATERIAL)
    known = set(session.scalars(select(Entry.key).where(Entry.key.in_(facts.entry_keys))))
    for key in facts.entry_keys:
        if key not in known:
            raise InvalidInputError(N_("没有这条知识：%(key)s"), field="entry_keys", key=key)
    if facts.bulletin_id is not None and session.get(Bulletin, facts.bulletin_id) is None:
        raise InvalidInputError(N_("没有这条公告，或者它与你无关"), field="bulletin_id")
    if facts.exam_id is not None:
        exam = session.get(Exam, facts.exam_id)
        if exam is None:
            raise InvalidInputError(N_("没有这场考试，或者它与你无关"), field="exam_id")
        if exam.purpose is Purpose.QUIZ:
            raise InvalidInputError(N_("上线要用考试来把关；量培训效果的小测不公布谁通过"), field="exam_id")


def _put(found: LaunchPack, facts: PackFacts) -> None:
    found.title, found.module_key, found.launch_at = facts.title.strip(), facts.module, facts.launch_at
    found.teams, found.entry_keys = list(facts.teams), list(dict.fromkeys(facts.entry_keys))
    found.bulletin_id, found.exam_id = facts.bulletin_id, facts.exam_id


def _held(session: Session, actor: Actor, number: int) -> LaunchPack:
    found = session.get(LaunchPack, number, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFoundError(N_("没有这个上线包"))
    for team in found.teams or (None,):
        require(actor, Permission.TRAINING_MANAGE, Target(teams=frozenset({team}) if team else frozenset()))
    return found


def _plans_for(actor: Actor, teams: Sequence[str]) -> bool:
    return all(allowed(actor, Permission.TRAINING_MANAGE, Target(teams=frozenset({team}))) for team in teams)


def _record(session: Session, actor: Actor, found: LaunchPack, verb: Verb, now: datetime) -> None:
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.LAUNCH_PACK,
        subject_id=found.id,
        payload={"title": found.title, "launch_at": found.launch_at.isoformat()},
    )
