import pytest

from kb.errors import PermissionDeniedError
from kb.permissions import (
    ROLE_LABELS,
    RULES,
    SYSTEM,
    Actor,
    Permission,
    Role,
    Scope,
    Target,
    allowed,
    in_audience,
    require,
    table,
)

# Who may do what, on what. Written down a second time on purpose: to change a rule is to change this too.
# team: what is for their team or where they work.
# own: what they wrote or own. mod: what belongs to a module of theirs. reg: what concerns a region of theirs.
GRID = """
                       agent expert   editor reviewer verifier leader manager admin
entry.read             all   all      all    all      all      all    all     all
entry.read_unpublished own   own,mod  all    all      reg      own    all     -
entry.create           all   all      all    -        -        all    all     -
entry.edit             own   own,mod  all    -        -        own    all     -
entry.review           -     -        -      all      -        -      all     -
entry.verify           -     -        -      -        reg      -      -       -
entry.publish          -     -        -      all      -        -      all     -
entry.suspend          -     -        -      all      -        -      all     -
entry.retire           -     -        -      -        -        -      all     -
entry.import           -     -        -      -        -        -      all     -
ownership.transfer           -     -        -      -        -        -      all     -
outcome.record         all   all      all    all      all      all    all     all
correction.report      all   all      all    all      all      all    all     all
correction.decide      -     mod      all    all      -        -      all     -
correction.duty        -     -        -      all      -        all    all     -
contact.read           own,team own,team own own      own      own,team all     own
call.figures           -     -        -      -        -        -      all     -
wording.decide         -     mod      all    -        -        -      all     -
gap.read               -     all      all    -        -        -      all     -
gap.answer             -     mod      all    -        -        -      all     -
entry.rate             -     mod      -      -        -        -      -       -
entry.nominate         all   all      all    -        -        all    all     -
maturity.manage        -     -        -      -        -        -      all     -
thread.read            all   all      all    all      all      all    all     all
thread.write           all   all      all    all      all      all    all     -
thread.accept          own   own,mod  all    -        -        own    all     -
thread.moderate        -     -        all    -        -        all    all     -
bulletin.publish       -     -        -      -        -        team   all     -
shift.set              -     -        -      -        -        team   all     -
taxonomy.manage        -     -        -      -        -        -      all     all
lexicon.manage         -     -        -      -        -        -      all     -
people.manage          -     -        -      -        -        -      -       all
index.manage           -     -        -      -        -        -      all     all
search.explain         -     -        all    -        -        -      all     -
audit.read             -     -        -      -        -        -      all     all
"""

ME, OTHER = 7, 8
SITUATIONS = {
    "own": Target(people=frozenset({OTHER, ME}), module="tv", regions=frozenset({"south"})),
    "mod": Target(people=frozenset({OTHER}), module="fault", regions=frozenset({"south"})),
    "reg": Target(people=frozenset({OTHER}), module="tv", regions=frozenset({"south", "north"})),
    "foreign": Target(people=frozenset({OTHER}), module="tv", regions=frozenset({"south"})),
    "team": Target(people=frozenset({OTHER}), module="tv", teams=frozenset({"mine"})),
    "nothing": Target(),
}


def grid():
    head, *rows = GRID.strip().splitlines()
    roles = [Role(name) for name in head.split()]
    for row in rows:
        permission, *cells = row.split()
        for role, cell in zip(roles, cells, strict=True):
            yield role, Permission(permission), frozenset() if cell == "-" else frozenset(cell.split(","))


CELLS = list(grid())


def me(*roles, modules=("fault",), regions=("north",)):
    return Actor(ME, "我", frozenset(roles), modules=frozenset(modules), regions=frozenset(regions), team="mine")


def test_the_grid_knows_every_role_and_every_permission():
    assert len(CELLS) == len(Role) * len(Permission)
    assert {(role, permission) for role, permission, _ in CELLS} == {(r, p) for r in Role for p in Permission}
    assert set(RULES) == set(ROLE_LABELS) == set(Role)


