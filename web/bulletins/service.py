"""What is in force for the person of this request: for the strip on every page, and for desks that ask again."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import g
from flask_babel import get_locale

from kb.bulletins import queries
from kb.bulletins.queries import Notice
from web import requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What is in force for somebody at a moment.

    Attributes:
        next_seconds: seconds until one of theirs begins or ends by itself; ``None`` when none will.
    """

    notices: Sequence[Notice]
    next_seconds: int | None = None

    @property
    def due(self) -> Sequence[Notice]:
        """What the person still has to read."""
        return [notice for notice in self.notices if notice.due]

    @property
    def strip(self) -> Sequence[Notice]:
        """What stands on top of every page: what is urgent, and what must still be read."""
        return [notice for notice in self.notices if notice.bulletin.urgent or notice.due]

    @property
    def tag(self) -> str:
        """Return a fingerprint: two boards with the same one look the same."""
        parts = [
            (notice.bulletin.id, notice.bulletin.version, str(notice.bulletin.valid_until), notice.due)
            for notice in self.notices
        ]
        return hashlib.sha256(repr((parts, str(get_locale()))).encode()).hexdigest()[:16]


def board() -> Board:
    """Return what is in force for the person of this request; read once for it. One statement."""
    if "board" not in g:
        now = requests.now()
        found = queries.outlook(requests.session(), requests.actor(), now=now)
        g.board = Board(notices=found.notices, next_seconds=_seconds_until(found.next_change, now))
    return cast("Board", g.board)


def forget() -> None:
    """Read the board again when it is next asked for: this request has changed it."""
    g.pop("board", None)


def _seconds_until(moment: datetime | None, now: datetime) -> int | None:
    return None if moment is None else max(1, -(-int((moment - now).total_seconds() * 1000) // 1000))
