"""From what stands in the lexicon's forms to the domain's facts and back."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.lexicon.models import Direction, PartOfSpeech, Pin, Synonym, Word
from kb.lexicon.rules import PinFacts, SynonymFacts, WordFacts, terms
from web.entry_keys import key_in

Form = Mapping[str, str]

_LISTED = "，"


def synonym_facts(form: Form, zone: ZoneInfo) -> SynonymFacts:
    """Return the synonym that *form* describes.

    Raises:
        InvalidInputError: no such direction.
    """
    value = form.get("direction", Direction.ONE_WAY.value)
    if value not in list(Direction):
        raise InvalidInputError(N_("没有这种类型：%(key)s"), field="direction", key=value)
    return SynonymFacts(
        direction=Direction(value),
        said=terms(form.get("said", "")),
        ours=terms(form.get("ours", "")),
        note=form.get("note", ""),
    )


def synonym_values(row: Synonym, zone: ZoneInfo) -> Form:
    """Return what stands in the form of *row*."""
    return {
        "direction": row.direction.value,
        "said": _LISTED.join(row.said),
        "ours": _LISTED.join(row.ours),
        "note": row.note,
    }


def word_facts(form: Form, zone: ZoneInfo) -> WordFacts:
    """Return the word that *form* describes.

    Raises:
        InvalidInputError: no such part of speech.
    """
    value = form.get("part_of_speech", "")
    if value and value not in list(PartOfSpeech):
        raise InvalidInputError(N_("没有这种类型：%(key)s"), field="part_of_speech", key=value)
    return WordFacts(
        text=form.get("text", ""), part_of_speech=PartOfSpeech(value) if value else None, note=form.get("note", "")
    )


def word_values(row: Word, zone: ZoneInfo) -> Form:
    """Return what stands in the form of *row*."""
    return {"text": row.text, "part_of_speech": row.part_of_speech or "", "note": row.note}


def pin_facts(form: Form, zone: ZoneInfo) -> PinFacts:
    """Return the pin that *form* describes; its moments are in the centre's time zone.

    Raises:
        InvalidInputError: no position, or no moment.
    """
    position = form.get("position", "").strip()
    if position and not (position.isascii() and position.isdigit() and len(position) <= 3):
        raise InvalidInputError(N_("次序要是数字"), field="position")
    return PinFacts(
        query=form.get("query", ""),
        entry=key_in(form.get("entry", "").strip() or form.get("found", "")),
        position=int(position) if position else None,
        valid_from=_moment(form, "valid_from", zone),
        valid_until=_moment(form, "valid_until", zone),
        note=form.get("note", ""),
    )


def pin_values(row: Pin, zone: ZoneInfo) -> Form:
    """Return what stands in the form of *row*, whose entry is loaded."""
    return {
        "query": row.query,
        "entry": row.entry.key,
        "position": str(row.position),
        "valid_from": _local(row.valid_from, zone),
        "valid_until": _local(row.valid_until, zone),
        "note": row.note,
    }


def _moment(form: Form, name: str, zone: ZoneInfo) -> datetime | None:
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(N_("时间看不懂：%(text)s"), field=name, text=text) from error


def _local(moment: datetime | None, zone: ZoneInfo) -> str:
    return "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
