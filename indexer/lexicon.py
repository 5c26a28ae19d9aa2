"""The centre's words as they are in force: the shipped files and what the lexicon in the database makes of them.

Nothing is restarted for a changed word. Every process looks at the number of the last event about the lexicon and
takes the words over when it has grown. A changed synonym or pin is all there is to it then; a changed dictionary word
cuts text otherwise, so the follower builds another generation. Meanwhile the old one answers, edits included, and
questions are understood with the dictionary words that it was built with.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from indexer.dictionary import Dictionary, Files, Synonym, Word, synonym_table
from indexer.engine import Engine
from indexer.normalise import normalise
from indexer.pins import Pins
from indexer.text import Analysis
from kb.lexicon import queries
from kb.lexicon.models import WordList
from kb.lexicon.queries import Lexicon

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.2
"""A process asks the database for changed words at most this often."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words as one moment had them: what text and questions are cut and understood with, and the pins.

    Attributes:
        seq: number of the last event about the lexicon that is in them; -1 before the database was asked.
    """

    seq: int
    analysis: Analysis
    pins: Pins


def effective(files: Files, lexicon: Lexicon) -> Dictionary:
    """Return the dictionary in force: *files* without what is switched off, then what *lexicon* adds."""
    off = lexicon.switched_off
    shipped = [word for word in files.words if (WordList.WORD, word.text) not in off]
    known = {word.text for word in shipped}
    added = {
        normalise(row.text): Word(normalise(row.text), tag=row.part_of_speech and row.part_of_speech.value)
        for row in lexicon.words
    }
    synonyms = [synonym for synonym in files.synonyms if (WordList.SYNONYM, synonym.line) not in off]
    synonyms += [Synonym(_normalised(row.said), _normalised(row.ours)) for row in lexicon.synonyms]
    return Dictionary(
        # In an order that depends on nothing but the words: it is part of what a generation is named by.
        words=(*shipped, *(added[text] for text in sorted(added.keys() - known))),
        synonyms=synonym_table(synonyms),
        stopwords=files.stopwords,
    )


@dataclass(frozen=True, slots=True)
class _Answering:
    """The words that questions are understood with, and those in force that they were made of."""

    in_force: Words
    words: Words


class LiveLexicon:
    """Keeps *engine* at the words in force. One per process, shared between threads.

    Args:
        files: the shipped dictionaries.
        engine: opened with an analysis of *files*.
        monotonic: seconds that only grow, to look no more often than every ``LOOK_SECONDS``.
    """

    def __init__(self, files: Files, engine: Engine, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.files = files
        self._engine = engine
        self._monotonic = monotonic
        self._words = Words(-1, engine.analysis, Pins((), engine.analysis))
        self._answering = _Answering(self._words, self._words)
        self._next_look = float("-inf")
        self._lock = threading.Lock()

    def current(self, session: Session) -> Words:
        """Return the words in force. One statement at most every ``LOOK_SECONDS``, five more after a change."""
        now = self._monotonic()
        if now < self._next_look:
            return self._words
        self._next_look = now + LOOK_SECONDS
        return self.refresh(session)

    def answering(self, session: Session) -> Words:
        """Return the words to understand questions with: those in force, with the dictionary words of the live index.

        Until the index is built anew these are others than the dictionary words in force. As many statements as
        ``current``.
        """
        words, analysis = self.current(session), self._engine.answering
        if analysis is words.analysis:
            return words
        known = self._answering
        if known.in_force is not words or known.words.analysis is not analysis:
            known = _Answering(words, Words(words.seq, analysis, words.pins.understood_with(analysis)))
            self._answering = known
        return known.words

    def refresh(self, session: Session) -> Words:
        """Return the words in force, asking the database now: whoever has just changed one sees it in the next search.

        A session that began before another one's change sees older words; words never go back.
        """
        if queries.last_change(session) <= self._words.seq:
            return self._words
        with self._lock:
            lexicon = queries.load(session)
            if lexicon.seq > self._words.seq:
                found = self._made_of(lexicon)
                if found.analysis is not self._words.analysis:
                    self._engine.use(found.analysis)
                self._words = found
                log.debug("the lexicon is at event %s, dictionary %s", found.seq, found.analysis.dictionary.digest)
            return self._words

    def as_of(self, session: Session) -> Words:
        """Return the words as *session* sees them, uncommitted changes included, without putting them in force."""
        return self._made_of(queries.load(session))

    def _made_of(self, lexicon: Lexicon) -> Words:
        dictionary, analysis = effective(self.files, lexicon), self._words.analysis
        if dictionary != analysis.dictionary:
            analysis = analysis.with_dictionary(dictionary)
        return Words(lexicon.seq, analysis, Pins(lexicon.pins, analysis))


def _normalised(terms: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(normalise(term) for term in terms))
