"""Documents and callers' questions of natural Chinese statistics, as many as wanted, always the same for a seed.

Document *i* is the same whatever else is made, so processes can share the work. Measured over the first 20,000: 393
characters in the mean, 90 of 100 between 220 and 580; at 50,000 words 7,066 distinct ones where the samples have 6,857;
Heaps' exponent 0.57 there and 0.46 at four million words; Zipf's 0.86 where the samples have 0.87.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.bench import samples
from indexer.bench.chains import Chains, Chance, Integers, Lanes
from indexer.bench.samples import Part
from indexer.bench.vocabulary import KEPT, Class, Names, Vocabulary, names, number
from indexer.documents import Document, Reference, Source, by_level
from indexer.text import Analysis
from kb.entries.rules import State
from kb.permissions import Role

T = TypeVar("T")

NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""The moment all documents are written for: some are no longer valid then, some not yet."""

BLOCK = 512
"""Documents drawn together, from random numbers of their own."""

WORDINGS = (1, 2, 2, 3, 3, 3, 4, 5, 7)
"""Numbers of wordings, equally likely; the mean is 3⅓, for entries that callers have not taught much yet."""
PASSAGES = (2, 3, 4, 5)
PASSAGE_LENGTH = (40.0, 90.0)
"""Characters after which a passage ends with its sentence: lowest and highest."""

LEVELS = ((1, 0.2), (2, 0.5), (3, 0.2), (4, 0.08), (5, 0.02))
STATES = ((State.PUBLISHED, 0.93), (State.REVIEW_DUE, 0.04), (State.SUSPENDED, 0.01), (State.RETIRED, 0.02))
LOCAL, RESTRICTED, BEGINS, ENDS = 0.3, 0.03, 0.12, 0.08
"""Shares of documents for a region, for some roles, and with a first or a last day of validity."""

PLACE_WORDS = frozenset(
    ("小区", "营业厅", "片区", "装维", "师傅", "停电", "断网", "信号", "基站", "家里", "地址", "网点")
)
PLAN_WORDS = frozenset(("套餐", "流量", "合约", "月费", "优惠", "融合", "副卡", "宽带", "资费", "会员", "流量包"))
DEVICE_WORDS = frozenset(("光猫", "机顶盒", "路由器", "遥控器", "手机", "盒子", "智能卡", "猫", "终端", "设备", "网关"))
NAMED = 0.4
"""Share of documents that put their name before such a word, wherever it stands."""


HEADINGS = (
    "{title}",
    "{place}{title}",
    "{plan}套餐{title}",
    "{title}（{place}）",
    "{device} {title}",
    "{plan}：{title}",
)
"""How titles are told apart, equally likely: the same thing is written down for many places, plans and devices."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A document's texts, before it has facts."""

    title: str
    wordings: tuple[str, ...]
    answer: str
    passages: tuple[str, ...]


