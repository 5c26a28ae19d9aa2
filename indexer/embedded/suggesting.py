"""Suggestions over the segments of a commit. A segment's columns are a file beside it, made once, in the background."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

import numpy as np

from indexer.embedded.columns import container
from indexer.embedded.columns.layout import Unit
from indexer.embedded.columns.reading import Living, View
from indexer.embedded.columns.segment import Mask, Segment
from indexer.embedded.shown import Shown, unit_text
from indexer.engine import FrequentQuery, Suggestion, SuggestionKind
from indexer.suggest import columns, ranking
from indexer.suggest.alphabet import squeeze
from indexer.suggest.columns import SuggestColumns
from indexer.suggest.typed import LONGEST_TYPED, Tier

SUFFIX = ".suggest"


@dataclass(frozen=True, slots=True)
class SegmentSuggestions:
    """What is suggested from one segment."""

    columns: SuggestColumns
    units: ranking.SegmentUnits


class Suggesting:
    """Keeps the suggestion columns of segments open. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: dict[str, SegmentSuggestions] = {}

    def suggest(
        self,
        folder: Path,
        view: View,
        text: str,
        allowed: Sequence[Mask],
        *,
        limit: int,
        frequent: Mapping[FrequentQuery, Tier],
    ) -> tuple[Suggestion, ...]:
        """Return the best suggestions for *text* of the *allowed* documents (a mask for each segment, (D,))."""
        typed = len(squeeze(text)[:LONGEST_TYPED])
        found: list[ranking.Candidate] = []
        for part, mask in zip(view.parts, allowed, strict=True):
            own = self._of(folder, part.segment)
            if own is not None:
                ranked = ranking.rank(
                    lambda tier, own=own: own.columns.match(text, tier),  # type: ignore[misc]  # bound now, not later
                    replace(own.units, maturity=part.maturity),
                    mask,
                    own.columns.fingerprint,
                    typed=typed,
                    limit=limit,
                )
                found += [ranking.Candidate(_suggestion(part, item.unit), item.score) for item in ranked]
        visible = _titles(view, allowed, {query.entry_key for query in frequent})
        return ranking.choose((*found, *ranking.query_candidates(frequent, typed, visible)), limit=limit)

    def _of(self, folder: Path, segment: Segment) -> SegmentSuggestions | None:
        """Return what is suggested from *segment*; ``None`` until its columns are made."""
        known = self._open.get(segment.name)
        if known is None:
            try:
                arrays = container.read(folder / f"{segment.name}{SUFFIX}")
            except FileNotFoundError:
                return None
            opened = SuggestColumns(arrays)
            owners = segment.owners(Unit.PHRASING)
            titles = np.ones(len(owners), bool)
            titles[1:] = owners[1:] != owners[:-1]
            units = ranking.SegmentUnits(
                documents=owners,
                titles=titles,
                lengths=opened.lengths(np.arange(len(owners), dtype=np.uint32)),
                maturity=segment.arrays["maturity"],
                uses=np.zeros(segment.documents, np.uint32),
            )
            known = SegmentSuggestions(opened, units)
            with self._lock:
                self._open[segment.name] = known
        return known

    def make(self, folder: Path, view: View) -> bool:
        """Make the columns of segments that have none, and let go of those no longer read; return whether any were."""
        names = {part.segment.name for part in view.parts}
        with self._lock:
            self._open = {name: own for name, own in self._open.items() if name in names}
        made = False
        for part in view.parts:
            path = folder / f"{part.segment.name}{SUFFIX}"
            if not path.exists():
                written = path.with_suffix(".new")
                container.write(written, columns.arrays(_phrasings(part)))
                written.replace(path)
                made = True
        for path in folder.glob(f"*{SUFFIX}"):
            if path.name.removesuffix(SUFFIX) not in names:
                path.unlink(missing_ok=True)
        return made


def _phrasings(part: Living) -> list[str]:
    shown = (Shown.of(part, document).fields for document in range(part.segment.documents))
    return [text for fields in shown for text in (fields["title"], *fields["wordings"])]


def _suggestion(part: Living, unit: int) -> Suggestion:
    document = int(part.segment.owners(Unit.PHRASING)[unit])
    fields = part.segment.stored(document)
    title = unit == part.segment.units_of(Unit.PHRASING, document).start
    return Suggestion(
        text=unit_text(part, Unit.PHRASING, unit),
        kind=SuggestionKind.TITLE if title else SuggestionKind.WORDING,
        entry=fields["key"],
        title=fields["title"],
    )


def _titles(view: View, allowed: Sequence[Mask], keys: set[str | None]) -> dict[str, str]:
    """Return the titles of those of the entries *keys* that are allowed."""
    found = {}
    for part, mask in zip(view.parts, allowed, strict=True):
        for key in keys - {None}:
            for document in part.segment.having("key", str(key)).tolist():
                if mask[document]:
                    found[str(key)] = str(part.segment.stored(document)["title"])
    return found
