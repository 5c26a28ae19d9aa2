"""The verbs of maturity: rate, set a level by hand and let go of it, write the rubric anew, see what happened."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kb.entries.models import Entry
from kb.entries.rules import SERVED, Level
from kb.errors import ConflictError, InvalidInputError, PermissionDeniedError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.maturity import assessing, evidence, queries, rubric
from kb.maturity.elsewhere import WIRED, Elsewhere
from kb.maturity.gates import Cause, Decision, reached
from kb.maturity.models import Hold, LevelChange, Rating, Rubric, Standing
from kb.maturity.reasons import Code, Reason
from kb.maturity.rubric import MAX_REASON, Scores, Words
from kb.people.models import User
from kb.permissions import Actor, Permission, require


def rate(
    session: Session,
    actor: Actor,
    entry: Entry,
    scores: Scores,
    *,
    reason: str,
    now: datetime,
    elsewhere: Elsewhere = WIRED,
) -> Rating:
    """Record what *actor*, an expert, says of *entry*; what they said before stays in the history.

    Raises:
        PermissionDeniedError: it is not of a module of theirs, or they or a colleague they lead wrote it.
        ConflictError: the entry is not being served.
        InvalidInputError: no reason, or a long one.
    """
    check_may_rate(session, actor, entry)
    reason = said(reason)
    if actor.user_id is None or entry.live_revision is None:
        raise AssertionError("checked above")
    # One at a time per entry: two ratings at once must both be counted, and a double click only once.
    session.execute(select(Entry.id).where(Entry.id == entry.id).with_for_update())
    before = queries.rating_of(session, entry.id, actor.user_id)
    if before is not None:
        before.replaced_at = now
        session.flush()
    rating = Rating(
        entry_id=entry.id,
        revision_id=entry.live_revision.id,
        rubric_id=queries.current_rubric(session).id,
        rater_id=actor.user_id,
        team_id=session.scalar(select(User.team_id).where(User.id == actor.user_id)),
        at=now,
        overall=scores.overall,
        reason=reason,
        **asdict(scores),
    )
    session.add(rating)
    session.flush()
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=Verb.RECORDED,
        subject_kind=Subject.RATING,
        subject_id=rating.id,
        payload={"entry": entry.id},  # who rated what is for knowledge managers; how, for nobody's log
    )
    assess_now(session, entry, now=now, elsewhere=elsewhere)
    return rating


def check_may_rate(session: Session, actor: Actor, entry: Entry) -> None:
    """Return if *actor* may rate *entry*. Two statements.

    Raises:
        PermissionDeniedError, ConflictError: see ``rate``.
    """
    require(actor, Permission.ENTRY_RATE, entry.target())
    if actor.user_id is None:
        raise PermissionDeniedError(N_("只有登录的人才能评分"))
    if entry.live_revision is None or entry.live_state not in SERVED:
        raise ConflictError(N_("这条知识现在不对坐席提供，不能评分"))
    if not queries.is_independent(session, actor, entry):
        raise PermissionDeniedError(N_("不能给自己或自己组员写的知识评分"))


def assess_now(session: Session, entry: Entry, *, now: datetime, elsewhere: Elsewhere = WIRED) -> list[LevelChange]:
    """Count *entry*'s evidence and assess it in this transaction, where it is followed; else its follower will."""
    evidence.recount(session, [entry.id])
    return assessing.assess(session, [entry.id], now=now, elsewhere=elsewhere)


def hold(session: Session, actor: Actor, entry: Entry, level: Level, *, reason: str, now: datetime) -> Hold:
    """Set *entry*'s level by hand, with a reason that stays visible; rules leave it alone until it is released.

    Raises:
        PermissionDeniedError: *actor* does not manage maturity.
        ConflictError: it has not been published.
        InvalidInputError: no reason, or a level that is none of a published entry.
    """
    require(actor, Permission.MATURITY_MANAGE, entry.target())
    reason = said(reason)
    if entry.live_revision is None:
        raise ConflictError(N_("还没有发布，没有等级可以指定"))
    if level < Level.L1:
        raise InvalidInputError(N_("已发布的知识至少是 L1"), field="level")
    session.execute(select(Entry.id).where(Entry.id == entry.id).with_for_update())
    _end_hold(session, actor, entry, now)
    made = Hold(entry_id=entry.id, level=int(level), reason=reason, held_by_id=actor.user_id, held_at=now)
    session.add(made)
    session.flush()
    _record(session, actor, entry, Verb.HELD, now, level=int(level), reason=reason)
    before = Level(session.scalar(select(Entry.level).where(Entry.id == entry.id)) or entry.level)
    assessing.change_level(
        session,
        entry.id,
        before=before,
        decision=Decision(level, Cause.HELD, (Reason.of(Code.BY_MANAGER),)),
        actor_id=actor.user_id,
        note=reason,
        now=now,
    )
    session.flush()
    return made


