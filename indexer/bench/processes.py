"""What runs in processes of their own: asking the product's engine, alone or two at once, and all engines in turn.

A process of its own because memory is measured: what building left behind must not count.
"""

import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Barrier
from typing import Any

from indexer.bench import product
from indexer.bench.baselines import BASELINES, Baseline
from indexer.engine import Filters
from indexer.query import understand
from kb.permissions import SYSTEM, Actor, Role

AGENT = Actor(user_id=1, name="bench", roles=frozenset({Role.AGENT}))
WARM_UP = 20
"""Questions asked before anything is measured: the first ones read the index from disk."""
SUGGESTED = 10

_SMAPS = Path("/proc/self/smaps_rollup")
_meeting: Barrier | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What a process is to do: the questions, and the filters that agents have set while asking them."""

    place: product.Place
    questions: tuple[str, ...]
    filters: tuple[Filters, ...]
    now: datetime


@dataclass(frozen=True, slots=True)
class Memory:
    """A process' memory in bytes: resident, its share of what it shares, and what is its own alone."""

    rss: int
    pss: int
    uss: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of it: milliseconds question by question.

    Attributes:
        engine_words: matching and ranking, jieba's words only, no cards made.
        engine_terms: the same with all kinds of terms.
        search: from the text to cards with highlights, facets and totals.
        suggest: suggestions at every length of the question.
        found: share of questions that found something.
        memory: after all that; ``None`` where the system does not tell.
    """

    engine_words: tuple[float, ...]
    engine_terms: tuple[float, ...]
    search: tuple[float, ...]
    suggest: tuple[float, ...]
    found: float
    memory: Memory | None


@dataclass(frozen=True, slots=True)
class Compared:
    """Milliseconds and rankings (number, score) of one engine, question by question."""

    milliseconds: tuple[float, ...]
    rankings: tuple[tuple[tuple[int, float], ...], ...]


def ask(task: Ask, *, processes: int) -> list[Asked]:
    """Let *processes* processes do *task* at the same time; each starts with other questions."""
    context = multiprocessing.get_context("spawn")
    meeting = context.Barrier(processes)
    with ProcessPoolExecutor(processes, context, initializer=_meet, initargs=(meeting,)) as pool:
        futures = [pool.submit(_ask, task, number / processes) for number in range(processes)]
        return [future.result() for future in futures]


def compare(task: Ask, baselines: dict[str, Path]) -> dict[str, Compared]:
    """Let one process ask the product and every one of *baselines* in turn, and return what each took.

    Args:
        baselines: folders of what was built, by name of ``BASELINES``.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_compare, task, baselines).result()


def _meet(meeting: Any) -> None:
    global _meeting  # noqa: PLW0603 - a barrier reaches a pool's process in no other way
    _meeting = meeting


def _together() -> None:
    """Wait until the other processes are here as well."""
    if _meeting is None:
        raise AssertionError("not started by ask()")
    _meeting.wait()


def _ask(task: Ask, offset: float) -> Asked:
    analysis = task.place.analysis()
    engine = product.open_engine(task.place, analysis)
    sensing = product.open_engine(task.place, analysis, sense=True)
    start = int(len(task.questions) * offset)
    questions = task.questions[start:] + task.questions[:start]
    filters = task.filters[start:] + task.filters[:start]
    understood = [understand(text, analysis) for text in questions]

    def whole(place: int) -> int:
        query = understand(questions[place], analysis)
        return sensing.search(query, filters[place], AGENT, now=task.now, limit=10).total

    def terms(place: int) -> int:
        return product.rank(engine, understood[place], filters[place], AGENT, now=task.now)

    def words(place: int) -> int:
        return product.rank(engine, product.words_only(understood[place]), filters[place], AGENT, now=task.now)

    everything = range(len(questions))
    for place in everything[:WARM_UP]:
        whole(place)
    _together()
    search, totals = _timed(whole, everything)
    engine_terms, _ = _timed(terms, everything)
    engine_words, _ = _timed(words, everything)
    suggest = _suggestions(engine, questions, task.now)
    _together()
    memory = _memory()
    _together()  # nobody ends, and gives back what is shared, before all have looked
    engine.close()
    sensing.close()
    found = sum(total > 0 for total in totals) / len(totals)
    return Asked(engine_words, engine_terms, search, suggest, found, memory)


def _timed(act: Callable[[int], int], places: Sequence[int]) -> tuple[tuple[float, ...], list[int]]:
    taken, results = [], []
    for place in places:
        start = time.perf_counter()
        results.append(act(place))
        taken.append((time.perf_counter() - start) * 1000)
    return tuple(taken), results


def _suggestions(engine: product.ProductEngine, questions: Sequence[str], now: datetime) -> tuple[float, ...]:
    typed = [text[:length] for text in questions for length in range(1, min(len(text), 6) + 1)]

    def act(place: int) -> int:
        engine.suggest(typed[place], Filters(), AGENT, now=now, limit=SUGGESTED)
        return 0

    return _timed(act, range(len(typed)))[0]


def _memory() -> Memory | None:
    try:
        lines = _SMAPS.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:  # not Linux
        return None
    sizes = {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines[1:])}
    return Memory(sizes["Rss"], sizes["Pss"], sizes["Private_Clean"] + sizes["Private_Dirty"])


def _compare(task: Ask, baselines: dict[str, Path]) -> dict[str, Compared]:
    analysis = task.place.analysis()
    engine = product.open_engine(task.place, analysis)
    beside: dict[str, Baseline] = {name: BASELINES[name](folder) for name, folder in baselines.items()}
    for other in beside.values():
        other.open()
    names = ["product", *beside]
    taken: dict[str, list[float]] = {name: [] for name in names}
    rankings: dict[str, list[tuple[tuple[int, float], ...]]] = {name: [] for name in names}
    for number, text in enumerate(task.questions):
        query = product.words_only(understand(text, analysis))
        words = tuple(dict.fromkeys(product.words(analysis, text)))
        for name in names[number % len(names) :] + names[: number % len(names)]:  # nobody is always the first
            start = time.perf_counter()
            if name == "product":
                product.rank(engine, query, Filters(), SYSTEM, now=task.now)
                found: list[tuple[int, float]] = []
            else:
                found = beside[name].search(words) if words else []
            taken[name].append((time.perf_counter() - start) * 1000)
            rankings[name].append(tuple(found))
    engine.close()
    for other in beside.values():
        other.close()
    return {name: Compared(tuple(taken[name][_warm(taken[name]) :]), tuple(rankings[name])) for name in names}


def _warm(taken: Sequence[float]) -> int:
    """Return how many of the first answers not to count: the warm-up, but never all there are."""
    return min(WARM_UP, len(taken) // 2)
