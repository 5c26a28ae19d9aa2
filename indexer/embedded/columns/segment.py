"""One segment: documents written at once, with all that is needed to find, filter, count and show them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from indexer.documents import Document, Source
from indexer.embedded.columns import container
from indexer.embedded.columns.arrays import between
from indexer.embedded.columns.container import Array
from indexer.embedded.columns.hashing import Numbers, term_hash
from indexer.embedded.columns.layout import FIELDS, Field, Unit
from indexer.embedded.columns.postings import Postings
from indexer.embedded.columns.voting import Grouped

SINGLE = ("source", "state", "kind", "tier", "module")
"""Properties of which a document has one."""
MULTIPLE = ("key", "modules", "products", "regions", "reach", "audience", "people")
"""Properties of which a document has any number."""
ANYBODY = "*"
"""What stands for "no restriction" in ``audience`` and ``reach``, and for the whole province in ``regions``."""
FOREVER = 2**40
"""A moment (seconds) no validity reaches."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Segment:
    """A segment's arrays. A document's number is its place in the segment; so is a unit's among its kind.

    Attributes:
        arrays: everything, by name:
            ``rows`` (D,) the document's source and row as one number, see ``row_number``; ``digests`` (D,);
            ``level`` (D,); ``maturity`` (D,) 0..1; ``valid_from``, ``valid_until`` (D,) seconds;
            one column of codes for each of ``SINGLE`` (D,), their texts in ``vocabulary``;
            ``filter.terms|starts|documents``: the documents that have a property of ``MULTIPLE``;
            ``{unit}.owner`` (U,) the unit's document, ascending; ``{unit}.key`` (U,), for those that have vectors, the
            content key of its text;
            ``shown.bytes|starts``: what a hit is shown from, JSON;
            the postings of each of ``FIELDS``.
    """

    name: str
    arrays: Mapping[str, Array]

    @classmethod
    def open(cls, folder: Path, name: str) -> "Segment":
        """Return the segment *name* in *folder*, mapped."""
        return cls(name, container.read(folder / name))

    @cached_property
    def documents(self) -> int:
        """How many documents it was written with."""
        return len(self.arrays["rows"])

    @cached_property
    def vocabulary(self) -> Mapping[str, list[str]]:
        """The texts that the codes of each single property stand for, and the regions that occur."""
        return cast("dict[str, list[str]]", json.loads(self.arrays["vocabulary"].tobytes()))

    @cached_property
    def pivots(self) -> Mapping[str, float]:
        """The mean length each field was measured by."""
        return dict(zip((field.name for field in FIELDS), self.arrays["pivots"].tolist(), strict=True))

    @cached_property
    def _postings(self) -> Mapping[str, Postings]:
        return {field.name: Postings.of(self.arrays, field.name) for field in FIELDS}

    def postings(self, field: Field) -> Postings:
        """Return the postings of *field*."""
        return self._postings[field.name]

    def owners(self, unit: Unit) -> Numbers:
        """Return which document each unit belongs to, ascending."""
        return self.arrays[f"{unit.value}.owner"]

    @cached_property
    def _grouped(self) -> Mapping[Unit, Grouped]:
        return {unit: Grouped.by(self.owners(unit)) for unit in Unit}

    def grouped(self, unit: Unit) -> Grouped:
        """Return the units in the order of their documents."""
        return self._grouped[unit]

    @cached_property
    def _offsets(self) -> Mapping[Unit, NDArray[np.int64]]:
        """Where the units of each document begin, and the end of the last, (D + 1,)."""
        numbers = np.arange(self.documents + 1, dtype=np.uint32)  # numpy would copy the owners to compare another kind
        return {unit: np.searchsorted(self.owners(unit), numbers) for unit in Unit}

    def keys(self, unit: Unit) -> NDArray[np.uint64]:
        """Return the content key of each unit's text."""
        return self.arrays[f"{unit.value}.key"]

    def units_of(self, unit: Unit, document: int) -> range:
        """Return the units of *document*; the first phrasing is its title."""
        offsets = self._offsets[unit]
        return range(int(offsets[document]), int(offsets[document + 1]))

    def units_of_all(self, unit: Unit, documents: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the units of all *documents*, in their order."""
        offsets = self._offsets[unit]
        return between(offsets[documents], offsets[documents + 1])

    def code(self, name: str, value: str) -> int:
        """Return the code of *value* in a single property, -1 if no document has it."""
        try:
            return self.vocabulary[name].index(value)
        except ValueError:
            return -1

    def having(self, name: str, value: str) -> NDArray[np.uint32]:
        """Return the documents that have *value* in the multiple property *name*."""
        terms, starts = self.arrays["filter.terms"], self.arrays["filter.starts"]
        wanted = property_hash(name, value)
        place = int(np.searchsorted(terms, np.uint64(wanted)))
        if place == len(terms) or int(terms[place]) != wanted:
            return np.empty(0, np.uint32)
        return self.arrays["filter.documents"][int(starts[place]) : int(starts[place + 1])]

    def stored(self, document: int) -> dict[str, Any]:
        """Return what a hit is shown from: see ``stored_fields``."""
        starts = self.arrays["shown.starts"]
        packed = self.arrays["shown.bytes"][int(starts[document]) : int(starts[document + 1])]
        return cast("dict[str, Any]", json.loads(packed.tobytes()))


def row_number(source: Source, row: int) -> int:
    """Return source and row as one number."""
    return row * 2 + (source is Source.THREAD)


def document_id(number: int) -> str:
    """Return the document id that ``row_number`` made a number of."""
    return f"{(Source.THREAD if number % 2 else Source.ENTRY).value}:{number // 2}"


def number_of(document_id: str) -> int:
    """Return the number of a document's id."""
    source, _, row = document_id.partition(":")
    return row_number(Source(source), int(row))


def property_hash(name: str, value: str) -> int:
    """Return the number under which the documents with *value* in property *name* are listed."""
    return term_hash(f"{name}\x1f{value}")


def properties(document: Document) -> Mapping[str, tuple[str, ...]]:
    """Return what *document* has of each multiple property."""
    return {
        "key": (document.key,),
        "modules": document.modules,
        "products": document.products,
        "regions": document.regions or (ANYBODY,),
        "reach": document.reach or (ANYBODY,),
        "audience": document.audience or (ANYBODY,),
        "people": tuple(str(person) for person in document.people),
    }
