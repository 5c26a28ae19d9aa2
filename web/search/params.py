"""What a search asks for, as it stands in an address: parsed once, checked, and written back into links."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace

from indexer.documents import Source
from indexer.engine import Filters
from kb.entries.content import Kind
from kb.errors import InvalidInputError
from kb.forum.models import ThreadKind
from kb.i18n import N_
from kb.taxonomy.queries import Taxonomy

PAGE_SIZE = 10
MAX_PAGE = 100

_NARROWING = ("module", "region", "tier", "kind", "product")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchArgs:
    """A search's arguments: the words, which collection, what it is narrowed to, and the page."""

    q: str = ""
    source: Source = Source.ENTRY
    module: str | None = None
    region: str | None = None
    tier: str | None = None
    kind: str | None = None
    product: str | None = None
    as_typed: bool = False
    page: int = 1

    @property
    def filters(self) -> Filters:
        """Return what the engine narrows the search to."""

        def listed(value: str | None) -> tuple[str, ...]:
            return () if value is None else (value,)

        return Filters(
            source=self.source,
            modules=listed(self.module),
            region=self.region,
            tiers=listed(self.tier),
            kinds=listed(self.kind),
            products=listed(self.product),
            as_typed=self.as_typed,
        )

    @property
    def narrowing(self) -> Mapping[str, str]:
        """Return the filters that are set, by name."""
        return {name: value for name in _NARROWING if (value := getattr(self, name)) is not None}

    @property
    def offset(self) -> int:
        """Return how many results stand on the pages before this one."""
        return (self.page - 1) * PAGE_SIZE

    @property
    def query(self) -> Mapping[str, str]:
        """Return the arguments as they stand in an address, without what is the default."""
        found = {"q": self.q} if self.q else {}
        if self.source is not Source.ENTRY:
            found["source"] = self.source.value
        found.update(self.narrowing)
        if self.as_typed:
            found["as_typed"] = "1"
        if self.page > 1:
            found["page"] = str(self.page)
        return found

    def on_page(self, page: int) -> "SearchArgs":
        """Return the same search, another page."""
        return replace(self, page=page)

    def narrowed(self, name: str, value: str | None) -> "SearchArgs":
        """Return the same search, first page, with one filter set or, with ``None``, dropped."""
        return replace(self, page=1, **{name: value})  # type: ignore[arg-type]  # name is one of the filters

    def without_filters(self) -> "SearchArgs":
        """Return the same words in the same collection, not narrowed."""
        return SearchArgs(q=self.q, source=self.source)

    def asking(self, words: str) -> "SearchArgs":
        """Return a search for other *words*, narrowed alike, first page."""
        return replace(self, q=words, as_typed=False, page=1)

    def meant_as_typed(self) -> "SearchArgs":
        """Return a search for the very same words, whatever they look like, first page."""
        return replace(self, as_typed=True, page=1)

    def in_source(self, source: Source) -> "SearchArgs":
        """Return the same words in the other collection, keeping the filters that it knows too."""
        return SearchArgs(q=self.q, source=source, module=self.module, region=self.region)


def parse(values: Mapping[str, str], taxonomy: Taxonomy) -> SearchArgs:
    """Return the arguments in *values*.

    Raises:
        InvalidInputError: an argument has a value that does not exist; ``field`` names it.
    """
    source = Source(_known(values, "source", [item.value for item in Source], _NO_SOURCE) or Source.ENTRY)
    kinds = [kind.value for kind in (Kind if source is Source.ENTRY else ThreadKind)]
    return SearchArgs(
        q=" ".join(values.get("q", "").split()),
        source=source,
        module=_known(values, "module", taxonomy.modules, N_("没有这个业务模块：%(key)s")),
        region=_known(values, "region", taxonomy.regions, N_("没有这个区域：%(key)s")),
        tier=_known(values, "tier", taxonomy.tiers if source is Source.ENTRY else (), N_("没有这个层级：%(key)s")),
        kind=_known(values, "kind", kinds, N_("没有这种类型：%(key)s")),
        product=_known(
            values, "product", taxonomy.products if source is Source.ENTRY else (), N_("没有这个产品：%(key)s")
        ),
        as_typed=values.get("as_typed") == "1",
        page=whole_number(values, "page", default=1, low=1, high=MAX_PAGE),
    )


_NO_SOURCE = N_("source 只能是 entry 或 thread，不能是 %(key)s")


def _known(values: Mapping[str, str], name: str, known: Container[str], problem: str) -> str | None:
    value = values.get(name, "").strip()
    if not value:
        return None
    if value not in known:
        raise InvalidInputError(problem, field=name, key=value)
    return value


def whole_number(values: Mapping[str, str], name: str, *, default: int, low: int, high: int) -> int:
    """Return the number *name* in *values*.

    Raises:
        InvalidInputError: it is no whole number from *low* to *high*.
    """
    text = values.get(name, "").strip()
    if not text:
        return default
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
    if number is None or not low <= number <= high:
        raise InvalidInputError(
            N_("%(name)s 要是 %(low)s 到 %(high)s 之间的整数"), field=name, name=name, low=low, high=high
        )
    return number
