"""Who may do what: one table of role × permission × scope, used by pages, API, command line and search alike.

An ``Actor`` is who acts, as a value, so that a page, a command and a test call an operation alike. A ``Target`` is
what they act on, reduced to what a scope can ask about.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kb.errors import PermissionDeniedError
from kb.i18n import N_


class Role(StrEnum):
    """What a person does in the centre."""

    AGENT = "agent"
    EXPERT = "expert"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    VERIFIER = "verifier"
    LEADER = "leader"
    MANAGER = "manager"
    ADMIN = "admin"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return ROLE_LABELS[self]


ROLE_LABELS: Mapping[Role, str] = {
    Role.AGENT: N_("坐席"),
    Role.EXPERT: N_("专家"),
    Role.EDITOR: N_("采编"),
    Role.REVIEWER: N_("审核"),
    Role.VERIFIER: N_("区县核实"),
    Role.LEADER: N_("组长"),
    Role.MANAGER: N_("知识经理"),
    Role.ADMIN: N_("管理员"),
}


class Permission(StrEnum):
    """A thing that can be allowed."""

    ENTRY_READ = "entry.read"
    ENTRY_READ_UNPUBLISHED = "entry.read_unpublished"
    ENTRY_CREATE = "entry.create"
    ENTRY_EDIT = "entry.edit"
    ENTRY_REVIEW = "entry.review"
    ENTRY_VERIFY = "entry.verify"
    ENTRY_PUBLISH = "entry.publish"
    ENTRY_SUSPEND = "entry.suspend"
    ENTRY_RETIRE = "entry.retire"
    ENTRY_IMPORT = "entry.import"
    OWNERSHIP_TRANSFER = "ownership.transfer"
    """Hand over what somebody owns to somebody else (交接)."""
    DRAFT_IMPORT = "draft.import"
    """Take documents apart and make drafts of their parts, which then go the way of all drafts."""
    OUTCOME_RECORD = "outcome.record"
    """Work the desk: have calls of one's own, and say how they went."""
    CORRECTION_REPORT = "correction.report"
    CORRECTION_DECIDE = "correction.decide"
    CORRECTION_DUTY = "correction.duty"
    CONTACT_READ = "contact.read"
    """What was told to a ticket. On which calls TEAM is, and when they concern a region, says ``kb.calls.queries``."""
    CALL_FIGURES = "call.figures"
    """What calls measure in sum. One agent's own figures are theirs alone: no permission reaches them."""
    WORDING_DECIDE = "wording.decide"
    GAP_READ = "gap.read"
    GAP_ANSWER = "gap.answer"
    ENTRY_RATE = "entry.rate"
    ENTRY_NOMINATE = "entry.nominate"
    MATURITY_MANAGE = "maturity.manage"
    THREAD_READ = "thread.read"
    THREAD_WRITE = "thread.write"
    THREAD_ACCEPT = "thread.accept"
    THREAD_MODERATE = "thread.moderate"
    BULLETIN_PUBLISH = "bulletin.publish"
    SHIFT_SET = "shift.set"
    TRAINING_MANAGE = "training.manage"
    """See a team's needs, plan, teach, evaluate. One person's own study results: no permission reaches them."""
    EXAM_MANAGE = "exam.manage"
    """Set exams, see and export their results, analyse their questions, and take licences back."""
    TAXONOMY_MANAGE = "taxonomy.manage"
    CALENDAR_MANAGE = "calendar.manage"
    """Say which days are holidays and make-up days: deadlines are counted in working days."""
    LEXICON_MANAGE = "lexicon.manage"
    PEOPLE_MANAGE = "people.manage"
    INDEX_MANAGE = "index.manage"
    SEARCH_EXPLAIN = "search.explain"
    QUESTION_WRITE = "question.write"
    """Write, publish and suspend questions, whose right answers are in them."""
    MUST_READ_SET = "must_read.set"
    """Ask people to read an entry, and see who has not."""
    AUDIT_READ = "audit.read"


class Scope(StrEnum):
    """On what."""

    OWN = "own"
    """What they wrote or own."""
    MODULE = "module"
    """What belongs to a module of their expertise."""
    REGION = "region"
    """What is scoped to a region they verify."""
    TEAM = "team"
    """What is for their own team, or for where they work and below."""
    ALL = "all"


P, S = Permission, Scope

