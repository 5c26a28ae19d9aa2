import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.entries import ownership
from kb.entries.queries import by_key
from kb.errors import ConflictError, InvalidInputError, PermissionDeniedError
from kb.events.models import Event, Subject, Verb
from kb.notices import operations as notices
from kb.notices.models import Notice, NoticeKind
from kb.people.models import User
from kb.people.queries import by_username
from kb.permissions import Role
from tests.support import factories


def hand_over(installation, taker="expert", by=Role.MANAGER, giver="editor", **options):
    with unit_of_work(installation.sessions) as session:
        return ownership.hand_over(
            session,
            installation.actors[by],
            by_username(session, giver),
            by_username(session, taker),
            now=installation.clock(),
            **options,
        )


def owners(installation, *keys):
    with installation.sessions() as session:
        return [session.get_one(User, by_key(session, key).owner_id).username for key in keys]


def test_everything_changes_hands_with_a_trail_and_one_notice(any_installation):
    factories.publish(any_installation, "a")
    factories.draft(any_installation, "b")
    factories.draft(any_installation, "c", author=Role.MANAGER)
    assert hand_over(any_installation, reason="离职") == 2
    assert owners(any_installation, "a", "b", "c") == ["expert", "expert", "manager"]
    with any_installation.sessions() as session:
        events = session.scalars(select(Event).where(Event.verb == Verb.OWNER_CHANGED)).all()
        assert sorted(event.subject_kind for event in events) == [Subject.ENTRY, Subject.ENTRY, Subject.PERSON]
        assert {event.payload["reason"] for event in events} == {"离职"}
        assert by_key(session, "a").live_revision.author_id == any_installation.actors[Role.EDITOR].user_id
    with unit_of_work(any_installation.sessions) as session:
        while notices.deliver(session):
            pass
    with any_installation.sessions() as session:
        found = session.scalars(select(Notice).where(Notice.kind == NoticeKind.HANDED_OVER)).all()
        assert [(notice.user_id, notice.facts["count"]) for notice in found] == [
            (any_installation.actors[Role.EXPERT].user_id, 2)
        ]


def test_only_what_was_chosen(installation):
    for key in ("a", "b"):
        factories.draft(installation, key)
    assert hand_over(installation, keys=["b"]) == 1
    assert owners(installation, "a", "b") == ["editor", "expert"]
    with pytest.raises(ConflictError):
        hand_over(installation, keys=["b"])


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"by": Role.EDITOR}, PermissionDeniedError),
        ({"by": Role.LEADER}, PermissionDeniedError),
        ({"taker": "editor"}, InvalidInputError),
        ({"taker": "reviewer"}, InvalidInputError),
        ({"reason": "长" * 201}, InvalidInputError),
        ({"giver": "agent"}, ConflictError),
    ],
)
def test_what_is_refused_changes_nothing(installation, options, error):
    factories.draft(installation, "a")
    with pytest.raises(error):
        hand_over(installation, **options)
    assert owners(installation, "a") == ["editor"]


def test_nobody_hands_over_to_somebody_who_left(installation):
    factories.draft(installation, "a")
    with unit_of_work(installation.sessions) as session:
        by_username(session, "expert").active = False
    with pytest.raises(InvalidInputError):
        hand_over(installation)


def test_what_a_person_owns_leaves_the_archive_out(installation):
    factories.draft(installation, "a")
    with installation.sessions() as session:
        editor = installation.actors[Role.EDITOR].user_id
        assert [entry.key for entry in ownership.owned_by(session, editor)] == ["a"]
        assert ownership.count_owned(session) == {editor: 1}
