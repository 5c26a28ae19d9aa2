"""How the text of a generation is cut: each generation keeps the dictionary words that it was built with.

A changed dictionary word makes another generation necessary, and building it takes minutes. Until then the live one
takes edits and answers questions with its own words, also in a process that was started after the change.
"""

import json
import logging
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from indexer.dictionary import Word
from indexer.embedded.ledger import SCHEMA_VERSION
from indexer.embedded.storage import Generations, sync
from indexer.text import Analysis

log = logging.getLogger(__name__)

WORDS = "words.json"
"""The file in a generation's folder with the words that it was built with."""


@dataclass(frozen=True)
class Cutting:
    """The analysis in force and the generations of the version that it makes: they change together.

    Make one with ``under`` or ``followed_by``. Safe to share between threads.
    """

    analysis: Analysis
    generations: Generations
    _known: dict[str, Analysis | None] = field(default_factory=dict, repr=False, compare=False)
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    @classmethod
    def under(cls, root: Path, analysis: Analysis) -> "Cutting":
        """Return the cutting of *analysis*, with the generations below *root*."""
        return cls(analysis, Generations(root, _version(analysis.dictionary.digest)))

    def followed_by(self, analysis: Analysis) -> "Cutting":
        """Return the cutting of *analysis*, which still knows how the live generation is cut, if this one does."""
        following = Cutting.under(self.generations.root, analysis)
        live = self.generations.live()
        if live is not None and not following.generations.is_current(live):
            known = self.analysis if self.generations.is_current(live) else self._known.get(live)
            if known is not None:
                following._known[live] = following._with_words_of(known)
        return following

    def of(self, generation: str) -> Analysis | None:
        """Return how the text of *generation* is cut; ``None`` where this version can't cut like that.

        Synonyms and stop words, which no text is cut with, are those in force.
        """
        if self.generations.is_current(generation):
            return self.analysis
        if not self.generations.is_readable(generation):
            return None
        with self._lock:
            if generation not in self._known:
                self._known[generation] = self._read(generation)
            return self._known[generation]

    def keep_words(self, generation: str) -> None:
        """Write down, durably, which words *generation* is built with."""
        folder = self.generations.path(generation)
        path = folder / WORDS
        words = [[word.text, word.frequency, word.tag] for word in self.analysis.dictionary.words]
        path.write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
        sync(path)
        sync(folder)

    def _read(self, generation: str) -> Analysis | None:
        """Return how *generation* is cut by the words that it kept; ``None`` if they aren't what it is named by."""
        path = self.generations.path(generation) / WORDS
        try:
            words = tuple(Word(text, frequency, tag) for text, frequency, tag in json.loads(path.read_bytes()))
        except FileNotFoundError:
            return None  # built before words were kept, or removed meanwhile
        except (OSError, ValueError, TypeError) as error:
            log.warning("the words of generation %s can't be read: %s", generation, error)
            return None
        dictionary = replace(self.analysis.dictionary, words=words)
        if _version(dictionary.digest) != generation.rpartition("-")[0]:
            log.warning("the words of generation %s are not those that it was built with", generation)
            return None
        return self.analysis.with_dictionary(dictionary)

    def _with_words_of(self, other: Analysis) -> Analysis:
        return other.with_dictionary(replace(self.analysis.dictionary, words=other.dictionary.words))


def _version(digest: str) -> str:
    return f"v{SCHEMA_VERSION}-{digest}"
