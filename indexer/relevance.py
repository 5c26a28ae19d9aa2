"""Measuring relevance: judged questions in BEIR layout, and the measures of their rankings. No engine lives here.

The measures are a few lines each, and tested against trec_eval, which is too heavy to ship (it needs scipy).
"""

import csv
import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.errors import InvalidInputError
from kb.i18n import N_

DEPTH = 10
"""Ranks that are looked at: nobody on a call reads further."""

Ranking = Sequence[str]
"""Ids of documents, best first, each once."""

Grades = Mapping[str, int]
"""Document id → how right it is, at least 1. A document without one does not answer the question."""


@dataclass(frozen=True, slots=True)
class JudgedDocument:
    """A document of a relevance set; ``wordings`` are its other phrasings (``metadata.aliases``)."""

    id: str
    title: str
    text: str
    wordings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question, the grades of the documents that answer it, and the document to leave out of its own results."""

    id: str
    text: str
    grades: Grades
    itself: str | None


@dataclass(frozen=True, slots=True)
class RelevanceSet:
    """Documents and judged questions."""

    name: str
    documents: tuple[JudgedDocument, ...]
    questions: tuple[JudgedQuestion, ...]


def load(folder: Path) -> RelevanceSet:
    """Read a set in BEIR layout: ``corpus.jsonl``, ``queries.jsonl``, ``qrels/test.tsv``.

    Questions that no document answers are left out: nothing can be measured on them.

    Raises:
        InvalidInputError: the folder is no such set, or has no judged question.
    """
    try:
        grades = _grades(folder / "qrels" / "test.tsv")
        found = RelevanceSet(
            name=folder.resolve().name,
            documents=tuple(_document(row) for row in _rows(folder / "corpus.jsonl")),
            questions=tuple(
                _question(row, grades[row["_id"]]) for row in _rows(folder / "queries.jsonl") if row["_id"] in grades
            ),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInputError(N_("%(path)s 不是 BEIR 格式的评测集：%(reason)s"), path=folder, reason=error) from error
    if not found.questions:
        raise InvalidInputError(N_("评测集 %(path)s 里没有一个标了答案的问题"), path=folder)
    return found


def reciprocal_rank(ranking: Ranking, right: Collection[str]) -> float:
    """Return 1 / rank of the first of *ranking* within ``DEPTH`` that is in *right*, 0.0 if none is."""
    return next((1 / rank for rank, found in enumerate(ranking[:DEPTH], start=1) if found in right), 0.0)


def recall(ranking: Ranking, right: Collection[str], depth: int) -> float:
    """Return the share of *right* that is among the first *depth* of *ranking*; 0.0 if nothing is right."""
    return sum(found in right for found in ranking[:depth]) / len(right) if right else 0.0


def success(ranking: Ranking, right: Collection[str], depth: int) -> float:
    """Return 1.0 if something right is among the first *depth* of *ranking*, else 0.0."""
    return float(any(found in right for found in ranking[:depth]))


def ndcg(ranking: Ranking, grades: Grades) -> float:
    """Return DCG of *ranking* over that of the best ranking there could be, both to ``DEPTH``; 0.0 without grades.

    The gain is the grade itself, as Järvelin and Kekäläinen (2002) have it and trec_eval and BEIR report it.
    """
    ideal = _dcg(sorted(grades.values(), reverse=True)[:DEPTH])
    return _dcg([grades.get(found, 0) for found in ranking[:DEPTH]]) / ideal if ideal else 0.0


MEASURES: Mapping[str, Callable[[Ranking, Grades], float]] = MappingProxyType(
    {
        "mrr@10": reciprocal_rank,
        "recall@1": lambda ranking, grades: recall(ranking, grades, 1),
        "recall@5": lambda ranking, grades: recall(ranking, grades, 5),
        "recall@10": lambda ranking, grades: recall(ranking, grades, 10),
        "success@3": lambda ranking, grades: success(ranking, grades, 3),
        "ndcg@10": ndcg,
    }
)
"""What is measured of each question's ranking, by the name it is reported under; each in 0..1."""


def measure(questions: Sequence[JudgedQuestion], rankings: Mapping[str, Ranking]) -> dict[str, NDArray[np.float64]]:
    """Return each of ``MEASURES`` for each of *questions*, in their order.

    Args:
        questions: what was asked; the question's own document does not count, wherever it was found.
        rankings: question id → ranking. A question without one found nothing.
    """
    own = [[found for found in rankings.get(item.id, ()) if found != item.itself] for item in questions]
    right = [{key: grade for key, grade in item.grades.items() if key != item.itself} for item in questions]
    return {
        name: np.array([of(ranking, grades) for ranking, grades in zip(own, right, strict=True)], dtype=np.float64)
        for name, of in MEASURES.items()
    }


def _dcg(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def _document(row: Mapping[str, Any]) -> JudgedDocument:
    metadata = row.get("metadata") or {}
    return JudgedDocument(row["_id"], row.get("title") or "", row.get("text") or "", tuple(metadata.get("aliases", ())))


def _question(row: Mapping[str, Any], grades: Grades) -> JudgedQuestion:
    return JudgedQuestion(row["_id"], row["text"], grades, (row.get("metadata") or {}).get("self"))


def _grades(path: Path) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if (grade := int(row["score"])) > 0:
                found.setdefault(row["query-id"], {})[row["corpus-id"]] = grade
    return found
