"""One installation with things of every kind in every situation: one's own, others', other regions', not for all.

Every thing carries a word of its own that stands nowhere else, so that a page can be searched for what it gives away.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from kb.bulletins.models import Bulletin
from kb.bulletins.queries import concerns
from kb.calls.models import Call
from kb.calls.rules import ContactRecord
from kb.corrections.models import Correction
from kb.corrections.rules import Severity
from kb.db import unit_of_work
from kb.desk.models import LearnedWording
from kb.entries import operations as entries
from kb.entries.models import Entry
from kb.entries.queries import by_key
from kb.entries.rules import SERVED
from kb.events.models import Event, Subject
from kb.forum import moderation
from kb.forum import operations as forum
from kb.forum.models import Thread, ThreadKind, ThreadState
from kb.gaps.models import Gap, GapProposal, ProposalState
from kb.gaps.rules import ProposalKind
from kb.maturity.honesty import Check
from kb.maturity.models import Flag, FlagState, Nomination, NominationState
from kb.notices.models import Notice, NoticeKind
from kb.people import operations as people
from kb.people.models import ApiToken, User
from kb.permissions import SYSTEM, Actor, Permission, Role, Target, allowed
from tests.support import factories
from tests.support.installation import Installation

P = Permission
COMMON = "光猫红灯"
"""Stands in every title, so that one search finds all of them."""


@dataclass(frozen=True)
class Thing:
    """Something that a request can be about.

    Attributes:
        name: how the tables call it; ``own-…`` ends with the role of whoever's it is.
        args: what stands for it in an address.
        target: what a permission on it is asked about.
        known: whether an actor may know that it exists: to everybody else it must look as if it did not.
        secrets: the words that only it says, each with who may read them.
    """

    name: str
    args: Mapping[str, Any]
    target: Target
    known: Callable[[Actor], bool]
    secrets: Mapping[str, Callable[[Actor], bool]] = field(default_factory=lambda: MappingProxyType({}))
    row: Any = None


def secret(name: str) -> str:
    """Return the word that only the thing *name* says: letters that no dictionary has."""
    return "zq" + "".join(chr(ord("a") + ord(letter) % 23) for letter in name)


def token(role: Role) -> str:
    """Return the token with which a program acts as the person of *role*."""
    return f"zh_walls_{role.value}"


ENTRIES: Mapping[str, Mapping[str, Any]] = {
    "open-fault": {},
    "open-tv": {"module_key": "tv.signal"},
    "draft-fault": {"state": "draft"},
    "draft-tv": {"state": "draft", "module_key": "tv.signal"},
    "draft-theirs": {"state": "draft", "module_key": "tv.signal", "regions": ("hedong",)},
    "draft-elsewhere": {"state": "draft", "module_key": "tv.signal", "regions": ("jinsha",)},
    "review-fault": {"state": "review"},
    "verifying-theirs": {"state": "verifying", "regions": ("hedong",), "module_key": "tv.signal"},
    "verifying-elsewhere": {"state": "verifying", "regions": ("jinsha",), "module_key": "tv.signal"},
    "verifying-mine": {"state": "verifying", "regions": ("hedong",), "module_key": "tv.signal", "by": Role.VERIFIER},
    "scheduled-fault": {"state": "scheduled"},
    "due-fault": {"state": "due"},
    "suspended-fault": {"state": "suspended"},
    "suspended-theirs": {"state": "suspended", "regions": ("hedong",), "module_key": "tv.signal"},
    "retired-fault": {"state": "retired"},
    "expired-fault": {"expired": True},
    "narrow-fault": {"audience": (Role.EXPERT,)},
    "narrow-agents": {"audience": (Role.AGENT,), "module_key": "number.sim"},
    "narrow-draft": {"state": "draft", "audience": (Role.EXPERT,)},
    "narrow-review": {"state": "review", "audience": (Role.VERIFIER,)},
    "narrow-suspended": {"state": "suspended", "audience": (Role.AGENT,)},
    "edited-fault": {"draft": True},
}


class World:
    """The installation's things by kind and name, read from the database as they are there."""

    def __init__(self, installation: Installation, kinds: "Kinds | None" = None) -> None:
        self.installation = installation
        self.actors = dict(installation.actors)
        self.now = installation.clock()
        with installation.sessions() as session:
            self.things: dict[str, dict[str, Thing]] = {
                kind: {thing.name: thing for thing in make(self, session)} for kind, make in (kinds or KINDS).items()
            }

    def told_of_the_hidden(self, actor: Actor, text: str) -> list[str]:
        """Return whose words stand in *text* though *actor* may not read them."""
        every = [thing for things in self.things.values() for thing in things.values()]
        return [
            f"{thing.name} ({word})"
            for thing in every
            for word, may_read in thing.secrets.items()
            if word in text and not may_read(actor)
        ]

    def of(self, kind: str, role: Role, names: tuple[str, ...] = ()) -> Iterator[Thing]:
        """Return the things of *kind* to try as *role*: those called *names*, or all; of one's own only this role's."""
        for name, thing in self.things[kind].items():
            owner = name.partition("own-")[2] or name.partition("owndraft-")[2]
            if owner and owner != role.value:
                continue
            plain = name.removesuffix(f"-{role.value}") if owner else name
            if not names or plain in names:
                yield thing