_EVERYBODY = {
    P.ENTRY_READ: {S.ALL},
    P.OUTCOME_RECORD: {S.ALL},
    P.CORRECTION_REPORT: {S.ALL},
    P.CONTACT_READ: {S.OWN},
    P.THREAD_READ: {S.ALL},
}
_AT_THE_DESK = {P.CONTACT_READ: {S.OWN, S.TEAM}}
_CONTRIBUTOR = {
    P.THREAD_WRITE: {S.ALL},
    P.THREAD_ACCEPT: {S.OWN},
    P.ENTRY_CREATE: {S.ALL},
    P.ENTRY_EDIT: {S.OWN},
    P.ENTRY_READ_UNPUBLISHED: {S.OWN},
    P.ENTRY_NOMINATE: {S.ALL},
}

RULES: Mapping[Role, Mapping[Permission, set[Scope]]] = {
    Role.AGENT: {**_EVERYBODY, **_CONTRIBUTOR, **_AT_THE_DESK},
    Role.EXPERT: {
        **_EVERYBODY,
        **_CONTRIBUTOR,
        **_AT_THE_DESK,
        P.THREAD_ACCEPT: {S.OWN, S.MODULE},
        P.ENTRY_EDIT: {S.OWN, S.MODULE},
        P.ENTRY_READ_UNPUBLISHED: {S.OWN, S.MODULE},
        P.WORDING_DECIDE: {S.MODULE},
        P.CORRECTION_DECIDE: {S.MODULE},
        P.GAP_READ: {S.ALL},
        P.GAP_ANSWER: {S.MODULE},
        P.ENTRY_RATE: {S.MODULE},
        P.QUESTION_WRITE: {S.MODULE},
    },
    Role.EDITOR: {
        **_EVERYBODY,
        **_CONTRIBUTOR,
        P.THREAD_ACCEPT: {S.ALL},
        P.THREAD_MODERATE: {S.ALL},
        P.ENTRY_EDIT: {S.ALL},
        P.ENTRY_READ_UNPUBLISHED: {S.ALL},
        P.WORDING_DECIDE: {S.ALL},
        P.CORRECTION_DECIDE: {S.ALL},
        P.GAP_READ: {S.ALL},
        P.GAP_ANSWER: {S.ALL},
        P.SEARCH_EXPLAIN: {S.ALL},
        P.QUESTION_WRITE: {S.ALL},
        P.DRAFT_IMPORT: {S.ALL},
    },
    Role.REVIEWER: {
        **_EVERYBODY,
        P.THREAD_WRITE: {S.ALL},
        P.ENTRY_READ_UNPUBLISHED: {S.ALL},
        P.ENTRY_REVIEW: {S.ALL},
        P.ENTRY_PUBLISH: {S.ALL},
        P.ENTRY_SUSPEND: {S.ALL},
        P.CORRECTION_DECIDE: {S.ALL},
        P.CORRECTION_DUTY: {S.ALL},
    },
    Role.VERIFIER: {
        **_EVERYBODY,
        P.THREAD_WRITE: {S.ALL},
        P.ENTRY_READ_UNPUBLISHED: {S.REGION},
        P.ENTRY_VERIFY: {S.REGION},
    },
    Role.LEADER: {
        **_EVERYBODY,
        **_CONTRIBUTOR,
        **_AT_THE_DESK,
        P.THREAD_MODERATE: {S.ALL},
        P.BULLETIN_PUBLISH: {S.TEAM},
        P.CORRECTION_DUTY: {S.ALL},
        P.SHIFT_SET: {S.TEAM},
        P.TRAINING_MANAGE: {S.TEAM},
        P.MUST_READ_SET: {S.TEAM},
    },
    Role.MANAGER: {
        **_EVERYBODY,
        **_CONTRIBUTOR,
        P.CONTACT_READ: {S.ALL},
        P.CALL_FIGURES: {S.ALL},
        P.THREAD_ACCEPT: {S.ALL},
        P.THREAD_MODERATE: {S.ALL},
        P.ENTRY_EDIT: {S.ALL},
        P.ENTRY_READ_UNPUBLISHED: {S.ALL},
        P.ENTRY_REVIEW: {S.ALL},
        P.ENTRY_PUBLISH: {S.ALL},
        P.ENTRY_SUSPEND: {S.ALL},
        P.ENTRY_RETIRE: {S.ALL},
        P.CORRECTION_DUTY: {S.ALL},
        P.ENTRY_IMPORT: {S.ALL},
        P.OWNERSHIP_TRANSFER: {S.ALL},
        P.DRAFT_IMPORT: {S.ALL},
        P.WORDING_DECIDE: {S.ALL},
        P.CORRECTION_DECIDE: {S.ALL},
        P.GAP_READ: {S.ALL},
        P.GAP_ANSWER: {S.ALL},
        P.MATURITY_MANAGE: {S.ALL},
        P.BULLETIN_PUBLISH: {S.ALL},
        P.SHIFT_SET: {S.ALL},
        P.TRAINING_MANAGE: {S.ALL},
        P.EXAM_MANAGE: {S.ALL},
        P.QUESTION_WRITE: {S.ALL},
        P.MUST_READ_SET: {S.ALL},
        P.TAXONOMY_MANAGE: {S.ALL},
        P.CALENDAR_MANAGE: {S.ALL},
        P.LEXICON_MANAGE: {S.ALL},
        P.INDEX_MANAGE: {S.ALL},
        P.AUDIT_READ: {S.ALL},
        P.SEARCH_EXPLAIN: {S.ALL},
    },
    Role.ADMIN: {
        **_EVERYBODY,
        P.TAXONOMY_MANAGE: {S.ALL},
        P.PEOPLE_MANAGE: {S.ALL},
        P.INDEX_MANAGE: {S.ALL},
        P.AUDIT_READ: {S.ALL},
    },
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person with everything a permission can depend on, or the system itself.

    Attributes:
        user_id: the person's id; ``None`` for the system (the command line, which whoever owns the files may use).
        roles: what they are.
        modules: keys of the modules they are an expert of, all levels below included.
        regions: keys of the regions they verify, all levels below included.
        team: key of their team.
        area: keys of the region they work in and of all below it.
        line: *area* and all above it: what is said of these concerns them.
        home: key of the region they work in.
    """

    user_id: int | None
    name: str
    roles: frozenset[Role]
    modules: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    team: str | None = None
    area: frozenset[str] = frozenset()
    line: frozenset[str] = frozenset()
    home: str | None = None
    is_system: bool = False

    def scopes(self, permission: Permission) -> frozenset[Scope]:
        """Return on what this actor has *permission*: the union over their roles."""
        if self.is_system:
            return frozenset({Scope.ALL})
        return frozenset(scope for role in self.roles for scope in RULES[role].get(permission, ()))


SYSTEM = Actor(user_id=None, name="system", roles=frozenset(), is_system=True)
"""The installation's owner at the command line, and the system's own housekeeping."""


@dataclass(frozen=True, slots=True)
class Target:
    """What somebody acts on, as far as permission is concerned.

    Attributes:
        people: ids of its authors and owner.
        module: its module's key.
        regions: keys of the regions it is scoped to; empty for the whole province.
        audience: the only roles that may see it; empty for everybody.
        teams: keys of the teams it is for; empty for all.
    """

    people: frozenset[int] = field(default_factory=frozenset)
    module: str | None = None
    regions: frozenset[str] = frozenset()
    audience: frozenset[Role] = frozenset()
    teams: frozenset[str] = frozenset()


def allowed(actor: Actor, permission: Permission, target: Target | None = None) -> bool:
    """Return whether *actor* has *permission* on *target*; without a target, whether on anything at all."""
    scopes = actor.scopes(permission)
    if target is None or actor.is_system:
        return bool(scopes)
    if not in_audience(actor, target):
        return False
    return (
        Scope.ALL in scopes
        or (Scope.OWN in scopes and actor.user_id in target.people)
        or (Scope.MODULE in scopes and target.module in actor.modules)
        or (Scope.REGION in scopes and bool(target.regions & actor.regions))
        or (Scope.TEAM in scopes and _is_of_team(actor, target))
    )


def _is_of_team(actor: Actor, target: Target) -> bool:
    """Return whether *target* reaches nobody but *actor*'s own team, or only where they work and below."""
    if target.teams:
        return target.teams == {actor.team}
    return bool(target.regions) and target.regions <= actor.area


def in_audience(actor: Actor, target: Target) -> bool:
    """Return whether *target* is meant for *actor*; whoever wrote or owns it always belongs to its audience."""
    return (
        actor.is_system or not target.audience or bool(target.audience & actor.roles) or actor.user_id in target.people
    )


def require(actor: Actor, permission: Permission, target: Target | None = None) -> None:
    """Return if *actor* has *permission* on *target*.

    Raises:
        PermissionDeniedError: they have not.
    """
    if not allowed(actor, permission, target):
        raise PermissionDeniedError()


def table() -> Iterable[tuple[Role, Permission, Scope]]:
    """Return the rules as rows, for documentation and for the tests that walk through all of them."""
    for role, permissions in RULES.items():
        for permission, scopes in permissions.items():
            for scope in sorted(scopes):
                yield role, permission, scope
