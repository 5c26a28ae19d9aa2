from dataclasses import replace

import pytest

from indexer.dictionary import Word
from indexer.embedded.cutting import Cutting
from indexer.embedded.storage import Generations


@pytest.fixture
def other(analysis):
    """An analysis that cuts otherwise."""
    dictionary = analysis.dictionary
    return analysis.with_dictionary(replace(dictionary, words=(*dictionary.words, Word("云宽带", 7, "n"))))


@pytest.fixture
def kept(tmp_path, other):
    """A generation that was built with *other*."""
    cutting = Cutting.under(tmp_path, other)
    name = cutting.generations.create()
    cutting.keep_words(name)
    return name


def test_what_is_in_force_needs_no_file(tmp_path, analysis):
    cutting = Cutting.under(tmp_path, analysis)
    assert cutting.of(cutting.generations.create()) is analysis


def test_kept_words_cut_as_those_they_were_kept_of(tmp_path, analysis, other, kept):
    found = Cutting.under(tmp_path, analysis).of(kept)
    assert found.dictionary == other.dictionary
    assert (
        found.segmenter.pieces("办云宽带")
        == other.segmenter.pieces("办云宽带")
        != analysis.segmenter.pieces("办云宽带")
    )


def test_only_the_words_are_of_the_past(tmp_path, analysis, kept):
    synonyms = {"小云卡": ("云宽带",)}
    now = analysis.with_dictionary(replace(analysis.dictionary, synonyms=synonyms, stopwords=frozenset("嗯")))
    found = Cutting.under(tmp_path, now).of(kept)
    assert (found.dictionary.synonyms, found.dictionary.stopwords) == (synonyms, {"嗯"})


def test_a_generation_is_read_once(tmp_path, analysis, kept):
    cutting = Cutting.under(tmp_path, analysis)
    assert cutting.of(kept) is cutting.of(kept) is not None


def test_whoever_follows_knows_the_live_generation_without_its_file(tmp_path, analysis, other):
    live = Generations(tmp_path, Cutting.under(tmp_path, other).generations.version)
    name = live.create()
    live.publish(name)
    first = Cutting.under(tmp_path, other)
    second = first.followed_by(analysis)
    third = second.followed_by(analysis.with_dictionary(replace(analysis.dictionary, synonyms={"甲": ("乙",)})))
    for cutting in (second, third):
        assert cutting.of(name).segmenter is other.segmenter
        assert cutting.of(name).dictionary.synonyms == cutting.analysis.dictionary.synonyms
    assert third.followed_by(other).of(name) is other


def test_words_that_are_not_those_of_the_name_are_not_used(tmp_path, analysis, kept, caplog):
    elsewhere = Cutting.under(tmp_path, analysis)
    elsewhere.keep_words(kept)  # as whoever copied the file from another generation
    assert elsewhere.of(kept) is None
    assert "are not those that it was built with" in caplog.text


def test_another_schema_is_not_read(tmp_path, analysis, kept, monkeypatch):
    monkeypatch.setattr("indexer.embedded.cutting.SCHEMA_VERSION", 99)
    assert Cutting.under(tmp_path, analysis).of(kept) is None
