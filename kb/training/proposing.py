"""What the next plan should hold, from what this one brought: a pure function that says why with each line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kb.i18n import N_
from kb.training.effect import Effect, Learned, Verdict
from kb.training.rules import WEIGHTS, Cell, Need, Source

HELD_BACK = 0.8
"""Retention below which 30 days have cost too much."""
ROSE = 0.1
"""A quiz that rises by less than this shows that the lesson did not arrive."""
FELL = 0.5
"""A need that fell to this share or below is met."""
NEW_LINES = 5


class Advice(StrEnum):
    """What is to be done next."""

    OTHERWISE = "otherwise"
    MEND = "mend"
    REFRESH = "refresh"
    CONTINUE = "continue"
    NEW = "new"
    DONE = "done"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return ADVICE_LABELS[self]

    @property
    def trains(self) -> bool:
        """Whether it is a line of the next plan; mending is the editors' and done is nobody's."""
        return self not in (Advice.MEND, Advice.DONE)


ADVICE_LABELS: Mapping[Advice, str] = {
    Advice.OTHERWISE: N_("换材料或讲法再训"),
    Advice.MEND: N_("先改知识，不是再训"),
    Advice.REFRESH: N_("短时复训"),
    Advice.CONTINUE: N_("继续培训"),
    Advice.NEW: N_("新列入"),
    Advice.DONE: N_("见效，不再列入"),
}


@dataclass(frozen=True, slots=True)
class Why:
    """One reason: a Chinese text with the fields that fill it in."""

    message: str
    params: Mapping[str, Any]

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What is known of one module and team that was trained.

    Attributes:
        now: the need since; ``None`` for none.
        then, since: the scores when it was planned and since, each as of 30 days.
    """

    cell: Cell
    now: Need | None
    then: float
    since: float
    learned: Learned
    effect: Effect


@dataclass(frozen=True, slots=True)
class Proposal:
    """A line for the next plan, with why.

    Attributes:
        score: as of 30 days.
        need: what is needed since, whose figures have their lists.
    """

    cell: Cell
    advice: Advice
    score: int
    reasons: tuple[Why, ...]
    need: Need | None = None


def propose(
    trained: Sequence[Evaluated], needs: Sequence[Need], month: Callable[[int], float] = float
) -> Sequence[Proposal]:
    """Return what should become of each that was trained, and what is to be trained newly, the most urgent first.

    Args:
        needs: all of the period since, the most first.
        month: makes of a score of that period one of 30 days.
    """
    found = [_after(item) for item in trained]
    known = {item.cell for item in trained}
    fresh = [need for need in needs if need.cell not in known][:NEW_LINES]
    found += [Proposal(need.cell, Advice.NEW, round(month(need.score)), tuple(_counted(need)), need) for need in fresh]
    order = list(Advice)
    return sorted(found, key=lambda p: (p.advice is Advice.DONE, -p.score, order.index(p.advice), p.cell.module))


def _after(item: Evaluated) -> Proposal:
    then, now = round(item.then), round(item.since)
    why = [Why(N_("每 30 天需求分 %(then)s → %(now)s"), {"then": then, "now": now})]
    learned, verdict = item.learned, item.effect.verdict
    if learned.gain is not None:
        why.append(
            Why(
                N_("小测 %(before)s → %(after)s（%(people)s 人）"),
                {"before": _percent(learned.before), "after": _percent(learned.after), "people": learned.people},
            )
        )
    if learned.retention is not None:
        why.append(Why(N_("30 天后记得 %(share)s"), {"share": _percent(learned.retention)}))
    if item.effect.gain is not None:
        why.append(
            Why(
                N_("解决率相对未训模块 %(gain)s（±%(margin)s）"),
                {"gain": f"{100 * item.effect.gain:+.0f}", "margin": f"{100 * item.effect.margin:.0f}"},
            )
        )
    return Proposal(item.cell, _advice(item, then, now, verdict), now, tuple(why), item.now)


def _advice(item: Evaluated, then: int, now: int, verdict: Verdict) -> Advice:
    learned = item.learned
    if learned.gain is not None and learned.gain < ROSE and (learned.before or 0) < 1 - ROSE:
        return Advice.OTHERWISE
    if item.now is not None and verdict is not Verdict.BETTER and _is_about_knowledge(item.now):
        return Advice.MEND
    if learned.retention is not None and learned.retention < HELD_BACK:
        return Advice.REFRESH
    if now <= FELL * then and verdict is not Verdict.WORSE:
        return Advice.DONE
    if verdict is Verdict.BETTER and now < then:
        return Advice.DONE
    return Advice.CONTINUE


def _is_about_knowledge(need: Need) -> bool:
    """Return whether more than half of the need is that knowledge is missing or wrong: no lesson puts that right."""
    of_knowledge = sum(WEIGHTS[source] * need.times(source) for source in (Source.FAILED_SEARCH, Source.CORRECTION))
    return 2 * of_knowledge > need.score


def _counted(need: Need) -> list[Why]:
    messages = {
        Source.UNSOLVED: N_("没解决 %(times)s 次"),
        Source.FAILED_SEARCH: N_("搜不到 %(times)s 次"),
        Source.WRONG_ANSWER: N_("答错 %(times)s 次"),
        Source.CORRECTION: N_("纠错属实 %(times)s 条"),
        Source.NEW_BUSINESS: N_("新业务 %(times)s 项"),
    }
    return [Why(messages[source], {"times": count.times}) for source, count in need.counts.items()]


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f}%"
