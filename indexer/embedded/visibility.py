"""Hard filters: what this person may see, at this moment, of what they narrowed the search to, as masks.

They come before any ranking, so counts, facets and highlights can't tell of what is hidden.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

import numpy as np

from indexer.documents import Source
from indexer.embedded.columns.reading import Living
from indexer.embedded.columns.segment import ANYBODY, Mask, Segment
from indexer.engine import Filters
from indexer.explanation import Sieve
from kb.entries.rules import SERVED, State
from kb.forum.models import ThreadState
from kb.permissions import Actor, Permission, Scope
from kb.verification.rules import place


def documents(part: Living, filters: Filters, actor: Actor, now: datetime) -> Mask:
    """Return which documents of a segment pass all filters, (D,)."""
    mask = part.alive
    for _, passing in sieves(part, filters, actor, now):
        mask = mask & passing
    return mask


def sieves(part: Living, filters: Filters, actor: Actor, now: datetime) -> Iterator[tuple[Sieve, Mask]]:
    """Yield the filters one by one, each with the documents of a segment that pass it, (D,)."""
    segment = part.segment
    yield Sieve.SOURCE, _is(segment, "source", [filters.source.value])
    if filters.source is Source.THREAD:
        yield Sieve.STATE, _threads(segment, actor)
    else:
        yield from _entries(segment, filters, actor, now)
    if filters.tiers:
        yield Sieve.TIER, _is(segment, "tier", filters.tiers)
    if filters.kinds:
        yield Sieve.KIND, _is(segment, "kind", filters.kinds)
    if filters.modules:
        yield Sieve.MODULE, _has(segment, "modules", filters.modules)
    if filters.products:
        yield Sieve.PRODUCT, _has(segment, "products", filters.products)
    if filters.region is not None:
        yield Sieve.REGION, _has(segment, "reach", [filters.region, ANYBODY])
    yield Sieve.LOCAL, _stands(segment, place(actor, filters.region))
    if filters.without:
        yield Sieve.WITHOUT, ~_has(segment, "key", filters.without)


def _entries(segment: Segment, filters: Filters, actor: Actor, now: datetime) -> Iterator[tuple[Sieve, Mask]]:
    served = _states(segment, filters.states & SERVED if actor.scopes(Permission.ENTRY_READ) else ())
    others = _states(segment, filters.states - SERVED)
    yield Sieve.STATE, served | others
    moment = int(now.timestamp())
    valid = (segment.arrays["valid_from"] <= moment) & (moment < segment.arrays["valid_until"])
    yield Sieve.VALIDITY, ~served | valid
    if filters.states - SERVED:
        yield Sieve.PERMISSION, ~others | _scoped(segment, actor, Permission.ENTRY_READ_UNPUBLISHED)
    yield Sieve.AUDIENCE, _audience(segment, actor)


def _stands(segment: Segment, where: str | None) -> Mask:
    """Return the version of each document that stands in the region *where*; their bases for no region."""
    bases = _has(segment, "local", [ANYBODY])
    if where is None:
        return bases
    return (bases & ~_has(segment, "instead", [where])) | _has(segment, "local", [where])


def _threads(segment: Segment, actor: Actor) -> Mask:
    shown = [ThreadState.OPEN, ThreadState.CLOSED] if actor.scopes(Permission.THREAD_READ) else []
    return _is(segment, "state", [state.value for state in shown])


def _states(segment: Segment, states: Iterable[State]) -> Mask:
    return _is(segment, "state", [state.value for state in states])


def _audience(segment: Segment, actor: Actor) -> Mask:
    """Return what is not meant for others only; the same rule as ``kb.permissions.in_audience``."""
    if actor.is_system:
        return np.ones(segment.documents, bool)
    meant = _has(segment, "audience", [ANYBODY, *(role.value for role in actor.roles)])
    return meant | _has(segment, "people", [str(actor.user_id)])


def _scoped(segment: Segment, actor: Actor, permission: Permission) -> Mask:
    """Return what *actor*'s scopes of *permission* come down to."""
    scopes = actor.scopes(permission)
    if Scope.ALL in scopes:
        return np.ones(segment.documents, bool)
    mask = np.zeros(segment.documents, bool)
    if Scope.OWN in scopes:
        mask |= _has(segment, "people", [str(actor.user_id)])
    if Scope.MODULE in scopes:
        mask |= _is(segment, "module", actor.modules)
    if Scope.REGION in scopes:
        mask |= _has(segment, "regions", actor.regions - {ANYBODY})
    return mask


def _is(segment: Segment, name: str, values: Iterable[str]) -> Mask:
    codes = [code for value in values if (code := segment.code(name, value)) >= 0]
    wanted = np.zeros(len(segment.vocabulary[name]), bool)
    wanted[codes] = True
    return wanted[segment.arrays[name]] if len(wanted) else np.zeros(segment.documents, bool)


def _has(segment: Segment, name: str, values: Iterable[str]) -> Mask:
    mask = np.zeros(segment.documents, bool)
    for value in values:
        mask[segment.having(name, value)] = True
    return mask
