from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.desk.searches import store_searches
from kb.errors import ConflictError, PermissionDeniedError
from kb.gaps import proposing, queries
from kb.gaps.models import GapProposal, ProposalState
from kb.gaps.rules import AskOrigin, Evidence, ProposalKind
from kb.permissions import Role
from tests.kb.gaps.support import met_by
from tests.support import factories
from tests.support.factories import missed
from tests.support.statements import counted

DAYS = timedelta(days=14)


def search(installation, agent, *texts, apart=30, **fields):
    """Let *agent* search *texts*, one after the other, *apart* seconds each."""
    first = factories.searched(installation, texts[0], user_id=agent.user_id, **fields)
    searches = [
        replace(first, words=factories.words(text), at=first.at + timedelta(seconds=apart * number))
        for number, text in enumerate(texts)
    ]
    with unit_of_work(installation.sessions) as session:
        store_searches(session, searches, timezone="Asia/Shanghai")


def propose(installation, opened=None):
    with unit_of_work(installation.sessions) as session:
        proposing.propose(session, since=installation.clock() - DAYS, opened=opened)
        return {row.text: row.kind for row in queries.proposals(session, limit=9)}


def decide(installation, verb, *, by=Role.EDITOR, **options):
    with unit_of_work(installation.sessions) as session:
        (row,) = session.scalars(select(GapProposal))
        return verb(session, installation.actors[by], row, now=installation.clock(), **options)


def accept(installation, by=Role.EDITOR):
    since = installation.clock() - DAYS
    return decide(installation, proposing.accept, by=by, since=since, timezone="Asia/Shanghai")


@pytest.fixture
def reformulated(any_installation):
    """Three agents who searched something and at once something else; the last word of each leads nowhere on."""
    agents = factories.agents(any_installation, 3)
    for number, agent in enumerate(agents):
        search(any_installation, agent, "卡不行了", f"补卡怎么办理{number}")
    return any_installation, agents


def test_words_that_agents_always_put_otherwise_are_proposed(reformulated):
    installation, _ = reformulated
    assert propose(installation) == {"卡不行了": ProposalKind.REFORMULATED}
    assert propose(installation) == {"卡不行了": ProposalKind.REFORMULATED}  # once
    with installation.sessions() as session, counted(installation.engine) as statements:
        found = proposing.evidence(session, since=installation.clock() - DAYS)
    assert found == {"卡不行了": Evidence(searches=3, agents=3, followed=3, solved=0)}
    assert len(statements) == 3


def test_what_follows_later_or_is_the_same_again_is_no_other_way_of_putting_it(installation):
    for agent in factories.agents(installation, 3):
        search(installation, agent, "卡不行了", "卡不行了", apart=20)
        installation.clock.advance(minutes=9)
        search(installation, agent, "信号不好", "补卡", apart=180)
    assert propose(installation) == {}


def test_what_nobody_opens_is_proposed_where_that_is_known(any_installation):
    for agent in factories.agents(any_installation, 3):
        search(any_installation, agent, "话费", "宽带", apart=180)

    def opened(session, since, spellings):
        assert spellings == {"话费", "宽带"}
        return {"宽带": 2}

    assert propose(any_installation) == {}
    assert propose(any_installation, opened) == {"话费": ProposalKind.UNUSED}


def test_what_solved_a_call_or_is_a_gap_already_is_not_proposed(reformulated):
    installation, agents = reformulated
    factories.publish(installation, "sim")
    factories.outcome(installation, agents[0], "sim", "卡不行了")
    assert propose(installation) == {}


def test_a_proposal_goes_when_it_has_become_a_gap(reformulated):
    installation, agents = reformulated
    assert len(propose(installation)) == 1
    missed(installation, "卡不行了", agents[0])
    assert propose(installation) == {}


def test_an_accepted_proposal_is_a_gap_of_all_who_searched_it(reformulated):
    installation, agents = reformulated
    propose(installation)
    gap = accept(installation)
    assert met_by(installation, gap.id) == {agent.user_id: 1 for agent in agents}
    with installation.sessions() as session:
        assert {ask.origin for ask, _ in queries.asks(session, gap.id, limit=9)} == {AskOrigin.PROPOSAL}
        (row,) = session.scalars(select(GapProposal))
    assert (row.state, row.gap_id) == (ProposalState.ACCEPTED, gap.id)
    with pytest.raises(ConflictError):
        accept(installation)
    assert propose(installation) == {}


def test_a_dismissed_proposal_never_comes_back(reformulated):
    installation, agents = reformulated
    propose(installation)
    with pytest.raises(PermissionDeniedError):
        decide(installation, proposing.dismiss, by=Role.AGENT)
    decide(installation, proposing.dismiss)
    for agent in agents:
        search(installation, agent, "卡不行了", "补办电话卡")
    assert propose(installation) == {}
    with installation.sessions() as session:
        assert queries.count_proposals(session) == 0
