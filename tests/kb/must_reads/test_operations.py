from datetime import timedelta

import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from kb.events.models import Event, Subject
from kb.must_reads import operations, queries
from kb.people import operations as people
from kb.permissions import SYSTEM, Role
from kb.questions import operations as questions
from kb.study.rules import Why
from tests.support import factories, study
from tests.support.statements import counted


@pytest.fixture
def teams(any_installation):
    with unit_of_work(any_installation.sessions) as session:
        made = {key: people.put_team(session, SYSTEM, key=key, name=key, region=None) for key in ("east", "west")}
    return {
        name: factories.person(any_installation, name, role, team=made[team])
        for name, role, team in (
            ("ann", Role.AGENT, "east"), ("bob", Role.AGENT, "west"), ("lea", Role.LEADER, "east"),
        )
    }  # fmt: skip


def unread(installation, actor):
    with installation.sessions() as session, counted(installation.engine) as statements:
        found = queries.unread(session, actor, now=installation.clock(), limit=5)
    assert len(statements) == 1
    return [must_read.id for must_read in found]


def test_a_right_answer_is_the_receipt_and_a_wrong_one_or_opening_is_not(any_installation, teams):
    factories.publish(any_installation, "los")
    number = study.question(any_installation, "los")
    everybody = study.must_read(any_installation, "los", number)
    assert unread(any_installation, teams["ann"]) == [everybody]
    wrong = study.answered(any_installation, teams["ann"], number, right=False, key="1", why=Why.MUST_READ)
    assert not wrong.read
    assert unread(any_installation, teams["ann"]) == [everybody]
    right = study.answered(any_installation, teams["ann"], number, key="2", why=Why.MUST_READ)
    assert [must_read.id for must_read in right.read] == [everybody]
    assert unread(any_installation, teams["ann"]) == []
    assert not study.answered(any_installation, teams["ann"], number, key="3").read
    with any_installation.sessions() as session:
        told = session.scalars(select(Event).where(Event.subject_kind == Subject.MUST_READ).order_by(Event.seq)).all()
    assert [event.verb.value for event in told] == ["published", "read"]
    assert set(told[1].payload) == {"entry", "edition"}  # not how it was answered


def test_it_is_asked_again_after_a_material_edit_once_the_question_was_looked_at(any_installation, teams):
    factories.publish(any_installation, "los")
    number = study.question(any_installation, "los")
    everybody = study.must_read(any_installation, "los", number)
    study.answered(any_installation, teams["ann"], number)
    factories.revise(any_installation, "los", wordings=("又闪红灯",))
    assert unread(any_installation, teams["ann"]) == []
    factories.revise(any_installation, "los", answer="这个灯红了是设备坏了，直接换新的光猫。")
    assert unread(any_installation, teams["ann"]) == []
    with any_installation.sessions() as session:
        (progress,) = queries.standing(session, any_installation.actors[Role.MANAGER])
        assert (progress.asked, progress.read, progress.must_read.edition) == (False, 0, 2)
    with unit_of_work(any_installation.sessions) as session:
        editor = any_installation.actors[Role.EDITOR]
        questions.publish(session, editor, number, version=1, now=any_installation.clock())
    assert unread(any_installation, teams["ann"]) == [everybody]


def test_a_leader_sees_who_of_their_team_has_not_and_a_manager_all(any_installation, teams):
    factories.publish(any_installation, "los")
    number = study.question(any_installation, "los")
    everybody = study.must_read(any_installation, "los", number)
    own = study.must_read(any_installation, "los", number, by=teams["lea"], teams=["east"])
    study.answered(any_installation, teams["ann"], number)
    leader, manager = teams["lea"], any_installation.actors[Role.MANAGER]
    with any_installation.sessions() as session, counted(any_installation.engine) as statements:
        seen = queries.standing(session, leader)
    assert len(statements) == 3
    assert [(row.must_read.id, row.read, row.people) for row in seen] == [(everybody, 1, 1), (own, 1, 1)]
    with any_installation.sessions() as session:
        _, readers = queries.readers(session, manager, everybody)
        assert [(row.name, row.at is not None) for row in readers if row.team] == [("ann", True), ("bob", False)]
        _, readers = queries.readers(session, leader, everybody)
        assert [row.name for row in readers] == ["ann"]
        assert not {"right", "tries", "share"} & set(type(readers[0]).__slots__)
        with pytest.raises(PermissionDeniedError):
            queries.standing(session, teams["ann"])
        with pytest.raises(NotFoundError):
            queries.readers(session, leader, 999)
    west = study.must_read(any_installation, "los", number, teams=["west"])
    with any_installation.sessions() as session, pytest.raises(NotFoundError):
        queries.readers(session, leader, west)


def test_what_can_not_be_asked(any_installation, teams):
    factories.publish(any_installation, "los")
    factories.publish(any_installation, "slow", title="上网慢")
    number, draft = study.question(any_installation, "los"), study.question(any_installation, "los", live=False)
    with pytest.raises(InvalidInputError):
        study.must_read(any_installation, "los", draft)
    with pytest.raises(InvalidInputError):
        study.must_read(any_installation, "slow", number)
    with pytest.raises(InvalidInputError):
        study.must_read(any_installation, "los", number, due_at=any_installation.clock() - timedelta(days=1))
    with pytest.raises(InvalidInputError):
        study.must_read(any_installation, "los", number, teams=["north"])
    with pytest.raises(PermissionDeniedError):
        study.must_read(any_installation, "los", number, by=teams["lea"])
    asked = study.must_read(any_installation, "los", number)
    with pytest.raises(ConflictError):
        study.must_read(any_installation, "los", number)
    with unit_of_work(any_installation.sessions) as session:
        operations.withdraw(session, any_installation.actors[Role.MANAGER], asked, now=any_installation.clock())
    assert unread(any_installation, teams["ann"]) == []
    with any_installation.sessions() as session, pytest.raises(ConflictError):
        operations.withdraw(session, any_installation.actors[Role.MANAGER], asked, now=any_installation.clock())
