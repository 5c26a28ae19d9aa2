"""From what stands in the form of a bulletin to the domain's facts and back."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from kb.bulletins.models import Bulletin
from kb.bulletins.rules import Facts, Question, listed
from kb.errors import InvalidInputError
from kb.i18n import N_

Form = MultiDict[str, str]

USUAL_LENGTH = timedelta(hours=4)
"""How long a bulletin is in force where whoever writes it says nothing else."""


def facts(form: Form, zone: ZoneInfo, *, now: datetime) -> Facts:
    """Return the bulletin that *form* describes; its moments are in *zone*, and begin now where it says nothing.

    Raises:
        InvalidInputError: no moment.
    """
    return Facts(
        title=form.get("title", ""),
        text=form.get("text", "").replace("\r\n", "\n"),
        script=form.get("script", "").replace("\r\n", "\n"),
        words=listed(form.get("words", "")),
        regions=tuple(dict.fromkeys(key for key in form.getlist("regions") if key)),
        teams=tuple(dict.fromkeys(key for key in form.getlist("teams") if key)),
        valid_from=moment(form, "valid_from", zone) or now,
        valid_until=moment(form, "valid_until", zone) or now + USUAL_LENGTH,
        urgent=form.get("urgent") == "yes",
        must_read=form.get("must_read") == "yes",
        question=_question(form),
    )


def values(bulletin: Bulletin, zone: ZoneInfo) -> Form:
    """Return what stands in the form of *bulletin*."""
    question = bulletin.question
    found: Form = MultiDict(
        {
            "title": bulletin.title,
            "text": bulletin.text,
            "script": bulletin.script,
            "words": "，".join(bulletin.words),
            "valid_from": local(bulletin.valid_from, zone),
            "valid_until": local(bulletin.valid_until, zone),
            "urgent": "yes" if bulletin.urgent else "",
            "must_read": "yes" if bulletin.must_read else "",
            "prompt": question.prompt if question else "",
            "options": "\n".join(question.options) if question else "",
            "right": str(question.right + 1) if question else "",
            "explanation": question.explanation if question else "",
        }
    )
    found.setlist("regions", list(bulletin.regions))
    found.setlist("teams", list(bulletin.teams))
    return found


def moment(form: Form, name: str, zone: ZoneInfo) -> datetime | None:
    """Return the moment that the field *name* holds, ``None`` where it is empty.

    Raises:
        InvalidInputError: it holds no moment.
    """
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(N_("时间看不懂：%(text)s"), field=name, text=text) from error


def local(value: datetime, zone: ZoneInfo) -> str:
    """Return *value* as a field for moments takes it."""
    return value.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def number(text: str) -> int | None:
    """Return the small number that *text* is, ``None`` if it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def _question(form: Form) -> Question | None:
    prompt, options = form.get("prompt", "").strip(), form.get("options", "").splitlines()
    if not prompt and not any(option.strip() for option in options):
        return None
    return Question(
        prompt=prompt,
        options=tuple(option for option in options if option.strip()),
        right=(number(form.get("right", "").strip()) or 0) - 1,
        explanation=form.get("explanation", ""),
    )
