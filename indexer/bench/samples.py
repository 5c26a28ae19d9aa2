"""What the benchmark's documents grow from: the texts of the content folder, part by part, and facts beside them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path

from kb import models
from kb.db import make_engine, make_sessions
from kb.entries.content import Content
from kb.importing.records import EntryRecord, ThreadRecord
from kb.importing.sources import read
from kb.markup import plain
from kb.permissions import SYSTEM
from kb.taxonomy import operations, queries
from kb.taxonomy.queries import Taxonomy

NUMBER = "\ue000"
"""Stands for a fact that every centre fills in itself (``【待填：…】``); a private character, never part of a word."""

_PLACEHOLDER = re.compile("【待填：[^】]*】")
_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]+|[^。！？；\n]+$")


class Part(IntEnum):
    """Which part of a document a text is; each is written in a manner of its own."""

    TITLE = 0
    WORDING = 1
    ANSWER = 2
    PASSAGE = 3


@dataclass(frozen=True, slots=True)
class Sample:
    """One title, wording, answer or sentence of a passage, and the business module it speaks of."""

    part: Part
    module: str
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What else an entry says of itself, kept together: kind, tier and products go with the module."""

    kind: str
    module: str
    tier: str | None
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Samples:
    """All there is to grow from, in the order of the files."""

    texts: tuple[Sample, ...]
    facts: tuple[Facts, ...]
    taxonomy: Taxonomy

    def regions(self) -> Mapping[str, tuple[str, ...]]:
        """Return every region that has none below it, with its reach (``Document.reach``)."""
        tree = self.taxonomy.regions
        return {key: tuple(sorted(tree.above(key))) for key in tree if not tree.children(key)}


def load(content: Path) -> Samples:
    """Read the entries and threads of the folder *content*, by the product's own import.

    Raises:
        KbError: there is nothing to read, or the taxonomy cannot be read.
    """
    taxonomy = _taxonomy(content)
    texts: list[Sample] = []
    facts: list[Facts] = []
    for record in read(content, taxonomy, "Asia/Shanghai"):
        if isinstance(record, EntryRecord):
            texts += _entry(record.content)
            facts.append(_facts(record.content))
        elif isinstance(record, ThreadRecord):
            texts.append(Sample(Part.TITLE, record.module, record.title))
            for post in record.posts:
                texts += _sentences(record.module, post.body)
    return Samples(tuple(texts), tuple(facts), taxonomy)


def _taxonomy(content: Path) -> Taxonomy:
    """Return the folder's taxonomy, read the one way there is: through a database, here one in memory."""
    engine = make_engine("sqlite://")
    models.Base.metadata.create_all(engine)
    with make_sessions(engine)() as session:
        operations.load_file(session, SYSTEM, content / "taxonomy.yaml", now=datetime(2026, 1, 1, tzinfo=UTC))
        session.flush()
        loaded = queries.load(session)
    engine.dispose()
    return loaded


def _facts(content: Content) -> Facts:
    return Facts(content.kind.value, content.module_key, content.tier_key, tuple(content.products))


def _entry(content: Content) -> Iterator[Sample]:
    module = content.module_key
    yield Sample(Part.TITLE, module, content.title)
    yield Sample(Part.ANSWER, module, content.answer)
    for wording in content.wordings:
        yield Sample(Part.WORDING, module, wording)
    for text in (
        content.script,
        content.steps,
        content.body,
        content.exceptions,
        content.fees,
        content.deadlines,
        content.internal_note,
    ):
        yield from _sentences(module, text)


def _sentences(module: str, markdown: str) -> Iterator[Sample]:
    text = _PLACEHOLDER.sub(NUMBER, plain(markdown))
    for match in _SENTENCE.finditer(text):
        sentence = match.group().strip()
        if any(character.isalnum() for character in sentence):
            yield Sample(Part.PASSAGE, module, sentence)
