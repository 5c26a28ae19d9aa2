"""The demo: people of every role, and the shipped content taken the way all knowledge goes.

Written by an editor, approved by a reviewer, verified by the verifiers of its regions: so its levels and its history
are real. Never used outside ``kb demo``.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.bulletins import operations as bulletins
from kb.bulletins import queries as bulletin_queries
from kb.bulletins.rules import Facts, Question
from kb.clock import Clock
from kb.db import Sessions, unit_of_work
from kb.desk.rules import Learning, Words
from kb.desk.scopes import Scope
from kb.entries import operations as entries
from kb.entries import queries as entry_queries
from kb.entries.models import Entry
from kb.entries.rules import SERVED, State
from kb.errors import ConflictError
from kb.gaps import operations as gaps
from kb.gaps.models import Gap
from kb.i18n import N_
from kb.importing.operations import import_records
from kb.importing.records import Where
from kb.importing.report import Outcome, Report
from kb.importing.sources import read
from kb.people import operations as people
from kb.people import queries as people_queries
from kb.people.models import User
from kb.permissions import SYSTEM, Actor, Permission, Role, Target, allowed
from kb.taxonomy import queries as taxonomy_queries

EDITOR, REVIEWER = "wuxia", "zhengkai"


def check_unused(session: Session, path: Path) -> None:
    """Return if nobody but the people of the file at *path* is here: the demo's password is known to everybody.

    Raises:
        ConflictError: this installation is somebody's own.
    """
    demo_people = {person["username"] for person in yaml.safe_load(path.read_text(encoding="utf-8"))["people"]}
    here = set(session.scalars(select(User.username)))
    holds_knowledge = session.scalar(select(Entry.id).limit(1)) is not None
    if here - demo_people or (holds_knowledge and not here):
        raise ConflictError(N_("这里已经有自己的数据，不能做演示；请换一个 KB_HOME"))


def add_people(session: Session, path: Path, *, password: str, clock: Clock) -> None:
    """Add the people and teams of the file at *path* who are not there yet, all with *password*."""
    data: dict[str, list[dict[str, Any]]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    teams = {
        team["key"]: people.put_team(session, SYSTEM, key=team["key"], name=team["name"], region=team.get("region"))
        for team in data["teams"]
    }
    known = set(session.scalars(select(User.username)))
    for person in data["people"]:
        if person["username"] not in known:
            people.add_user(
                session,
                SYSTEM,
                username=person["username"],
                name=person["name"],
                roles=[Role(role) for role in person["roles"]],
                password=password,
                team=teams[person["team"]],
                region=person["region"],
                expertise=person.get("expertise", ()),
                now=clock(),
            )


def fill(
    sessions: Sessions,
    content: Path,
    *,
    timezone: str,
    clock: Clock,
    progress: Callable[[Where, Outcome], None] | None = None,
) -> Report:
    """Take over the knowledge and threads in *content*; safe to repeat after it was broken off."""
    with sessions() as session:
        taxonomy = taxonomy_queries.load(session)
        everyone = people_queries.actors(session, taxonomy)
    report = import_records(
        sessions,
        SYSTEM,
        read(content, taxonomy, timezone),
        author=everyone[EDITOR],
        reviewer=everyone[REVIEWER],
        clock=clock,
        progress=progress,
    )
    with unit_of_work(sessions) as session:
        for entry in entry_queries.in_work(session, State.VERIFYING):
            _verify_and_publish(session, entry, list(everyone.values()), everyone[REVIEWER], clock)
    return report


def add_bulletins(session: Session, path: Path, *, clock: Clock) -> int:
    """Publish those bulletins of the file at *path* of which none is in force, their times told from now on.

    A demo that is started again after days has bulletins in force again. Return how many were published.
    """
    now, taxonomy = clock(), taxonomy_queries.load(session)
    here = {notice.bulletin.title for notice in bulletin_queries.in_force(session, SYSTEM, now=now)}
    wanted = [item for item in yaml.safe_load(path.read_text(encoding="utf-8")) if item["title"] not in here]
    for item in wanted:
        author = people_queries.actor(people_queries.by_username(session, item["author"]), taxonomy)
        bulletins.publish(session, author, _bulletin(item, now), now=now)
    return len(wanted)


def add_gaps(session: Session, path: Path, *, learning: Learning, clock: Clock) -> int:
    """Have the demo's agents report what the file at *path* says they found no answer to; return how many questions.

    Only where nobody has met a gap yet: a demo that is started again keeps what became of them.
    """
    if session.scalar(select(Gap.id).limit(1)) is not None:
        return 0
    taxonomy = taxonomy_queries.load(session)
    wanted = yaml.safe_load(path.read_text(encoding="utf-8"))
    for item in wanted:
        words = Words.of(item["words"], learning.normalise)
        for username in item["by"]:
            agent = people_queries.actor(people_queries.by_username(session, username), taxonomy)
            scope = Scope(region=item.get("region"))
            note = item.get("note", "") if username == item["by"][0] else ""
            gaps.report(session, agent, words, scope, note=note, timezone=learning.timezone, now=clock())
    return len(wanted)


def _bulletin(item: dict[str, Any], now: datetime) -> Facts:
    question = item.get("question")
    return Facts(
        title=item["title"],
        text=item["text"],
        script=item["script"],
        words=tuple(item["words"]),
        regions=tuple(item["regions"]),
        valid_from=now + timedelta(hours=item["from_hours"]),
        valid_until=now + timedelta(hours=item["until_hours"]),
        urgent=item.get("urgent", False),
        must_read=item.get("must_read", False),
        question=question
        and Question(
            prompt=question["prompt"],
            options=tuple(question["options"]),
            right=question["right"] - 1,
            explanation=question["explanation"],
        ),
    )


def untouched(session: Session, key: str) -> Entry | None:
    """Return the entry *key* if it is on the desk and nobody works on it."""
    entry = entry_queries.by_key(session, key)
    free = entry is not None and entry.live_state in SERVED and entry.work_state is None
    return entry if free else None


def _verify_and_publish(session: Session, entry: Entry, everyone: list[Actor], reviewer: Actor, clock: Clock) -> None:
    for region in entry.shown_revision.regions:
        target = Target(regions=frozenset({region}))
        verifier = next((person for person in everyone if allowed(person, Permission.ENTRY_VERIFY, target)), None)
        if verifier is not None:
            entries.verify(session, verifier, entry, region=region, now=clock())
    if entry.work_state is State.SCHEDULED:
        entries.publish(session, reviewer, entry, now=clock())
