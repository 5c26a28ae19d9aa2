"""Making notices for tests, the way they are made: by something that happens to a gap somebody met."""

from kb.db import unit_of_work
from kb.gaps import operations as gaps
from kb.gaps.rules import DeclineReason
from kb.letters import confirming
from kb.notices import operations, queries
from kb.notices.models import DEFAULT_TELLING, NoticeKind, Telling
from kb.permissions import Actor, Role
from tests.kb.gaps.support import act
from tests.support import factories
from tests.support.factories import missed
from tests.support.installation import Installation


def listener(installation: Installation, name: str, telling: Telling | None = DEFAULT_TELLING) -> Actor:
    """Add an agent who chose *telling* for every kind, with mail to ``NAME@centre.example``; or, ``None``, nothing."""
    actor = factories.person(installation, name, Role.AGENT)
    if telling is not None:
        wish(installation, actor, telling)
    return actor


def tell(installation: Installation, actor: Actor, words: str, *, deliver: bool = True) -> None:
    """Tell *actor* that what they asked is not the centre's to answer."""
    act(installation, gaps.decline, missed(installation, words, actor), DeclineReason.NOT_OURS)
    if deliver:
        deliver_all(installation)


def deliver_all(installation: Installation) -> None:
    """Make the notices of everything that has happened."""
    while True:
        with unit_of_work(installation.sessions) as session:
            if not operations.deliver(session):
                return


def wish(
    installation: Installation,
    actor: Actor,
    telling: Telling = DEFAULT_TELLING,
    address: str | None = None,
    *,
    confirmed: bool = True,
) -> None:
    """Let *actor* choose *telling* for every kind, with mail to their own address, which they have confirmed."""
    with unit_of_work(installation.sessions) as session:
        operations.choose(
            session,
            actor,
            dict.fromkeys(NoticeKind, telling),
            address=f"{actor.name}@centre.example" if address is None else address,
            domains=frozenset(),
            now=installation.clock(),
        )
        mailbox = queries.mailbox(session, actor)
        if mailbox is not None and confirmed:
            confirming.confirm(session, actor, mailbox.address, now=installation.clock())
