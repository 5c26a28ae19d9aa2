import random
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from indexer.embedded.asking import Person
from indexer.embedded.columns.layout import SCORED
from indexer.embedded.columns.shares import Shares
from indexer.embedded.engine import EmbeddedEngine
from indexer.engine import Changes, Filters
from indexer.explanation import Part, Role, Sieve, Standing
from indexer.query import understand
from kb.permissions import SYSTEM, Actor
from kb.permissions import Role as Job
from tests.support import corpus
from tests.support.vectors import CharacterEmbedder

AS_TYPED = Filters(as_typed=True)


def filled(engine, *, size=120):
    """Two segments and documents that are gone."""
    chance = random.Random(7)
    build = engine.build()
    build.add([corpus.document(chance, row) for row in range(1, size + 1)])
    build.commit(1)
    build.publish()
    changed = tuple(corpus.document(chance, row) for row in range(size - 5, size + 15))
    engine.apply(Changes(changed, ("entry:3",), 1, 2))
    while engine.embed_pending():
        pass
    return engine


@pytest.fixture(params=["words", "sense"])
def engine(request, analysis, tmp_path, monkeypatch):
    monkeypatch.setattr("indexer.embedded.sensing.MANY", 10_000)  # other processes know no embedder of tests
    return filled(EmbeddedEngine(tmp_path, analysis, CharacterEmbedder() if request.param == "sense" else None))


def explained(engine, text, filters=AS_TYPED, actor=SYSTEM, compare=None, limit=10):
    query = understand(text, engine.analysis)
    return engine.explain(query, filters, actor, now=corpus.AT, limit=limit, compare=compare)


def questions(count):
    chance = random.Random(11)
    return [corpus.text(chance, 4) for _ in range(count)]


def test_the_parts_add_up_to_the_score_that_ranked(engine):
    seen = set()
    for text in questions(40):
        ranked = engine.examine(understand(text, engine.analysis), AS_TYPED, SYSTEM, now=corpus.AT)
        explanation = explained(engine, text, limit=500)
        assert (explanation.answered, explanation.confidence) == (ranked.answered, ranked.confidence)
        assert [hit.place for hit in explanation.hits] == list(range(1, len(ranked.documents) + 1))
        for hit, score in zip(explanation.hits, ranked.scores.tolist(), strict=True):
            assert hit.relevance * hit.maturity == pytest.approx(score, abs=1e-6)
            assert hit.score == pytest.approx(score, abs=1e-6)
            seen |= {line.part for line in hit.lines if line.points}
            for part in (Part.WORDING_WORDS, Part.TEXT_WORDS):
                known = sum(line.points for line in hit.lines if line.part is part)
                assert sum(item.points for item in hit.terms if item.part is part) <= known + 1e-6
    senseless = {Part.WORDING_WORDS, Part.VOTES, Part.TEXT_WORDS}
    assert seen == (senseless if engine.status().embeddable == 0 else set(Part))


def test_what_terms_add_makes_a_units_score(engine):
    for text in questions(10):
        query = understand(text, engine.analysis)
        state = engine._reader.state()
        asked = engine._asker(state).ask(state.view, query, Person(SYSTEM, AS_TYPED, corpus.AT))
        shares = Shares.of(state.view, query)
        for index, sums in enumerate(asked.matches.sums):
            for unit in SCORED:
                for number in np.flatnonzero(sums[unit])[:20].tolist():
                    own = sum(share.score for share in shares.of_unit(index, unit, number))
                    assert own == pytest.approx(float(sums[unit][number]), abs=1e-5)


MANY = 400


