"""Hard filters: what this person may see, at this moment, of what they narrowed the search to.

They come before any scoring, so counts, facets and highlights can't tell of what is hidden.
"""

from datetime import datetime

from whoosh.query import And, NumericRange, Or, Term
from whoosh.query import Query as WhooshQuery
from whoosh.searching import Searcher

from indexer.documents import Source
from indexer.embedded.schema import ANYBODY, FOREVER
from indexer.engine import Filters
from kb.entries.rules import SERVED, State
from kb.forum.models import ThreadState
from kb.permissions import Actor, Permission, Scope


def documents(searcher: Searcher, filters: Filters, actor: Actor, now: datetime) -> set[int]:
    """Return the numbers of the documents that pass all filters."""
    clauses = [Term("source", filters.source.value), *_narrowing(filters)]
    clauses.append(_threads(actor) if filters.source is Source.THREAD else _entries(filters, actor, now))
    return set(And(clauses).docs(searcher))


def _narrowing(filters: Filters) -> list[WhooshQuery]:
    found = [
        _any_of(field, values)
        for field, values in (
            ("modules", filters.modules),
            ("tier", filters.tiers),
            ("kind", filters.kinds),
            ("products", filters.products),
        )
        if values
    ]
    if filters.region is not None:
        found.append(_any_of("reach", [filters.region, ANYBODY]))
    return found


def _entries(filters: Filters, actor: Actor, now: datetime) -> WhooshQuery:
    served = filters.states & SERVED
    others = filters.states - SERVED
    clauses: list[WhooshQuery] = []
    if served and actor.scopes(Permission.ENTRY_READ):
        moment = int(now.timestamp())
        clauses.append(
            And(
                [
                    _states(served),
                    NumericRange("valid_from", 0, moment),
                    NumericRange("valid_until", moment, FOREVER, startexcl=True),
                ]
            )
        )
    if others and (scope := _scope(actor, Permission.ENTRY_READ_UNPUBLISHED)) is not None:
        clauses.append(And([_states(others), *scope]))
    return And([_any(clauses), *_audience(actor)])


def _threads(actor: Actor) -> WhooshQuery:
    shown = [ThreadState.OPEN, ThreadState.CLOSED] if actor.scopes(Permission.THREAD_READ) else []
    return _any_of("state", [state.value for state in shown])


def _states(states: frozenset[State]) -> WhooshQuery:
    return _any_of("state", sorted(state.value for state in states))


def _audience(actor: Actor) -> list[WhooshQuery]:
    """Return what keeps entries meant for others out; the same rule as ``kb.permissions.in_audience``."""
    if actor.is_system:
        return []
    meant = _any_of("audience", [ANYBODY, *sorted(role.value for role in actor.roles)])
    return [Or([meant, Term("people", str(actor.user_id))])]


def _scope(actor: Actor, permission: Permission) -> list[WhooshQuery] | None:
    """Return the clauses that *actor*'s scopes of *permission* come down to; ``None`` if they have none at all."""
    scopes = actor.scopes(permission)
    if Scope.ALL in scopes:
        return []
    clauses: list[WhooshQuery] = []
    if Scope.OWN in scopes:
        clauses.append(Term("people", str(actor.user_id)))
    if Scope.MODULE in scopes and actor.modules:
        clauses.append(_any_of("module", sorted(actor.modules)))
    if Scope.REGION in scopes and actor.regions:
        clauses.append(_any_of("regions", sorted(actor.regions)))
    return [_any(clauses)] if clauses else None


def _any_of(field: str, values: list[str] | tuple[str, ...]) -> WhooshQuery:
    return _any([Term(field, value) for value in values])


def _any(clauses: list[WhooshQuery]) -> WhooshQuery:
    # An Or of nothing matches nothing, which is what it should mean here.
    return Or(clauses)
