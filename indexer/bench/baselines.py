"""Other engines on the same words: one field, BM25 with their defaults, any of the words, ten best, one thread.

Each is given every document as its words in order, and remembers of it nothing but its number. They are extras of the
benchmark: one that is not installed is said so, and missed by nobody.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

LIMIT = 10
MEGABYTES = 512
"""What an engine may hold in memory while it builds, where it asks."""


class Baseline(Protocol):
    """An engine beside. Built in one process, opened again in another."""

    def build(self, documents: Iterable[Sequence[str]]) -> None:
        """Index *documents*, the first as number 1, and make them durable."""

    def open(self) -> None:
        """Make ready to search what was built."""

    def search(self, words: Sequence[str]) -> list[tuple[int, float]]:
        """Return number and score of the ten best for any of *words*, best first."""

    def close(self) -> None:
        """Let go of what was opened."""


class Whoosh:
    """Whoosh's BM25F, without positions."""

    def __init__(self, folder: Path) -> None:
        self._index, self._fields, self._analysis, self._query = (
            import_module(f"whoosh.{name}") for name in ("index", "fields", "analysis", "query")
        )
        self._folder = folder

    def build(self, documents: Iterable[Sequence[str]]) -> None:
        """See ``Baseline.build``."""
        text = self._fields.TEXT(analyzer=self._analysis.SpaceSeparatedTokenizer(), phrase=False)
        schema = self._fields.Schema(row=self._fields.STORED, words=text)
        self._folder.mkdir()
        writer = self._index.create_in(str(self._folder), schema).writer(limitmb=MEGABYTES, procs=1)
        for row, words in enumerate(documents, start=1):
            writer.add_document(row=row, words=" ".join(words))
        writer.commit(optimize=True)

    def open(self) -> None:
        """See ``Baseline.open``."""
        self._searcher = self._index.open_dir(str(self._folder)).searcher()

    def search(self, words: Sequence[str]) -> list[tuple[int, float]]:
        """See ``Baseline.search``."""
        query = self._query.Or([self._query.Term("words", word) for word in words])
        return [(hit["row"], hit.score) for hit in self._searcher.search(query, limit=LIMIT)]

    def close(self) -> None:
        """See ``Baseline.close``."""
        self._searcher.close()


class Fts5:
    """SQLite's full-text index, without the text itself."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            sqlite3.connect(":memory:").execute("CREATE VIRTUAL TABLE documents USING fts5(words)").connection.close()
        except sqlite3.OperationalError as error:  # this Python's SQLite was compiled without it
            raise ImportError(str(error)) from error

    def build(self, documents: Iterable[Sequence[str]]) -> None:
        """See ``Baseline.build``."""
        self._folder.mkdir()
        connection = self._connect()
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(
            "CREATE VIRTUAL TABLE documents USING fts5(words, content='', tokenize='unicode61 remove_diacritics 0')"
        )
        rows = ((row, " ".join(words)) for row, words in enumerate(documents, start=1))
        connection.executemany("INSERT INTO documents (rowid, words) VALUES (?, ?)", rows)
        connection.execute("INSERT INTO documents (documents) VALUES ('optimize')")
        connection.commit()
        connection.close()

    def open(self) -> None:
        """See ``Baseline.open``."""
        self._connection = self._connect()

    def search(self, words: Sequence[str]) -> list[tuple[int, float]]:
        """See ``Baseline.search``."""
        wanted = " OR ".join('"{}"'.format(word.replace('"', '""')) for word in words)
        found = self._connection.execute(
            "SELECT rowid, -rank FROM documents WHERE documents MATCH ? ORDER BY rank LIMIT ?", (wanted, LIMIT)
        )
        return found.fetchall()

    def close(self) -> None:
        """See ``Baseline.close``."""
        self._connection.close()

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._folder / "words.sqlite")


class Tantivy:
    """Tantivy, without positions."""

    def __init__(self, folder: Path) -> None:
        self._tantivy: Any = import_module("tantivy")
        self._folder = folder

    def build(self, documents: Iterable[Sequence[str]]) -> None:
        """See ``Baseline.build``."""
        self._folder.mkdir()
        index = self._tantivy.Index(self._schema(), path=str(self._folder))
        writer = index.writer(heap_size=MEGABYTES * 1_000_000, num_threads=1)
        for row, words in enumerate(documents, start=1):
            writer.add_document(self._tantivy.Document(row=row, words=" ".join(words)))
        writer.commit()
        writer.wait_merging_threads()

    def open(self) -> None:
        """See ``Baseline.open``."""
        self._opened = self._schema()
        self._searcher = self._tantivy.Index.open(str(self._folder)).searcher()

    def search(self, words: Sequence[str]) -> list[tuple[int, float]]:
        """See ``Baseline.search``."""
        tantivy = self._tantivy
        terms = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._opened, "words", word, index_option="freq"))
            for word in words
        ]
        found = self._searcher.search(tantivy.Query.boolean_query(terms), LIMIT, count=False)
        return [(self._searcher.doc(address)["row"][0], score) for score, address in found.hits]

    def close(self) -> None:
        """See ``Baseline.close``."""
        del self._searcher

    def _schema(self) -> Any:
        builder = self._tantivy.SchemaBuilder()
        builder.add_unsigned_field("row", stored=True)
        builder.add_text_field("words", stored=False, tokenizer_name="whitespace", index_option="freq")
        return builder.build()


class Bm25s:
    """bm25s: scores computed when built, as sparse arrays; reads them into memory."""

    def __init__(self, folder: Path) -> None:
        self._bm25s: Any = import_module("bm25s")
        logging.getLogger("bm25s").setLevel(logging.WARNING)  # it says at every step what it is doing
        self._folder = folder

    def build(self, documents: Iterable[Sequence[str]]) -> None:
        """See ``Baseline.build``."""
        retriever = self._bm25s.BM25(method="lucene", k1=1.2, b=0.75)
        retriever.index([list(words) for words in documents], show_progress=False)
        retriever.save(str(self._folder))

    def open(self) -> None:
        """See ``Baseline.open``."""
        self._retriever = self._bm25s.BM25.load(str(self._folder))
        self._known = self._retriever.vocab_dict
        self._size: int = self._retriever.scores["num_docs"]

    def search(self, words: Sequence[str]) -> list[tuple[int, float]]:
        """See ``Baseline.search``."""
        known = [word for word in words if word in self._known]
        if not known:
            return []
        rows, scores = self._retriever.retrieve([known], k=min(LIMIT, self._size), show_progress=False)
        return [(int(row) + 1, float(score)) for row, score in zip(rows[0], scores[0], strict=True) if score > 0]

    def close(self) -> None:
        """See ``Baseline.close``."""
        del self._retriever


BASELINES: Mapping[str, Callable[[Path], Baseline]] = {
    "whoosh": Whoosh,
    "fts5": Fts5,
    "tantivy": Tantivy,
    "bm25s": Bm25s,
}
"""By name. Making one raises ``ImportError`` if it is not installed."""


def disk(folder: Path) -> int:
    """Return the bytes of the files in *folder* and below."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
