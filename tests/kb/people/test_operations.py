import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from kb.db import unit_of_work
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from kb.events import queries as events
from kb.events.models import Subject, Verb
from kb.people import operations as people
from kb.people.models import ApiToken, Team
from kb.people.queries import by_username
from kb.permissions import SYSTEM, Role
from tests.support.factories import person
from tests.support.installation import PASSWORD, START
from tests.support.tables import dump

NEW = "a newer password"
WEAK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def checked(monkeypatch):
    """The hashes that a password was held against, in order."""
    seen = []
    matches = people._matches
    monkeypatch.setattr(people, "_matches", lambda stored, given: seen.append(stored) or matches(stored, given))
    return seen


def sign_in(installation, username, password):
    with unit_of_work(installation.sessions) as session:
        user = people.authenticate(session, username, password)
        if user is not None:
            people.sign_in(session, user, password, now=START)
        return user


def add(session, username="new", actor=SYSTEM, **fields):
    return people.add_user(session, actor, username=username, now=START, **{"name": "新人", "roles": [], **fields})


def newest_event(session, user):
    event = events.history(session, Subject.PERSON, user.id, limit=1)[0]
    return event.verb, event.actor_id


@pytest.mark.parametrize("username", ["agent", " Agent ", "AGENT"])
def test_signing_in(any_installation, username):
    user = sign_in(any_installation, username, PASSWORD)
    assert user is not None
    assert user.username == "agent"
    with any_installation.sessions() as session:
        assert newest_event(session, user) == (Verb.SIGNED_IN, user.id)


@pytest.mark.parametrize("username", ["agent", "nobody", "editor", "gone"])
def test_a_failed_sign_in_costs_the_same_and_says_and_leaves_nothing(installation, checked, username):
    """Wrong password, no such person, nobody with a password, deactivated: every time one hash is checked."""
    person(installation, "gone", Role.AGENT, password=NEW)
    with unit_of_work(installation.sessions) as session:
        people.deactivate(session, SYSTEM, by_username(session, "gone"), now=START)
        stored = by_username(session, username).password_hash if username == "agent" else people._NOBODYS_HASH
    before = dump(installation.engine)
    assert sign_in(installation, username, NEW) is None
    assert checked == [stored]
    assert dump(installation.engine) == before


def test_no_password_opens_an_account_that_has_none(installation, monkeypatch):
    monkeypatch.setattr(people, "_matches", lambda stored, given: True)
    assert sign_in(installation, "editor", "") is None
    assert sign_in(installation, "nobody", "") is None


def test_an_unreadable_hash_opens_nothing(installation):
    with unit_of_work(installation.sessions) as session:
        by_username(session, "agent").password_hash = "not a hash"
    assert sign_in(installation, "agent", "not a hash") is None


def test_an_old_hash_is_renewed_when_it_can_be(installation):
    with unit_of_work(installation.sessions) as session:
        by_username(session, "agent").password_hash = old = WEAK.hash(PASSWORD)
    assert sign_in(installation, "agent", NEW) is None
    with installation.sessions() as session:
        assert by_username(session, "agent").password_hash == old
    renewed = sign_in(installation, "agent", PASSWORD).password_hash
    assert not PasswordHasher().check_needs_rehash(renewed)
    assert sign_in(installation, "agent", PASSWORD).password_hash == renewed


@pytest.mark.parametrize("length", [0, people.MIN_PASSWORD_LENGTH - 1])
def test_a_short_password_is_refused_everywhere(installation, length):
    short = "密" * length
    with installation.sessions() as session:
        user = by_username(session, "agent")
        for attempt in (
            lambda: add(session, password=short),
            lambda: people.set_password(session, SYSTEM, user, short, now=START),
            lambda: people.change_password(session, SYSTEM, user, current=PASSWORD, new=short, now=START),
        ):
            with pytest.raises(InvalidInputError) as refused:
                attempt()
            assert refused.value.field == "password"


def test_a_new_password_ends_every_session_and_the_old_one(installation):
    agent = installation.actors[Role.AGENT]
    with unit_of_work(installation.sessions) as session:
        user = by_username(session, "agent")
        people.change_password(session, agent, user, current=PASSWORD, new=NEW, now=START)
        assert user.session_epoch == 1
        people.set_password(session, SYSTEM, user, NEW, now=START)
        assert user.session_epoch == 2
    assert sign_in(installation, "agent", PASSWORD) is None
    assert sign_in(installation, "agent", NEW) is not None


def test_people_set_their_own_password_and_admins_anybodys(installation):
    may = []
    for role, actor in installation.actors.items():
        with installation.sessions() as session:
            try:
                people.set_password(session, actor, by_username(session, "agent"), NEW, now=START)
            except PermissionDeniedError:
                continue
            may.append(role)
    assert may == [Role.AGENT, Role.ADMIN]


def test_changing_a_password_needs_the_current_one(installation):
    before = dump(installation.engine)
    with installation.sessions() as session:
        for username in ("agent", "editor"):  # the second has none
            user = by_username(session, username)
            actor = installation.actors[Role(username)]
            with pytest.raises(InvalidInputError) as refused:
                people.change_password(session, actor, user, current="wrong", new=NEW, now=START)
            assert refused.value.field == "current"
        session.commit()
    assert dump(installation.engine) == before


