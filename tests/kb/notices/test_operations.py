import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from kb.corrections import operations as corrections
from kb.corrections.rules import Severity
from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries.queries import by_key
from kb.errors import NotFoundError, PermissionDeniedError
from kb.events.models import Subject
from kb.gaps import operations as gaps
from kb.gaps.rules import DeclineReason
from kb.notices import operations, queries
from kb.notices.models import NOTICE_GROUPS, Notice, NoticeKind
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import SYSTEM, Role
from tests.kb.gaps.support import act, findings, link, merge
from tests.support import factories
from tests.support.factories import missed

SAID = "盒子上冒绿光"


def test_each_kind_stands_under_one_heading():
    assert sorted(kind for kinds in NOTICE_GROUPS.values() for kind in kinds) == sorted(NoticeKind)


def deliver(installation):
    with unit_of_work(installation.sessions) as session:
        return operations.deliver(session)


def told(installation):
    """What people were told; authors hear also that what they wrote went live."""
    others = select(Notice).where(Notice.kind != NoticeKind.ENTRY_PUBLISHED)
    with installation.sessions() as session:
        return {row.user_id: (row.kind, row.facts.get("words")) for row in session.scalars(others)}


@pytest.fixture
def closed(any_installation):
    """A gap that three agents and the editor met, in different words; the editor closed it. An agent has left."""
    factories.publish(any_installation, "los", title="光猫绿灯")
    first, second, gone = factories.agents(any_installation, 3)
    number = missed(any_installation, SAID, first)
    missed(any_installation, SAID, any_installation.actors[Role.EDITOR])
    missed(any_installation, SAID, gone)
    other = missed(any_installation, "绿光从盒子冒", second)
    merge(any_installation, other, number)
    link(any_installation, number, "los")
    assert act(any_installation, gaps.close, number, findings(any_installation, number, 1), entry_key="los")
    with unit_of_work(any_installation.sessions) as session:
        people.deactivate(session, SYSTEM, by_username(session, "agent-2"), now=any_installation.clock())
    return any_installation, first, second


def test_everybody_who_met_a_gap_is_told_once_in_their_own_words(closed):
    installation, first, second = closed
    assert deliver(installation) > 0
    assert deliver(installation) == 0
    assert told(installation) == {
        first.user_id: (NoticeKind.GAP_CLOSED, SAID),
        second.user_id: (NoticeKind.GAP_CLOSED, "绿光从盒子冒"),
    }
    with installation.sessions() as session:
        assert queries.unread(session, first) == 1
        (notice,) = queries.page(session, first, limit=9)
        assert (notice.facts["entry"], notice.facts["title"]) == ("los", "光猫绿灯")


def test_a_delivery_that_is_killed_is_done_again_and_only_once(closed):
    installation, _, _ = closed
    with installation.sessions() as session:
        operations.deliver(session)
        session.rollback()
    assert told(installation) == {}
    while deliver(installation):
        pass
    while deliver(installation):
        pass
    assert len(told(installation)) == 2


def test_a_process_killed_before_its_commit_has_told_nobody(closed):
    installation, _, _ = closed
    command = [sys.executable, "-m", "tests.support.doomed_teller"]
    teller = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    teller.stdin.write(installation.engine.url.render_as_string(hide_password=False) + "\n")
    teller.stdin.flush()
    assert teller.stdout.readline() == "delivered\n"
    teller.kill()
    teller.communicate()
    assert told(installation) == {}
    while deliver(installation):
        pass
    assert len(told(installation)) == 2


def test_two_processes_deliver_each_notice_once(closed):
    installation, _, _ = closed
    barrier = Barrier(3)

    def run(_):
        barrier.wait()
        return deliver(installation)

    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(run, range(3)))
    assert sorted(done)[:2] == [0, 0]
    assert len(told(installation)) == 2


