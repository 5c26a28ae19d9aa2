"""Reading the taxonomy as one small value: it changes rarely and every page needs it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.taxonomy.models import Module, Product, Region, Tier


@dataclass(frozen=True, slots=True)
class Term:
    """One term: its key, names, and its parent's key where the list is a tree."""

    key: str
    name: str
    name_en: str
    parent: str | None = None
    retired: bool = False


class Tree(dict[str, Term]):
    """Terms by key, in the order of display; knows what lies below and above a key."""

    def children(self, key: str | None) -> list[Term]:
        """Return the terms directly below *key*, or the roots for ``None``."""
        return [term for term in self.values() if term.parent == key]

    def below(self, keys: Iterable[str]) -> frozenset[str]:
        """Return *keys* and everything below them. Unknown keys are left out."""
        found = {key for key in keys if key in self}
        grew = True
        while grew:
            more = {term.key for term in self.values() if term.parent in found} - found
            found |= more
            grew = bool(more)
        return frozenset(found)

    def above(self, key: str | None) -> list[str]:
        """Return *key* and everything above it, nearest first. Empty for an unknown key."""
        path: list[str] = []
        while key is not None and key in self and key not in path:
            path.append(key)
            key = self[key].parent
        return path

    def line(self, key: str | None) -> frozenset[str]:
        """Return *key* with all above and below it: what has to do with it. Everything for ``None``."""
        return frozenset(self) if key is None else self.below([key]) | frozenset(self.above(key))


@dataclass(frozen=True)
class Taxonomy:
    """All lists of one moment."""

    modules: Tree
    regions: Tree
    tiers: Mapping[str, Term]
    products: Mapping[str, Term]


def load(session: Session) -> Taxonomy:
    """Return the whole taxonomy. Four statements, of columns: every request asks, and objects take longer."""
    return Taxonomy(
        modules=_tree(session, Module),
        regions=_tree(session, Region),
        tiers=_list(session, Tier),
        products=_list(session, Product),
    )


def _tree(session: Session, model: type[Module | Region]) -> Tree:
    columns = (model.key, model.name, model.name_en, model.parent_key, model.retired)
    terms = (Term(*row) for row in session.execute(select(*columns).order_by(model.position)))
    return Tree({term.key: term for term in terms})


def _list(session: Session, model: type[Tier | Product]) -> Mapping[str, Term]:
    columns = (model.key, model.name, model.name_en)
    terms = (Term(*row) for row in session.execute(select(*columns).order_by(model.position)))
    return {term.key: term for term in terms}
