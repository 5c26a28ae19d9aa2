import pytest

from kb.briefs import queries as briefs
from kb.db import unit_of_work
from kb.entries import queries as entry_queries
from kb.errors import ConflictError, InvalidInputError, PermissionDeniedError
from kb.maturity import nominating
from kb.maturity.models import NominationState
from kb.permissions import Role
from tests.support import factories, maturity


@pytest.fixture
def nominated(any_installation):
    factories.publish(any_installation, "los")
    maturity.follow(any_installation)
    nominate(any_installation, any_installation.actors[Role.AGENT])
    return any_installation


def nominate(installation, actor, reason="照着念，客户一次就懂", key="los"):
    with unit_of_work(installation.sessions) as session:
        entry = entry_queries.by_key(session, key)
        return nominating.nominate(session, actor, entry, reason=reason, now=installation.clock()).id


def vote(installation, actor, *, approves=True, id_=1):
    with unit_of_work(installation.sessions) as session:
        found = nominating.vote(session, actor, id_, approves=approves, reason="用过", now=installation.clock())
        return found.state


@pytest.mark.parametrize(
    ("votes", "state"),
    [
        ((True, True, True), NominationState.ACCEPTED),
        ((True, False, True), NominationState.ACCEPTED),
        ((False, True, False), NominationState.DECLINED),
    ],
)
def test_three_independent_experts_decide(nominated, votes, state):
    panel = maturity.experts(nominated, 3)
    states = [vote(nominated, actor, approves=item) for actor, item in zip(panel, votes, strict=True)]
    assert states == [NominationState.OPEN, NominationState.OPEN, state]
    with nominated.sessions() as session:
        (found,) = nominating.listed(session, state, limit=5)
        assert [item.approves for item in found.votes] == list(votes)
    with pytest.raises(ConflictError):
        vote(nominated, panel[0])


def test_a_changed_vote_is_one_vote(nominated):
    (expert,) = maturity.experts(nominated, 1)
    for _ in range(4):
        assert vote(nominated, expert) is NominationState.OPEN


def test_who_may_not_sit_on_the_panel(nominated):
    other_module = factories.person(nominated, "tv", Role.EXPERT, expertise=["tv"])
    for actor in (other_module, nominated.actors[Role.EDITOR], nominated.actors[Role.AGENT]):
        with pytest.raises(PermissionDeniedError):
            vote(nominated, actor)


def test_whoever_nominated_does_not_vote(any_installation):
    factories.publish(any_installation, "los")
    (expert,) = maturity.experts(any_installation, 1)
    nominate(any_installation, expert)
    with pytest.raises(PermissionDeniedError):
        vote(any_installation, expert)


def test_nobody_nominates_their_own_or_twice_or_without_a_reason(nominated):
    with pytest.raises(PermissionDeniedError):
        nominate(nominated, nominated.actors[Role.EDITOR])
    with pytest.raises(ConflictError):
        nominate(nominated, nominated.actors[Role.LEADER])
    factories.publish(nominated, "other", title="别的")
    with pytest.raises(InvalidInputError):
        nominate(nominated, nominated.actors[Role.AGENT], reason=" ", key="other")


def test_the_shift_brief_celebrates_it(nominated):
    nominated.clock.advance(hours=1)
    for actor in maturity.experts(nominated, 3):
        vote(nominated, actor)
    nominated.clock.advance(hours=1)
    with nominated.sessions() as session:
        brief = briefs.brief(session, nominated.actors[Role.AGENT], now=nominated.clock())
    assert [entry.key for entry in brief.honoured] == ["los"]
    assert not brief.is_empty
