"""Callers' questions made for the benchmark."""

from indexer.bench.questions import LONGEST, SHORTEST, queries


def test_questions_are_about_documents_and_none_is_a_wording(generator, analysis):
    asked = list(queries(generator, analysis, 100, of=300, seed=1))
    documents = {document.reference.row: document for document in generator.documents(1, 301)}
    assert len(asked) == 100
    assert len({question.text for question in asked}) > 90
    shared = 0
    for question in asked:
        document = documents[question.row]
        assert SHORTEST <= len(question.text) <= LONGEST
        assert question.text not in document.wordings
        shared += any(len(set(question.text) & set(wording)) >= 2 for wording in document.wordings)
    assert shared > 80


def test_the_same_seed_asks_the_same(generator, analysis):
    first, second, other = (list(queries(generator, analysis, 30, of=5000, seed=seed)) for seed in (1, 1, 2))
    assert first == second
    assert first != other
    assert list(queries(generator, analysis, 10, of=5000, seed=1)) == first[:10]
