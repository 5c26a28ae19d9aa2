"""Writing what a centre's agents judged as a relevance set in BEIR layout, which ``indexer.relevance.load`` reads back.

The set is honest: a wording that is one of the questions themselves (it may have been learned from them) is left out of
the entries that answer it, or the search would be measured on what it was told.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from indexer.documents import Document, Source
from indexer.normalise import normalise
from kb.entries.rules import SERVED, State
from kb.errors import ConflictError, InvalidInputError
from kb.i18n import N_


class Judgement(Protocol):
    """What agents' outcomes say about one entry for one question."""

    @property
    def text(self) -> str:
        """The question as it was typed; nothing in it may tell who the customer is."""

    @property
    def entry_key(self) -> str:
        """The entry's public name."""

    @property
    def grade(self) -> int:
        """How right it is: 0 not, 1 it helped, 2 surely."""


@dataclass(frozen=True, slots=True)
class Export:
    """What was written: how many documents, questions, judgements, and wordings left out of the documents."""

    documents: int
    queries: int
    judgements: int
    held_out: int


def export(folder: Path, documents: Iterable[Document], judgements: Iterable[Judgement], *, now: datetime) -> Export:
    """Write *judgements* as a relevance set in *folder*, which is made: corpus, queries, ``qrels/test.tsv``.

    The corpus is the entries that are served at *now* among *documents*; judgements about others are left out, and so
    are questions that no served entry answers. Questions that differ only in spelling or punctuation are one.

    Raises:
        ConflictError: the folder exists and is not empty.
        InvalidInputError: nothing is left to be written.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ConflictError(N_("%(path)s 不是空的，换一个目录"), path=folder)
    served = {document.key: document for document in documents if _served(document, now)}
    texts, grades = _gathered(judgement for judgement in judgements if judgement.entry_key in served)
    if not grades:
        raise InvalidInputError(N_("还没有坐席标过的搜索可以导出"))
    asked: dict[str, set[str]] = defaultdict(set)
    for spelling, by_entry in grades.items():
        for key in by_entry:
            asked[key].add(spelling)
    names = {spelling: f"q{number}" for number, spelling in enumerate(sorted(grades), start=1)}
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    held_out = _write_corpus(folder / "corpus.jsonl", served, asked)
    _write_rows(folder / "queries.jsonl", ({"_id": name, "text": texts[key]} for key, name in names.items()))
    rows = [(names[spelling], key, grades[spelling][key]) for spelling in names for key in sorted(grades[spelling])]
    _write_qrels(folder / "qrels" / "test.tsv", rows)
    return Export(documents=len(served), queries=len(names), judgements=len(rows), held_out=held_out)


def spelling_of(text: str) -> str:
    """Return *text* as questions and wordings are compared: normalised, letters, digits and characters only."""
    return "".join(character for character in normalise(text) if character.isalnum())


def _served(document: Document, now: datetime) -> bool:
    return (
        document.reference.source is Source.ENTRY
        and State(document.state) in SERVED
        and (document.valid_from is None or document.valid_from <= now)
        and (document.valid_until is None or now < document.valid_until)
    )


def _gathered(judgements: Iterable[Judgement]) -> tuple[Mapping[str, str], Mapping[str, Mapping[str, int]]]:
    """Return a text for each question, by spelling, and the greatest grade of each entry that is right for it."""
    texts: dict[str, str] = {}
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for judgement in judgements:
        spelling = spelling_of(judgement.text)
        if judgement.grade <= 0 or not spelling:
            continue
        texts[spelling] = min(judgement.text, texts.get(spelling, judgement.text))
        known = grades[spelling].get(judgement.entry_key, 0)
        grades[spelling][judgement.entry_key] = max(judgement.grade, known)
    return texts, grades


def _write_corpus(path: Path, documents: Mapping[str, Document], asked: Mapping[str, set[str]]) -> int:
    """Write *documents* without the wordings that they were *asked* by; return how many those were."""
    kept = {
        key: [wording for wording in item.wordings if spelling_of(wording) not in asked.get(key, ())]
        for key, item in documents.items()
    }
    _write_rows(
        path,
        (
            {
                "_id": key,
                "title": documents[key].title,
                "text": "\n".join(text for text in (documents[key].answer, *documents[key].passages) if text),
                "metadata": {"aliases": kept[key]},
            }
            for key in sorted(documents)
        ),
    )
    return sum(len(item.wordings) - len(kept[key]) for key, item in documents.items())


def _write_rows(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _write_qrels(path: Path, rows: Sequence[tuple[str, str, int]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(("query-id", "corpus-id", "score"))
        writer.writerows(rows)