def build(installation: Installation) -> None:
    """Fill *installation* with everything."""
    with unit_of_work(installation.sessions) as session:
        mine = people.put_team(session, SYSTEM, key="mine", name="一班", region="lanzhou")
        theirs = people.put_team(session, SYSTEM, key="theirs", name="二班", region="wanglan")
        for user in session.scalars(select(User)).unique():
            user.team = mine
            if user.username != Role.VERIFIER.value:
                user.region_key = "lanzhou"
        for role, person in installation.actors.items():
            digest = hashlib.sha256(token(role).encode()).hexdigest()
            session.add(ApiToken(user_id=person.user_id, digest=digest, label="walls", created_at=installation.clock()))
        add: dict[str, Any] = {"now": installation.clock(), "team": theirs}
        people.add_user(session, SYSTEM, username="writer", name="甲", roles=[Role.EDITOR], **add)
        people.add_user(session, SYSTEM, username="caller", name="乙", roles=[Role.AGENT], region="wanglan", **add)
    writer, caller = installation.actor("writer"), installation.actor("caller")
    _entries(installation, writer)
    _forum(installation, caller)
    _desk(installation, caller)
    _bulletins(installation)
    _maturity(installation, caller)
    installation.clock.advance(hours=2)  # what expires has expired
    installation.reindex()


def _entries(installation: Installation, writer: Actor) -> None:
    now = installation.clock()
    with unit_of_work(installation.sessions) as session:
        for name, facts in ENTRIES.items():
            _entry(session, installation, writer, name, facts, now)
        for role, actor in installation.actors.items():
            given = {"owner_id": actor.user_id, "module_key": "tv.signal"}
            _entry(session, installation, writer, f"own-{role.value}", given, now)
            _entry(session, installation, writer, f"owndraft-{role.value}", {**given, "state": "draft"}, now)


