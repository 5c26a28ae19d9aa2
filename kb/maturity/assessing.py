"""Assessing entries: from evidence to level and merit, with the reasons kept and the index told."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

from kb.entries.models import Entry, Revision, Verification
from kb.entries.rules import SERVED, Level
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.maturity import evidence, rules
from kb.maturity.elsewhere import WIRED, Elsewhere
from kb.maturity.gates import (
    Cause,
    Decision,
    Facts,
    Judgement,
    ManualFacts,
    OpenCorrections,
    settle,
)
from kb.maturity.models import Hold, LevelChange, Rating, Standing

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Raters:
    """How lenient raters are: the corpus mean, and each rater's own mean and number of ratings."""

    prior: float
    means: Mapping[int, tuple[float, int]]

    def centred(self, rater_id: int, overall: float) -> float:
        """Return a rating with its rater's leniency taken out."""
        mean, count = self.means.get(rater_id, (overall, 1))
        return rules.centred(overall, mean=mean, count=count, prior=self.prior)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """What an entry's evidence comes to at one moment.

    Attributes:
        decisions: what follows for its level; empty where a manager holds it.
        merit: M as the index is to know it.
    """

    standing: Standing
    level: Level
    owner_id: int | None
    verified_at: datetime | None
    facts: Facts
    hold: Hold | None
    decisions: tuple[Decision, ...]
    merit: float

    @property
    def differs(self) -> bool:
        """Whether anything has to be written."""
        return bool(self.decisions) or self.merit != self.standing.merit


def raters(session: Session) -> Raters:
    """Return how lenient all raters are. One statement."""
    rows = session.execute(
        select(Rating.rater_id, func.avg(Rating.overall), func.count())
        .where(Rating.replaced_at.is_(None))
        .group_by(Rating.rater_id)
    )
    means = {row[0]: (float(row[1]), row[2]) for row in rows}
    count = sum(number for _, number in means.values())
    total = sum(mean * number for mean, number in means.values())
    return Raters(total / count if count else rules.PRIOR_MEAN, means)


def weigh(
    session: Session,
    entry_ids: Collection[int],
    *,
    now: datetime,
    leniency: Raters | None = None,
    elsewhere: Elsewhere = WIRED,
) -> Sequence[Assessed]:
    """Return what the evidence of these entries comes to, for those that are served and counted. Changes nothing.

    Args:
        leniency: of all raters where it is known already. Without it one statement more; five at most, and those of
            *elsewhere*.
    """
    rows = session.execute(
        select(
            Standing,
            Entry.level,
            Entry.owner_id,
            Entry.verified_at,
            Revision.freshness,
            Revision.regions,
            Revision.review_due,
            Revision.valid_until,
        )
        .join(Entry, Entry.id == Standing.entry_id)
        # Where something newer went live, evidence has yet to be counted for it: whoever follows the events does.
        .join(Revision, (Revision.id == Entry.live_revision_id) & (Revision.id == Standing.live_revision_id))
        .where(Standing.entry_id.in_(entry_ids), Entry.live_state.in_(SERVED))
        .order_by(Standing.entry_id)
    ).all()
    if not rows:
        return []
    ids = [row[0].entry_id for row in rows]
    judged = _judgements(session, [row[0] for row in rows], leniency)
    holds = {hold.entry_id: hold for hold in session.scalars(open_holds(ids))}
    verified = _verified(session, [row[0].live_revision_id for row in rows if row.regions])
    corrections, manual = elsewhere.corrections(session, ids), elsewhere.manual(session, ids)
    found = []
    for standing, level, owner_id, verified_at, freshness, regions, review_due, valid_until in rows:
        facts = Facts(
            owned=owner_id is not None,
            dated=review_due is not None or valid_until is not None,
            regions_verified=not set(regions) - verified.get(standing.live_revision_id, set()),
            age_days=None if verified_at is None else max(0.0, (now - verified_at).total_seconds() / _DAY),
            shelf_days=rules.SHELF_DAYS[freshness],
            checklist=standing.checklist,
            tally=standing.tally,
            judgement=judged[standing.entry_id],
            corrections=corrections.get(standing.entry_id, OpenCorrections()),
            manual=manual.get(standing.entry_id, ManualFacts()),
        )
        hold = holds.get(standing.entry_id)
        aged = verified_at is not None and standing.aged_for == verified_at
        off = abs(facts.score - standing.merit) >= rules.STEP
        found.append(
            Assessed(
                standing=standing,
                level=Level(level),
                owner_id=owner_id,
                verified_at=verified_at,
                facts=facts,
                hold=hold,
                decisions=() if hold is not None else settle(Level(level), facts, aged=aged),
                merit=rules.merit(facts.score) if off else standing.merit,
            )
        )
    return found


