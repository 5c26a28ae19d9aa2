"""What the list of threads asks for, as it stands in an address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kb.errors import InvalidInputError
from kb.forum.models import ThreadKind
from kb.forum.queries import Narrowing, View
from kb.i18n import N_
from kb.taxonomy.queries import Taxonomy
from web.search.params import SearchArgs, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class ListArgs:
    """Which threads: a search's module and page, and the view."""

    search: SearchArgs
    view: View = View.ALL

    @property
    def query(self) -> Mapping[str, str]:
        """Return the arguments as they stand in an address, without what is the default."""
        found = dict(self.search.query)
        return found if self.view is View.ALL else {**found, "view": self.view.value}

    def on_page(self, page: int) -> "ListArgs":
        """Return the same list, another page."""
        return replace(self, search=self.search.on_page(page))

    def in_view(self, view: View) -> "ListArgs":
        """Return the same narrowing in another view, first page."""
        return ListArgs(search=self.search.on_page(1), view=view)

    def narrowed(self, name: str, value: str | None) -> "ListArgs":
        """Return the same view, first page, with a module, region or kind set or, with ``None``, dropped."""
        return ListArgs(search=self.search.narrowed(name, value), view=self.view)

    def without_filters(self) -> "ListArgs":
        """Return the same view of everything."""
        return ListArgs(search=self.search.without_filters(), view=self.view)

    def narrowing(self, taxonomy: Taxonomy) -> Narrowing:
        """Return what the list is narrowed to, levels below included."""
        args = self.search
        return Narrowing(
            modules=None if args.module is None else taxonomy.modules.below([args.module]),
            regions=None if args.region is None else taxonomy.regions.below([args.region]),
            kind=None if args.kind is None else ThreadKind(args.kind),
        )


def list_args(values: Mapping[str, str], taxonomy: Taxonomy) -> ListArgs:
    """Return the arguments in *values*.

    Raises:
        InvalidInputError: an argument has a value that does not exist.
    """
    value = values.get("view", View.ALL.value)
    try:
        view = View(value)
    except ValueError as error:
        raise InvalidInputError(N_("没有这种列表：%(key)s"), field="view", key=value) from error
    return ListArgs(search=parse({"source": "thread", **values}, taxonomy), view=view)
