"""The engines beside: all are asked the same, and answer alike where BM25 leaves no doubt."""

import random
from collections import Counter

import pytest

from indexer.bench import baselines, product
from indexer.bench.baselines import BASELINES
from indexer.bench.questions import queries

DOCUMENTS = 300
CLEAR = 1.25
"""How much better the best must score than the next, in every engine, to leave no doubt."""


@pytest.fixture(scope="module")
def tokens(generator, analysis):
    return [
        product.words(analysis, made.title, *made.wordings, made.answer, *made.passages)
        for made in generator.documents(1, DOCUMENTS + 1)
    ]


@pytest.fixture(scope="module")
def engines(tokens, tmp_path_factory):
    folder = tmp_path_factory.mktemp("baselines")
    made = {name: make(folder / name) for name, make in BASELINES.items()}
    for name, engine in made.items():
        engine.build(tokens)
        engine.open()
        assert baselines.disk(folder / name) > 10_000
    yield made
    for engine in made.values():
        engine.close()


def test_every_engine_finds_the_documents_that_have_a_word(engines, tokens):
    chance = random.Random(1)
    spread = Counter(word for words in tokens for word in set(words))
    rare = sorted(word for word, documents in spread.items() if documents <= 3 and word.isalnum())
    for word in chance.sample(rare, 40):
        wanted = {row for row, words in enumerate(tokens, start=1) if word in words}
        for name, engine in engines.items():
            assert {row for row, _ in engine.search([word])} == wanted, (name, word)


def test_engines_agree_on_the_best_where_scores_are_not_near(engines, generator, analysis):
    """Their formulas differ in how rare a word counts and how lengths are rounded: a close call may go either way."""
    agreed = clear = 0
    for question in queries(generator, analysis, 80, of=DOCUMENTS, seed=3):
        words = list(dict.fromkeys(product.words(analysis, question.text)))
        found = [engine.search(words) for engine in engines.values()] if words else []
        if found and all(len(hits) > 1 and hits[0][1] > CLEAR * hits[1][1] for hits in found):
            clear += 1
            agreed += len({hits[0][0] for hits in found}) == 1
    assert clear > 10
    assert agreed == clear


def test_nothing_is_found_for_a_word_that_nobody_wrote(engines):
    assert not any(engine.search(["没有这个词"]) for engine in engines.values())


def test_words_are_those_of_the_index(generator, analysis):
    for document in generator.documents(1, 20):
        for text in (document.title, *document.passages):
            assert sorted(product.words(analysis, text)) == sorted(token.text for token in analysis.tokens(text).words)
