import random
from dataclasses import replace

import pytest
from sqlalchemy import update

from kb.corrections import operations as corrections
from kb.corrections.rules import Severity
from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries import queries as entry_queries
from kb.entries.content import Freshness
from kb.entries.models import Entry
from kb.entries.rules import Level
from kb.entries.standard import InternalWord, Standard
from kb.events import queries as event_queries
from kb.events.models import Verb
from kb.events.queries import last_seq
from kb.maturity import evidence, following, operations
from kb.maturity.elsewhere import Elsewhere
from kb.maturity.gates import Cause
from kb.maturity.models import Standing
from kb.permissions import Role
from tests.support import factories, maturity
from tests.support.maturity import GOOD


def levels(installation, key="los"):
    return [(change.before, change.after, change.cause) for change in maturity.changes(installation, key)]


def edit(installation, key, *, material=True, **changes):
    with unit_of_work(installation.sessions) as session:
        entry = entry_queries.by_key(session, key)
        written = replace(entry.shown_revision.content, **changes)
        editor = installation.actors[Role.EDITOR]
        entries.save(session, editor, entry, written, now=installation.clock(), material=material)
    factories.release(installation, key)
    maturity.follow(installation)


@pytest.fixture
def mature(any_installation):
    factories.publish(any_installation, "los")
    maturity.calls(any_installation, maturity.callers(any_installation, 6), "los", solved=12)
    maturity.follow(any_installation)
    assert maturity.entry_of(any_installation, "los").level == Level.L3
    return any_installation


def test_going_live_is_the_beginning_of_its_history(any_installation):
    factories.publish(any_installation, "los")
    assert maturity.follow(any_installation)
    assert levels(any_installation) == [(None, 2, Cause.PUBLISHED)]
    assert maturity.follow(any_installation) == 0


def test_a_material_edit_restarts_evidence(mature):
    edit(mature, "los", script="您好，请先把光猫断电一分钟，再看灯还红不红，还红我马上给您报修。")
    assert levels(mature)[-1] == (3, 2, Cause.MATERIAL_EDIT)
    assert maturity.standing(mature, "los").facts.tally.trials == 0


def test_a_small_edit_keeps_level_and_evidence(mature):
    edit(mature, "los", material=False, script="您好，这个红灯表示光纤信号断了！")
    assert levels(mature)[-1] == (2, 3, Cause.EARNED)
    assert maturity.entry_of(mature, "los").level == Level.L3
    assert maturity.standing(mature, "los").facts.tally.trials == 12


def test_a_figure_is_material_whatever_the_editor_says(mature):
    edit(mature, "los", material=False, fees="换光猫收 100 元")
    assert levels(mature)[-1] == (3, 2, Cause.MATERIAL_EDIT)


def test_nobody_s_mark_on_their_own_entry_counts(any_installation):
    factories.publish(any_installation, "los")
    factories.outcome(any_installation, any_installation.actors[Role.EDITOR], "los", "")
    factories.outcome(any_installation, any_installation.actors[Role.AGENT], "los", "")
    maturity.follow(any_installation)
    assert maturity.standing(any_installation, "los").facts.tally.trials == 1


def test_age_takes_a_level_once_and_a_verification_gives_it_back(mature):
    report = maturity.night(mature, days=364)  # evergreen: nothing yet
    assert (report.entries, report.fallen) == (1, 0)
    report = maturity.night(mature, days=400)
    assert report.fallen == 1
    assert levels(mature)[-1] == (3, 2, Cause.AGED)
    assert maturity.night(mature).fallen == 0
    assert maturity.night(mature, days=700).fallen == 0
    with unit_of_work(mature.sessions) as session:
        entry = entry_queries.by_key(session, "los")
        entries.flag_for_review(session, mature.actors[Role.EDITOR], entry, reason="太久", now=mature.clock())
        entries.confirm(session, mature.actors[Role.REVIEWER], entry, now=mature.clock())
    maturity.follow(mature)
    assert levels(mature)[-1] == (2, 3, Cause.EARNED)


def test_merit_fades_at_night_and_the_index_is_told(any_installation):
    factories.publish(any_installation, "fee", freshness=Freshness.TARIFF)
    maturity.follow(any_installation)
    before = maturity.standing(any_installation, "fee").standing.merit
    with any_installation.sessions() as session:
        seq = last_seq(session)
    report = maturity.night(any_installation, days=45)
    assert report.rescored == 1
    assert maturity.standing(any_installation, "fee").standing.merit < before
    with any_installation.sessions() as session:
        assert last_seq(session) == seq + 1
    assert maturity.night(any_installation, days=0.1).rescored == 0


def test_another_version_of_the_standard_moves_q(any_installation):
    factories.publish(any_installation, "los", script="您好，我给您派单。")
    factories.publish(any_installation, "fee")
    maturity.follow(any_installation)
    before = maturity.standing(any_installation, "los")
    assert before.standing.standard == Standard().version
    words = Elsewhere(standard=Standard((InternalWord("派单"),)))
    for expected in (2, 0):  # both are measured anew, once
        now = any_installation.clock()
        assert following.look_at_all(any_installation.sessions, now=now, elsewhere=words).rescored == expected
    after = maturity.standing(any_installation, "los")
    assert after.facts.checklist == pytest.approx(before.facts.checklist - 1 / 8)
    assert after.standing.standard == words.standard.version
    assert maturity.standing(any_installation, "fee").facts.checklist == before.facts.checklist
    assert following.recompute(any_installation.sessions, clock=any_installation.clock, elsewhere=words).off == ()