def assess(
    session: Session,
    entry_ids: Collection[int],
    *,
    now: datetime,
    leniency: Raters | None = None,
    elsewhere: Elsewhere = WIRED,
) -> list[LevelChange]:
    """Bring level and merit of these entries up to what their evidence says; return the changes of levels."""
    evidence.locked(session, entry_ids)
    changes = []
    for assessed in weigh(session, entry_ids, now=now, leniency=leniency, elsewhere=elsewhere):
        standing, level = assessed.standing, assessed.level
        rescored = assessed.merit != standing.merit
        standing.merit = assessed.merit
        for decision in assessed.decisions:
            if decision.cause is Cause.AGED:
                standing.aged_for = assessed.verified_at
            changes.append(
                change_level(
                    session,
                    standing.entry_id,
                    before=level,
                    decision=decision,
                    seen_at=None if assessed.owner_id is not None else now,
                    now=now,
                )
            )
            level = decision.level
        if rescored and not assessed.decisions:
            _tell(session, standing.entry_id, Verb.RESCORED, now, merit=standing.merit)
    session.flush()
    return changes


def change_level(
    session: Session,
    entry_id: int,
    *,
    before: Level,
    decision: Decision,
    now: datetime,
    actor_id: int | None = None,
    note: str = "",
    seen_at: datetime | None = None,
) -> LevelChange:
    """Put an entry on a level, keep why, and tell the index.

    The level is no part of what people edit: the entry's ``version`` stays, or a promotion would refuse an edit.
    """
    session.execute(update(Entry.__table__).where(Entry.id == entry_id).values(level=int(decision.level)))  # type: ignore[arg-type]  # a Table
    loaded = session.identity_map.get(identity_key(Entry, entry_id))
    if loaded is not None:
        set_committed_value(loaded, "level", int(decision.level))
    change = LevelChange(
        entry_id=entry_id,
        at=now,
        before=int(before),
        after=int(decision.level),
        cause=decision.cause,
        reasons=[reason.to_json() for reason in decision.reasons],
        actor_id=actor_id,
        note=note,
        seen_at=seen_at,
    )
    session.add(change)
    _tell(
        session,
        entry_id,
        Verb.LEVEL_CHANGED,
        now,
        actor_id=actor_id,
        before=int(before),
        after=int(decision.level),
        cause=decision.cause.value,
        why="；".join(str(reason) for reason in decision.reasons),
    )
    return change


def _tell(
    session: Session, entry_id: int, verb: Verb, now: datetime, *, actor_id: int | None = None, **payload: object
) -> None:
    append(
        session,
        at=now,
        actor_id=actor_id,
        verb=verb,
        subject_kind=Subject.MATURITY,
        subject_id=entry_id,
        payload={"entry": entry_id, **payload},
    )


def open_holds(entry_ids: Collection[int]) -> Select[Hold]:
    """Return the selection of the holds in force on these entries."""
    return select(Hold).where(Hold.entry_id.in_(entry_ids), Hold.ended_at.is_(None))


def _judgements(session: Session, standings: Sequence[Standing], leniency: Raters | None) -> Mapping[int, Judgement]:
    """Return what experts say of each. One statement, and those of ``raters``, where anybody said anything."""
    rated = [standing.entry_id for standing in standings if standing.raters]
    scores: dict[int, list[float]] = defaultdict(list)
    leniency = leniency or raters(session)
    if rated:
        rows = session.execute(
            evidence.joined(select(Rating.entry_id, Rating.rater_id, Rating.overall), Rating.entry_id).where(
                Rating.entry_id.in_(rated), evidence.counting()
            )
        )
        for entry_id, rater_id, overall in rows:
            scores[entry_id].append(leniency.centred(rater_id, overall))
    return {
        standing.entry_id: Judgement(
            standing.raters, standing.rater_teams, rules.bayesian_mean(scores[standing.entry_id], leniency.prior)
        )
        for standing in standings
    }


def _verified(session: Session, revision_ids: Collection[int]) -> Mapping[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    if revision_ids:
        for row in session.execute(
            select(Verification.revision_id, Verification.region_key).where(Verification.revision_id.in_(revision_ids))
        ):
            found[row[0]].add(row[1])
    return found
