from dataclasses import fields, replace
from datetime import UTC, date, datetime
from threading import Thread

import pytest
from sqlalchemy import func, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries.content import Content, Freshness, Kind
from kb.entries.models import Entry, Revision
from kb.entries.queries import by_key
from kb.entries.rules import State
from kb.permissions import SYSTEM, Role, Target
from tests.support.factories import content, draft, publish
from tests.support.installation import START
from tests.support.tables import dump

FULL = Content(
    title="携号转网",
    kind=Kind.PROCEDURE,
    module_key="number.mnp",
    tier_key="second",
    answer="先查资格，再发授权码。",
    freshness=Freshness.POLICY,
    products=("mobile", "tv"),
    regions=("hedong",),
    wordings=("我想换个运营商不换号", "携转"),
    script="您好",
    steps="1. 查",
    internal_note="勿承诺",
    exceptions="- 合约期",
    fees="【待填：费用】",
    deadlines="【待填：时限】",
    transfer_to="二线",
    body="# 正文\n\n😀",
    valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    valid_until=datetime(2027, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
    review_due=date(2026, 12, 31),
    audience=(Role.EXPERT, Role.REVIEWER),
    related=("a", "b"),
)


def test_a_revision_gives_back_exactly_what_was_written(any_installation):
    with unit_of_work(any_installation.sessions) as session:
        entries.create(session, SYSTEM, FULL, key="e", now=START)
    with any_installation.sessions() as session:
        assert by_key(session, "e").work_revision.content == FULL
    assert all(getattr(FULL, field.name) for field in fields(Content)), "every field is tried"


def test_a_revision_has_a_column_for_every_field_and_no_other_content():
    own = {"id", "entry_id", "number", "author_id", "created_at", "note", "material"}
    assert set(inspect(Revision).columns.keys()) - own == {field.name for field in fields(Content)}


@pytest.mark.parametrize(
    "change", [lambda session, revision: setattr(revision, "answer", "偷换"), lambda s, r: s.delete(r)]
)
def test_a_revision_is_never_changed_or_deleted(installation, change):
    publish(installation, "e")
    before = dump(installation.engine)
    with installation.sessions() as session:
        revision = by_key(session, "e").live_revision
        change(session, revision)
        with pytest.raises(AssertionError, match="immutable"):
            session.flush()
    assert dump(installation.engine) == before


def test_a_change_based_on_an_older_version_is_refused(any_installation):
    publish(any_installation, "e")
    actors = any_installation.actors
    with any_installation.sessions() as first:
        stale = by_key(first, "e")
        first.commit()
        with unit_of_work(any_installation.sessions) as second:
            entries.suspend(second, actors[Role.REVIEWER], by_key(second, "e"), reason="资费变了", now=START)
        after = dump(any_installation.engine)
        entries.flag_for_review(first, actors[Role.EDITOR], stale, reason="到期", now=START.replace(hour=3))
        with pytest.raises(StaleDataError):
            first.commit()
        first.rollback()
    assert dump(any_installation.engine) == after


def test_of_two_who_save_at_once_one_is_told_and_nothing_is_lost(any_installation):
    """The second waits for the first to commit, whatever the database, and then learns that it is stale."""
    draft(any_installation, "e")
    failures = []
    with any_installation.sessions() as session:
        stale = by_key(session, "e")

    def save_too():
        try:
            with unit_of_work(any_installation.sessions) as session:
                entry = session.merge(stale, load=False)
                entries.save(session, SYSTEM, entry, content(title="乙"), now=START.replace(hour=4))
        except StaleDataError as error:
            failures.append(error)

    other = Thread(target=save_too)
    with unit_of_work(any_installation.sessions) as session:
        entries.save(session, SYSTEM, by_key(session, "e"), content(title="甲"), now=START.replace(hour=3))
        session.flush()
        other.start()
    other.join()
    assert len(failures) == 1
    with any_installation.sessions() as session:
        assert by_key(session, "e").work_revision.title == "甲"
        assert session.scalar(select(func.count(Revision.id))) == 2


def test_the_version_rises_with_every_change(installation):
    publish(installation, "e")
    with installation.sessions() as session:
        entry = by_key(session, "e")
        seen = [entry.version]
        for step in (entries.suspend, entries.retire):
            step(session, SYSTEM, entry, reason="下线", now=START.replace(hour=3))
            session.flush()
            seen.append(entry.version)
    assert seen == sorted(set(seen))


@pytest.mark.parametrize(("live", "work"), [(State.PUBLISHED, None), (None, State.DRAFT)])
def test_a_state_without_a_revision_can_not_be_stored(any_installation, live, work):
    with any_installation.sessions() as session:
        session.add(Entry(key="e", created_at=START, updated_at=START, level=1, live_state=live, work_state=work))
        with pytest.raises(IntegrityError):
            session.flush()


def test_an_entry_shows_what_is_live_or_else_what_is_in_work(installation):
    draft(installation, "e")
    publish(installation, "f")
    with unit_of_work(installation.sessions) as session:
        new, live = by_key(session, "e"), by_key(session, "f")
        entries.save(session, SYSTEM, live, content(title="第二版"), now=START)
        assert (new.state, new.shown_revision) == (State.DRAFT, new.work_revision)
        assert (live.state, live.shown_revision) == (State.PUBLISHED, live.live_revision)
        assert live.work_revision.title == "第二版"


def test_an_entry_without_any_revision_is_a_mistake_of_ours():
    with pytest.raises(AssertionError, match="no revision"):
        _ = Entry(id=1).state
    with pytest.raises(AssertionError, match="no revision"):
        _ = Entry(id=1).shown_revision


def test_permission_asks_about_its_people_and_the_revisions_scope(installation):
    agent, expert = installation.actors[Role.AGENT].user_id, installation.actors[Role.EXPERT].user_id
    with unit_of_work(installation.sessions) as session:
        entry = entries.create(session, installation.actors[Role.AGENT], FULL, owner_id=expert, now=START)
        changed = replace(FULL, module_key="tv.card", regions=(), audience=())
        entries.save(session, installation.actors[Role.AGENT], entry, changed, now=START)
        first, second = session.scalars(select(Revision).order_by(Revision.number))
    people = frozenset({agent, expert})
    narrow = Target(people, "number.mnp", frozenset({"hedong"}), frozenset({Role.EXPERT, Role.REVIEWER}))
    assert entry.target(first) == narrow
    assert entry.target() == entry.target(second) == Target(people, "tv.card")
