"""A centre whose entries have a known true quality, and colluders in it: what do M, mean stars and clicks make of it?

``python -m tests.simulation.maturity`` prints the table; the fixed seed makes it the same every time. An entry's true
quality is the chance that it solves a call. Agents mark what happened. Colluders (one in ten) mark each other's entries
as solved every day without a call, and rate them 5. Levels follow the product's own gates, week by week; the product's
own honesty checks flag, and a manager sets aside what pairs said of each other's entries.
"""

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from statistics import mean

from scipy.stats import rankdata, spearmanr

from kb.entries.content import Freshness
from kb.entries.rules import Level
from kb.maturity import rules
from kb.maturity.gates import CALL_GATES, ENOUGH_RATERS, Facts, Judgement, Tally, settle
from kb.maturity.honesty import Check, Marked, Rated, Sums, findings

WEEK_DAYS = 5
SEED = 20261125


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large the centre is."""

    agents: int = 200
    entries: int = 1000
    teams: int = 10
    experts: int = 40
    weeks: int = 12
    marks: int = 20
    """What an agent marks in a day."""
    ratings: int = 15
    """What an expert rates in a week."""
    colluders: float = 0.10
    favours: int = 8
    """What a colluder marks for the others in a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What is different between two runs of the same world."""

    collude: bool
    manager: bool


@dataclass(slots=True)
class World:
    """What is true, and what people did."""

    size: Size
    quality: list[float]
    popularity: list[float]
    checklist: list[float]
    age: list[float]
    shelf: list[int]
    lenience: list[float]
    colluders: list[int]
    marks: dict[int, dict[int, list[int]]] = field(default_factory=lambda: defaultdict(dict))
    ratings: dict[int, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    stars: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    clicks: list[int] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    aged: list[bool] = field(default_factory=list)
    set_aside: set[tuple[int, int]] = field(default_factory=set)
    """(entry, person) whose word a manager does not count."""
    flagged: dict[Check, set[str]] = field(default_factory=lambda: defaultdict(set))

    def owner(self, entry: int) -> int:
        return entry % self.size.agents

    def team(self, agent: int) -> int:
        return agent % self.size.teams

    def module(self, entry: int) -> int:
        return (entry // self.size.agents) % 5


def make(size: Size, seed: int) -> World:
    """Return the world before anybody did anything."""
    chance = random.Random(seed)
    quality = [0.25 + 0.72 * chance.betavariate(2.0, 1.6) for _ in range(size.entries)]
    popularity = [1 / (rank + 10) ** 0.6 for rank in range(size.entries)]
    chance.shuffle(popularity)
    return World(
        size=size,
        quality=quality,
        popularity=popularity,
        checklist=[sum(chance.random() < 0.4 + 0.6 * q for _ in range(5)) / 5 for q in quality],
        age=[chance.uniform(0, 45) for _ in quality],
        shelf=[rules.SHELF_DAYS[chance.choice(list(Freshness))] for _ in quality],
        lenience=[chance.gauss(0, 0.5) for _ in range(size.agents)],
        colluders=sorted(chance.sample(range(size.agents), round(size.colluders * size.agents))),
        clicks=[0] * size.entries,
        levels=[Level.L2] * size.entries,
        aged=[False] * size.entries,
    )


def run(size: Size, behaviour: Behaviour, *, seed: int = SEED) -> World:
    """Return the world after its weeks. What honest people do is drawn apart, so it is the same in every run."""
    world = make(size, seed)
    honest, crooked, judging = (random.Random(seed + number) for number in (1, 2, 3))
    weights = list(accumulate(world.popularity))
    for _week in range(size.weeks):
        for _day in range(WEEK_DAYS):
            _call(world, honest, weights)
            if behaviour.collude:
                _favour(world, crooked)
        _rate(world, judging, collude=behaviour.collude)
        _look(world, manager=behaviour.manager)
        world.age = [age + 7 for age in world.age]
        _assess(world)
    return world


def _call(world: World, chance: random.Random, weights: Sequence[float]) -> None:
    for agent in range(world.size.agents):
        for entry in set(chance.choices(range(world.size.entries), cum_weights=weights, k=world.size.marks)):
            solved = chance.random() < world.quality[entry]
            world.clicks[entry] += 1
            star = 1 + 4 * world.quality[entry] + chance.gauss(0, 1) + world.lenience[agent]
            if chance.random() < 0.2:  # few give stars at all
                world.stars[entry].append(min(5, max(1, round(star))))
            if world.owner(entry) != agent:
                world.marks[entry].setdefault(agent, [0, 0])[0 if solved else 1] += 1


def _favour(world: World, chance: random.Random) -> None:
    """Every colluder clicks, marks and praises some of the others' entries."""
    theirs = [entry for entry in range(world.size.entries) if world.owner(entry) in world.colluders]
    for agent in world.colluders:
        others = [entry for entry in theirs if world.owner(entry) != agent]
        for entry in chance.sample(others, min(world.size.favours, len(others))):
            world.marks[entry].setdefault(agent, [0, 0])[0] += 1
            world.clicks[entry] += 1
            world.stars[entry].append(5)


