import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from kb.events.models import Event, Verb
from kb.letters import confirming, operations, rules
from kb.letters.models import Letter, LetterState
from kb.notices import queries
from kb.notices.models import Mailing, Notice, Telling
from kb.people.models import User
from kb.permissions import SYSTEM, Role
from tests.support.notices import listener, tell, wish

WHEN = {"timezone": "Asia/Shanghai", "hour": 8}


def act(installation, verb, *args, **named):
    with unit_of_work(installation.sessions) as session:
        return verb(session, *args, **named, now=installation.clock())


@pytest.fixture
def agent(any_installation):
    """Somebody who entered an address, and has not confirmed it."""
    actor = listener(any_installation, "chen", None)
    wish(any_installation, actor, Telling.AT_ONCE, confirmed=False)
    return actor


def test_nothing_but_the_question_is_mailed_to_an_address_until_it_is_confirmed(any_installation, agent):
    tell(any_installation, agent, "附近火锅店")
    act(any_installation, confirming.ask, agent)
    assert act(any_installation, operations.make, **WHEN) == 0
    parcel = act(any_installation, operations.take)
    assert (parcel.address, parcel.confirms, parcel.notices) == ("chen@centre.example", True, ())
    act(any_installation, confirming.confirm, agent, "chen@centre.example")
    act(any_installation, confirming.confirm, agent, "chen@centre.example")  # a second click
    tell(any_installation, agent, "附近咖啡店")
    with any_installation.sessions() as session:
        mails = session.scalars(select(Notice.mail).order_by(Notice.id)).all()
        assert mails == [Mailing.NONE, Mailing.AT_ONCE]  # nothing of the past
        verbs = session.scalars(select(Event.verb).where(Event.subject_id == str(agent.user_id))).all()
        assert verbs.count(Verb.ADDRESS_CONFIRMED) == 1
    # Another address is asked for again; what waits for the old one goes nowhere.
    assert act(any_installation, operations.make, **WHEN) == 1
    wish(any_installation, agent, Telling.AT_ONCE, "chen@new.example", confirmed=False)
    with pytest.raises(NotFoundError, match="不是这个邮箱"):
        act(any_installation, confirming.confirm, agent, "chen@centre.example")
    assert act(any_installation, operations.take) is None
    with any_installation.sessions() as session:
        assert session.scalars(select(Letter.state).order_by(Letter.id)).all()[-1] is LetterState.GIVEN_UP
        assert queries.mailbox(session, agent).confirmed_at is None


def test_nobody_is_pestered_with_questions(any_installation, agent):
    for _ in range(rules.MAX_ASKED):
        act(any_installation, confirming.ask, agent)
    with pytest.raises(ConflictError, match="一天最多"):
        act(any_installation, confirming.ask, agent)
    other = listener(any_installation, "li", None)  # nor by others who enter somebody's address
    wish(any_installation, other, Telling.DAILY, "chen@centre.example", confirmed=False)
    with pytest.raises(ConflictError):
        act(any_installation, confirming.ask, other)
    any_installation.clock.advance(days=1, minutes=1)
    act(any_installation, confirming.ask, agent)
    any_installation.clock.advance(days=3)
    assert act(any_installation, operations.take) is None  # its link would be good no more


def test_an_administrator_enters_addresses_that_are_known_to_be_right(any_installation, agent):
    admin = any_installation.actors[Role.ADMIN]

    def appoint(actor, address):
        with unit_of_work(any_installation.sessions) as session:
            user = session.get_one(User, agent.user_id)
            confirming.appoint(session, actor, user, address, domains={"centre.example"}, now=any_installation.clock())

    appoint(admin, "chen.min@centre.example")
    appoint(SYSTEM, "chen@centre.example")
    with any_installation.sessions() as session:
        found = queries.mailbox(session, agent)
        assert (found.address, found.confirmed_at) == ("chen@centre.example", any_installation.clock())
    with pytest.raises(NotFoundError):
        act(any_installation, confirming.ask, agent)
    with pytest.raises(InvalidInputError):
        appoint(admin, "chen@elsewhere.example")
    with pytest.raises(PermissionDeniedError):
        appoint(agent, "chen@centre.example")
    with pytest.raises(PermissionDeniedError):
        act(any_installation, confirming.confirm, SYSTEM, "chen@centre.example")
    appoint(admin, "")
    with any_installation.sessions() as session:
        assert queries.mailbox(session, agent) is None
