import pytest

from kb.db import unit_of_work
from kb.errors import NotFoundError
from kb.people import operations as people
from kb.people import queries
from kb.people.models import ApiToken
from kb.permissions import SYSTEM, Role
from kb.taxonomy.queries import load
from tests.support.factories import person
from tests.support.installation import START
from tests.support.statements import counted


@pytest.fixture
def token(installation):
    with unit_of_work(installation.sessions) as session:
        return people.issue_token(session, SYSTEM, queries.by_username(session, "agent"), label="x", now=START)


def test_a_token_names_its_person(installation, token):
    with installation.sessions() as session:
        assert queries.by_token(session, token).username == "agent"


@pytest.mark.parametrize("change", [str.upper, lambda token: token[:-1], lambda token: "", lambda token: f"{token} "])
def test_a_token_must_be_exact(installation, token, change):
    with installation.sessions() as session:
        assert queries.by_token(session, change(token)) is None


def test_a_stored_digest_is_no_token(installation, token):
    with installation.sessions() as session:
        digest = session.query(ApiToken).one().digest
        assert queries.by_token(session, digest) is None


def test_a_revoked_token_opens_nothing(installation, token):
    with unit_of_work(installation.sessions) as session:
        session.query(ApiToken).one().revoked_at = START
    with installation.sessions() as session:
        assert queries.by_token(session, token) is None


def test_the_token_of_somebody_deactivated_opens_nothing(installation, token):
    with unit_of_work(installation.sessions) as session:
        people.deactivate(session, SYSTEM, queries.by_username(session, "agent"), now=START)
    with installation.sessions() as session:
        assert queries.by_token(session, token) is None


def test_a_person_by_username_active_or_not(installation):
    with unit_of_work(installation.sessions) as session:
        user = queries.by_username(session, "agent")
        people.deactivate(session, SYSTEM, user, now=START)
        assert queries.by_username(session, "agent") is user
        with pytest.raises(NotFoundError, match="nobody"):
            queries.by_username(session, "nobody")


def test_names_and_bylines(installation):
    with unit_of_work(installation.sessions) as session:
        team = people.put_team(session, SYSTEM, key="t", name="早班", region=None)
        queries.by_username(session, "agent").team = team
    agent, editor = (installation.actors[role].user_id for role in (Role.AGENT, Role.EDITOR))
    with installation.sessions() as session:
        assert queries.names(session, [agent, None, 9999]) == {agent: "坐席"}
        assert queries.bylines(session, [agent, editor, None]) == {
            agent: queries.Byline("坐席", "早班"),
            editor: queries.Byline("采编"),
        }


def test_an_expert_knows_and_a_verifier_verifies_everything_below(installation):
    expert, verifier = installation.actors[Role.EXPERT], installation.actors[Role.VERIFIER]
    assert expert.modules == {"fault", "fault.mobile", "fault.broadband", "fault.outage"}
    assert verifier.regions == {"wanglan", "hedong", "wanghu", "shiqiao"}
    assert (expert.roles, expert.name) == ({Role.EXPERT}, "专家")


def test_only_a_verifier_has_regions_and_only_by_their_place(installation):
    assert installation.actors[Role.AGENT].regions == frozenset()
    assert person(installation, "placeless", Role.VERIFIER).regions == frozenset()
    assert person(installation, "district", Role.VERIFIER, region="hedong").regions == {"hedong"}


def test_an_actor_has_the_roles_of_this_moment(installation):
    with unit_of_work(installation.sessions) as session:
        user = queries.by_username(session, "agent")
        people.set_roles(session, SYSTEM, user, roles=[Role.VERIFIER], expertise=["tv"], now=START)
        actor = queries.actor(user, load(session))
    assert (actor.roles, "lanzhou" in actor.regions, "tv.card" in actor.modules) == ({Role.VERIFIER}, True, True)
    assert not actor.is_system


@pytest.mark.parametrize(
    ("query", "statements"),
    [
        (lambda session: [(user.team, user.roles, user.expertise) for user in queries.everyone(session)], 3),
        (lambda session: queries.names(session, range(99)), 1),
        (lambda session: queries.bylines(session, range(99)), 1),
    ],
    ids=["everyone", "names", "bylines"],
)
def test_statements_do_not_grow_with_people(installation, query, statements):
    with installation.sessions() as session, counted(installation.engine) as issued:
        query(session)
    assert len(issued) == statements


def test_everyone_comes_by_username(installation):
    with installation.sessions() as session:
        names = [user.username for user in queries.everyone(session)]
    assert names == sorted(role.value for role in Role)
