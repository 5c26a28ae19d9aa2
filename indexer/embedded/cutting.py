"""How the text of a generation is cut: each generation keeps the dictionary words that it was built with.

A changed dictionary word makes another generation necessary, and building it takes minutes. Until then the live one
takes edits and answers questions with its own words, also in a process that was started after the change.
"""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from indexer.dictionary import Word
from indexer.embedded.ledger import SCHEMA_VERSION
from indexer.embedded.storage import Generations, sync
from indexer.text import Analysis

WORDS = "words.json"
"""The file in a generation's folder with the words that it was built with."""


@dataclass(frozen=True)
class Cutting:
    """The analysis in force and the generations of the version that it makes: they change together.

    Make one with ``under``. Safe to share between threads.
    """

    analysis: Analysis
    generations: Generations
    _restored: dict[str, Analysis] = field(default_factory=dict, repr=False, compare=False)
    _restoring: Lock = field(default_factory=Lock, repr=False, compare=False)

    @classmethod
    def under(cls, root: Path, analysis: Analysis) -> "Cutting":
        """Return the cutting of *analysis*, with the generations below *root*."""
        return cls(analysis, Generations(root, _version(analysis.dictionary.digest)))

    def of(self, generation: str) -> Analysis | None:
        """Return how the text of *generation* is cut; ``None`` where this version can't cut like that.

        Synonyms and stop words, which no text is cut with, are those in force.
        """
        if self.generations.is_current(generation):
            return self.analysis
        if not self.generations.is_readable(generation):
            return None
        with self._restoring:
            known = self._restored.get(generation)
            if known is None:
                known = self._restore(generation)
                if known is not None:
                    self._restored[generation] = known
            return known

    def keep_words(self, generation: str) -> None:
        """Write down, durably, which words *generation* is built with."""
        folder = self.generations.path(generation)
        path = folder / WORDS
        words = [[word.text, word.frequency, word.tag] for word in self.analysis.dictionary.words]
        path.write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
        sync(path)
        sync(folder)

    def _restore(self, generation: str) -> Analysis | None:
        try:
            kept = (self.generations.path(generation) / WORDS).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None  # built before words were kept, or removed meanwhile
        words = tuple(Word(text, frequency, tag) for text, frequency, tag in json.loads(kept))
        dictionary = replace(self.analysis.dictionary, words=words)
        if _version(dictionary.digest) != generation.rpartition("-")[0]:
            return None  # not the words that it is named by
        return self.analysis.with_dictionary(dictionary)


def _version(digest: str) -> str:
    return f"v{SCHEMA_VERSION}-{digest}"
