"""What hostile strings are written into at last: reasons that people give, what calls taught, what managers keep.

What takes people and weeks to come about by itself is put there as a row: it is how it is shown that counts.
"""

from collections.abc import Callable
from datetime import timedelta

from kb.bulletins.models import Bulletin
from kb.corrections import operations as corrections
from kb.corrections.rules import MAX_WRONG, Report, Severity
from kb.db import unit_of_work
from kb.desk.models import LearnedWording
from kb.desk.rules import Origin, Reason, WordingState
from kb.entries.queries import by_key
from kb.errors import InvalidInputError
from kb.forum import moderation
from kb.forum import operations as forum
from kb.forum.models import ThreadKind
from kb.forum.queries import by_key as thread_by_key
from kb.gaps.models import GapProposal, ProposalState
from kb.gaps.rules import ProposalKind
from kb.lexicon import operations as lexicon
from kb.lexicon.models import Direction
from kb.lexicon.rules import PinFacts, SynonymFacts
from kb.licences.models import Licence
from kb.maturity import nominating, rubric
from kb.maturity import operations as maturity
from kb.maturity.honesty import Check
from kb.maturity.models import Flag, FlagState
from kb.maturity.rubric import Scores
from kb.notices import operations as notices
from kb.notices.models import Mailbox
from kb.permissions import SYSTEM, Actor, Role
from kb.questions import operations as questions
from kb.questions.models import Question
from kb.taxonomy.models import Module, Product, Region, Tier
from kb.workdays import operations as workdays
from kb.workdays.models import DayKind
from tests.support import factories
from tests.support.installation import Installation

SPAN = "since=2026-10-01T00:00:00%2B00:00&until=2026-12-01T00:00:00%2B00:00"
ONCE = (
    "/threads?state=closed", "/wordings", "/corrections?tab=closed", "/gaps?view=proposed",
    "/maturity/flags?state=upheld", "/maturity/report", "/maturity/rubric", "/entries/x0/rating", "/lexicon/synonyms",
    "/lexicon/pins", "/lexicon/words/1", "/lexicon/synonyms/1", "/lexicon/pins/1", "/workdays", "/licences",
    "/notices", "/status", "/help", "/review/overdue", "/desk/figures", "/corrections/figures",
    "/corrections/new?entry=x0", "/bulletins/1/edit", "/bulletins/new",
    "/editor/copy-0/beside/x0",
    "/exams/new", "/exams/1", "/exams/1/edit", "/attempts/1", "/entries/x0/questions/new", "/study/week",
    "/training/calls?team=team&" + SPAN, "/training/evidence?module=fault.broadband&team=team&" + SPAN,
    "/training/packs/new",
    "/training/packs/1/edit",
)  # fmt: skip
"""Addresses of what is written here, and those of forms that show what is written elsewhere."""
PARTS = (
    "/bulletins/now", "/desk/cards/x0?q=红灯", "/desk/results?q=红灯&region=", "/editor/copy-0/look",
    "/editor/copy-0/found",
)  # fmt: skip
"""Addresses of parts of pages, which scripts put into others."""


def write(installation: Installation, actor: Actor, number: int, batch: list[str], short: list[str]) -> None:
    """Write *batch*, and where little fits *short*, about what there is of the entry ``x<number>``."""
    now, key, expert = installation.clock(), f"x{number}", installation.actors[Role.EXPERT]
    said = short[5][:200]
    factories.outcome(installation, expert, key, said)
    factories.outcome(installation, expert, key, short[6][:200], solved=False, reason=Reason.INCOMPLETE)
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, key)
        assert entry is not None
        maturity.rate(session, actor, entry, Scores(4, 4, 4, 4, 4), reason=_cut(short, 280), now=now)
        found = nominating.open_of(session, entry.id)
        assert found is not None
        nominating.vote(session, expert, found.id, approves=True, reason=_cut(short[3:], 280), now=now)
        _decided(session, actor, entry, short, now)
        _managed(session, actor, number, short, now)
        session.get_one(Bulletin, number + 1).words = [string[:30] for string in short[:3]]
        thread = thread_by_key(session, key)
        assert thread is not None
        moderation.hide_reply(session, SYSTEM, thread, 1, reason=_cut(short[7:], 200), now=now)
        facts = {"kind": ThreadKind.QUESTION, "module": "fault.broadband", "key": f"y{number}", "now": now}
        asked = forum.start(session, actor, title=f"红灯 {short[8]}", body=short[9], **facts)
        forum.reply(session, installation.actor(f"person-{number}"), asked, short[10], now=now)
        if number % 2:
            moderation.close(session, SYSTEM, asked, reason=_cut(short[11:], 200), now=now)
    if number == 9:  # there is some of everything by then
        _once(installation, actor, batch, short)