def _entry(session: Session, installation: Installation, writer: Actor, name: str, facts: Any, now: Any) -> None:
    fields = {key: value for key, value in facts.items() if key not in ("state", "expired", "draft", "owner_id", "by")}
    if facts.get("expired"):
        fields["valid_until"] = now + timedelta(hours=1)
    if "by" in facts:  # somebody of this role, who wrote it when they were more than that
        writer = replace(installation.actors[facts["by"]], is_system=True)
    said = secret(name)
    content = factories.content(
        title=f"{COMMON} {said}", answer=f"{COMMON}：{said}", wordings=(f"{said} 怎么办",), **fields
    )
    entry = entries.create(session, writer, content, key=name, owner_id=facts.get("owner_id"), now=now)
    state = facts.get("state", "published")
    if state == "draft":
        return
    entries.submit(session, SYSTEM, entry, now=now)
    if state == "review":
        return
    entries.approve(session, SYSTEM, entry, now=now)
    if state == "verifying":
        return
    for region in content.regions:
        entries.verify(session, SYSTEM, entry, region=region, now=now)
    if state == "scheduled":
        return
    entries.publish(session, SYSTEM, entry, now=now)
    if state == "due":
        entries.flag_for_review(session, SYSTEM, entry, reason="旧了", now=now)
    if state in ("suspended", "retired"):
        verb = entries.suspend if state == "suspended" else entries.retire
        verb(session, SYSTEM, entry, reason="价格变了", now=now)
    if facts.get("draft"):
        changed = factories.content(title=f"{COMMON} {secret(name + 'draft')}")
        entries.save(session, writer, entry, changed, now=now)


def _forum(installation: Installation, caller: Actor) -> None:
    threads = {"open": ("fault.broadband", caller), "open-tv": ("tv.signal", caller), "hidden": ("tv.signal", caller)}
    threads |= {f"own-{role.value}": ("tv.signal", actor) for role, actor in installation.actors.items()}
    with unit_of_work(installation.sessions) as session:
        for name, (module, author) in threads.items():
            title, now = f"{COMMON} {secret(f'thread-{name}')}", installation.clock()
            facts = {"kind": ThreadKind.QUESTION, "module": module, "key": name, "now": now}
            thread = forum.start(session, SYSTEM, title=title, body="刚接了三个", **facts)
            thread.author_id = author.user_id
            forum.reply(session, caller, thread, "看尾纤", now=now)
            if name == "hidden":
                moderation.hide(session, SYSTEM, thread, reason="有客户号码", now=now)


def _desk(installation: Installation, caller: Actor) -> None:
    for name, module in (("fault", "fault.broadband"), ("tv", "tv.signal"), ("none", None)):
        number = factories.missed(installation, f"{COMMON} {secret(f'gap-{name}')}", by=caller)
        with unit_of_work(installation.sessions) as session:
            session.get_one(Gap, number).module_key = module
    with unit_of_work(installation.sessions) as session:
        for name, module in (("fault", "fault.broadband"), ("tv", "tv.signal")):
            said = secret(f"proposal-{name}")
            row = GapProposal(spelling=said, text=said, state=ProposalState.PROPOSED, module_key=module)
            row.kind, row.searches, row.agents, row.followed = next(iter(ProposalKind)), 9, 5, 4
            row.last_at = installation.clock()
            session.add(row)
        gap = session.scalars(select(Gap).where(Gap.module_key == "fault.broadband")).one()
        gap.entry_id = by_key(session, "narrow-fault").id
    expert = installation.actors[Role.EXPERT]
    for key in ("open-fault", "open-tv", "narrow-fault"):
        factories.outcome(installation, expert, key, f"说法 {secret(f'wording-{key}')}")
    for role, actor in installation.actors.items():
        call = factories.call(installation, actor)
        note = ContactRecord.of(topic="", ticket="", note=secret(f"call-own-{role.value}"))
        factories.recorded(installation, actor, call.reference, note)
        factories.correction(installation, "open-tv", actor, wrong=secret(f"correction-own-{role.value}"))
    factories.call(installation, caller, text="别人")
    factories.correction(installation, "open-tv", caller, wrong=secret("correction-tv"))
    factories.correction(installation, "open-fault", caller, wrong=secret("correction-fault"), severity=Severity.P1)
    factories.correction(installation, "narrow-fault", expert, wrong=secret("correction-narrow"), severity=Severity.P1)
    with unit_of_work(installation.sessions) as session:
        narrow = session.scalars(
            select(Correction).join(Entry, Entry.id == Correction.entry_id).where(Entry.key == "narrow-fault")
        ).one()
        narrow.reporter_id = caller.user_id  # a role's own are those called own


