"""The columns against Whoosh's BM25F: same parameters, same top ten, same scores."""

import random
import tempfile
from pathlib import Path

import numpy as np
import pytest
from whoosh import fields
from whoosh.index import create_in
from whoosh.query import Or, Term
from whoosh.scoring import BM25F

from indexer.embedded.columns import container, writing
from indexer.embedded.columns.hashing import Hasher
from indexer.embedded.columns.layout import FIELDS, Field, Unit
from indexer.embedded.columns.reading import View
from indexer.embedded.columns.scoring import Wanted, score, wanted
from indexer.embedded.columns.segment import Segment
from indexer.embedded.ledger import CutText
from indexer.query import Query, QueryTerm
from indexer.text import TermKind
from tests.support import corpus

CLOSE = 1e-4
"""Of a score: what a stored impact may be off by."""


@pytest.fixture(autouse=True)
def _whole_lengths(monkeypatch):
    """Whoosh keeps a unit's length in one byte, from 11 on only about; ours are whole. Let Whoosh keep them so too."""
    monkeypatch.setattr("whoosh.codec.whoosh3.length_to_byte", lambda length: min(length, 255))
    monkeypatch.setattr("whoosh.codec.whoosh3.byte_to_length", lambda byte: byte)


def whoosh_scores(folder: Path, field: Field, units: list[list[str]], terms: list[str]) -> np.ndarray:
    """Return what Whoosh's own search gives each of *units* (lists of terms) for *terms*."""
    schema = fields.Schema(number=fields.STORED, text=fields.TEXT(CutText(), phrase=False))
    index = create_in(tempfile.mkdtemp(dir=folder), schema)
    writer = index.writer()
    for number, own in enumerate(units):
        writer.add_document(number=number, text=" ".join(own))
    writer.commit(optimize=True)
    scores = np.zeros(len(units))
    with index.searcher(weighting=BM25F(B=field.b, K1=field.k1)) as searcher:
        for hit in searcher.search(Or([Term("text", term) for term in terms]), limit=None):
            scores[hit["number"]] = hit.score
    return scores


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
@pytest.mark.parametrize("seed", range(4))
def test_scores_are_those_of_whoosh(analysis, tmp_path, field, seed):
    chance = random.Random(seed)
    documents = corpus.documents(chance, 120)
    arrays, _ = writing.arrays(documents, Hasher(analysis))
    container.write(tmp_path / "one", arrays)
    segment = Segment.open(tmp_path, "one")
    view = View.of([(segment, [], segment.arrays["maturity"])])
    texts = [text for document in documents for text in writing.unit_texts(document, field.unit)]
    # A term of two syllables has a space in it, at which Whoosh would cut it.
    cut = [[token.text.replace(" ", "_") for token in analysis.tokens(text).of(field.kind)] for text in texts]
    terms = sorted({term for own in cut for term in own})
    for _ in range(10):
        asked = chance.sample(terms, min(len(terms), chance.randint(1, 6)))
        query = Query(
            "", "", tuple(QueryTerm(field.kind, term.replace("_", " "), 1.0, frozenset({0})) for term in asked), (),
            frozenset({0}),
        )  # fmt: skip
        (looking,) = wanted(query, [field])
        looking = Wanted(field, looking.terms, np.ones(len(asked)), looking.queried)
        ours = score(view, query, [np.ones(len(documents), bool)], [looking]).sums[0][field.unit]
        theirs = whoosh_scores(tmp_path, field, cut, asked)
        assert ours == pytest.approx(theirs, rel=CLOSE, abs=CLOSE)
        best = np.argsort(-theirs, kind="stable")[:10]
        assert sorted(theirs[np.argsort(-ours, kind="stable")[:10]]) == pytest.approx(sorted(theirs[best]), rel=CLOSE)


def test_filler_scores_in_phrasings_but_not_in_texts():
    query = Query("的", "的", (QueryTerm(TermKind.CHARACTER, "的", 1.0, frozenset()),), (), frozenset())
    assert [item.field.unit for item in wanted(query)] == [Unit.PHRASING]