def deliver(installation: Installation) -> None:
    """Tell people of what happened."""
    with unit_of_work(installation.sessions) as session:
        while notices.deliver(session):
            pass


def _decided(session, actor, entry, short, now) -> None:
    """Somebody says that it is wrong, and is told why it is not."""
    given = Report(severity=Severity.P3, wrong=_cut(short, MAX_WRONG))
    made = corrections.report(session, actor, entry, given, patience=timedelta(minutes=9), now=now)
    corrections.refuse(session, SYSTEM, made.id, reason=_cut(short[12:], 900), now=now)


def _managed(session, actor, number, short, now) -> None:
    day = now.date() + timedelta(days=1 + number)
    workdays.set_days(session, SYSTEM, day, day, DayKind.HOLIDAY, short[0][:40], now=now)
    synonym = SynonymFacts(
        direction=Direction.TWO_WAY, said=(f"红灯甲{number}", f"红灯乙{number}"), note=short[1][:200]
    )
    _or_refused(lambda: lexicon.add_synonym(session, SYSTEM, synonym, now=now))
    pin = PinFacts(query=f"红灯钉{number}", entry=f"x{number}", note=short[2][:200])
    _or_refused(lambda: lexicon.add_pin(session, SYSTEM, pin, now=now))
    taken = Licence(user_id=actor.user_id, tier_key="first", attempt_id=1000 + number, granted_at=now)
    taken.expires_at, taken.revoked_at, taken.reason = now + timedelta(days=9), now, short[3][:300]
    flag = Flag(name=Check.ALWAYS_FIVE, key=f"{number}", state=FlagState.UPHELD, found_at=now, seen_at=now)
    flag.entry_ids, flag.user_ids, flag.facts = [number + 1], [actor.user_id], {"ratings": 20, "fives": 20}
    flag.decided_at, flag.note = now, short[4][:300]
    words = GapProposal(spelling=f"s{number}", text=short[5][:200], state=ProposalState.PROPOSED, last_at=now)
    words.kind, words.searches, words.agents, words.followed = next(iter(ProposalKind)), 9, 5, 4
    taught = LearnedWording(
        entry_id=number + 1, text=short[6][:200], spelling=f"s{number}", state=WordingState.PROPOSED
    )
    taught.origin, taught.first_seen_at, taught.last_seen_at = next(iter(Origin)), now, now
    session.add_all([taken, flag, words, taught])


def _once(installation, actor, batch, short) -> None:
    now = installation.clock()
    with unit_of_work(installation.sessions) as session:
        every = iter(batch)
        words = {
            name: {anchor: next(every)[:60].strip() or "x" for anchor in old} for name, old in rubric.FIRST.items()
        }
        maturity.rewrite_rubric(session, SYSTEM, words, note=short[0], now=now)
        session.add(Mailbox(user_id=actor.user_id, address=short[1][:200]))
        questions.suspend(session, SYSTEM, 1, reason=short[2][:200], now=now)
        session.get_one(Question, 2).text = short[3][:80]
        for model, key in ((Module, "billing"), (Region, "hedong"), (Product, "mobile"), (Tier, "expert")):
            named = session.get_one(model, key)
            named.name, named.name_en = short[4][:80], short[5][:80]
        for thread in (thread_by_key(session, "x0"), thread_by_key(session, "y0")):
            assert thread is not None
            thread.author_name = short[6][:80]
            for reply in thread.replies:
                reply.author_name = short[7][:80]


def _cut(strings: list[str], longest: int) -> str:
    return "\n".join(strings)[:longest].strip()


def _or_refused(job: Callable[[], object]) -> None:
    try:
        job()
    except InvalidInputError:
        return