def test_who_need_not_wait_is_told_and_who_said_nothing_is_not(installation):
    ours, noise = missed(installation, "附近火锅店"), missed(installation, "啊啊啊啊")
    act(installation, gaps.decline, ours, DeclineReason.NOT_OURS)
    act(installation, gaps.decline, noise, DeclineReason.NO_QUESTION)
    deliver(installation)
    agent = installation.actors[Role.AGENT]
    assert told(installation) == {agent.user_id: (NoticeKind.GAP_DECLINED, "附近火锅店")}


def test_notices_are_read_one_by_one_or_all(closed):
    installation, first, second = closed
    while deliver(installation):
        pass
    with installation.sessions() as session:
        (mine,) = queries.page(session, first, limit=9)
        (theirs,) = queries.page(session, second, limit=9)
        with pytest.raises(NotFoundError):
            queries.notice(session, first, theirs.id)
    with unit_of_work(installation.sessions) as session:
        operations.read(session, first, now=installation.clock(), number=theirs.id)
    with installation.sessions() as session:
        assert (queries.unread(session, first), queries.unread(session, second)) == (1, 1)
    with unit_of_work(installation.sessions) as session:
        operations.read(session, first, now=installation.clock(), number=mine.id)
        operations.read(session, second, now=installation.clock())
    with installation.sessions() as session:
        assert (queries.unread(session, first), queries.unread(session, second)) == (0, 0)
        assert queries.count(session, first) == 1
        with pytest.raises(PermissionDeniedError):
            operations.read(session, SYSTEM, now=installation.clock())


def test_whoever_reported_a_correction_is_told_what_became_of_it(any_installation):
    factories.publish(any_installation, "los", title="光猫绿灯")
    number = factories.correction(any_installation, "los")
    with unit_of_work(any_installation.sessions) as session:
        reviewer = any_installation.actors[Role.REVIEWER]
        corrections.refuse(session, reviewer, number, reason="复查过，没有错", now=any_installation.clock())
    deliver(any_installation)
    with any_installation.sessions() as session:
        (notice,) = session.scalars(select(Notice).where(Notice.kind != NoticeKind.ENTRY_PUBLISHED))
        assert (notice.user_id, notice.kind) == (
            any_installation.actors[Role.AGENT].user_id,
            NoticeKind.CORRECTION_ANSWERED,
        )
        assert notice.facts == {"title": "光猫绿灯", "state": "not_upheld"}


def test_whoever_has_to_mend_an_entry_is_told_by_when(any_installation):
    installation, now = any_installation, any_installation.clock()
    factories.publish(installation, "los", title="光猫绿灯")
    numbers = [factories.correction(installation, "los", wrong=wrong) for wrong in ("灯是红的", "灯不闪")]
    with unit_of_work(installation.sessions) as session:
        reviewer, manager = installation.actors[Role.REVIEWER], installation.actors[Role.MANAGER]
        corrections.uphold(session, reviewer, numbers[0], severity=Severity.P2, now=now)
    deliver(installation)
    with installation.sessions() as session:
        (notice,) = session.scalars(select(Notice).where(Notice.subject_kind == Subject.CORRECTION))
        assert (notice.user_id, notice.kind) == (
            installation.actors[Role.EDITOR].user_id,
            NoticeKind.CORRECTION_UPHELD,
        )
        assert notice.facts["due"] == (now + timedelta(hours=24)).isoformat()

    # Nobody has to mend what is retired: its reporter is told, and that is all.
    with unit_of_work(installation.sessions) as session:
        entries.retire(session, manager, by_key(session, "los"), reason="下线", now=now)
        corrections.uphold(session, reviewer, numbers[1], severity=Severity.P2, now=now)
    deliver(installation)
    with installation.sessions() as session:
        ours = select(Notice.kind).where(Notice.subject_kind == Subject.CORRECTION)
        kinds = session.scalars(ours.order_by(Notice.id)).all()
    assert kinds == [NoticeKind.CORRECTION_UPHELD] + [NoticeKind.CORRECTION_ANSWERED] * 2