def test_deactivating_locks_out_at_once(installation):
    with unit_of_work(installation.sessions) as session:
        user = by_username(session, "agent")
        people.deactivate(session, installation.actors[Role.ADMIN], user, now=START)
        assert (user.active, user.session_epoch) == (False, 1)
    with installation.sessions() as session:
        assert newest_event(session, user) == (Verb.DEACTIVATED, installation.actors[Role.ADMIN].user_id)
        with pytest.raises(NotFoundError, match="停用"):
            people.issue_token(session, SYSTEM, user, label="x", now=START)
    assert sign_in(installation, "agent", PASSWORD) is None


@pytest.mark.parametrize(
    "attempt",
    [
        lambda session, actor, user: add(session, actor=actor),
        lambda session, actor, user: people.set_roles(session, actor, user, roles=[Role.ADMIN], now=START),
        lambda session, actor, user: people.put_team(session, actor, key="t", name="一班", region=None),
        lambda session, actor, user: people.deactivate(session, actor, user, now=START),
        lambda session, actor, user: people.issue_token(session, actor, user, label="x", now=START),
    ],
    ids=["add", "set_roles", "put_team", "deactivate", "issue_token"],
)
def test_managing_people_is_for_admins(installation, attempt):
    somebody = person(installation, "somebody", Role.AGENT)
    may = []
    for role, actor in installation.actors.items():
        with installation.sessions() as session:
            try:
                attempt(session, actor, by_username(session, somebody.name))
            except PermissionDeniedError:
                continue
            may.append(role)
    assert may == [Role.ADMIN]


def test_adding_a_person(any_installation):
    with unit_of_work(any_installation.sessions) as session:
        user = add(session, name=" ", roles=[Role.EXPERT, Role.AGENT], expertise=["fault", "tv"], region="hedong")
    with any_installation.sessions() as session:
        found = by_username(session, "new")
        assert (found.name, found.region_key, found.password_hash, found.active) == ("new", "hedong", None, True)
        assert found.roles == {Role.EXPERT, Role.AGENT}
        assert {item.module_key for item in found.expertise} == {"fault", "tv"}
        assert newest_event(session, user) == (Verb.CREATED, None)


@pytest.mark.parametrize("username", ["", "a", "Agent", "1abc", "a b", "a/b", "张三", "a" * 65, "ab\n"])
def test_what_is_no_username_is_refused(installation, username):
    with installation.sessions() as session, pytest.raises(InvalidInputError) as refused:
        add(session, username)
    assert refused.value.field == "username"


@pytest.mark.parametrize(
    ("error", "fields"),
    [
        (ConflictError, {"username": "agent"}),
        (InvalidInputError, {"region": "atlantis"}),
        (InvalidInputError, {"expertise": ["nowhere"]}),
    ],
)
def test_what_is_taken_or_unknown_is_refused(installation, error, fields):
    with installation.sessions() as session, pytest.raises(error):
        add(session, **fields)


def test_roles_and_expertise_become_exactly_what_is_given(any_installation):
    with unit_of_work(any_installation.sessions) as session:
        user = by_username(session, "expert")
        people.set_roles(session, SYSTEM, user, roles=[Role.EXPERT, Role.LEADER], expertise=["fault", "vas"], now=START)
        people.set_roles(session, SYSTEM, user, roles=[Role.LEADER, Role.AGENT], expertise=["vas", "tv"], now=START)
    with any_installation.sessions() as session:
        user = by_username(session, "expert")
        assert user.roles == {Role.LEADER, Role.AGENT}
        assert {item.module_key for item in user.expertise} == {"vas", "tv"}


def test_a_team_is_added_once_and_renamed(installation):
    with unit_of_work(installation.sessions) as session:
        first = people.put_team(session, SYSTEM, key="t", name="一班", region=None)
        again = people.put_team(session, SYSTEM, key="t", name="早班", region="hedong")
        assert first is again
    with installation.sessions() as session:
        assert [(team.name, team.region_key) for team in session.scalars(select(Team))] == [("早班", "hedong")]


def test_a_token_is_shown_once_and_kept_as_a_digest(installation):
    agent = installation.actors[Role.AGENT]
    with unit_of_work(installation.sessions) as session:
        user = by_username(session, "agent")
        tokens = {people.issue_token(session, agent, user, label="长" * 200, now=START) for _ in range(2)}
        stored = session.scalars(select(ApiToken)).all()
    assert len(tokens) == 2
    assert all(token.startswith("zh_") and len(token) > 40 for token in tokens)
    assert not {token.digest for token in stored} & tokens
    assert {len(token.label) for token in stored} == {80}


def test_a_chosen_language_is_remembered_without_an_event(installation):
    with unit_of_work(installation.sessions) as session:
        before = events.last_seq(session)
        people.choose_locale(session, by_username(session, "agent"), "en")
    with installation.sessions() as session:
        assert by_username(session, "agent").locale == "en"
        assert events.last_seq(session) == before


def test_nothing_lasts_without_a_commit(installation):
    before = dump(installation.engine)
    with installation.sessions() as session:
        user = by_username(session, "agent")
        add(session)
        people.set_roles(session, SYSTEM, user, roles=[Role.ADMIN], expertise=["tv"], now=START)
        people.set_password(session, SYSTEM, user, NEW, now=START)
        people.issue_token(session, SYSTEM, user, label="x", now=START)
        people.sign_in(session, user, NEW, now=START)
        people.deactivate(session, SYSTEM, user, now=START)
        session.flush()
        session.rollback()
    assert dump(installation.engine) == before
