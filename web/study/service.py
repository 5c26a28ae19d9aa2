"""What comes next for the person of this request, and what a posted answer says."""

import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from werkzeug.datastructures import MultiDict

from kb.bulletins.queries import Notice
from kb.clock import local_day, local_day_end, local_midnight
from kb.entries.models import Revision
from kb.errors import InvalidInputError
from kb.home import secret_key
from kb.i18n import N_
from kb.must_reads.models import MustRead
from kb.questions import showing
from kb.questions.grading import Answer
from kb.questions.models import Question
from kb.questions.rules import Item, Kind
from kb.questions.showing import Shown
from kb.study import choosing
from kb.study.choosing import Course, Upcoming
from kb.study.operations import Given
from kb.study.rules import Confidence, Why
from kb.study.scheduling import Schedule, Scheduler, scheduler
from web import requests
from web.bulletins import service as bulletins
from web.bulletins.forms import number
from web.services import services

AHEAD = 6
"""Cards that a page holds ready, to go on with while the server is away."""
MAX_ORDINAL = 999_999_999


@dataclass(frozen=True, slots=True, kw_only=True)
class CardUnit:
    """A card as the page shows it: nothing in here tells what is right.

    Attributes:
        turn: how often the person has answered it.
        reading: what they are to read before they answer, of a must-read.
        must_read: by when and why they are asked to.
    """

    question_id: int
    version: int
    turn: int
    why: Why
    shown: Shown
    module_key: str
    reading: Revision | None = None
    must_read: MustRead | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a study page holds: the bulletin or the card that comes next, and cards to go on with."""

    bulletin: Notice | None
    card: CardUnit | None
    ahead: Sequence[CardUnit]


def next_up(without: Collection[int] = ()) -> Session:
    """Return what comes next: bulletins that must be read, then cards.

    Args:
        without: questions that were answered on the page already and not sent yet.
    """
    bulletin = next(iter(bulletins.board().due), None)
    found = choosing.upcoming(
        requests.session(),
        requests.actor(),
        course(),
        now=requests.now(),
        limit=AHEAD if bulletin is None else AHEAD - 1,
        without=without,
    )
    cards = [_unit(item) for item in found]
    if bulletin is not None:
        return Session(bulletin=bulletin, card=None, ahead=cards)
    return Session(bulletin=None, card=cards[0] if cards else None, ahead=cards[1:])


def course() -> Course:
    """Return what new cards the person is shown, and how many of them today. Two statements."""
    session, taxonomy, user_id = requests.session(), requests.taxonomy(), requests.person().id
    scope = choosing.scope_of(session, user_id)
    chosen, modules = (scope.tier_key, scope.modules) if scope is not None else (None, [])
    settings = services().settings
    midnight = local_midnight(local_day(requests.now(), settings.timezone), settings.timezone)
    fresh = choosing.new_since(session, user_id, midnight)
    return Course(
        tiers=choosing.usual_tiers(list(taxonomy.tiers), requests.actor(), chosen),
        modules=taxonomy.modules.below(modules),
        left_today=max(0, settings.study_new_a_day - fresh),
    )


def tonight() -> datetime:
    """Return when today ends for the centre."""
    zone = services().settings.timezone
    return local_day_end(local_day(requests.now(), zone), zone)


def spacing() -> Scheduler:
    """Return how this centre spaces its cards."""
    return scheduler(Schedule(services().settings.study_schedule))


def seed(question_id: int, version: int, turn: int) -> str:
    """Return what the order of a card's options follows from: another one for each person and turn, known only here."""
    words = f"study:{requests.person().id}:{question_id}:{version}:{turn}"
    return hmac.new(secret_key(services().settings).encode(), words.encode(), hashlib.sha256).hexdigest()


def given(form: MultiDict[str, str]) -> Given:
    """Return the answer that *form* holds.

    Raises:
        InvalidInputError: it holds none.
    """
    question_id, version = number(form.get("question", "")), number(form.get("version", ""))
    turn, confidence = number(form.get("turn", "")), number(form.get("confidence", ""))
    if question_id is None or version is None or turn is None:
        raise InvalidInputError(N_("没有这道题"), field="question")
    if confidence not in tuple(Confidence):
        raise InvalidInputError(N_("请说说有多大把握"), field="confidence")
    try:
        why = Why(form.get("why", ""))
    except ValueError as error:
        raise InvalidInputError(N_("没有这道题"), field="why") from error
    order_seed = seed(question_id, version, turn)
    return Given(
        key=form.get("key", "") or order_seed[:40],
        question_id=question_id,
        version=version,
        seed=order_seed,
        why=why,
        confidence=Confidence(confidence),
        at=_moment(form.get("at", "")),
        chosen=_ranked(form) if "rank" in form else [_place(value) for value in form.getlist("choice")],
        texts=form.getlist("text"),
        took=timedelta(milliseconds=number(form.get("took", "")) or 0),
    )


def right_of(item: Item) -> Sequence[str]:
    """Return what would have been right: options, steps in order, or what belongs into the blanks."""
    if item.kind is Kind.CLOZE:
        return [ways[0] for ways in item.blanks]
    if item.kind is Kind.ORDER:
        return item.options
    return [item.options[place] for place in item.right]


def said_of(item: Item, answer: Mapping[str, object]) -> Sequence[str]:
    """Return what was answered, in words."""
    stored = Answer.from_json(dict(answer))
    return stored.texts or [item.options[place] for place in stored.places if place < len(item.options)]


def without(text: str) -> frozenset[int]:
    """Return the question numbers that *text* lists, parted by commas."""
    return frozenset(value for value in map(number, text.split(",")[:50]) if value is not None)


def _unit(item: Upcoming) -> CardUnit:
    question: Question = item.question
    revision = question.entry.shown_revision
    return CardUnit(
        question_id=question.id,
        version=question.version,
        turn=item.turn,
        why=item.why,
        shown=showing.shown(question.item, seed(question.id, question.version, item.turn)),
        module_key=revision.module_key,
        reading=revision if item.must_read is not None else None,
        must_read=item.must_read,
    )


def _moment(text: str) -> datetime:
    """Return the moment that *text* gives in milliseconds, now where it gives none."""
    if not text.isascii() or not text.isdigit() or len(text) > 14:
        return requests.now()
    return datetime.fromtimestamp(int(text) / 1000, UTC)


def _ranked(form: MultiDict[str, str]) -> list[int]:
    """Return the places as they were shown, in the order of the ranks they were given."""
    ranks = [number(value) or 0 for value in form.getlist("rank")]
    if 0 in ranks or len(set(ranks)) < len(ranks):
        raise InvalidInputError(N_("请把每一步都排好"), field="choice")
    return sorted(range(len(ranks)), key=ranks.__getitem__)


def _place(text: str) -> int:
    found = number(text)
    return found if found is not None else MAX_ORDINAL
