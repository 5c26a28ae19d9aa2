"""Measuring relevance: judged questions in BEIR layout, and the measures over their rankings. No engine lives here."""

import csv
import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from kb.errors import InvalidInputError
from kb.i18n import N_

DEPTH = 10
"""Ranks that are looked at: nobody on a call reads further."""


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
    grades: Mapping[str, int]
    itself: str | None


@dataclass(frozen=True, slots=True)
class RelevanceSet:
    """Documents and judged questions."""

    name: str
    documents: tuple[JudgedDocument, ...]
    questions: tuple[JudgedQuestion, ...]


@dataclass(frozen=True, slots=True)
class Measures:
    """Means over all questions of a set, each in 0..1.

    Attributes:
        mrr: reciprocal rank of the first right document within ``DEPTH``, 0 if there is none.
        success: share with a right document among the first three.
        ndcg: nDCG within ``DEPTH``, gain 2^grade - 1 (Burges et al. 2005).
        empty: share of questions that found nothing at all.
    """

    questions: int
    mrr: float
    success: float
    ndcg: float
    empty: float


def load(folder: Path) -> RelevanceSet:
    """Read a set in BEIR layout: ``corpus.jsonl``, ``queries.jsonl``, ``qrels/test.tsv``.

    Raises:
        InvalidInputError: the folder is no such set.
    """
    try:
        grades = _grades(folder / "qrels" / "test.tsv")
        return RelevanceSet(
            name=folder.name,
            documents=tuple(_document(row) for row in _rows(folder / "corpus.jsonl")),
            questions=tuple(
                _question(row, grades[row["_id"]]) for row in _rows(folder / "queries.jsonl") if row["_id"] in grades
            ),
        )
    except (OSError, ValueError, KeyError) as error:
        raise InvalidInputError(N_("%(path)s 不是 BEIR 格式的评测集：%(reason)s"), path=folder, reason=error) from error


def measure(questions: Sequence[JudgedQuestion], rankings: Mapping[str, Sequence[str]]) -> Measures:
    """Return the measures of *rankings* (question id → document ids, best first)."""
    own = [[found for found in rankings[item.id] if found != item.itself][:DEPTH] for item in questions]
    return Measures(
        questions=len(questions),
        mrr=fmean(reciprocal_rank(ranking, item.grades) for item, ranking in zip(questions, own, strict=True)),
        success=fmean(
            bool(item.grades.keys() & set(ranking[:3])) for item, ranking in zip(questions, own, strict=True)
        ),
        ndcg=fmean(ndcg(ranking, item.grades) for item, ranking in zip(questions, own, strict=True)),
        empty=fmean(not ranking for ranking in own),
    )


def reciprocal_rank(ranking: Sequence[str], right: Collection[str]) -> float:
    """Return 1 / rank of the first of *ranking* that is in *right*, 0.0 if none is."""
    return next((1 / rank for rank, found in enumerate(ranking, start=1) if found in right), 0.0)


def ndcg(ranking: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return DCG of *ranking* over that of the best ranking there could be, both to ``DEPTH``; 0.0 without grades."""
    ideal = _dcg(sorted(grades.values(), reverse=True)[:DEPTH])
    return _dcg([grades.get(found, 0) for found in ranking[:DEPTH]]) / ideal if ideal else 0.0


def _dcg(grades: Sequence[int]) -> float:
    return sum((math.exp2(grade) - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def _document(row: Mapping[str, Any]) -> JudgedDocument:
    metadata = row.get("metadata") or {}
    return JudgedDocument(row["_id"], row.get("title") or "", row.get("text") or "", tuple(metadata.get("aliases", ())))


def _question(row: Mapping[str, Any], grades: Mapping[str, int]) -> JudgedQuestion:
    return JudgedQuestion(row["_id"], row["text"], grades, (row.get("metadata") or {}).get("self"))


def _grades(path: Path) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if (grade := int(row["score"])) > 0:
                found.setdefault(row["query-id"], {})[row["corpus-id"]] = grade
    return found
