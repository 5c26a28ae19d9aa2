"""New words from what callers say: pieces that jieba takes apart and that stand together far more than by chance.

Two old measures that need nothing but counts, taken together as in Jin and Tanaka-Ishii, "Unsupervised Segmentation
of Chinese Text by Use of Branching Entropy" (ACL 2006), and Matrix67's "互联网时代的社会语言学" (2012):

- *cohesion*: the pointwise mutual information of the two halves (Church and Hanks 1990), at the weakest of all places
  where the word could be cut, so that one strong half can't carry an accidental neighbour;
- *freedom*: the entropy of what stands before and after, the poorer side: 宽带办 is followed by 理 and nothing else.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from indexer.dictionary import Dictionary
from indexer.normalise import normalise
from indexer.segmenter import Segmenter

MAX_PIECES = 4
MIN_LENGTH, MAX_LENGTH = 2, 8
"""Characters of a proposed word."""

MIN_COUNT = 3
"""Questions it must stand in: what two people say may be one person's."""

MIN_COHESION = 4.0
"""Bits: the halves stand together sixteen times as often as by chance."""

MIN_FREEDOM = 0.9
"""Bits: almost as free as one of two neighbours at even odds."""

LOOSE = frozenset("不没未无别再还就才能会可要想是有在到给把被完上下里后前个月")
"""Characters that join onto everything: no proposal has one as a piece."""

CUT_WELL = 0.8
"""Share of its questions in which jieba guesses a word by itself that makes it none of ours to add."""

EXAMPLES = 3

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
    """Yield the known words and single characters of normalised *text*; punctuation and white space part the runs."""
    run: list[str] = []
    for piece in segmenter.pieces(text, guess=False):
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
    """Return the words that *queries* suggest, the likeliest first; none that is known or *unwanted*."""
    texts = {text: normalise(text) for text in queries}
    known = {word.text for word in dictionary.words}.union(unwanted)
    wanted: list[Proposal] = []
    for proposal in mine(
        [run for text in texts.values() for run in runs(segmenter, text)], stopwords=dictionary.stopwords
    ):
        within = [text for text, normalised in texts.items() if proposal.text in normalised]
        if proposal.text not in known and not _cut_well(segmenter, proposal.text, [texts[text] for text in within]):
            wanted.append(replace(proposal, examples=tuple(within[:EXAMPLES])))
        if len(wanted) == limit:
            break
    return wanted


def mine(
    texts: Sequence[Sequence[str]],
    *,
    stopwords: Collection[str] = frozenset(),
    min_count: int = MIN_COUNT,
    min_cohesion: float = MIN_COHESION,
    min_freedom: float = MIN_FREEDOM,
) -> list[Proposal]:
    """Return runs of neighbouring pieces in *texts*, a single character among them, that belong together.

    What is frequent and coheres comes first.

    Args:
        texts: each as the pieces it is cut into.
        stopwords: pieces that no word is made of.
        min_count: texts that a word must stand in.
        min_cohesion, min_freedom: bits, see above.
    """
    loose = LOOSE.union(stopwords)
    stretches = Counter(stretch for pieces in texts for _, _, stretch in _stretches(pieces))
    total = sum(len(pieces) for pieces in texts)
    likely: dict[tuple[str, ...], float] = {}
    for stretch, count in stretches.items():
        if count < min_count or not _might_be_a_word(stretch, loose):
            continue
        cohesion = min(
            math.log2(count * total / (stretches[stretch[:middle]] * stretches[stretch[middle:]]))
            for middle in range(1, len(stretch))
        )
        if cohesion >= min_cohesion:
            likely[stretch] = cohesion
    found = [
        Proposal("".join(stretch), stretch, stretches[stretch], round(likely[stretch], 2), round(freedom, 2))
        for stretch, freedom in _freedom(texts, likely).items()
        if freedom >= min_freedom
    ]
    return sorted(_whole(found), key=lambda item: (-item.count * item.cohesion, item.text))


def _stretches(pieces: Sequence[str]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    for start in range(len(pieces)):
        for end in range(start + 1, min(start + MAX_PIECES, len(pieces)) + 1):
            yield start, end, tuple(pieces[start:end])


def _might_be_a_word(stretch: tuple[str, ...], loose: Collection[str]) -> bool:
    """Return whether *stretch* is split badly: two whole words are found together by their bigrams as they are."""
    return (
        len(stretch) > 1
        and MIN_LENGTH <= sum(len(piece) for piece in stretch) <= MAX_LENGTH
        and any(len(piece) == 1 for piece in stretch)
        and not any(piece in loose or piece.isdecimal() for piece in stretch)
    )


def _freedom(texts: Iterable[Sequence[str]], wanted: Collection[tuple[str, ...]]) -> Mapping[tuple[str, ...], float]:
    """Return the lesser of the entropies of what stands before and after each of *wanted*, in bits."""
    before: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    after: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for pieces in texts:
        for start, end, stretch in _stretches(pieces):
            if stretch in wanted:
                # An edge leaves open what might stand there: every edge counts as a neighbour of its own.
                before[stretch][pieces[start - 1] if start else f"^{len(before[stretch])}"] += 1
                after[stretch][pieces[end] if end < len(pieces) else f"${len(after[stretch])}"] += 1
    return {stretch: min(_entropy(before[stretch]), _entropy(after[stretch])) for stretch in wanted}


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


def _cut_well(segmenter: Segmenter, word: str, texts: Sequence[str]) -> bool:
    whole = sum(1 for text in texts if word in segmenter.pieces(text))
    return whole >= CUT_WELL * len(texts)
