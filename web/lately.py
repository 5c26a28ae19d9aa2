"""What desks found a moment ago, so that logging the search somebody stayed with does not search once more."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

KEPT_FOR = timedelta(minutes=2)
"""A desk tells which search somebody stayed with seconds after it was made."""


@dataclass(frozen=True, slots=True)
class _Held(Generic[Value]):
    value: Value
    at: datetime


class Lately(Generic[Key, Value]):
    """At most *room* values for ``KEPT_FOR``, the oldest given up first. Safe to share between threads.

    One process's own: where another one is asked, the value is not there.
    """

    def __init__(self, room: int = 2000) -> None:
        self._room = room
        self._held: OrderedDict[Key, _Held[Value]] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, key: Key, value: Value, *, now: datetime) -> None:
        """Keep *value*."""
        with self._lock:
            self._held.pop(key, None)
            self._held[key] = _Held(value, now)
            while len(self._held) > self._room:
                self._held.popitem(last=False)

    def take(self, key: Key, *, now: datetime) -> Value | None:
        """Return the value for *key* and forget it; ``None`` where there is none, or an old one."""
        with self._lock:
            found = self._held.pop(key, None)
        return found.value if found is not None and now - found.at <= KEPT_FOR else None
