"""``python -m tests.benchmarks.answered FOLDER…``: when a search "has no good answer", measured and fitted anew.

Answerable: the spoken cases on the sample knowledge, and the questions of each relevance set on its own documents.
Unanswerable: the off-topic questions, the questions of another set, and each question with its right documents held
out. (Where a set's labels miss most true matches, as those of near-duplicate questions do, that last kind tells little;
it is shown, but nothing is fitted on it.) The table has for each signal its AUC with a 95 % interval, and the share
of unanswerable questions it catches where it withholds at most 3 % of the answerable ones.
"""

import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import rankdata

from indexer import relevance
from indexer.embedded.confidence import WITH_SENSE, WORDS_ALONE, Demand, Evidence, Weights, weigh
from indexer.embedded.engine import EmbeddedEngine
from indexer.engine import Filters
from indexer.evaluation import NOW, Laboratory, make_engine
from indexer.query import understand
from indexer.relevance import RelevanceSet
from kb.db import make_engine as make_database
from kb.permissions import SYSTEM
from tests.support.demo import make_demo
from tests.support.installation import Installation, load_analysis, settings_for
from tests.web.spoken import off_topic, spoken_cases

MOST_WITHHELD = 0.03
FOREIGN = 250
"""Questions of each other set that are asked: enough for intervals of a few points."""
GATED = -1e6
"""The score of what the gate keeps back."""
SEED = 20260131

Values = NDArray[np.float64]
Ask = Callable[[str, Collection[str]], "Looked"]


@dataclass(frozen=True, slots=True)
class Looked:
    """What the engine saw for one question; ``gate``: whether its candidates were answers at all."""

    evidence: Evidence
    cosine: float
    margin: float
    demand: Demand
    gate: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """Questions asked of one index: those it answers, those it can't, and those whose answers were held out."""

    name: str
    answerable: Sequence[Looked]
    off_topic: Sequence[Looked]
    held_out: Sequence[Looked]


SIGNALS: dict[str, Callable[[Looked], tuple[float, ...]]] = {
    "best": lambda looked: (max(looked.evidence.phrasing, looked.evidence.text),),
    "coverage": lambda looked: (looked.evidence.covered,),
    "cosine": lambda looked: (looked.cosine,),
    "margin to the 2nd": lambda looked: (looked.margin,),
    "best + coverage": lambda looked: (
        min(max(looked.evidence.phrasing, looked.evidence.text), 1),
        min(looked.evidence.covered, 1),
    ),
    "phrasing + text + coverage": lambda looked: (
        min(looked.evidence.phrasing, 1),
        min(looked.evidence.text, 1),
        min(looked.evidence.covered, 1),
    ),
}


def asking(engine: EmbeddedEngine, now: datetime) -> Ask:
    def ask(text: str, hidden: Collection[str]) -> Looked:
        query = understand(text, engine.analysis)
        seen = engine.examine(query, Filters(without=frozenset(hidden)), SYSTEM, now=now)
        scores = np.sort(seen.judged.scores)[::-1]
        margin = float(1 - scores[1] / scores[0]) if len(scores) > 1 and scores[0] else 0.0
        cosine = float(np.nan_to_num(seen.judged.sense).max(initial=0))
        return Looked(seen.evidence, cosine, margin, Demand.of(query), seen.gate)

    return ask


def sample_of(given: RelevanceSet, ask: Ask, strangers: Iterable[str]) -> Sample:
    own = [frozenset(() if item.itself is None else (item.itself,)) for item in given.questions]
    return Sample(
        given.name,
        [ask(item.text, hidden) for item, hidden in zip(given.questions, own, strict=True)],
        [ask(text, ()) for text in strangers],
        [ask(item.text, hidden | item.grades.keys()) for item, hidden in zip(given.questions, own, strict=True)],
    )