@pytest.mark.parametrize(("role", "permission", "scopes"), CELLS)
def test_what_a_role_may_do_in_every_situation(role, permission, scopes):
    actor = me(role)
    may = {name for name, target in SITUATIONS.items() if allowed(actor, permission, target)}
    assert may == (set(SITUATIONS) if scopes == {"all"} else scopes)
    assert allowed(actor, permission) is bool(scopes), "on anything at all"


def test_the_printed_table_is_the_grid():
    short = {Scope.OWN: "own", Scope.MODULE: "mod", Scope.REGION: "reg", Scope.TEAM: "team", Scope.ALL: "all"}
    printed = {(role, permission, short[scope]) for role, permission, scope in table()}
    assert printed == {(role, permission, scope) for role, permission, scopes in CELLS for scope in scopes}


def test_roles_add_up():
    both = me(Role.AGENT, Role.VERIFIER)
    may = {name for name, target in SITUATIONS.items() if allowed(both, Permission.ENTRY_READ_UNPUBLISHED, target)}
    assert may == {"own", "reg"}
    assert both.scopes(Permission.ENTRY_VERIFY) == {Scope.REGION}


def test_scopes_of_nothing_reach_nothing():
    """Nobody's module is not everybody's, no region is not every region, no author is not oneself."""
    bare = Actor(ME, "我", frozenset(Role) - {Role.EDITOR, Role.REVIEWER, Role.MANAGER})
    for target in SITUATIONS.values():
        assert allowed(bare, Permission.ENTRY_EDIT, target) is (ME in target.people)
        assert not allowed(bare, Permission.ENTRY_VERIFY, target)
    assert not allowed(bare, Permission.ENTRY_EDIT, Target(module=None))


def test_without_a_role_nothing_is_allowed():
    for permission in Permission:
        assert not allowed(me(), permission)
        assert not any(allowed(me(), permission, target) for target in SITUATIONS.values())


def test_the_system_may_do_everything():
    narrow = Target(people=frozenset({OTHER}), audience=frozenset({Role.EXPERT}))
    for permission in Permission:
        assert allowed(SYSTEM, permission)
        assert allowed(SYSTEM, permission, narrow)


def test_somebody_without_an_id_is_not_the_system():
    nameless = Actor(None, "system", frozenset())
    assert not any(allowed(nameless, permission, target) for permission in Permission for target in SITUATIONS.values())


@pytest.mark.parametrize(
    ("audience", "people", "included"),
    [
        ((), (), True),
        ((Role.AGENT,), (), True),
        ((Role.AGENT, Role.EXPERT), (), True),
        ((Role.EXPERT,), (), False),
        ((Role.EXPERT,), (OTHER,), False),
        ((Role.EXPERT,), (ME,), True),
    ],
)
def test_an_audience_is_its_roles_and_whoever_wrote_it(audience, people, included):
    target = Target(people=frozenset(people), audience=frozenset(audience))
    agent = me(Role.AGENT)
    assert in_audience(agent, target) is included
    assert allowed(agent, Permission.ENTRY_READ, target) is included


def test_whoever_is_not_in_the_audience_can_not_work_on_it_either():
    experts_only = Target(audience=frozenset({Role.EXPERT}))
    for permission in Permission:
        assert not allowed(me(Role.MANAGER), permission, experts_only)
        assert allowed(me(Role.MANAGER, Role.EXPERT), permission, experts_only) is allowed(
            me(Role.MANAGER, Role.EXPERT), permission, Target()
        )


def test_requiring_is_asking_and_raising():
    own, foreign = SITUATIONS["own"], SITUATIONS["foreign"]
    require(me(Role.AGENT), Permission.ENTRY_EDIT, own)
    require(me(Role.AGENT), Permission.ENTRY_CREATE)
    with pytest.raises(PermissionDeniedError, match="没有权限"):
        require(me(Role.AGENT), Permission.ENTRY_EDIT, foreign)
    with pytest.raises(PermissionDeniedError):
        require(me(Role.AGENT), Permission.ENTRY_REVIEW)