def _rate(world: World, chance: random.Random, *, collude: bool) -> None:
    """Every expert rates what is ripe in their module; colluding ones begin with their friends' and give fives."""
    gate = CALL_GATES[Level.L3]
    tallies = {entry: _tally(world, entry) for entry in range(world.size.entries)}
    queue = [entry for entry, tally in tallies.items() if tally.trials >= gate.outcomes and tally.agents >= gate.agents]
    step = world.size.agents // world.size.experts
    for number in range(world.size.experts):
        expert = number * step
        own = [
            entry
            for entry in queue
            if world.module(entry) == number % 5
            and world.owner(entry) != expert
            and expert not in world.ratings[entry]
            and len(world.ratings[entry]) < ENOUGH_RATERS
        ]
        chance.shuffle(own)
        friends = collude and expert in world.colluders
        if friends:
            own.sort(key=lambda entry: world.owner(entry) not in world.colluders)
        for entry in own[: world.size.ratings]:
            seen = 1 + 4 * (world.quality[entry] - 0.25) / 0.72
            given = mean(min(5, max(1, round(seen + world.lenience[expert] + chance.gauss(0, 0.6)))) for _ in range(5))
            world.ratings[entry][expert] = 5.0 if friends and world.owner(entry) in world.colluders else given


def _look(world: World, *, manager: bool) -> None:
    """Run the checks; a manager sets aside what pairs said of each other's entries, and lets the rest be."""
    found = findings(
        Sums(
            ratings=[
                Rated(rater=rater, entry=entry, owner=world.owner(entry), overall=overall)
                for entry, given in world.ratings.items()
                for rater, overall in given.items()
            ],
            marks=[
                Marked(
                    agent=agent,
                    team=world.team(agent),
                    entry=entry,
                    owner=world.owner(entry),
                    owner_team=world.team(world.owner(entry)),
                    solved=solved,
                    unsolved=unsolved,
                )
                for entry, given in world.marks.items()
                for agent, (solved, unsolved) in given.items()
                if (entry, agent) not in world.set_aside
            ],
        )
    )
    for finding in found:
        world.flagged[finding.check].add(finding.key)
        if manager and finding.check in (Check.RECIPROCAL_MARKS, Check.RECIPROCAL_RATERS):
            world.set_aside |= {(entry, user) for entry in finding.entries for user in finding.users}


def _tally(world: World, entry: int) -> Tally:
    counted = {agent: marks for agent, marks in world.marks[entry].items() if (entry, agent) not in world.set_aside}
    return Tally(
        sum(marks[0] for marks in counted.values()),
        sum(marks[1] for marks in counted.values()),
        len(counted),
        len({world.team(agent) for agent in counted}),
    )


def facts(world: World) -> list[Facts]:
    """Return what the product would know of every entry."""
    given: dict[int, list[float]] = defaultdict(list)
    for ratings in world.ratings.values():
        for rater, overall in ratings.items():
            given[rater].append(overall)
    everything = [overall for scores in given.values() for overall in scores]
    prior = mean(everything) if everything else rules.PRIOR_MEAN
    means = {rater: (mean(scores), len(scores)) for rater, scores in given.items()}
    found = []
    for entry in range(world.size.entries):
        counted = {
            rater: overall for rater, overall in world.ratings[entry].items() if (entry, rater) not in world.set_aside
        }
        centred = [
            rules.centred(overall, mean=means[rater][0], count=means[rater][1], prior=prior)
            for rater, overall in counted.items()
        ]
        found.append(
            Facts(
                owned=True,
                dated=True,
                regions_verified=True,
                age_days=world.age[entry] % max(45, world.shelf[entry]),  # owners have it verified in time
                shelf_days=world.shelf[entry],
                checklist=world.checklist[entry],
                tally=_tally(world, entry),
                judgement=Judgement(
                    len(counted),
                    len({world.team(rater) for rater in counted}),
                    rules.bayesian_mean(centred, prior),
                ),
            )
        )
    return found


