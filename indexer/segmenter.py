"""Cutting text into words: jieba with the centre's own words, cheaply changed to other words."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import jieba

from indexer.dictionary import Word

jieba.setLogLevel(logging.WARNING)


class Segmenter:
    """jieba's tokenizer with *words* added. It never changes, so threads may share it.

    Reading jieba's dictionary of half a million words takes about a second. ``with_words`` copies what was read, puts
    back what its own words had changed, and adds the others: tens of milliseconds, and nothing pristine is kept.

    Args:
        cache: folder for jieba's own cache, which is unmarshalled: it must be writable by nobody else. ``None`` keeps
            no cache, at the price of a second at every start.
    """

    def __init__(self, words: Sequence[Word], *, cache: Path | None = None) -> None:
        tokenizer = jieba.Tokenizer()
        if cache is not None:
            cache.mkdir(parents=True, exist_ok=True)
            tokenizer.tmp_dir = str(cache)
        tokenizer.initialize()
        self._take(tokenizer, words)

    def with_words(self, words: Sequence[Word]) -> "Segmenter":
        """Return a segmenter with *words* instead of its own; itself when they cut alike."""
        if [(word.text, word.frequency) for word in words] == self._key:
            return self
        tokenizer = jieba.Tokenizer()
        tokenizer.FREQ = dict(self._tokenizer.FREQ)
        for text, frequency in self._before.items():
            if frequency is None:
                del tokenizer.FREQ[text]
            else:
                tokenizer.FREQ[text] = frequency
        tokenizer.total = self._total_before
        tokenizer.initialized = True
        other = Segmenter.__new__(Segmenter)
        other._take(tokenizer, words)
        return other

    def parts(self, word: str) -> Iterator[tuple[str, int]]:
        """Yield the words of two and three characters inside *word*, with where each begins, as jieba's search does."""
        known = self._tokenizer.FREQ
        for size in (2, 3):
            if len(word) > size:
                for start in range(len(word) - size + 1):
                    part = word[start : start + size]
                    if known.get(part):
                        yield part, start

    def pieces(self, text: str, *, guess: bool = True) -> list[str]:
        """Return *text* cut once, from end to end; without *guess* into known words and single characters only.

        jieba's guesses at unknown words depend on what stands beside them: 开幕|墙宝, but 装|幕墙|宝坏.
        """
        return list(self._tokenizer.cut(text, HMM=guess))

    def _take(self, tokenizer: jieba.Tokenizer, words: Sequence[Word]) -> None:
        self._tokenizer = tokenizer
        self._key = [(word.text, word.frequency) for word in words]
        # What adding a word changes in jieba: its own frequency, and its beginnings, as words that are none.
        beginnings = {word.text[:end] for word in words for end in range(1, len(word.text) + 1)}
        self._before: dict[str, int | None] = {text: tokenizer.FREQ.get(text) for text in beginnings}
        self._total_before: int = tokenizer.total
        for word in words:
            tokenizer.add_word(word.text, word.frequency)
