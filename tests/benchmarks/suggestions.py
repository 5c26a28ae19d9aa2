"""How long suggestions take among half a million texts, and what they cost: ``python -m tests.benchmarks.suggestions``.

The texts are spliced from the shipped titles and wordings with a fixed seed. Timed is all that the engine does in the
process for one key, once it is known what the person may see: matching, masking, ranking.
"""

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import yaml
from pypinyin import lazy_pinyin

from indexer.embedded.columns import container
from indexer.suggest import columns, ranking
from indexer.suggest.alphabet import squeeze
from indexer.suggest.columns import SuggestColumns
from kb.settings import PROJECT
from tests.benchmarks.figures import row

SEED = 20261102
TEXTS_PER_DOCUMENT = 5
KEYS = 200
"""Questions of each length and kind."""


def shipped() -> list[str]:
    found: set[str] = set()
    for path in sorted((PROJECT / "content" / "entries").glob("**/*.md")):
        front = yaml.safe_load(path.read_text(encoding="utf-8").split("---")[1])
        found |= {front["title"], *front.get("wordings", [])}
    return sorted(found)


def spliced(chance: random.Random, count: int) -> list[str]:
    """Return *count* texts, each the start of one shipped text and the end of another."""
    base = shipped()
    texts = []
    for _ in range(count):
        left, right = chance.choice(base), chance.choice(base)
        texts.append(left[: chance.randint(1, len(left))] + right[chance.randrange(len(right)) :])
    return texts


KINDS: dict[str, Callable[[str, int], str]] = {
    "Chinese": lambda text, length: text[:length],
    "pinyin": lambda text, length: "".join(lazy_pinyin(text))[:length],
    "initials": lambda text, length: "".join(syllable[0] for syllable in lazy_pinyin(text))[:length],
    "half composed": lambda text, length: text[: length - 1] + lazy_pinyin(text[length - 1 : length] or "好")[0][:1],
    "inside": lambda text, length: text[2 : 2 + length],
}


def resident() -> float:
    """Return the memory of this process alone, files mapped left out, in MB."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(fields["RssAnon"].split()[0]) / 1024


def timings(
    opened: SuggestColumns, units: ranking.SegmentUnits, allowed: np.ndarray, typed: list[str]
) -> Iterator[float]:
    for text in typed:
        started = time.perf_counter()
        ranking.rank(
            lambda tier, text=text: opened.match(text, tier),
            units,
            allowed,
            opened.fingerprint,
            typed=len(squeeze(text)),
            limit=8,
        )
        yield time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=500_000)
    count = parser.parse_args().texts
    chance = random.Random(SEED)
    texts = spliced(chance, count)
    samples = chance.sample(texts, KEYS)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "segment.suggest"
        columns.arrays(texts[:1000])  # loads the dictionaries
        started = time.perf_counter()
        container.write(path, columns.arrays(texts))
        seconds = time.perf_counter() - started
        size = path.stat().st_size / 2**20
        print(f"{count} texts written in {seconds:.1f} s, {count / seconds:,.0f} a second, {size:.0f} MB on disk")
        numbers = np.arange(count, dtype=np.uint32)
        documents = numbers // np.uint32(TEXTS_PER_DOCUMENT)
        highest = int(documents[-1]) + 1
        generator = np.random.default_rng(SEED)
        opened = SuggestColumns(container.read(path))
        units = ranking.SegmentUnits(
            documents=documents,
            titles=numbers % TEXTS_PER_DOCUMENT == 0,
            lengths=opened.lengths(numbers),
            maturity=generator.random(highest, dtype=np.float32),
            uses=generator.integers(0, 100, highest, dtype=np.uint32),
        )
        allowed = generator.random(highest) < 0.8
        before = resident()
        every: list[float] = []
        for kind, cut in KINDS.items():
            for length in range(1, 7):
                typed = [found for text in samples if (found := cut(text, length))]
                taken = list(timings(opened, units, allowed, typed))
                every += taken
                print(row(f"{kind}, {length} typed", taken))
        print(row("all", every))
        print(f"memory of its own: {resident() - before:+.1f} MB; at most {_peak():.0f} MB with the building of it all")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