class Generator:
    """Makes documents from the samples in the folder *content*.

    Args:
        content: a content folder (``content/README.md``).
        analysis: cuts the samples as the index will cut the documents.
        seed: another one makes other documents.
    """

    def __init__(self, content: Path, analysis: Analysis, *, seed: int) -> None:
        self.seed = seed
        self._samples = samples.load(content)
        self._regions = tuple(self._samples.regions().items())
        self._chains = Chains(self._samples.texts, analysis.pieces)
        self._vocabulary = Vocabulary(self._chains.words, self._chains.counts, analysis.dictionary.trade)
        modules = {key: place for place, key in enumerate(self._chains.modules)}
        self._module_of = np.array([modules[facts.module] for facts in self._samples.facts])
        named = (PLACE_WORDS, PLAN_WORDS, DEVICE_WORDS)
        self._named = np.array([sum(kind for kind, of in enumerate(named, 1) if w in of) for w in self._chains.words])

    def documents(self, start: int, stop: int) -> Iterator[Document]:
        """Yield documents number *start* up to *stop*, which is left out; the first of all is number 1."""
        for block in range((start - 1) // BLOCK, (stop - 2) // BLOCK + 1):
            first = block * BLOCK + 1
            made = self._block(block)
            yield from made[max(start - first, 0) : max(stop - first, 0)]

    def _block(self, block: int) -> list[Document]:
        chance = np.random.default_rng((self.seed, block))
        facts = chance.integers(0, len(self._samples.facts), BLOCK)
        drafts = self._drafts(self._module_of[facts], chance)
        scopes = _Scopes(chance)
        return [
            self._document(block * BLOCK + place + 1, draft, int(facts[place]), place, scopes)
            for place, draft in enumerate(drafts)
        ]

    def _drafts(self, modules: Integers, chance: Chance) -> list[Draft]:
        wordings = chance.choice(WORDINGS, BLOCK)
        passages = chance.choice(PASSAGES, BLOCK)
        counts = np.stack([np.ones_like(wordings), wordings, np.ones_like(wordings), passages], axis=1)
        part = np.repeat(np.tile(np.arange(len(Part)), BLOCK), counts.ravel())
        document = np.repeat(np.arange(BLOCK), counts.sum(axis=1))
        enough = np.where(part == Part.PASSAGE, chance.uniform(*PASSAGE_LENGTH, len(part)), 0).astype(np.int64)
        words, lane = self._chains.draw(Lanes(part, modules[document], enough), chance)
        about = [names(ranks) for ranks in self._name_ranks(chance)]
        texts = self._texts(words, lane, document, about, chance)
        headings = chance.integers(0, len(HEADINGS), BLOCK).tolist()
        found, at = [], 0
        for place, (_, said, _, told) in enumerate(counts.tolist()):
            title, answer = at, at + 1 + said
            found.append(
                Draft(
                    title=_heading(HEADINGS[headings[place]], about[place], texts[title]),
                    wordings=tuple(dict.fromkeys(texts[title + 1 : answer])),
                    answer=texts[answer],
                    passages=tuple(texts[answer + 1 : answer + 1 + told]),
                )
            )
            at = answer + 1 + told
        return found

    def _texts(
        self, words: Integers, lane: Integers, document: Integers, about: Sequence[Names], chance: Chance
    ) -> list[str]:
        """Return the text of every lane, with rare words, names and numbers put in."""
        pieces = list(self._chains.words)
        words = self._replace(words, document[lane], pieces, about, chance)
        spelled = list(map(pieces.__getitem__, words.tolist()))
        ends = np.cumsum(np.bincount(lane, minlength=len(document))).tolist()
        return ["".join(spelled[begin:end]) for begin, end in zip([0, *ends], ends, strict=False)]

    def _replace(
        self, words: Integers, document: Integers, pieces: list[str], about: Sequence[Names], chance: Chance
    ) -> Integers:
        """Return *words* with the replaced ones pointing to new *pieces*. A document replaces a word once for all."""
        classes = self._vocabulary.classes[words]
        found = words.copy()
        of_note = np.flatnonzero((classes != Class.FIXED) | (self._named[words] > 0))
        pairs, inverse = np.unique(document[of_note] * len(self._chains.words) + words[of_note], return_inverse=True)
        draws, kept = chance.random(len(pairs)), chance.random(len(pairs))
        owner, word = np.divmod(pairs, len(self._chains.words))
        kinds = self._vocabulary.classes[word]
        ranks = np.zeros(len(pairs), dtype=np.int64)
        for item in (Class.NOUN, Class.VERB, Class.QUALITY, Class.NAME):
            of_class = kinds == item
            ranks[of_class] = self._vocabulary.ranks(item, draws[of_class])
        replacement = word.copy()
        columns = (owner, word, kinds, self._named[word], ranks, draws, kept)
        for place, (doc, at, kind, named, rank, draw, keep) in enumerate(
            zip(*(c.tolist() for c in columns), strict=True)
        ):
            if kind == Class.NUMBER:
                text = number(draw)
            elif named:
                if keep > NAMED:
                    continue
                text = (about[doc].place, about[doc].plan, about[doc].device)[named - 1] + pieces[at]
            elif keep > KEPT:
                text = self._vocabulary.word(Class(kind), rank)
            else:
                continue
            replacement[place] = len(pieces)
            pieces.append(text)
        found[of_note] = replacement[inverse]
        return found

    def _name_ranks(self, chance: Chance) -> list[list[int]]:
        draws = chance.random(3 * BLOCK)
        ranks: list[list[int]] = self._vocabulary.ranks(Class.NAME, draws).reshape(BLOCK, 3).tolist()
        return ranks

    def _document(self, row: int, draft: Draft, facts: int, place: int, scopes: "_Scopes") -> Document:
        beside = self._samples.facts[facts]
        region = scopes.region(place, self._regions)
        return Document(
            reference=Reference(Source.ENTRY, row),
            key=f"bench-{row:07d}",
            kind=beside.kind,
            state=scopes.states[place],
            level=scopes.levels[place],
            maturity=by_level(scopes.levels[place]),
            modules=tuple(self._samples.taxonomy.modules.above(beside.module)),
            tier=beside.tier,
            products=beside.products,
            regions=() if region is None else (region[0],),
            reach=() if region is None else region[1],
            audience=(Role.EXPERT.value, Role.LEADER.value) if scopes.restricted[place] else (),
            people=(scopes.authors[place],),
            title=draft.title,
            answer=draft.answer,
            wordings=draft.wordings,
            passages=draft.passages,
            valid_from=scopes.valid_from[place],
            valid_until=scopes.valid_until[place],
            verified_at=scopes.verified_at[place],
            updated_at=scopes.updated_at[place],
        )


def _heading(form: str, about: Names, title: str) -> str:
    return form.format(title=title, place=about.place, plan=about.plan, device=about.device)


class _Scopes:
    """The facts of a block's documents that do not hang on their module: level, state, region, roles, people, times."""

    def __init__(self, chance: Chance) -> None:
        self.levels = _weighted(LEVELS, chance)
        self.states = [state.value for state in _weighted(STATES, chance)]
        self._local = (chance.random(BLOCK) < LOCAL).tolist()
        self._which = chance.random(BLOCK).tolist()
        self.restricted = (chance.random(BLOCK) < RESTRICTED).tolist()
        self.authors = chance.integers(1, 60, BLOCK).tolist()
        # A tenth of what has a first or last day has it on the wrong side of now.
        begins, ends = chance.uniform(-900, 100, BLOCK), chance.uniform(-36, 324, BLOCK)
        self.valid_from = _days(begins, chance.random(BLOCK) < BEGINS)
        self.valid_until = _days(ends, chance.random(BLOCK) < ENDS)
        verified = chance.uniform(-700, 0, BLOCK)
        self.verified_at = _days(verified, np.array(self.levels) > 1)
        self.updated_at = [NOW + timedelta(seconds=int(day * 86_400)) for day in (verified - 2).tolist()]

    def region(self, place: int, regions: Sequence[tuple[str, tuple[str, ...]]]) -> tuple[str, tuple[str, ...]] | None:
        """Return the region of the document at *place* and its reach; ``None`` for the whole province."""
        if not self._local[place] or not regions:
            return None
        return regions[int(self._which[place] ** 2 * len(regions))]  # the first few have most of the people


def _weighted(shares: Sequence[tuple[T, float]], chance: Chance) -> list[T]:
    edges = np.cumsum([share for _, share in shares])
    drawn = np.searchsorted(edges / edges[-1], chance.random(BLOCK), side="right")
    return [shares[place][0] for place in drawn.tolist()]


def _days(days: NDArray[np.float64], wanted: NDArray[np.bool_]) -> list[datetime | None]:
    pairs = zip(days.astype(np.int64).tolist(), wanted.tolist(), strict=True)
    return [NOW + timedelta(days=day) if given else None for day, given in pairs]
