"""The demo's people on the sign-in page, and the password that they all have. Shown in demo mode only."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from kb.people.models import User
from kb.people.queries import everyone
from kb.permissions import Role

DEMO_PASSWORD = "zhihui-demo"  # noqa: S105 - public on purpose: the demo's data are fictitious

# Somebody with several roles stands under the one that says most about what they can do.
_ORDER = (
    Role.ADMIN,
    Role.MANAGER,
    Role.REVIEWER,
    Role.EDITOR,
    Role.LEADER,
    Role.VERIFIER,
    Role.EXPERT,
    Role.AGENT,
)


def demo_people(session: Session) -> Mapping[Role, list[User]]:
    """Return the active people by role, agents first."""
    people: dict[Role, list[User]] = {role: [] for role in reversed(_ORDER)}
    for user in everyone(session):
        role = next((role for role in _ORDER if role in user.roles), None)
        if user.active and role is not None:
            people[role].append(user)
    return {role: users for role, users in people.items() if users}