def samples(folders: Sequence[Path], embedder: str) -> list[Sample]:
    sets = [relevance.load(folder) for folder in folders]
    thinned = {item.name: [question.text for question in item.questions][:: max(len(item.questions) // FOREIGN, 1)]
               for item in sets}  # fmt: skip
    spoken = [case.question for case in spoken_cases()]
    found = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        analysis = load_analysis(folder / "jieba")
        make_demo(folder / "home", analysis)
        settings = settings_for(folder / "home")
        installation = Installation(settings, make_database(settings.url), analysis)
        engine = make_engine(settings.index_path, analysis, {"embedder": embedder})
        assert isinstance(engine, EmbeddedEngine)
        while engine.embed_pending(seconds=60):
            pass
        ask = asking(engine, installation.clock())
        off = [text for kind in off_topic().values() for text in kind]
        cases = spoken_cases()
        found.append(
            Sample(
                "sample knowledge",
                [ask(case.question, ()) for case in cases],
                [ask(text, ()) for text in off],
                [ask(case.question, case.answers) for case in cases],
            )
        )
        strangers = [ask(text, ()) for texts in thinned.values() for text in texts]
        found.append(replace(found[0], name="sample knowledge, other sets", off_topic=strangers))
        installation.close()
        with Laboratory(analysis) as laboratory:
            for given in sets:
                own = laboratory.engine(given.documents, {"embedder": embedder}, lambda done, total: None)
                assert isinstance(own, EmbeddedEngine)
                # Sets that share a prefix (bq-dev, bq-dev-entries) are of one trade: no strangers to each other.
                trade = given.name.split("-")[0]
                others = [text for name, texts in thinned.items() if name.split("-")[0] != trade for text in texts]
                found.append(sample_of(given, asking(own, NOW), (*others, *spoken)))
    return found


def fit(chosen: Sequence[Sample], features: Callable[[Looked], tuple[float, ...]]) -> Values:
    """Return the coefficients, bias last, of a logistic regression in which every sample and side counts the same."""
    rows, labels, weights = [], [], []
    for item in chosen:
        for label, side in ((1.0, item.answerable), (-1.0, item.off_topic)):
            kept = [looked for looked in side if not looked.demand.literal]
            rows += [(*features(looked), 1.0) for looked in kept]
            labels += [label] * len(kept)
            weights += [1 / max(len(kept), 1)] * len(kept)
    table, signs, shares = np.array(rows), np.array(labels), np.array(weights) / (2 * len(chosen))

    def loss(coefficients: Values) -> float:
        likely = np.logaddexp(0, -signs * (table @ coefficients))
        return float(shares @ likely + 1e-3 * (coefficients[:-1] @ coefficients[:-1]))

    return np.asarray(minimize(loss, np.zeros(table.shape[1]), method="BFGS").x)


def scores(side: Sequence[Looked], features: Callable[[Looked], tuple[float, ...]], coefficients: Values) -> Values:
    """Return scores: the lowest of all for what the gate keeps back, the highest for what coverage alone decides."""
    values = np.array([(*features(looked), 1.0) for looked in side]) @ coefficients
    literal = np.array([looked.demand.literal for looked in side])
    gate = np.array([looked.gate for looked in side])
    return np.where(gate, np.where(literal, -GATED, values), GATED)


def auc(yes: Values, no: Values) -> float:
    ranks = rankdata(np.concatenate([yes, no]))
    return float((ranks[: len(yes)].sum() - len(yes) * (len(yes) + 1) / 2) / (len(yes) * len(no)))


def interval(yes: Values, no: Values) -> tuple[float, float]:
    random = np.random.default_rng(SEED)
    drawn = [auc(random.choice(yes, len(yes)), random.choice(no, len(no))) for _ in range(300)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def threshold(yes: Values) -> float:
    """Return the highest threshold that withholds at most ``MOST_WITHHELD`` of *yes*, the gate included."""
    still = max(MOST_WITHHELD - float(np.mean(yes == GATED)), 0.0)
    return float(np.quantile(yes[yes > GATED], still, method="lower"))


def caught(yes: Values, no: Values) -> float:
    """Return the share of *no* below the highest threshold that withholds at most ``MOST_WITHHELD`` of *yes*."""
    highest = np.quantile(yes, MOST_WITHHELD, method="lower")
    return float(np.mean(no < highest))


def report(measured: Sequence[Sample], weights: Weights) -> None:
    print("| signal | " + " | ".join(item.name for item in measured) + " |")
    print("|---|" + "---|" * len(measured))
    for name, features in SIGNALS.items():
        cells = []
        for item in measured:
            coefficients = fit([other for other in measured if other is not item] or measured, features)
            yes, no = (scores(side, features, coefficients) for side in (item.answerable, item.off_topic))
            low, high = interval(yes, no)
            cells.append(f"{auc(yes, no):.3f} ({low:.3f}–{high:.3f}), {caught(yes, no):.0%}")
        print(f"| {name} | " + " | ".join(cells) + " |")
    for name in ("best + coverage", "phrasing + text + coverage"):
        fitted = fit(measured, SIGNALS[name])
        most = min(threshold(scores(item.answerable, SIGNALS[name], fitted)) for item in measured)
        print(f"\n{name}, fitted on all: {np.round(fitted, 2)}, threshold at most {1 / (1 + np.exp(-most)):.3f}")
    print("\n| as shipped | answerable | withheld | off topic | caught | held out | caught | before |")
    print("|" + "---|" * 8)
    for item in measured:
        shown = [answered(side, weights) for side in (item.answerable, item.off_topic, item.held_out)]
        before = [np.mean([looked.gate for looked in side]) for side in (item.answerable, item.off_topic)]
        cells = [
            f"{len(item.answerable)} | {1 - shown[0]:.1%}",
            f"{len(item.off_topic)} | {1 - shown[1]:.0%}",
            f"{len(item.held_out)} | {1 - shown[2]:.0%}",
            f"{1 - before[0]:.1%}, {1 - before[1]:.0%}",
        ]
        print(f"| {item.name} | {' | '.join(cells)} |")


def answered(side: Sequence[Looked], weights: Weights) -> float:
    return float(np.mean([looked.gate and weigh(looked.evidence, looked.demand, weights).answered for looked in side]))


def main() -> int:
    folders = [Path(name) for name in sys.argv[1:]]
    for embedder, weights in (("use", WITH_SENSE), ("none", WORDS_ALONE)):
        print(f"\nembedder={embedder}\n")
        report(samples(folders, embedder), weights)
    return 0


if __name__ == "__main__":
    sys.exit(main())