def test_what_an_older_standard_measured_is_measured_anew_and_the_index_told(any_installation):
    factories.publish(any_installation, "los")
    maturity.follow(any_installation)
    now = maturity.standing(any_installation, "los")
    with unit_of_work(any_installation.sessions) as session:
        standing = session.get(Standing, maturity.entry_of(any_installation, "los").id)
        standing.checklist, standing.standard, standing.merit = 0.4, "", now.standing.merit - 0.04
        seq = last_seq(session)
    assert maturity.night(any_installation, days=0).rescored == 1
    again = maturity.standing(any_installation, "los")
    assert (again.facts.checklist, again.standing.merit) == (now.facts.checklist, now.standing.merit)
    with any_installation.sessions() as session:
        told = event_queries.after(session, seq, limit=9)
        assert [event.verb for event in told] == [Verb.RESCORED]


def test_an_owner_is_a_point_of_the_standard(any_installation):
    factories.publish(any_installation, "los")
    maturity.follow(any_installation)
    entry = maturity.entry_of(any_installation, "los")
    with unit_of_work(any_installation.sessions) as session:
        session.execute(update(Entry.__table__).where(Entry.id == entry.id).values(owner_id=None))
        assert evidence.measured_otherwise(session, [entry.id], standard=Standard()) == []
        evidence.measure(session, [entry.id], standard=Standard())
    without = maturity.standing(any_installation, "los").facts.checklist
    with unit_of_work(any_installation.sessions) as session:
        session.execute(update(Entry.__table__).where(Entry.id == entry.id).values(owner_id=entry.owner_id))
        evidence.measure(session, [entry.id], standard=Standard())
    assert maturity.standing(any_installation, "los").facts.checklist == pytest.approx(without + 1 / 8)


def test_a_hold_ends_with_a_material_edit(mature):
    with unit_of_work(mature.sessions) as session:
        entry = entry_queries.by_key(session, "los")
        manager = mature.actors[Role.MANAGER]
        operations.hold(session, manager, entry, Level.L4, reason="试点", now=mature.clock())
    edit(mature, "los", answer="先断电一分钟再看灯，仍然红就报修派单上门处理")
    assert maturity.standing(mature, "los").hold is None
    assert maturity.entry_of(mature, "los").level == Level.L2


def test_what_is_suspended_is_not_assessed(mature):
    with unit_of_work(mature.sessions) as session:
        entry = entry_queries.by_key(session, "los")
        entries.suspend(session, mature.actors[Role.REVIEWER], entry, reason="价格有变", now=mature.clock())
    maturity.follow(mature)
    assert maturity.night(mature, days=2000).fallen == 0


def test_recomputing_finds_and_mends_what_is_off(mature):
    with unit_of_work(mature.sessions) as session:
        session.get(Standing, maturity.entry_of(mature, "los").id).solved = 99
    report = following.recompute(mature.sessions, clock=mature.clock)
    assert report.off == (maturity.entry_of(mature, "los").id,)
    assert maturity.standing(mature, "los").facts.tally.solved == 12
    assert following.recompute(mature.sessions, clock=mature.clock).off == ()


def test_recomputing_an_installation_from_before_maturity_begins_it(any_installation):
    factories.publish(any_installation, "los")
    maturity.calls(any_installation, maturity.callers(any_installation, 6), "los", solved=12)
    report = following.recompute(any_installation.sessions, clock=any_installation.clock)
    assert len(report.off) == 1
    assert maturity.entry_of(any_installation, "los").level == Level.L3


@pytest.mark.parametrize("seed", range(4))
def test_the_rolling_sums_are_those_counted_anew_over_a_random_history(installation, seed):
    chance = random.Random(seed)
    people = maturity.callers(installation, 8, teams=3)
    experts = maturity.experts(installation, 3)
    keys = [factories.publish(installation, f"e{number}") for number in range(3)]
    for _ in range(60):
        key = chance.choice(keys)
        match chance.randrange(15):
            case 0:
                edit(
                    installation,
                    key,
                    material=chance.random() < 0.3,
                    steps="1. 看 LOS 灯\n2. 插紧尾纤" + "。！" * chance.randrange(3) + "好" * chance.choice((1, 40)),
                )
            case 1 | 2:
                maturity.rate(installation, chance.choice(experts), key, GOOD)
            case 3:
                installation.clock.advance(days=1)
            case 4:
                maturity.follow(installation)
            case _:
                factories.outcome(installation, chance.choice(people), key, "", solved=chance.random() < 0.8)
    maturity.follow(installation)
    report = following.recompute(installation.sessions, clock=installation.clock)
    assert report == following.RecountReport(3, ())
    with installation.sessions() as session:
        assert sum(session.get(Standing, maturity.entry_of(installation, key).id).solved for key in keys) > 3


def test_an_open_correction_counts_at_once_and_no_longer_when_it_was_wrong(mature):
    number = factories.correction(mature, "los", severity=Severity.P2)
    maturity.follow(mature)
    reported = maturity.standing(mature, "los").standing.merit
    with unit_of_work(mature.sessions) as session:
        reviewer = mature.actors[Role.REVIEWER]
        corrections.refuse(session, reviewer, number, reason="复查过，没有错", now=mature.clock())
    maturity.follow(mature)
    assert maturity.standing(mature, "los").standing.merit > reported
