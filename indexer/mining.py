"""New words from what callers say: pieces that jieba takes apart and that stand together far more than by chance.

Two old measures that need nothing but counts, taken together as in Jin and Tanaka-Ishii, "Unsupervised Segmentation
of Chinese Text by Use of Branching Entropy" (ACL 2006), and Matrix67's "互联网时代的社会语言学" (2012):

- *cohesion*: the pointwise mutual information of the two halves (Church and Hanks 1990), at the weakest of all places
  where the word could be cut, so that one strong half can't carry an accidental neighbour;
- *freedom*: the entropy of what stands before and after, the poorer side: 宽带办 is followed by 理 and nothing else.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from indexer.dictionary import Dictionary
from indexer.normalise import normalise
from indexer.segmenter import Segmenter

MAX_PIECES = 4
MIN_LENGTH, MAX_LENGTH = 2, 8
"""Characters of a proposed word."""

MIN_COUNT = 3
"""Questions it must stand in: what two people say may be one person's."""

MIN_COHESION = 3.0
"""Bits: the halves stand together eight times as often as by chance."""

MIN_FREEDOM = 0.9
"""Bits: almost as free as one of two neighbours at even odds."""

PART_OF = 0.8
"""A piece of a longer proposal that stands alone in less than a fifth of its cases is only that: a piece."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A word that might be added, how it is cut today, and why: questions it stands in, cohesion, freedom (bits)."""

    text: str
    pieces: tuple[str, ...]
    count: int
    cohesion: float
    freedom: float
    examples: tuple[str, ...] = ()


def runs(segmenter: Segmenter, text: str) -> Iterator[tuple[str, ...]]:
    """Yield the pieces *text* is cut into, run by run: nothing reaches across punctuation or white space."""
    run: list[str] = []
    for piece in segmenter.pieces(normalise(text)):
        if piece.isalnum():
            run.append(piece)
        elif run:
            yield tuple(run)
            run = []
    if run:
        yield tuple(run)


def propose(
    segmenter: Segmenter,
    dictionary: Dictionary,
    queries: Iterable[str],
    *,
    unwanted: Collection[str] = (),
    limit: int = 20,
) -> list[Proposal]:
    """Return the words that *queries* suggest, the most frequent first; none that is known or *unwanted*."""
    cut = [(text, tuple(runs(segmenter, text))) for text in dict.fromkeys(queries)]
    known = {word.text for word in dictionary.words}.union(unwanted)
    wanted = [
        proposal
        for proposal in mine([run for _, found in cut for run in found], stopwords=dictionary.stopwords)
        if proposal.text not in known
    ][:limit]
    return [_with_examples(proposal, [text for text, _ in cut]) for proposal in wanted]


def mine(
    texts: Sequence[Sequence[str]],
    *,
    stopwords: Collection[str] = frozenset(),
    min_count: int = MIN_COUNT,
    min_cohesion: float = MIN_COHESION,
    min_freedom: float = MIN_FREEDOM,
) -> list[Proposal]:
    """Return runs of neighbouring pieces in *texts* that belong together, the most frequent first.

    Args:
        texts: each as the pieces it is cut into.
        stopwords: pieces that no word begins or ends with.
        min_count: texts that a word must stand in.
        min_cohesion, min_freedom: bits, see above.
    """
    stretches: Counter[tuple[str, ...]] = Counter()
    before: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    after: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    total = 0
    for pieces in texts:
        total += len(pieces)
        for start in range(len(pieces)):
            for end in range(start + 1, min(start + MAX_PIECES, len(pieces)) + 1):
                stretch = tuple(pieces[start:end])
                stretches[stretch] += 1
                # An edge leaves open what might stand there: every edge counts as a neighbour of its own.
                before[stretch][pieces[start - 1] if start else f"^{len(before[stretch])}"] += 1
                after[stretch][pieces[end] if end < len(pieces) else f"${len(after[stretch])}"] += 1
    found = []
    for stretch, count in stretches.items():
        text = "".join(stretch)
        if count < min_count or len(stretch) < 2 or not MIN_LENGTH <= len(text) <= MAX_LENGTH or text.isdecimal():
            continue
        if stretch[0] in stopwords or stretch[-1] in stopwords:
            continue
        cohesion = min(
            math.log2(count * total / (stretches[stretch[:middle]] * stretches[stretch[middle:]]))
            for middle in range(1, len(stretch))
        )
        freedom = min(_entropy(before[stretch]), _entropy(after[stretch]))
        if cohesion >= min_cohesion and freedom >= min_freedom:
            found.append(Proposal(text, stretch, count, round(cohesion, 2), round(freedom, 2)))
    return sorted(_whole(found), key=lambda item: (-item.count, -item.cohesion, item.text))


def _entropy(neighbours: Counter[str]) -> float:
    """Return the entropy of *neighbours* in bits."""
    total = neighbours.total()
    return -sum(count / total * math.log2(count / total) for count in neighbours.values())


def _whole(found: Sequence[Proposal]) -> Iterator[Proposal]:
    """Yield the proposals that are not just a piece of a longer one."""
    for proposal in found:
        if not any(
            proposal.text != other.text and proposal.text in other.text and other.count >= PART_OF * proposal.count
            for other in found
        ):
            yield proposal


def _with_examples(proposal: Proposal, texts: Iterable[str], most: int = 3) -> Proposal:
    examples = [text for text in texts if proposal.text in normalise(text)][:most]
    return Proposal(
        proposal.text, proposal.pieces, proposal.count, proposal.cohesion, proposal.freedom, tuple(examples)
    )
