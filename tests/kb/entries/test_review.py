"""What approval, regional verification and publishing vouch for."""

import pytest
from sqlalchemy import func, select

from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries.models import Approval, Verification
from kb.entries.queries import by_key
from kb.entries.rules import Level, State
from kb.errors import InvalidInputError, PermissionDeniedError
from kb.permissions import SYSTEM, Role
from tests.support.factories import content, draft, person, publish, release
from tests.support.installation import START


@pytest.fixture
def both(installation):
    """Somebody who may write and review."""
    return person(installation, "both", Role.EDITOR, Role.REVIEWER)


def test_nobody_approves_what_they_wrote(installation, both):
    with unit_of_work(installation.sessions) as session:
        entry = entries.create(session, both, content(), now=START)
        entries.submit(session, both, entry, now=START)
        with pytest.raises(PermissionDeniedError, match="自己写的"):
            entries.approve(session, both, entry, now=START)
        assert entry.work_state is State.IN_REVIEW
        assert session.scalar(select(func.count(Approval.revision_id))) == 0
        entries.approve(session, installation.actors[Role.REVIEWER], entry, now=START)


def test_nobody_approves_a_draft_that_grew_out_of_theirs(installation, both):
    with unit_of_work(installation.sessions) as session:
        entry = entries.create(session, both, content(), now=START)
        entries.save(session, installation.actors[Role.EDITOR], entry, content(title="别人续写"), now=START)
        entries.submit(session, both, entry, now=START)
        with pytest.raises(PermissionDeniedError, match="自己写的"):
            entries.approve(session, both, entry, now=START)


def test_whoever_wrote_what_is_live_may_approve_what_follows(installation, both):
    with unit_of_work(installation.sessions) as session:
        entry = entries.create(session, both, content(), key="e", now=START)
    release(installation, "e")
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, "e")
        entries.save(session, installation.actors[Role.EDITOR], entry, content(title="第二版"), now=START)
        entries.submit(session, both, entry, now=START)
        entries.approve(session, both, entry, now=START)
        assert entry.work_state is State.SCHEDULED


def test_nobody_confirms_what_they_wrote(installation, both):
    with unit_of_work(installation.sessions) as session:
        entries.create(session, both, content(), key="e", now=START)
    release(installation, "e")
    installation.clock.advance(days=30)
    now = installation.clock()
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, "e")
        entries.flag_for_review(session, both, entry, reason="到期", now=now)
        with pytest.raises(PermissionDeniedError, match="自己写的"):
            entries.confirm(session, both, entry, now=now)
        assert entry.verified_at == START
        entries.confirm(session, installation.actors[Role.REVIEWER], entry, now=now)
        assert (entry.live_state, entry.verified_at) == (State.PUBLISHED, now)


def test_what_was_approved_sent_back_and_submitted_unchanged_can_be_approved_again(installation):
    editor, reviewer, manager = (installation.actors[role] for role in (Role.EDITOR, Role.REVIEWER, Role.MANAGER))
    draft(installation, "e")
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, "e")
        entries.submit(session, editor, entry, now=START)
        entries.approve(session, reviewer, entry, now=START)
        entries.send_back(session, reviewer, entry, reason="再想想", now=START)
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, "e")
        entries.submit(session, editor, entry, now=START)
        entries.approve(session, manager, entry, now=START.replace(hour=5))
        approval = session.scalars(select(Approval)).one()
    assert (approval.reviewer_id, approval.at) == (manager.user_id, START.replace(hour=5))
    assert entry.work_state is State.SCHEDULED


def test_every_scoped_region_must_be_verified_by_its_own_verifier(installation):
    hedong = installation.actors[Role.VERIFIER]  # works in the city that Hedong belongs to
    jiangyang = person(installation, "jiangyang", Role.VERIFIER, region="jiangyang")
    draft(installation, "e", regions=("hedong", "jiangyang"))
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, "e")
        entries.submit(session, installation.actors[Role.EDITOR], entry, now=START)
        entries.approve(session, installation.actors[Role.REVIEWER], entry, now=START)
        assert entry.work_state is State.VERIFYING
        with pytest.raises(PermissionDeniedError):
            entries.verify(session, hedong, entry, region="jiangyang", now=START)
        with pytest.raises(InvalidInputError, match="不涉及"):
            entries.verify(session, hedong, entry, region="wanghu", now=START)
        for _ in range(2):  # twice is no more than once
            entries.verify(session, hedong, entry, region="hedong", now=START)
            assert entry.work_state is State.VERIFYING
        entries.verify(session, jiangyang, entry, region="jiangyang", now=START)
        assert entry.work_state is State.SCHEDULED
        assert session.scalar(select(func.count()).select_from(Verification)) == 2


def test_a_district_does_not_vouch_for_its_city(installation):
    district = person(installation, "district", Role.VERIFIER, region="hedong")
    draft(installation, "e", regions=("wanglan",))
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, "e")
        entries.submit(session, SYSTEM, entry, now=START)
        entries.approve(session, SYSTEM, entry, now=START)
        with pytest.raises(PermissionDeniedError):
            entries.verify(session, district, entry, region="wanglan", now=START)


def test_a_new_revision_must_be_verified_anew(installation):
    publish(installation, "e", regions=("hedong",))
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, "e")
        entries.save(session, SYSTEM, entry, content(regions=("hedong",), title="第二版"), now=START)
        entries.submit(session, SYSTEM, entry, now=START)
        entries.approve(session, SYSTEM, entry, now=START)
        assert entry.work_state is State.VERIFYING


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ({}, Level.L2),
        ({"regions": ("hedong", "wanghu")}, Level.L2),
        ({"review_due": None, "valid_until": START.replace(year=2030)}, Level.L2),
        ({"review_due": None}, Level.L1),
    ],
    ids=["complete", "regions", "validity", "no validity"],
)
def test_the_level_that_a_published_revision_starts_at(installation, changes, level):
    publish(installation, "e", **changes)
    with installation.sessions() as session:
        entry = by_key(session, "e")
        assert (entry.level, entry.verified_at) == (level, START)


def test_without_an_owner_it_stays_unverified(installation):
    draft(installation, "e")
    with unit_of_work(installation.sessions) as session:
        by_key(session, "e").owner_id = None
    release(installation, "e")
    with installation.sessions() as session:
        assert by_key(session, "e").level == Level.L1


def test_the_systems_own_approval_of_its_own_text_is_no_verification(installation):
    with unit_of_work(installation.sessions) as session:
        owner = installation.actors[Role.EDITOR].user_id
        entry = entries.create(session, SYSTEM, content(), owner_id=owner, now=START)
        for step in (entries.submit, entries.approve, entries.publish):
            step(session, SYSTEM, entry, now=START)
        assert (entry.level, entry.verified_at) == (Level.L1, None)


def test_an_import_over_a_verified_entry_is_unverified_until_somebody_approves(installation):
    publish(installation, "e")
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, "e")
        entries.import_content(session, SYSTEM, content(title="来自旧系统"), key="e", entry=entry, now=START)
        assert (entry.level, entry.verified_at) == (Level.L1, None)
        entries.save(session, installation.actors[Role.EDITOR], entry, content(title="核过的"), now=START)
    release(installation, "e")
    with installation.sessions() as session:
        entry = by_key(session, "e")
        assert (entry.level, entry.verified_at) == (Level.L2, START)