def _assess(world: World) -> None:
    for entry, known in enumerate(facts(world)):
        for decision in settle(world.levels[entry], known, aged=False):
            world.levels[entry] = decision.level


Rule = Callable[[World], list[float]]
RULES: Mapping[str, Rule] = {
    "maturity M": lambda world: [known.score for known in facts(world)],
    "mean of stars": lambda world: [
        mean(world.stars[entry]) if world.stars[entry] else 0.0 for entry in range(world.size.entries)
    ],
    "click count": lambda world: [float(count) for count in world.clicks],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one rule made of the world.

    Attributes:
        correlation: Spearman's, between the rule's order and the truth, colluders at work.
        lift: by how many percentiles colluders raised their own entries on average.
        top: mean true quality of the rule's first tenth.
    """

    rule: str
    correlation: float
    lift: float
    top: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The table, and what became of levels.

    Attributes:
        raised: by how many levels colluders raised their own entries on average.
        levels: how many entries stand on each level, and their mean true quality.
    """

    rows: tuple[Row, ...]
    raised: float
    levels: Mapping[Level, tuple[int, float]]
    flagged: Mapping[Check, int]
    caught: float


def compare(size: Size, *, manager: bool, seed: int = SEED) -> Result:
    """Return what each rule makes of a centre with colluders, beside the same centre without."""
    clean = run(size, Behaviour(collude=False, manager=manager), seed=seed)
    gamed = run(size, Behaviour(collude=True, manager=manager), seed=seed)
    own = [entry for entry in range(size.entries) if gamed.owner(entry) in gamed.colluders]
    rows = []
    for name, rule in RULES.items():
        before, after = rule(clean), rule(gamed)
        places = [100 * rankdata(values) / size.entries for values in (before, after)]
        best = sorted(range(size.entries), key=lambda entry: -after[entry])[: size.entries // 10]
        rows.append(
            Row(
                rule=name,
                correlation=float(spearmanr(after, gamed.quality).statistic),
                lift=mean(float(places[1][entry] - places[0][entry]) for entry in own),
                top=mean(gamed.quality[entry] for entry in best),
            )
        )
    accused = {int(person) for key in gamed.flagged[Check.RECIPROCAL_MARKS] for person in key.split("-")}
    return Result(
        rows=tuple(rows),
        raised=mean(gamed.levels[entry] - clean.levels[entry] for entry in own),
        levels={
            level: (len(found), mean(found))
            for level in Level
            if (found := [q for q, has in zip(gamed.quality, gamed.levels, strict=True) if has is level])
        },
        flagged={check: len(keys) for check, keys in gamed.flagged.items() if keys},
        caught=len(accused & set(gamed.colluders)) / max(1, len(gamed.colluders)),
    )


def table(result: Result) -> str:
    """Return *result* as people read it."""
    lines = [f"{'rule':<16}{'correlation':>12}{'lift':>8}{'top tenth':>11}"]
    lines += [f"{row.rule:<16}{row.correlation:>12.3f}{row.lift:>+8.1f}{row.top:>11.3f}" for row in result.rows]
    lines.append(f"colluders raised their own entries by {result.raised:+.2f} levels on average")
    lines += [
        f"  {level.name}: {count} entries, mean truth {truth:.2f}" for level, (count, truth) in result.levels.items()
    ]
    named = ", ".join(f"{check.value} {count}" for check, count in result.flagged.items()) or "nothing"
    lines.append(f"flagged: {named}; colluders found: {result.caught:.0%}")
    return "\n".join(lines)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--weeks", type=int, default=Size().weeks)
    given = parser.parse_args()
    size = Size(weeks=given.weeks)
    sys.stdout.write(
        f"{size.agents} agents, {size.entries} entries, {size.colluders:.0%} colluders, {size.weeks} weeks, "
        f"seed {given.seed}; lift in percentiles\n"
    )
    for manager in (False, True):
        sys.stdout.write(f"\n{'a manager looks at flags' if manager else 'nobody looks at flags'}\n")
        sys.stdout.write(table(compare(size, manager=manager, seed=given.seed)) + "\n")


if __name__ == "__main__":
    main()
