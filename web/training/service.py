"""What training's pages share: the centre's floor and zone, names of teams and modules, people to choose from."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from kb.clock import local_day, local_midnight
from kb.people import queries as people_queries
from kb.people.models import Team, User
from kb.permissions import Permission, Role, allowed
from kb.training import queries
from kb.training.report import Window
from web import i18n, requests
from web.services import services

DAYS = (30, 60, 90)


def floor() -> int:
    """Return how many people have to stand behind a figure about answers."""
    return services().settings.training_floor


def zone() -> ZoneInfo:
    """Return the centre's time zone."""
    return ZoneInfo(services().settings.timezone)


def lately(days: int) -> Window:
    """Return the last *days* whole days and today up to now, to the second, as addresses name it."""
    now = requests.now().replace(microsecond=0) + timedelta(seconds=1)
    timezone = services().settings.timezone
    return Window(local_midnight(local_day(now - timedelta(days=days), timezone), timezone), now.astimezone(UTC))


def teams(session: Session) -> Mapping[str, Team]:
    """Return the teams that the person sees the needs of, by key."""
    return {team.key: team for team in queries.teams_of(session, requests.actor())}


def trainers(session: Session) -> Sequence[User]:
    """Return who may be asked to teach: experts, leaders, editors and managers, by name."""
    teaching = {Role.EXPERT, Role.LEADER, Role.EDITOR, Role.MANAGER}
    found = [user for user in people_queries.everyone(session) if user.active and user.roles & teaching]
    return sorted(found, key=lambda user: user.name)


def modules() -> Sequence[tuple[str, str]]:
    """Return the modules to choose from, children after their parents and indented."""
    tree = requests.taxonomy().modules
    return [
        (term.key, "　" * (len(tree.above(term.key)) - 1) + i18n.term_name(term))
        for term in tree.values()
        if not term.retired
    ]


def sees_events() -> bool:
    """Return whether the person may see which event a figure counts: it leads to who did it."""
    return allowed(requests.actor(), Permission.AUDIT_READ)


def stamp(moment: datetime) -> str:
    """Return *moment* as a figure's link carries it."""
    return moment.astimezone(UTC).isoformat()
