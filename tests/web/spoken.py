"""The spoken cases and the off-topic questions as values, and how many of the cases a search answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml

from indexer.engine import Filters
from tests.support.installation import Installation

SHOWN = 3
"""An agent on a call reads three results, not ten."""
AGENT = "wangmin"
HERE = Path(__file__).parent


class Group(StrEnum):
    """What makes a question hard; the label is for the table in the docs."""

    label: str

    def __new__(cls, value: str, label: str) -> "Group":
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    COLLOQUIAL = "colloquial", "colloquial, dialect"
    TYPO = "typo", "typing slip"
    HOMOPHONE = "homophone", "homophone"
    PINYIN = "pinyin", "pinyin"
    INITIALS = "initials", "initials"
    TRADITIONAL = "traditional", "traditional characters"
    PRODUCT_CODE = "product_code", "code, lamp, socket"
    HALF_SENTENCE = "half_sentence", "half a sentence"
    TWO_TOPICS = "two_topics", "two topics at once"
    ONE_CHARACTER = "one_character", "one character"


@dataclass(frozen=True, slots=True)
class SpokenCase:
    """A question, and the entries of which one must be among the first ``SHOWN``."""

    group: Group
    question: str
    answers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case: the keys of the first hits, best first."""

    case: SpokenCase
    first: tuple[str, ...]

    @property
    def found(self) -> bool:
        return not self.case.answers.isdisjoint(self.first)


def spoken_cases() -> tuple[SpokenCase, ...]:
    written = _read("spoken_cases.yaml")
    return tuple(
        SpokenCase(Group(group), case["question"], frozenset(case["answers"]))
        for group, cases in written.items()
        for case in cases
    )


def off_topic() -> Mapping[str, tuple[str, ...]]:
    """Return the questions that no entry answers, by kind."""
    return {kind: tuple(questions) for kind, questions in _read("off_topic.yaml").items()}


def ask_all(installation: Installation) -> tuple[Outcome, ...]:
    """Ask an installation of the demo every case as one of its agents would."""
    actor = installation.actor(AGENT)
    outcomes = []
    with installation.sessions() as session:
        for case in spoken_cases():
            results = installation.search.run(
                session, actor, case.question, Filters(), now=installation.clock(), limit=SHOWN
            )
            outcomes.append(Outcome(case, tuple(hit.id for hit in results.hits)))
    return tuple(outcomes)


def found_by_group(outcomes: Iterable[Outcome]) -> dict[Group, int]:
    found = dict.fromkeys(Group, 0)
    for outcome in outcomes:
        found[outcome.case.group] += outcome.found
    return found


def markdown(outcomes: Iterable[Outcome]) -> str:
    """Return the table for the docs: one line a group, with what was missed."""
    outcomes = tuple(outcomes)
    lines = ["| what makes it hard | found | missed |", "|---|---|---|"]
    for group in Group:
        mine = [outcome for outcome in outcomes if outcome.case.group is group]
        missed = "、".join(_cell(outcome.case.question) for outcome in mine if not outcome.found)
        lines.append(f"| {group.label} | {sum(outcome.found for outcome in mine)} / {len(mine)} | {missed} |")
    lines.append(f"| **all** | **{sum(outcome.found for outcome in outcomes)} / {len(outcomes)}** | |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _read(name: str) -> dict:
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
