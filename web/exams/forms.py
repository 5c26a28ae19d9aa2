"""From what stands in the forms of exams to the domain's facts."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from kb.errors import InvalidInputError
from kb.exams.models import Exam
from kb.exams.rules import Facts, Section
from kb.i18n import N_
from web.bulletins.forms import local, moment, number

Form = MultiDict[str, str]
ROWS = 6
"""Lines of a blueprint that the form has."""
OPEN_FOR = timedelta(days=14)


def facts(form: Form, zone: ZoneInfo, *, now: datetime) -> Facts:
    """Return the exam that *form* describes; its moments are in *zone*.

    Raises:
        InvalidInputError: no moment or no number; ``field`` names it.
    """
    share = form.get("pass_percent", "").strip()
    return Facts(
        title=form.get("title", ""),
        sections=_sections(form),
        minutes=_whole(form, "minutes"),
        pass_share=int(share) / 100 if number(share) is not None else 0.0,
        attempts=_whole(form, "attempts"),
        wait_hours=_whole(form, "wait_hours"),
        opens_at=moment(form, "opens_at", zone) or now,
        closes_at=moment(form, "closes_at", zone) or now + OPEN_FOR,
        teams=tuple(dict.fromkeys(key for key in form.getlist("teams") if key)),
        grants_tier=form.get("grants_tier") or None,
        valid_days=_whole(form, "valid_days"),
    )


def blank(zone: ZoneInfo, now: datetime) -> Form:
    """Return what stands in the form of a new exam."""
    return MultiDict(
        {
            "minutes": "30",
            "pass_percent": "80",
            "attempts": "1",
            "wait_hours": "24",
            "valid_days": "365",
            "opens_at": local(now, zone),
            "closes_at": local(now + OPEN_FOR, zone),
        }
    )


def values(exam: Exam, zone: ZoneInfo) -> Form:
    """Return what stands in the form of *exam*."""
    found: Form = MultiDict(
        {
            "title": exam.title,
            "minutes": str(exam.minutes),
            "pass_percent": str(round(100 * exam.pass_share)),
            "attempts": str(exam.attempts),
            "wait_hours": str(exam.wait_hours),
            "valid_days": str(exam.valid_days),
            "grants_tier": exam.grants_tier or "",
            "opens_at": local(exam.opens_at, zone),
            "closes_at": local(exam.closes_at, zone),
        }
    )
    sections = exam.facts.sections
    found.setlist("section_module", [section.module for section in sections])
    found.setlist("section_difficulty", [str(section.difficulty or "") for section in sections])
    found.setlist("section_count", [str(section.count) for section in sections])
    found.setlist("teams", list(exam.teams))
    return found


def answer(form: Form) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return what *form* answers to a question: the places chosen, as they are shown, and what was filled in.

    Raises:
        InvalidInputError: steps without a number of their own each.
    """
    steps = [number(value) for value in form.getlist("step")]
    if steps:
        if sorted(step or 0 for step in steps) != list(range(1, len(steps) + 1)):
            raise InvalidInputError(N_("每一步要有自己的序号，不能重复"), field="step")
        return tuple(sorted(range(len(steps)), key=lambda place: steps[place] or 0)), ()
    chosen = (number(value) for value in form.getlist("choice"))
    return tuple(place for place in chosen if place is not None), tuple(form.getlist("text"))


def _sections(form: Form) -> tuple[Section, ...]:
    rows = zip(
        form.getlist("section_module"), form.getlist("section_difficulty"), form.getlist("section_count"), strict=False
    )
    found = []
    for module, difficulty, count in rows:
        if not module and not count.strip():
            continue
        wanted = number(count.strip())
        if not module or wanted is None:
            raise InvalidInputError(N_("蓝图每一行都要有模块和题数"), field="sections")
        found.append(Section(module, wanted, number(difficulty)))
    return tuple(found)


def _whole(form: Form, name: str) -> int:
    found = number(form.get(name, "").strip())
    if found is None:
        raise InvalidInputError(N_("这里要填一个整数"), field=name)
    return found
