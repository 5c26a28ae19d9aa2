"""Counting the SQL statements that a query issues."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

LOOK = "SELECT max(events.seq)"


@contextmanager
def counted(engine: Engine, *, looks: bool = False) -> Iterator[list[str]]:
    """Give the list that the statements sent to *engine* inside the block are put on; the begin of a transaction isn't.

    Nor, without *looks*, is the look at what was last changed, which search and bulletins take once a second at most:
    whether one falls inside the block is chance.

    Load nothing but what is to be counted in the session that is used: what it holds already is not asked for again.
    """
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith("BEGIN") and (looks or not statement.startswith(LOOK)):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
