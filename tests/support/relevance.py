"""Relevance sets written by tests, and an engine with settings to try on them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from indexer import tuning
from indexer.embedded.engine import EmbeddedEngine
from indexer.engine import Found, Status
from indexer.text import Analysis


def write_set(
    folder: Path,
    documents: Iterable[Mapping[str, Any]],
    questions: Iterable[Mapping[str, Any]],
    qrels: Iterable[Sequence[object]],
) -> Path:
    """Write a set in BEIR layout; return its folder."""
    (folder / "qrels").mkdir(parents=True)
    for name, rows in (("corpus", documents), ("queries", questions)):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    lines = ["query-id\tcorpus-id\tscore", *("\t".join(map(str, row)) for row in qrels)]
    (folder / "qrels" / "test.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def write_tiny(folder: Path) -> Path:
    """Write a set of two entries and two questions, of which the first finds its answer and the second does not."""
    return write_set(
        folder,
        [{"_id": "d1", "title": "光猫红灯"}, {"_id": "d2", "title": "电子发票"}],
        [{"_id": "q1", "text": "光猫红灯了"}, {"_id": "q2", "text": "电子发票"}],
        [("q1", "d1", 1), ("q2", "d1", 1)],
    )


@dataclass(frozen=True)
class Tuning:
    """``worst_first`` turns results round; another ``edition`` needs another index."""

    worst_first: bool = False
    edition: int = 1


class TunedEngine(EmbeddedEngine):
    """The embedded engine with settings that are easy to see the effect of."""

    def __init__(self, root: Path, analysis: Analysis, settings: Mapping[str, str]) -> None:
        super().__init__(root, analysis)
        self.settings = tuning.changed(Tuning(), settings)
        made_for = root.with_name(f"{root.name}-edition")  # by the first engine on this folder
        if not made_for.exists():
            made_for.write_text(str(self.settings.edition))
        self.edition = made_for.read_text()

    def search(self, *arguments: Any, **named: Any) -> Found:
        found = super().search(*arguments, **named)
        return replace(found, hits=found.hits[::-1]) if self.settings.worst_first else found

    def status(self) -> Status:
        status = super().status()
        return replace(status, current=status.current and self.edition == str(self.settings.edition))
