from threading import Event

import pytest
from sqlalchemy import select

from indexer.locks import exclusive
from kb.db import unit_of_work
from kb.desk import operations as desk
from kb.desk import queries as desk_queries
from kb.desk.rules import WordingState
from kb.desk.scopes import Scope
from kb.gaps import operations
from kb.gaps.models import Gap
from kb.gaps.rules import GapState
from kb.notices.models import Notice, NoticeKind
from kb.permissions import Role
from tests.kb.gaps.support import act, gap, link, met_by, texts
from tests.support import factories
from tests.support.factories import LEARNING, missed
from web.gaps import jobs
from web.gaps.jobs import Work

SAID = "盒子上冒绿光怎么回事"
ALSO = "盒子上冒绿光怎么回事呀"


@pytest.fixture
def work(installation):
    factories.publish(installation, "los")
    factories.publish(installation, "tv", title="电视没信号", module_key="tv.signal", wordings=("一个台都没有",))
    installation.reindex()
    return Work(
        sessions=installation.sessions, search=installation.search, clock=installation.clock, timezone="Asia/Shanghai"
    )


def notices(installation):
    with installation.sessions() as session:
        return sorted(session.scalars(select(Notice.user_id).where(Notice.kind != NoticeKind.ENTRY_PUBLISHED)))


def test_new_gaps_of_one_meaning_become_one_with_a_module(installation, work):
    first, second = factories.agents(installation, 2)
    one, other = missed(installation, SAID, first), missed(installation, ALSO, second)
    third = missed(installation, "电视信号zzz", second)
    jobs.settle(work)
    assert texts(installation, one) == [SAID, ALSO]
    assert met_by(installation, one) == {first.user_id: 1, second.user_id: 1}
    assert gap(installation, other).state is GapState.MERGED
    assert (gap(installation, third).module_key, gap(installation, third).module_is_guess) == ("tv.signal", True)
    assert jobs.sort_in(work) == 0


def test_a_gap_is_closed_by_itself_once_a_wording_lets_its_words_find_the_entry(installation, work):
    agent = installation.actors[Role.AGENT]
    number = missed(installation, "咕噜咕噜转圈圈")
    link(installation, number, "los")
    jobs.settle(work)
    tried = gap(installation, number)
    assert (tried.state, tried.due, tried.share_found) == (GapState.ANSWERED, False, 0.0)
    assert notices(installation) == []
    (wording,) = act(installation, operations.propose_wordings, number, learning=LEARNING)
    with unit_of_work(installation.sessions) as session:
        editor = installation.actors[Role.EDITOR]
        found = desk_queries.wording(session, editor, wording.id)
        desk.decide(session, editor, found, WordingState.ACCEPTED, now=installation.clock())
    jobs.settle(work)
    assert gap(installation, number).state is GapState.ANSWERED  # the index has not heard of it
    installation.reindex()
    jobs.settle(work)
    closed = gap(installation, number)
    assert (closed.state, closed.decided_by_id, closed.share_found) == (GapState.CLOSED, None, 1.0)
    assert notices(installation) == [agent.user_id]
    jobs.settle(work)
    assert notices(installation) == [agent.user_id]


def test_a_gap_is_closed_once_its_entry_is_published(installation, work):
    factories.draft(installation, "green", title="盒子上冒绿光", wordings=("咕噜咕噜转圈圈",))
    number = missed(installation, "咕噜咕噜转圈圈")
    link(installation, number, "green")
    jobs.settle(work)
    assert gap(installation, number).checked_at is None
    factories.release(installation, "green")
    installation.reindex()
    jobs.settle(work)
    assert gap(installation, number).state is GapState.CLOSED


def test_one_region_that_does_not_find_it_keeps_a_gap_open(installation, work):
    factories.publish(installation, "green", title="盒子上冒绿光", wordings=("咕噜咕噜转圈圈",), regions=("wanglan",))
    first, second = factories.agents(installation, 2)
    number = missed(installation, "咕噜咕噜转圈圈", first, Scope(region="wanglan"))
    missed(installation, "咕噜咕噜转圈圈", second, Scope(region="yunxi"))
    installation.reindex()
    link(installation, number, "green")
    jobs.settle(work)
    assert (gap(installation, number).state, gap(installation, number).share_found) == (GapState.ANSWERED, 0.5)


def test_what_did_not_solve_a_call_becomes_an_ask(installation, work):
    agent = installation.actors[Role.AGENT]
    factories.outcome(installation, agent, "los", "光猫绿灯亮正常吗", solved=False)
    jobs.settle(work)
    with installation.sessions() as session:
        (found,) = session.scalars(select(Gap))
    assert (found.text, found.agents) == ("光猫绿灯亮正常吗", 1)


def test_one_process_looks_after_the_gaps_and_another_takes_over(installation, work):
    number = missed(installation, SAID)
    locks = installation.settings.home / "locks"
    with exclusive(locks / "gaps.lock"):
        stop = jobs.start(work, locks)
        assert gap(installation, number).module_key is None
        stop.set()
    stop = Event()
    seen = []

    def clock():
        seen.append(1)
        if gap(installation, number).module_key is not None:
            stop.set()
        return installation.clock()

    busy = Work(sessions=work.sessions, search=work.search, clock=clock, timezone=work.timezone)
    jobs.run(stop, busy, locks)
    assert gap(installation, number).module_key == "fault.broadband"