def _bulletins(installation: Installation) -> None:
    given: Mapping[str, Mapping[str, Any]] = {
        "whole": {},
        "mine": {"teams": ("mine",)},
        "theirs": {"teams": ("theirs",)},
        "below": {"regions": ("jiangyang",)},
        "elsewhere": {"regions": ("jinsha",)},
    }
    for name, facts in given.items():
        said = secret(f"bulletin-{name}")
        until = installation.clock() + timedelta(days=1)
        factories.bulletin(installation, title=f"{name} {said}", words=(COMMON, said), valid_until=until, **facts)


def _maturity(installation: Installation, caller: Actor) -> None:
    now = installation.clock()
    with unit_of_work(installation.sessions) as session:
        for key in ("due-fault", "edited-fault", "narrow-fault"):
            entry = by_key(session, key)
            said = {"reason": secret(f"nomination-{key}"), "at": now, "state": NominationState.OPEN}
            session.add(Nomination(entry_id=entry.id, by_id=caller.user_id, **said))
        flag = Flag(name=Check.ALWAYS_FIVE, key="1", state=FlagState.OPEN, found_at=now, seen_at=now)
        flag.entry_ids, flag.user_ids, flag.facts = [entry.id], [caller.user_id], {"ratings": 20, "fives": 20}
        session.add(flag)
        # What is told of, whatever it is: a notice for everybody.
        seen = session.scalars(select(Event).order_by(Event.seq).limit(1)).one()
        for user in session.scalars(select(User)).unique():
            said = secret(f"notice-own-{user.username}")
            notice = Notice(user_id=user.id, event_id=seen.id, kind=NoticeKind.GAP_DECLINED, at=now)
            notice.subject_kind, notice.subject_id, notice.facts = Subject.GAP, "1", {"words": said, "region": None}
            session.add(notice)


def _all_entries(world: World, session: Session) -> Iterator[Thing]:
    for entry in session.scalars(select(Entry).options(joinedload("*"))).unique():
        live, work = entry.live_revision, entry.work_revision
        served = live is not None and entry.live_state in SERVED
        served = served and (live.valid_until is None or live.valid_until > world.now)
        reading = P.ENTRY_READ if served else P.ENTRY_READ_UNPUBLISHED
        known = has(reading, entry.target())
        secrets = {secret(entry.key): known}
        if live is not None and work is not None:
            secrets[secret(f"{entry.key}draft")] = has(P.ENTRY_READ_UNPUBLISHED, entry.target())
        yield Thing(entry.key, {"key": entry.key}, entry.target(), known, secrets, entry.id)


def _all_threads(world: World, session: Session) -> Iterator[Thing]:
    for thread in session.scalars(select(Thread)):
        needed = P.THREAD_MODERATE if thread.state is ThreadState.HIDDEN else P.THREAD_READ
        known = has(needed, thread.target)
        said = {secret(f"thread-{thread.key}"): known}
        yield Thing(thread.key, {"key": thread.key}, thread.target, known, said, thread.id)


def _all_gaps(world: World, session: Session) -> Iterator[Thing]:
    for gap in session.scalars(select(Gap)):
        name = (gap.module_key or "none").partition(".")[0]
        known = has(P.GAP_READ)
        # Whoever met it is told of it in briefs: its words are no secret of the queue's.
        yield Thing(name, {"number": gap.id}, gap.target if gap.module_key else ANY, known, row=gap.id)


def _all_proposals(world: World, session: Session) -> Iterator[Thing]:
    for row in session.scalars(select(GapProposal)):
        name = (row.module_key or "none").partition(".")[0]
        known = has(P.GAP_READ)
        said = {secret(f"proposal-{name}"): known}
        yield Thing(name, {"number": row.id}, Target(module=row.module_key), known, said, row.id)


