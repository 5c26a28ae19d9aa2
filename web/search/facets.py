"""What a result list can be narrowed by, with how many results each choice leaves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext

from indexer.documents import Source
from indexer.search import Results
from kb.entries.content import Kind
from kb.forum.models import ThreadKind
from kb.taxonomy.queries import Taxonomy, Term, Tree
from web.i18n import term_name
from web.search.params import SearchArgs


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One choice. ``count`` is ``None`` where the engine does not count."""

    key: str
    text: str
    count: int | None
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One filter and its choices; those that lead nowhere are left out."""

    name: str
    title: str
    options: Sequence[Option]


def facets(args: SearchArgs, results: Results, taxonomy: Taxonomy) -> list[Facet]:
    """Return the filters besides region and module for *results*."""
    kinds: Iterable[Kind | ThreadKind] = Kind if args.source is Source.ENTRY else ThreadKind
    found = [_facet(args, results, "kind", gettext("类型"), {kind.value: gettext(kind.label) for kind in kinds})]
    if args.source is Source.ENTRY:
        tiers = {term.key: term_name(term) for term in taxonomy.tiers.values()}
        products = {term.key: term_name(term) for term in taxonomy.products.values()}
        found += [
            _facet(args, results, "tier", gettext("由谁答复"), tiers),
            _facet(args, results, "product", gettext("产品"), products),
        ]
    return [facet for facet in found if facet.options]


def _facet(args: SearchArgs, results: Results, name: str, title: str, texts: Mapping[str, str]) -> Facet:
    counts = results.facets.get(name)
    chosen = args.narrowing.get(name)
    options = (
        Option(key=key, text=text, count=None if counts is None else counts.get(key, 0), chosen=key == chosen)
        for key, text in texts.items()
    )
    return Facet(name=name, title=title, options=[item for item in options if item.chosen or item.count != 0])


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleCount:
    """A module in the list of filters, with how many results lie in it and below it."""

    term: Term
    count: int
    children: Sequence["ModuleCount"]


def module_counts(modules: Tree, counts: Mapping[str, int], *, empty: bool = False) -> list[ModuleCount]:
    """Return *modules* as a tree with *counts* (by key, of the module alone) summed up.

    Args:
        empty: keep modules that have nothing in them, unless they are retired.
    """

    def kept(node: ModuleCount) -> bool:
        return bool(node.count) or (empty and not node.term.retired)

    def node(term: Term) -> ModuleCount:
        children = [node(child) for child in modules.children(term.key)]
        total = counts.get(term.key, 0) + sum(child.count for child in children)
        return ModuleCount(term=term, count=total, children=[child for child in children if kept(child)])

    return [found for found in map(node, modules.children(None)) if kept(found)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Indented:
    """A region in the list to choose from, with how deep it lies."""

    term: Term
    depth: int


def regions_in_order(taxonomy: Taxonomy) -> list[Indented]:
    """Return the regions that can be chosen, in the order of the tree."""
    return [
        Indented(term=term, depth=len(taxonomy.regions.above(term.key)) - 1)
        for term in taxonomy.regions.values()
        if not term.retired
    ]
