import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.embedded.columns.hashing import Hasher, term_hash
from indexer.text import TermKind

ALPHABET = "机顶盒宽带不了的重行網寬猫亮红灯，。 \n\t！ab9ZΩé＿_𠀀ﾊ½①é😀"


@pytest.fixture(scope="module")
def hasher(analysis):
    return Hasher(analysis)


def expected(analysis, texts, kind):
    return [Counter(term_hash(token.text) for token in analysis.tokens(text).of(kind)) for text in texts]


def found(hasher, texts, kind):
    flat = hasher.cut(texts, [kind]).terms[kind]
    counts = [Counter() for _ in texts]
    for term, text in zip(flat.terms.tolist(), flat.texts.tolist(), strict=True):
        counts[text][term] += 1
    return counts


@given(texts=st.lists(st.text(ALPHABET, max_size=40), max_size=4))
@settings(max_examples=500, deadline=None)
def test_the_index_and_the_question_are_cut_alike(analysis, hasher, texts):
    for kind in TermKind:
        assert found(hasher, texts, kind) == expected(analysis, texts, kind)


def test_real_text_is_cut_alike(analysis, hasher, content_folder):
    texts = [path.read_text(encoding="utf-8") for path in sorted(content_folder.glob("entries/*/*.md"))[::10]]
    for kind in TermKind:
        assert found(hasher, texts, kind) == expected(analysis, texts, kind)


def test_numbers_of_terms_do_not_meet():
    chance = random.Random(1)
    words = {"".join(chance.choices(ALPHABET, k=chance.randint(1, 6))) for _ in range(50_000)}
    assert len({term_hash(word) for word in words}) == len(words)
