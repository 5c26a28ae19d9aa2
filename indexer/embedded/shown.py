"""What a result is shown from: the texts a segment keeps, and the hits made of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from indexer import passages
from indexer.documents import Source
from indexer.embedded.columns.layout import Unit
from indexer.embedded.columns.reading import Living, View
from indexer.embedded.ranking import Ranked
from indexer.engine import Hit
from indexer.highlight import Marker


@dataclass(frozen=True)
class Shown:
    """A document's texts, as they were written."""

    fields: Mapping[str, Any]

    @classmethod
    def of(cls, part: Living, document: int) -> "Shown":
        """Return the texts of a segment's *document*."""
        return cls(part.segment.stored(document))

    @cached_property
    def passages(self) -> list[str]:
        """Its passages, in the order of their units."""
        return [piece for text in (self.fields["answer"], *self.fields["texts"]) for piece in passages.cut(text)]

    def unit(self, unit: Unit, number: int) -> str:
        """Return the text of its unit *number*, counted from its own first."""
        match unit:
            case Unit.PHRASING:
                return str([self.fields["title"], *self.fields["wordings"]][number])
            case Unit.TEXT:
                return "\n".join((self.fields["answer"], *self.fields["texts"]))
            case Unit.PASSAGE:
                return self.passages[number]


def unit_text(part: Living, unit: Unit, number: int) -> str:
    """Return the text of a segment's unit."""
    document = int(part.segment.owners(unit)[number])
    return Shown.of(part, document).unit(unit, number - part.segment.units_of(unit, document).start)


def hit(part: Living, document: int, score: float, marker: Marker, *, passage: int = -1) -> Hit:
    """Return *document* as it is shown.

    Args:
        passage: the number of its best passage in the segment, shown where no word of it matched; -1 if none.
    """
    shown = Shown.of(part, document)
    data = shown.fields
    number = int(part.segment.arrays["rows"][document])
    highlights = marker.passages(data["texts"])
    if not highlights and passage >= 0:
        best = shown.unit(Unit.PASSAGE, passage - part.segment.units_of(Unit.PASSAGE, document).start)
        highlights = (marker.mark(best),) if best != data["answer"] else ()
    updated = moment(data["updated_at"])
    if updated is None:
        raise AssertionError("a document has no time")
    return Hit(
        id=data["key"],
        database_id=number // 2,
        source=Source.THREAD if number % 2 else Source.ENTRY,
        kind=data["kind"],
        level=data["level"],
        module=data["module"],
        tier=data["tier"],
        regions=tuple(data["regions"]),
        local=data["local"],
        score=round(score, 4),
        plain_title=data["title"],
        title=marker.mark(data["title"]),
        answer=marker.mark(data["answer"]),
        wording=marker.best_text(data["wordings"]),
        highlights=highlights,
        verified_at=moment(data["verified_at"]),
        updated_at=updated,
    )


def hits_of(view: View, ranked: Ranked, marker: Marker, wanted: slice) -> tuple[Hit, ...]:
    """Return the *wanted* of what was ranked in *view* as they are shown."""
    passages = dict(zip(ranked.judged.documents.tolist(), ranked.judged.passages.tolist(), strict=True))
    found = []
    for number, value in zip(ranked.documents[wanted].tolist(), ranked.scores[wanted].tolist(), strict=True):
        part, own = view.locate(number)
        found.append(hit(part, own, value, marker, passage=passages.get(number, -1)))
    return tuple(found)


def moment(stamp: float | None) -> datetime | None:
    """Return a stored moment as an aware UTC datetime."""
    return None if stamp is None else datetime.fromtimestamp(stamp, UTC)
