"""Tables of the centre's words: what is added to the shipped dictionaries, and what of them is switched off."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base, enum_type
from kb.entries.models import Entry
from kb.i18n import N_

MAX_TERM = 20
"""Characters of one term of a synonym."""
MAX_TERMS = 12
"""Terms on one side of a synonym."""
MAX_WORD = 16
MAX_QUERY = 100
MAX_NOTE = 200
MAX_LINE = 400
"""Characters of a line of the shipped dictionaries that can be switched off."""


class WordList(StrEnum):
    """Which of the lists something belongs to."""

    SYNONYM = "synonym"
    WORD = "word"
    PIN = "pin"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return WORD_LIST_LABELS[self]


WORD_LIST_LABELS: Mapping[WordList, str] = {
    WordList.SYNONYM: N_("同义词"),
    WordList.WORD: N_("词典"),
    WordList.PIN: N_("置顶答案"),
}


class Direction(StrEnum):
    """Whether a synonym leads from the caller's words to ours only, or among all of a group."""

    ONE_WAY = "one_way"
    TWO_WAY = "two_way"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return DIRECTION_LABELS[self]


DIRECTION_LABELS: Mapping[Direction, str] = {
    Direction.ONE_WAY: N_("单向：客户的说法 → 我们的说法"),
    Direction.TWO_WAY: N_("双向：互为同义"),
}


class PartOfSpeech(StrEnum):
    """What sort of word a dictionary word is; the values are jieba's tags."""

    NOUN = "n"
    NAME = "nz"
    PLACE = "ns"
    VERB = "v"
    ADJECTIVE = "a"
    LETTERS = "eng"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return PART_OF_SPEECH_LABELS[self]


PART_OF_SPEECH_LABELS: Mapping[PartOfSpeech, str] = {
    PartOfSpeech.NOUN: N_("名词"),
    PartOfSpeech.NAME: N_("产品或专名"),
    PartOfSpeech.PLACE: N_("地名"),
    PartOfSpeech.VERB: N_("动词"),
    PartOfSpeech.ADJECTIVE: N_("形容词"),
    PartOfSpeech.LETTERS: N_("字母代号"),
}


class Kept:
    """What every row of the lexicon carries: who changed it last, and a version that two editors can't both change.

    Attributes:
        version: counts the row's changes, from 1. A form brings back the one it was made from.
        changed_by_id: ``None`` for the system.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime]


class Synonym(Kept, Base):
    """What callers say, and what entries say (同义词).

    Attributes:
        line: the whole as one line of the dictionary file would have it, in one spelling; nothing stands here twice.
        said: the caller's terms, or the whole group of a two-way synonym.
        ours: what is searched for as well; empty for a two-way synonym.
    """

    __tablename__ = "lexicon_synonyms"

    line: Mapped[str] = mapped_column(String(MAX_TERM * MAX_TERMS * 3), unique=True)
    direction: Mapped[Direction] = mapped_column(enum_type(Direction))
    said: Mapped[list[str]]
    ours: Mapped[list[str]]
    note: Mapped[str] = mapped_column(String(MAX_NOTE), default="")


class Word(Kept, Base):
    """A word that is kept whole when text is cut (词典词)."""

    __tablename__ = "lexicon_words"

    text: Mapped[str] = mapped_column(String(MAX_WORD), unique=True)
    part_of_speech: Mapped[PartOfSpeech | None] = mapped_column(enum_type(PartOfSpeech))
    note: Mapped[str] = mapped_column(String(MAX_NOTE), default="")


class Pin(Kept, Base):
    """An entry that stands first when exactly this is asked (置顶答案).

    Attributes:
        query: as the manager wrote it.
        query_key: its one spelling, for grouping and so that no entry is pinned twice to the same.
        position: order among the pins of one query, from 1.
        valid_from, valid_until: in force at t only if valid_from ≤ t < valid_until; ``None`` is open.
    """

    __tablename__ = "lexicon_pins"
    __table_args__ = (UniqueConstraint("query_key", "entry_id"),)

    query: Mapped[str] = mapped_column(String(MAX_QUERY))
    query_key: Mapped[str] = mapped_column(String(MAX_QUERY * 2), index=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    position: Mapped[int]
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(MAX_NOTE), default="")

    entry: Mapped[Entry] = relationship(lazy="raise")


class SwitchedOff(Base):
    """A line of the shipped dictionaries that this centre does without (停用的自带词)."""

    __tablename__ = "lexicon_switched_off"

    word_list: Mapped[WordList] = mapped_column(enum_type(WordList), primary_key=True)
    line: Mapped[str] = mapped_column(String(MAX_LINE), primary_key=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]


class Dismissal(Base):
    """A proposed word that somebody did not want: it is never proposed again (不收的词)."""

    __tablename__ = "lexicon_dismissals"

    text: Mapped[str] = mapped_column(String(MAX_WORD), primary_key=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
