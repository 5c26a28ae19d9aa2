"""The queue's address: which gaps, of which module, which page."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from kb.errors import InvalidInputError
from kb.gaps.rules import LIVE, GapState
from kb.i18n import N_
from kb.taxonomy.queries import Taxonomy
from web.search.params import MAX_PAGE, PAGE_SIZE, whole_number


class View(StrEnum):
    """The tabs of the queue."""

    MINE = "mine"
    ALL = "all"
    ANSWERED = "answered"
    CLOSED = "closed"
    PROPOSED = "proposed"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return VIEW_LABELS[self]


VIEW_LABELS: Mapping[View, str] = {
    View.MINE: N_("我的模块"),
    View.ALL: N_("全部待办"),
    View.ANSWERED: N_("答复中"),
    View.CLOSED: N_("已了结"),
    View.PROPOSED: N_("提议"),
}

STATES: Mapping[View, frozenset[GapState]] = {
    View.MINE: LIVE,
    View.ALL: LIVE,
    View.ANSWERED: frozenset({GapState.ANSWERED}),
    View.CLOSED: frozenset({GapState.CLOSED, GapState.DECLINED}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueArgs:
    """What is shown of the queue."""

    view: View
    module: str | None = None
    page: int = 1

    @property
    def query(self) -> dict[str, Any]:
        """Return the arguments as they stand in an address."""
        found: dict[str, Any] = {"view": self.view.value}
        if self.module is not None:
            found["module"] = self.module
        return {**found, **({"page": self.page} if self.page > 1 else {})}

    @property
    def offset(self) -> int:
        """How many rows stand on the pages before this one."""
        return (self.page - 1) * PAGE_SIZE

    def on_page(self, page: int) -> Self:
        """Return the same list, another page."""
        return replace(self, page=page)

    def seen_as(self, view: View) -> Self:
        """Return another tab for the same module."""
        return replace(self, view=view, page=1)

    def of_module(self, module: str | None) -> Self:
        """Return the same tab for another module."""
        return replace(self, module=module, page=1)


def parse(values: Mapping[str, str], taxonomy: Taxonomy, *, default: View) -> QueueArgs:
    """Return what *values* ask for.

    Args:
        default: the tab where none is named.

    Raises:
        InvalidInputError: there is no such tab, module or page.
    """
    name = values.get("view", "").strip() or default.value
    try:
        view = View(name)
    except ValueError as error:
        raise InvalidInputError(N_("没有这种状态：%(key)s"), field="view", key=name) from error
    module = values.get("module", "").strip() or None
    if module is not None and module not in taxonomy.modules:
        raise InvalidInputError(N_("没有这个业务模块：%(key)s"), field="module", key=module)
    return QueueArgs(view=view, module=module, page=whole_number(values, "page", default=1, low=1, high=MAX_PAGE))
