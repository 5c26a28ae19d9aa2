"""Documents made for the benchmark."""

from collections import Counter
from statistics import fmean

import pytest

from indexer.bench import product, samples
from indexer.bench.figures import heaps_exponent, zipf_exponent
from indexer.bench.generate import BLOCK, NOW, Generator
from kb.entries.content import MAX_ANSWER, MAX_TITLE, MAX_WORDING
from kb.entries.rules import SERVED
from kb.settings import PROJECT


@pytest.fixture(scope="module")
def documents(generator):
    return list(generator.documents(1, 2 * BLOCK + 1))


def texts(document):
    return (document.title, *document.wordings, document.answer, *document.passages)


def test_a_document_is_the_same_whatever_else_is_made(generator, documents, analysis):
    again = Generator(PROJECT / "content", analysis, seed=1)
    assert list(again.documents(BLOCK - 1, BLOCK + 3)) == documents[BLOCK - 2 : BLOCK + 2]
    assert list(again.documents(7, 8)) == [documents[6]]
    assert list(again.documents(7, 7)) == []


def test_another_seed_makes_others(documents, analysis):
    others = list(Generator(PROJECT / "content", analysis, seed=2).documents(1, 21))
    assert not {other.title for other in others} & {document.title for document in documents[:20]}


def test_numbers_and_keys_run_on(documents):
    assert [document.reference.row for document in documents] == list(range(1, 2 * BLOCK + 1))
    assert len({document.key for document in documents}) == len(documents)


def test_every_document_could_have_been_written_here(documents):
    for document in documents:
        assert 0 < len(document.title) <= MAX_TITLE
        assert 0 < len(document.answer) <= MAX_ANSWER
        assert document.wordings
        assert all(0 < len(wording) <= MAX_WORDING for wording in document.wordings)
        assert all(document.passages)
        assert samples.NUMBER not in "".join(texts(document))


def test_as_long_as_real_ones(documents):
    assert 340 < fmean(sum(map(len, texts(document))) for document in documents) < 440
    assert 2.5 < fmean(len(document.wordings) for document in documents) < 4


def test_titles_answers_and_passages_repeat_no_more_than_real_ones(documents):
    assert len({document.title for document in documents}) > 0.95 * len(documents)
    assert len({document.answer for document in documents}) > 0.85 * len(documents)
    passages = [passage for document in documents for passage in document.passages]
    assert len(set(passages)) > 0.98 * len(passages)
    assert len({document.digest() for document in documents}) == len(documents)


def test_new_words_keep_coming(generator, documents, analysis):
    seen: Counter[str] = Counter()
    growth, read = [], 0
    for number, document in enumerate(documents, start=1):
        found = product.words(analysis, *texts(document))
        seen.update(found)
        read += len(found)
        if number in (128, 256, 512, 1024):
            growth.append((read, len(seen)))
    assert 0.45 < heaps_exponent(growth) < 0.75
    content: Counter[str] = Counter()
    for sample in samples.load(PROJECT / "content").texts:
        content.update(product.words(analysis, sample.text))
    assert zipf_exponent(seen) == pytest.approx(zipf_exponent(content), abs=0.1)
    assert [word for word, _ in seen.most_common(3)] == [word for word, _ in content.most_common(3)]


def test_filters_and_facets_have_something_to_do(documents):
    for values in (
        Counter(document.modules[0] for document in documents),
        Counter(document.kind for document in documents),
        Counter(document.level for document in documents),
        Counter(document.regions for document in documents),
    ):
        assert len(values) >= 5
        assert max(values.values()) < 0.8 * len(documents)
    served = {state.value for state in SERVED}
    assert 0 < sum(document.state not in served for document in documents) < 0.1 * len(documents)
    assert any(document.audience for document in documents)
    assert any(document.valid_from and document.valid_from > NOW for document in documents)
    assert any(document.valid_until and document.valid_until <= NOW for document in documents)
    for document in documents:
        assert set(document.regions) <= set(document.reach)
        assert document.modules[0].startswith(document.modules[-1])
