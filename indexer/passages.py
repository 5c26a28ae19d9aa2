"""Long text is cut into passages: short enough to be shown and compared as one thought, ended where a sentence ends."""

import re
from collections.abc import Iterator

LONGEST = 160
"""Characters of a passage: about what a sentence vector can take in, and two lines on a page."""

_ENDS = re.compile(r"[。！？!?；;\n]+")


def cut(text: str) -> Iterator[str]:
    """Yield *text* in passages of at most ``LONGEST`` characters; nothing is lost but white space at their ends."""
    start = 0
    while len(text) - start > LONGEST:
        ends = [match.end() for match in _ENDS.finditer(text, start, start + LONGEST)]
        # Not a crumb: rather within a sentence than after its first few words.
        stop = ends[-1] if ends and ends[-1] - start > LONGEST // 3 else start + LONGEST
        if piece := text[start:stop].strip():
            yield piece
        start = stop
    if piece := text[start:].strip():
        yield piece