def release(session: Session, actor: Actor, entry: Entry, *, now: datetime, elsewhere: Elsewhere = WIRED) -> None:
    """Let the rules decide on *entry*'s level again, at once.

    Raises:
        PermissionDeniedError: *actor* does not manage maturity.
        ConflictError: nobody set it by hand.
    """
    require(actor, Permission.MATURITY_MANAGE, entry.target())
    session.execute(select(Entry.id).where(Entry.id == entry.id).with_for_update())
    if not _end_hold(session, actor, entry, now):
        raise ConflictError(N_("这条知识的等级没有被指定"))
    _record(session, actor, entry, Verb.RELEASED, now)
    standing = session.get(Standing, entry.id)
    if standing is not None:
        facts = next(iter(assessing.weigh(session, [entry.id], now=now, elsewhere=elsewhere)), None)
        # What was set too high by hand is not "lost": it goes back to what it has earned.
        if facts is not None and facts.level > (earned := reached(facts.facts)):
            assessing.change_level(
                session,
                entry.id,
                before=facts.level,
                decision=Decision(earned, Cause.HELD, (Reason.of(Code.RELEASED),)),
                actor_id=actor.user_id,
                now=now,
            )
    assess_now(session, entry, now=now, elsewhere=elsewhere)


def _end_hold(session: Session, actor: Actor, entry: Entry, now: datetime) -> bool:
    found = session.scalar(assessing.open_holds([entry.id]).with_for_update())
    if found is None:
        return False
    found.ended_at, found.ended_by_id = now, actor.user_id
    session.flush()
    return True


def rewrite_rubric(session: Session, actor: Actor, words: Words, *, note: str, now: datetime) -> Rubric:
    """Make a new version of the rubric; ratings given by an older one keep it.

    Raises:
        PermissionDeniedError: *actor* does not manage maturity.
        InvalidInputError: an anchor is not filled in, or too long.
    """
    require(actor, Permission.MATURITY_MANAGE)
    cleaned = rubric.checked(words)
    current = queries.current_rubric(session)
    if cleaned == current.words:
        return current
    made = Rubric(at=now, by_id=actor.user_id, words=cleaned, note=note.strip()[:MAX_REASON])
    session.add(made)
    session.flush()
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=Verb.REVISED,
        subject_kind=Subject.RUBRIC,
        subject_id=made.id,
    )
    return made


def see_changes(session: Session, actor: Actor, *, now: datetime) -> None:
    """Note that *actor* has seen what became of the levels of what they own. One statement."""
    owned = select(Entry.id).where(Entry.owner_id == actor.user_id)
    session.execute(
        update(LevelChange).where(LevelChange.entry_id.in_(owned), LevelChange.seen_at.is_(None)).values(seen_at=now)
    )


def said(reason: str, *, field: str = "reason") -> str:
    """Return *reason*, cleaned.

    Raises:
        InvalidInputError: there is none, or it is too long.
    """
    cleaned = " ".join(reason.split())
    if not cleaned:
        raise InvalidInputError(N_("请写一句理由"), field=field)
    if len(cleaned) > MAX_REASON:
        raise InvalidInputError(N_("理由最多 %(max)s 个字"), field=field, max=MAX_REASON)
    return cleaned


def _record(session: Session, actor: Actor, entry: Entry, verb: Verb, now: datetime, **payload: object) -> None:
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.MATURITY,
        subject_id=entry.id,
        payload={"entry": entry.id, **payload},
    )
