"""Making things for tests, named after what they make."""

import secrets
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from indexer.normalise import normalise
from kb.bulletins import operations as bulletins
from kb.bulletins.rules import Facts
from kb.calls import operations as calls
from kb.calls import queries as call_queries
from kb.calls import rules
from kb.calls.models import Call
from kb.calls.rules import ContactRecord, Step, StepKind
from kb.corrections import operations as corrections
from kb.corrections.rules import Report, Severity
from kb.db import unit_of_work
from kb.desk import operations as desk
from kb.desk.models import Door, Outcome
from kb.desk.rules import Learning, Reason, Words
from kb.desk.scopes import Scope
from kb.desk.searches import Searched
from kb.entries import operations as entries
from kb.entries import queries as entry_queries
from kb.entries.content import Content, Kind
from kb.forum import operations as forum
from kb.forum.models import ThreadKind
from kb.gaps import operations as gaps
from kb.people import operations as people
from kb.permissions import SYSTEM, Actor, Role
from tests.support.installation import Installation

CONTENT = Content(
    title="光猫 LOS 红灯",
    kind=Kind.FAQ,
    module_key="fault.broadband",
    tier_key="first",
    answer="光纤信号断了：先把尾纤插紧再重启光猫，仍红灯就报装维上门。",
    wordings=("盒子亮红灯上不了网", "猫上面有个红灯一直闪", "灯红了是什么意思"),
    script="您好，这个红灯表示光纤信号断了。",
    steps="1. 看 LOS 灯\n2. 插紧尾纤",
    review_due=date(2027, 3, 31),
)


LEARNING = Learning(threshold=3, timezone="Asia/Shanghai", normalise=normalise)


def content(**changes: Any) -> Content:
    """Return sample content with *changes*."""
    return replace(CONTENT, **changes)


def person(installation: Installation, username: str, *roles: Role, **fields: Any) -> Actor:
    """Add a person beside the one of every role, and return them as an actor."""
    with unit_of_work(installation.sessions) as session:
        people.add_user(
            session, SYSTEM, username=username, name=username, roles=roles, now=installation.clock(), **fields
        )
    return installation.actor(username)


def draft(
    installation: Installation,
    key: str,
    *,
    author: Role = Role.EDITOR,
    derived_from: str | None = None,
    **changes: Any,
) -> str:
    """Make a draft entry and return its key."""
    with unit_of_work(installation.sessions) as session:
        entries.create(
            session,
            installation.actors[author],
            content(**changes),
            key=key,
            derived_from=derived_from,
            now=installation.clock(),
        )
    return key


def publish(installation: Installation, key: str, **changes: Any) -> str:
    """Make an entry that was written, reviewed, verified where it must be, and published; return its key."""
    draft(installation, key, **changes)
    release(installation, key)
    return key


def release(installation: Installation, key: str) -> None:
    """Take the revision in work through review and onto the desk."""
    actors, now = installation.actors, installation.clock()
    with unit_of_work(installation.sessions) as session:
        entry = entry_queries.by_key(session, key)
        assert entry is not None
        assert entry.work_revision is not None
        entries.submit(session, actors[Role.EDITOR], entry, now=now)
        entries.approve(session, actors[Role.REVIEWER], entry, now=now)
        for region in entry.work_revision.regions:
            entries.verify(session, actors[Role.VERIFIER], entry, region=region, now=now)
        entries.publish(session, actors[Role.REVIEWER], entry, now=now)


def revise(installation: Installation, key: str, **changes: Any) -> None:
    """Publish a new revision of an entry."""
    with unit_of_work(installation.sessions) as session:
        entry = entry_queries.by_key(session, key)
        assert entry is not None
        revised = replace(entry.shown_revision.content, **changes)
        entries.save(session, installation.actors[Role.EDITOR], entry, revised, now=installation.clock())
    release(installation, key)


def thread(
    installation: Installation, key: str, *, title: str = "下雨后 LOS 红灯", body: str = "刚接了三个", **changes: Any
) -> str:
    """Start a thread and return its key."""
    fields: dict[str, Any] = {"kind": ThreadKind.QUESTION, "module": "fault.broadband", **changes}
    with unit_of_work(installation.sessions) as session:
        forum.start(
            session,
            installation.actors[Role.AGENT],
            title=title,
            body=body,
            key=key,
            now=installation.clock(),
            **fields,
        )
    return key


def words(text: str) -> Words:
    """Return *text* as somebody searched it."""
    return Words.of(text, normalise)