@pytest.fixture
def small(analysis, tmp_path):
    """One document for each way out of the results."""
    chance = random.Random(3)

    def document(row, **changes):
        fields = {
            "title": "宽带红灯",
            "answer": "",
            "wordings": (),
            "passages": (),
            "regions": (),
            "modules": ("fault",),
            "kind": "faq",
            "tier": "first",
        }
        return corpus.document(chance, row, **{**fields, **changes})

    made = EmbeddedEngine(tmp_path, analysis)
    build = made.build()
    build.add(
        [
            document(1),
            document(2, state="suspended"),
            document(3, valid_until=corpus.AT - timedelta(days=1)),
            document(4, audience=("leader",), people=()),
            document(5, tier="second"),
            document(6, kind="case"),
            document(7, modules=("billing",)),
            document(8, reach=("hedong",), regions=("hedong",)),
            document(9, title="红灯在宽带上"),
            document(10, title="话费"),
            document(11, title="灯泡"),
        ]
    )
    build.commit(1)
    build.publish()
    return made


NARROW = Filters(tiers=("first",), kinds=("faq",), modules=("fault",), region="wanglan", as_typed=True)
AGENT = Actor(user_id=99, name="", roles=frozenset({Job.AGENT}))


def test_every_filter_says_how_many_it_left_out(small):
    explanation = explained(small, "“宽带红灯”", NARROW, AGENT)
    assert explanation.documents == 11
    assert {item.sieve: item.count for item in explanation.screened} == {
        Sieve.SOURCE: 0,
        Sieve.STATE: 1,
        Sieve.VALIDITY: 1,
        Sieve.AUDIENCE: 1,
        Sieve.TIER: 1,
        Sieve.KIND: 1,
        Sieve.MODULE: 1,
        Sieve.REGION: 1,
        Sieve.LOCAL: 0,
        Sieve.PHRASE: 3,
    }
    assert [hit.key for hit in explanation.hits] == ["e1"]
    assert explanation.phrases == ("宽带红灯",)


@pytest.mark.parametrize(
    ("key", "standing", "sieve"),
    [
        ("e1", Standing.RANKED, None),
        ("e2", Standing.SIEVED, Sieve.STATE),
        ("e3", Standing.SIEVED, Sieve.VALIDITY),
        ("e4", Standing.SIEVED, Sieve.AUDIENCE),
        ("e5", Standing.SIEVED, Sieve.TIER),
        ("e6", Standing.SIEVED, Sieve.KIND),
        ("e7", Standing.SIEVED, Sieve.MODULE),
        ("e8", Standing.SIEVED, Sieve.REGION),
        ("e10", Standing.NOTHING, None),
        ("e11", Standing.NO_ANSWER, None),
        ("e77", Standing.UNKNOWN, None),
    ],
)
def test_it_says_where_an_entry_went(small, key, standing, sieve):
    compared = explained(small, "宽带红灯", NARROW, AGENT, compare=key).compared
    assert (compared.key, compared.standing, compared.sieve) == (key, standing, sieve)


def test_what_has_not_the_quoted_words_is_left_out_by_them(small):
    compared = explained(small, "“宽带红灯”", NARROW, AGENT, compare="e9").compared
    assert (compared.standing, compared.sieve) == (Standing.SIEVED, Sieve.PHRASE)


def test_it_says_how_the_question_was_understood(small):
    explanation = explained(small, "请问宽带红灯")
    assert explanation.filler == ("请问",)
    terms = {term.text: term for term in explanation.terms}
    assert (terms["宽带"].role, terms["请问"].role) == (Role.SAID, Role.FILLER)
    assert (terms["红灯"].phrasings, terms["宽"].phrasings) == (9, 9)
    rare, common = terms["请问"].phrasing_idf, terms["红灯"].phrasing_idf
    assert rare > common


def test_what_lies_beyond_the_candidates_is_explained_by_words(analysis, tmp_path):
    engine = filled(EmbeddedEngine(tmp_path, analysis), size=MANY)
    engine.tuning = replace(engine.tuning, candidates=20)
    ranked = engine.examine(understand("宽带", analysis), AS_TYPED, SYSTEM, now=corpus.AT)
    hits = explained(engine, "宽带", limit=MANY).hits
    assert {hit.closely for hit in hits[:20]} == {True}
    assert {hit.closely for hit in hits[20:]} == {False}
    for hit, score in zip(hits, ranked.scores.tolist(), strict=True):
        assert hit.relevance * hit.maturity == pytest.approx(score, abs=1e-6)
