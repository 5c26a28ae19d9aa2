"""What a database holds, to compare before and after."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, select

from kb.models import Base


def dump(engine: Engine) -> Mapping[str, list[tuple[Any, ...]]]:
    """Return the committed rows of every table, in the order of their keys."""
    with engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
        }