def outcome(
    installation: Installation, actor: Actor, key: str, text: str, *, solved: bool = True, **fields: Any
) -> Outcome:
    """Record what *actor* says about the entry *key* that they found by *text*."""
    fields = {"reason": None if solved else Reason.INCOMPLETE, "learning": LEARNING, **fields}
    with unit_of_work(installation.sessions) as session:
        entry = entry_queries.by_key(session, key)
        assert entry is not None
        return desk.record_outcome(
            session, actor, entry, words(text), solved=solved, now=installation.clock(), **fields
        )


def agents(installation: Installation, count: int) -> list[Actor]:
    """Add *count* agents and return them."""
    return [person(installation, f"agent-{number}", Role.AGENT) for number in range(count)]


def searched(installation: Installation, text: str, **changes: Any) -> Searched:
    """Return a search as the log takes it."""
    fields: dict[str, Any] = {
        "at": installation.clock(),
        "user_id": installation.actors[Role.AGENT].user_id,
        "words": words(text),
        "total": 1,
        "answered": True,
        "took_ms": 3.0,
        "door": Door.PAGE,
        **changes,
    }
    return Searched(**fields)


def missed(
    installation: Installation, text: str, by: Actor | None = None, scope: Scope | None = None, **fields: Any
) -> int:
    """Report that somebody, the agent if nobody else, found no answer to *text*; return the gap's number."""
    actor = by or installation.actors[Role.AGENT]
    with unit_of_work(installation.sessions) as session:
        gap = gaps.report(
            session,
            actor,
            words(text),
            scope or Scope(),
            timezone="Asia/Shanghai",
            now=installation.clock(),
            **fields,
        )
        assert gap is not None
        return gap.id


def bulletin(installation: Installation, by: Role | Actor = Role.MANAGER, **fields: Any) -> int:
    """Publish a bulletin that is in force for two hours from now, and return its number."""
    now = installation.clock()
    given: dict[str, Any] = {
        "title": "江阳区主干光缆中断",
        "script": "您好，您那一片正在抢修光缆，预计下午恢复。",
        "words": ("断网", "上不了网"),
        "valid_from": now,
        "valid_until": now + timedelta(hours=2),
        **fields,
    }
    actor = installation.actors[by] if isinstance(by, Role) else by
    with unit_of_work(installation.sessions) as session:
        return bulletins.publish(session, actor, Facts(**given), now=now).id


PATIENCE = timedelta(minutes=10)


def correction(installation: Installation, key: str, by: Role | Actor = Role.AGENT, **fields: Any) -> int:
    """Report that the entry *key* is wrong, a P2 unless told otherwise, and return the correction's number."""
    given: dict[str, Any] = {"severity": Severity.P2, "wrong": "报装维要先拍照", "right": "先远程复位", **fields}
    actor = installation.actors[by] if isinstance(by, Role) else by
    with unit_of_work(installation.sessions) as session:
        entry = entry_queries.by_key(session, key)
        assert entry is not None
        return corrections.report(
            session, actor, entry, Report(**given), patience=PATIENCE, now=installation.clock()
        ).id


def call(installation: Installation, actor: Actor, **fields: Any) -> Call:
    """Open a call of *actor*'s and return it: the one that goes on already, if there is one."""
    text = fields.pop("text", "盒子亮红灯")
    given: dict[str, Any] = {"reference": rules.reference(secrets.token_bytes(9)), "words": words(text), **fields}
    with unit_of_work(installation.sessions) as session:
        return calls.open_call(
            session, actor, calls.Opening(**given), timezone=LEARNING.timezone, now=installation.clock()
        )


def steps(
    installation: Installation, actor: Actor, reference: str, *told: Step, first_key_ms: int | None = None
) -> Call:
    """Tell *told* of the call *reference* of *actor*'s, and return it."""
    with unit_of_work(installation.sessions) as session:
        found = call_queries.own(session, actor, reference)
        calls.add_steps(session, actor, found, told, first_key_ms=first_key_ms, now=installation.clock())
        return found


def step(number: int, kind: StepKind = StepKind.SEARCHED, **fields: Any) -> Step:
    """Return a step of the page "tab" as a desk tells it: about the entry "los" in its first revision."""
    about: dict[str, Any] = (
        {"words": words("盒子亮红灯"), "total": 3}
        if kind is StepKind.SEARCHED
        else {"entry": "los", "revision": 1, "position": 1 if kind is StepKind.OPENED else None}
    )
    return Step(**{"page": "tab", "number": number, "kind": kind, "ms": number * 1000, **about, **fields})


def recorded(installation: Installation, actor: Actor, reference: str, record: ContactRecord) -> None:
    """Write the contact record of *actor*'s call *reference*."""
    with unit_of_work(installation.sessions) as session:
        found = call_queries.own(session, actor, reference)
        calls.keep_record(session, actor, found, record, now=installation.clock())
