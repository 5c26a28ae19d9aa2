"""Whether M in the order brings mature knowledge up, and at what price: ``python -m tests.benchmarks.mature HOME``.

*HOME* is an installation of ``kb demo``, whose simulated year gave its entries their levels. The questions are the
spoken cases and every wording that an entry has; each is asked twice, with M in the order and without.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer import significance
from indexer.embedded.engine import EmbeddedEngine
from indexer.engine import Filters
from indexer.query import understand
from indexer.runtime import open_search
from kb.clock import system_clock
from kb.entries.rules import Level
from kb.permissions import SYSTEM
from kb.settings import Settings
from tests.web.spoken import spoken_cases

SHOWN = 3
DEPTH = 10
MATURE = Level.L3

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the keys of the entries that answer it."""

    text: str
    right: frozenset[str]


def main() -> None:
    """Ask both ways and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    settings = Settings(home=parser.parse_args().home)
    engine = open_search(settings).engine
    if not isinstance(engine, EmbeddedEngine):
        raise SystemExit("only the embedded engine has this tuning")
    sets = {
        "spoken cases": [Asked(case.question, case.answers) for case in spoken_cases()],
        "wordings of all entries": _wordings(engine),
    }
    print("| questions | n | mature in the top 3, without M | with M | nDCG@10 without M | with M | p |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, asked in sets.items():
        sides = [_measure(engine, asked, maturity) for maturity in (0.0, engine.tuning.maturity)]
        (before, without), (after, with_m) = sides
        test = significance.difference(without, with_m)
        print(
            f"| {name} | {len(asked)} | {before.mean():.3f} | {after.mean():.3f} | {without.mean():.4f} "
            f"| {with_m.mean():.4f} | {test.p:.3f} |"
        )


def _wordings(engine: EmbeddedEngine) -> Sequence[Asked]:
    owners: dict[str, set[str]] = {}
    view = engine._reader.state().view
    for part in view.parts:
        for document in np.flatnonzero(part.alive & part.segment.bases()).tolist():
            shown = part.segment.stored(document)
            for wording in shown["wordings"]:
                owners.setdefault(wording, set()).add(shown["key"])
    return [Asked(text, frozenset(keys)) for text, keys in owners.items()]


def _measure(engine: EmbeddedEngine, asked: Sequence[Asked], maturity: float) -> tuple[Values, Values]:
    """Return for each question the share of mature entries among the first three, and nDCG@10."""
    tuning = engine.tuning
    engine.tuning = replace(tuning, maturity=maturity)
    try:
        found = [_ask(engine, question) for question in asked]
    finally:
        engine.tuning = tuning
    return np.array([share for share, _ in found]), np.array([gain for _, gain in found])


def _ask(engine: EmbeddedEngine, asked: Asked) -> tuple[float, float]:
    query = understand(asked.text, engine.analysis)
    found = engine.search(query, Filters(), SYSTEM, now=system_clock(), limit=DEPTH)
    hits = found.hits or found.nearest
    levels: Mapping[str, int] = {hit.id: hit.level for hit in hits}
    first = [levels[hit.id] >= MATURE for hit in hits[:SHOWN]]
    gains = [1 / np.log2(place + 2) for place, hit in enumerate(hits) if hit.id in asked.right]
    ideal = sum(1 / np.log2(place + 2) for place in range(min(len(asked.right), DEPTH)))
    return float(np.mean(first)) if first else 0.0, float(sum(gains) / ideal)


if __name__ == "__main__":
    main()
