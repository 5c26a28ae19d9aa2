"""Cutting text into words: jieba's dictionary and model with the centre's own words, cheaply changed to other words.

Cutting is most of the work of building an index, so the best way through a sentence is found here in one pass, where
jieba lists all ways first, and a guess at unknown words is remembered. jieba itself is the oracle in the tests.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import inf, log
from pathlib import Path

import jieba
from jieba import finalseg

from indexer.dictionary import Word

jieba.setLogLevel(logging.WARNING)

_CUT = re.compile("([\u4e00-\u9fd5a-zA-Z0-9+#&._%-]+)")
"""What jieba cuts into words; what stands between is taken character by character, line ends and white space whole."""
_BETWEEN = re.compile(r"(\r\n|\s)")
_LETTER = re.compile("[a-zA-Z0-9]")


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
        found: list[str] = []
        for number, block in enumerate(_CUT.split(text)):
            if number % 2:
                self._cut(block, found, guess=guess)
            elif block:
                for space, between in enumerate(_BETWEEN.split(block)):
                    if space % 2:
                        found.append(between)
                    else:
                        found += between
        return found

    def _cut(self, block: str, found: list[str], *, guess: bool) -> None:
        """Add the words of *block* to *found*: neighbours that are no words alone are guessed at, or letters joined."""
        ends = self._ends(block)
        waiting, place, size = 0, 0, len(block)  # from *waiting* to *place* stand single characters
        while place < size:
            end = ends[place]
            if end - place > 1 or not (guess or _LETTER.match(block, place)):
                if waiting < place:
                    self._take_single(block[waiting:place], found, guess=guess)
                found.append(block[place:end])
                waiting = end
            place = end
        if waiting < size:
            self._take_single(block[waiting:], found, guess=guess)

    def _take_single(self, characters: str, found: list[str], *, guess: bool) -> None:
        if not guess or len(characters) == 1:
            found.append(characters)
        elif self._tokenizer.FREQ.get(characters):
            found += characters
        else:
            found += _guess(characters)

    def _ends(self, block: str) -> list[int]:
        """Return where the word that begins at each place ends, on the most probable way through *block*.

        The way with the highest Σ log(frequency / total), a longer word before a shorter one, as jieba's ``calc``.
        """
        size = len(block)
        known, total = self._tokenizer.FREQ.get, self._log_total
        scores, ends = [0.0] * (size + 1), [0] * size
        for place in range(size - 1, -1, -1):
            best, chosen, end = -inf, 0, place + 1
            frequency = known(block[place])
            while frequency is not None:
                if frequency:
                    score = log(frequency) - total + scores[end]
                    if score >= best:
                        best, chosen = score, end
                if end == size:
                    break
                end += 1
                frequency = known(block[place:end])
            if not chosen:
                best, chosen = scores[place + 1] - total, place + 1
            scores[place], ends[place] = best, chosen
        return ends

    def _take(self, tokenizer: jieba.Tokenizer, words: Sequence[Word]) -> None:
        self._tokenizer = tokenizer
        self._key = [(word.text, word.frequency) for word in words]
        # What adding a word changes in jieba: its own frequency, and its beginnings, as words that are none.
        beginnings = {word.text[:end] for word in words for end in range(1, len(word.text) + 1)}
        self._before: dict[str, int | None] = {text: tokenizer.FREQ.get(text) for text in beginnings}
        self._total_before: int = tokenizer.total
        for word in words:
            tokenizer.add_word(word.text, word.frequency)
        self._log_total = log(tokenizer.total)


@lru_cache(maxsize=50_000)
def _guess(characters: str) -> tuple[str, ...]:
    """Return *characters*, which the dictionary does not join, as jieba's model of how words are made joins them."""
    return tuple(finalseg.cut(characters))
