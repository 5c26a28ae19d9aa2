"""Results in the shapes that pages, the API and the command line show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from indexer.documents import Source
from indexer.engine import Hit
from indexer.search import Results
from web.search.params import MAX_PAGE, PAGE_SIZE, SearchArgs

PAGES_AROUND = 2
"""Page numbers shown on either side of the current one."""


def results_json(results: Results) -> dict[str, Any]:
    """Return *results* as the API and ``kb search --json`` give them.

    ``highlights`` are HTML, escaped, with ``<mark>``; every other text is plain.
    """
    return {
        "query": results.query,
        "took_ms": results.took_ms,
        "total": results.total,
        "answered": results.answered,
        "confidence": results.confidence,
        "did_you_mean": results.did_you_mean,
        "put_right": results.put_right,
        "hits": [_hit_json(hit) for hit in results.hits],
        "nearest": [_hit_json(hit) for hit in results.nearest],
        "facets": {name: dict(counts) for name, counts in results.facets.items()},
        "index": {"lag": results.lag},
    }


def _hit_json(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.id,
        "title": hit.plain_title,
        "kind": hit.kind,
        "level": hit.level,
        "score": hit.score,
        "highlights": [str(passage) for passage in hit.highlights],
        "url": hit_path(hit),
        "answer": hit.answer.striptags(),
        "module": hit.module,
        "tier": hit.tier,
        "regions": list(hit.regions),
        "wording": hit.wording.striptags() if hit.wording is not None else None,
        "verified_at": _moment(hit.verified_at),
        "pinned": hit.pinned,
    }


def hit_path(hit: Hit) -> str:
    """Return the address of what *hit* found, on this site."""
    if hit.bulletin is not None:
        return f"/bulletins/{hit.bulletin}"
    folder = "entries" if hit.source is Source.ENTRY else "threads"
    return f"/{folder}/{quote(hit.id, safe='')}"


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Where a list stands: which page of how many."""

    current: int
    last: int

    @classmethod
    def of(cls, total: int, current: int) -> "Pages":
        """Return the pages that *total* results make."""
        return cls(current=current, last=max(1, min(MAX_PAGE, -(-total // PAGE_SIZE))))

    @property
    def around(self) -> Sequence[int]:
        """Return the numbers of the pages near the current one, or near the last where the current one is past it."""
        near = min(self.current, self.last)
        return range(max(1, near - PAGES_AROUND), min(self.last, near + PAGES_AROUND) + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysOn:
    """What to try when nothing was found.

    Attributes:
        unfiltered: how many results there are without the filters; ``None`` when none was set.
        elsewhere: how many there are in the other collection.
        other_regions: whether the region is the only filter, so that those without it are of other regions.
    """

    unfiltered: int | None
    elsewhere: int
    other: SearchArgs
    other_regions: bool = False