def _all_corrections(world: World, session: Session) -> Iterator[Thing]:
    names = {person.user_id: f"own-{role.value}" for role, person in world.actors.items()}
    for row in session.scalars(select(Correction).options(joinedload("*"))).unique():
        entry = session.get_one(Entry, row.entry_id)
        target = entry.target(row.revision)
        name = names.get(row.reporter_id, {"open-fault": "fault", "open-tv": "tv"}.get(entry.key, "narrow"))
        works = any_of(has(P.CORRECTION_DECIDE, target), has(P.CORRECTION_DUTY, target))
        known = any_of(works, is_person(row.reporter_id))
        yield Thing(name, {"number": row.id}, target, known, {secret(f"correction-{name}"): known}, row.id)


def _all_bulletins(world: World, session: Session) -> Iterator[Thing]:
    for row in session.scalars(select(Bulletin)):
        name, said = row.title.split(" ")
        known = any_of(partial(_concerned, bulletin=row), has(P.BULLETIN_PUBLISH, row.facts.target))
        yield Thing(name, {"number": row.id}, row.facts.target, known, {said: known}, row)


def _concerned(actor: Actor, bulletin: Bulletin) -> bool:
    return concerns(actor, bulletin)


def _all_wordings(world: World, session: Session) -> Iterator[Thing]:
    for row in session.scalars(select(LearnedWording)):
        entry = session.get_one(Entry, row.entry_id)
        known = has(P.WORDING_DECIDE, entry.target())
        said = {secret(f"wording-{entry.key}"): known}
        yield Thing(entry.key, {"number": row.id}, entry.target(), known, said, row.id)


def _all_nominations(world: World, session: Session) -> Iterator[Thing]:
    for row in session.scalars(select(Nomination)):
        entry = session.get_one(Entry, row.entry_id)
        known = has(P.ENTRY_READ, entry.target())
        said = {secret(f"nomination-{entry.key}"): known}
        yield Thing(entry.key, {"number": row.id}, entry.target(), known, said, row.id)


def _all_flags(world: World, session: Session) -> Iterator[Thing]:
    for row in session.scalars(select(Flag)):
        # Whoever does not manage maturity is told so whether there is such a flag or not.
        yield Thing("flag", {"number": row.id}, ANY, lambda actor: True, row=row.id)


def _all_notices(world: World, session: Session) -> Iterator[Thing]:
    names = {person.user_id: f"own-{role.value}" for role, person in world.actors.items()}
    for row in session.scalars(select(Notice)):
        name, known = names.get(row.user_id, "others"), is_person(row.user_id)
        yield Thing(
            name, {"number": row.id}, Target(people=frozenset({row.user_id})), known, {row.facts["words"]: known}
        )


def _all_calls(world: World, session: Session) -> Iterator[Thing]:
    names = {person.user_id: f"own-{role.value}" for role, person in world.actors.items()}
    for row in session.scalars(select(Call)):
        name, known = names.get(row.user_id, "others"), is_person(row.user_id)
        target = Target(people=frozenset({row.user_id}))
        # What a ticket was told is a matter of its own: kb.calls.queries and its tests.
        yield Thing(name, {"reference": row.reference}, target, known, row=row.id)


ANY = Target()


def has(permission: Permission, target: Target | None = None) -> Callable[[Actor], bool]:
    return lambda actor: allowed(actor, permission, target)


def is_person(user_id: int | None) -> Callable[[Actor], bool]:
    return lambda actor: actor.user_id == user_id


def any_of(*ways: Callable[[Actor], bool]) -> Callable[[Actor], bool]:
    return lambda actor: any(way(actor) for way in ways)


Kinds = Mapping[str, Callable[[World, Session], Iterator[Thing]]]
KINDS: Kinds = {
    "entry": _all_entries,
    "thread": _all_threads,
    "gap": _all_gaps,
    "proposal": _all_proposals,
    "correction": _all_corrections,
    "bulletin": _all_bulletins,
    "wording": _all_wordings,
    "nomination": _all_nominations,
    "flag": _all_flags,
    "notice": _all_notices,
    "call": _all_calls,
}
"""A newcomer with a kind of thing of its own adds how they are read."""
