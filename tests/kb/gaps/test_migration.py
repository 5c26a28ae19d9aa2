"""What gaps were before they had a meaning, brought over and back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text

from kb import home
from kb.gaps import queries
from kb.gaps.models import Ask, Gap
from kb.gaps.rules import GapState, Met, standing
from kb.permissions import Role
from tests.kb.gaps.support import met_by, texts

AT = datetime(2026, 10, 30, 1, 0, tzinfo=UTC)


def migrate(installation, verb, revision):
    with installation.engine.begin() as connection:
        config = home.alembic_config()
        config.attributes["connection"] = connection
        verb(config, revision)


def before() -> str:
    """Return the revision before the one that brings gaps over."""
    scripts = ScriptDirectory.from_config(home.alembic_config())
    ours = next(script for script in scripts.walk_revisions() if script.doc.startswith("Gaps of one meaning"))
    return str(ours.down_revision)


def test_old_gaps_keep_their_words_days_and_people(any_installation):
    installation = any_installation
    agent, expert = (installation.actors[role].user_id for role in (Role.AGENT, Role.EXPERT))
    migrate(installation, command.downgrade, before())
    row = (
        "INSERT INTO gaps (id, day, spelling, text, region_key, module_key, first_at, last_at, searches, agents)"
        " VALUES (:id, :day, :spelling, :text, :region, :module, :at, :at, :searches, :agents)"
    )
    old = [
        (1, AT, "宠物套餐", "宠物套餐？", "yunxi", None, 3, 2, (agent, expert)),
        (2, AT + timedelta(days=1), "宠物套餐", "宠物套餐", None, "tv", 2, 1, (agent,)),
        (3, AT, "鸟语套餐", "鸟语套餐", None, "no-such-module", 1, 0, ()),
    ]
    with installation.engine.begin() as connection:
        for number, at, spelling, words, region, module, searches, agents, people in old:
            values = {"id": number, "spelling": spelling, "text": words, "region": region, "module": module}
            moment = at if connection.dialect.name == "postgresql" else at.replace(tzinfo=None).isoformat(" ")
            values |= {"day": at.date().isoformat(), "at": moment, "searches": searches, "agents": agents}
            connection.execute(text(row), values)
            for user_id in people:
                connection.execute(
                    text("INSERT INTO gap_reports VALUES (:gap, :user)"), {"gap": number, "user": user_id}
                )
    migrate(installation, command.upgrade, "head")
    with installation.sessions() as session:
        pets, birds = queries.page(session, {GapState.OPEN}, limit=9)
        assert (pets.text, pets.times, pets.agents, pets.module_key) == ("宠物套餐", 5, 2, "tv")
        assert (birds.times, birds.agents, birds.module_key) == (1, 0, None)
        assert (pets.first_at, pets.last_at) == (AT, AT + timedelta(days=1))
        assert pets.standing == pytest.approx(standing([Met(4, pets.last_at), Met(1, AT)], 1.5))
        assert met_by(installation, pets.id) == {agent: 4, expert: 1}
        assert texts(installation, pets.id) == ["宠物套餐"]
        regions = {(ask.day, ask.region_key) for ask, _ in queries.asks(session, pets.id, limit=9)}
        assert regions == {(date(2026, 10, 30), "yunxi"), (date(2026, 10, 31), None)}
        assert len(queries.new_phrasings(session, limit=9)) == 2  # to be compared
    migrate(installation, command.downgrade, before())
    with installation.engine.begin() as connection:
        days = connection.execute(text("SELECT spelling, searches, agents FROM gaps ORDER BY day, spelling")).all()
    assert sorted(days) == [("宠物套餐", 2, 1), ("宠物套餐", 3, 2), ("鸟语套餐", 1, 0)]
    migrate(installation, command.upgrade, "head")
    with installation.sessions() as session:
        assert session.query(Gap).count() == 2
        assert session.query(Ask).count() == 4
