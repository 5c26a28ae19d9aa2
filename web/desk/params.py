"""The desk's address: the search, the card that is open, the call; parsed once and written back into links."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kb.calls.models import Call
from kb.desk.scopes import Scope
from kb.taxonomy.queries import Taxonomy
from web.search.params import SearchArgs

MAX_QUERY = 200
"""Characters of a search that are taken notice of: as many as its field takes."""

_KEY = re.compile(r"[\w.:-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskArgs:
    """The state of a desk.

    Attributes:
        open: key of the entry whose card is open.
        call: our reference of the call, or the telephone system's name for it; letters, digits and ``.:-_``, at most
            64.
        named: whether the address says what the desk is narrowed to; a desk that it does not say it of begins with
            what its agent chose last.
    """

    q: str = ""
    scope: Scope = field(default_factory=Scope)
    open: str | None = None
    call: str | None = None
    named: bool = True

    @property
    def search(self) -> SearchArgs:
        """Return what to search for."""
        return SearchArgs(q=self.q, region=self.scope.region, module=self.scope.module, product=self.scope.product)

    @property
    def query(self) -> dict[str, Any]:
        """Return the state as it stands in an address. The scope always does: whoever gets the link sees the same."""
        found: dict[str, Any] = {"q": self.q, **self.narrowed_to}
        if self.call is not None:
            found["call"] = self.call
        if self.open is not None:
            found["open"] = self.open
        return found

    @property
    def narrowed_to(self) -> dict[str, str]:
        """Return the scope by name, empty where it is not narrowed."""
        return {
            "region": self.scope.region or "",
            "module": self.scope.module or "",
            "product": self.scope.product or "",
        }

    def opening(self, key: str | None) -> "DeskArgs":
        """Return the same desk with the card of the entry *key* open; ``None`` for no card."""
        return replace(self, open=key)

    def asking(self, words: str) -> "DeskArgs":
        """Return the same desk with other *words* searched, and no card."""
        return replace(self, q=words, open=None)

    def on_call(self, call: Call | None) -> "DeskArgs":
        """Return the same desk on *call*, under the name that the address has for it if it has one."""
        if call is None:
            return replace(self, call=None)
        names = {call.reference, call.cti or call.reference}
        return self if self.call in names else replace(self, call=call.reference)

    def in_region(self, region: str) -> "DeskArgs":
        """Return the same desk, narrowed to *region*."""
        return replace(self, scope=replace(self.scope, region=region))

    def unscoped(self) -> "DeskArgs":
        """Return the same desk, narrowed to nothing."""
        return replace(self, scope=Scope())


def parse(values: Mapping[str, str], taxonomy: Taxonomy) -> DeskArgs:
    """Return the state in *values*. What does not exist is left out: a stale link must not keep a caller waiting."""
    return DeskArgs(
        q=" ".join(values.get("q", "").split())[:MAX_QUERY],
        scope=Scope(
            region=_known(values, "region", taxonomy.regions),
            module=_known(values, "module", taxonomy.modules),
            product=_known(values, "product", taxonomy.products),
        ),
        open=_matching(values, "open"),
        call=_matching(values, "call"),
        named=any(name in values for name in ("region", "module", "product")),
    )


def _known(values: Mapping[str, str], name: str, known: Container[str]) -> str | None:
    value = values.get(name, "").strip()
    return value if value and value in known else None


def _matching(values: Mapping[str, str], name: str) -> str | None:
    value = values.get(name, "").strip()
    return value if _KEY.fullmatch(value) else None
