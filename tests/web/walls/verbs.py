"""Which permission every verb of ``kb`` asks for, and on what: one line each. A verb without a line fails a test.

A verb is a public function that takes a session and an actor and changes something. What only reads is tried through
its pages, in ``routes.py``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, joinedload, selectinload

from indexer.normalise import normalise
from kb.briefs import operations as briefs
from kb.bulletins import operations as bulletins
from kb.bulletins.rules import Facts
from kb.calls import operations as calls
from kb.corrections import operations as corrections
from kb.corrections.rules import Report, Severity
from kb.desk import operations as desk
from kb.desk import scopes
from kb.desk.models import LearnedWording
from kb.desk.rules import Origin, WordingState, Words
from kb.desk.scopes import Scope as DeskScope
from kb.entries import operations as entries
from kb.entries.models import Entry
from kb.entries.rules import Level
from kb.forum import operations as forum
from kb.forum.models import Thread, ThreadKind
from kb.gaps import arranging, proposing
from kb.gaps import operations as gaps
from kb.gaps.models import Gap, GapProposal
from kb.gaps.rules import DeclineReason
from kb.lexicon import operations as lexicon
from kb.lexicon.models import Direction, Word, WordList
from kb.lexicon.rules import PinFacts, SynonymFacts, WordFacts
from kb.maturity import flags, nominating
from kb.maturity import operations as maturity
from kb.maturity.models import FlagState
from kb.maturity.rubric import Scores
from kb.notices import operations as notices
from kb.people import operations as people
from kb.people.models import User
from kb.permissions import Actor, Permission, Role, Target, allowed
from kb.taxonomy import operations as taxonomy
from tests.support import factories
from tests.support.factories import LEARNING, PATIENCE
from tests.web.walls.routes import May, answers, anybody, concerned, either, holds, nominates, rates
from tests.web.walls.routes_more import ASKED, confirms
from tests.web.walls.world import World

P = Permission
Deed = Callable[[World, Session, Actor, Any], object]


@dataclass(frozen=True)
class Verb:
    """How a verb is tried.

    Attributes:
        may: whether this actor may do it, to this thing.
        do: does it; is given the thing's row, ``None`` where it is about nothing in particular.
    """

    may: May
    do: Deed
    kind: str | None = None
    names: Sequence[str] = ()


def on(kind: str, permission: Permission, do: Deed, *names: str) -> Verb:
    return Verb(partial(holds, permission=permission), do, kind, names)


def needs(permission: Permission, do: Deed) -> Verb:
    return Verb(partial(holds, permission=permission), do)


MODELS = {
    "entry": Entry, "thread": Thread, "gap": Gap, "proposal": GapProposal, "wording": LearnedWording,
}  # fmt: skip
OPTIONS = {
    "wording": [joinedload(LearnedWording.entry).joinedload(Entry.live_revision)],
    "thread": [selectinload(Thread.replies)],
}
WORDS = Words.of("盒子亮红灯", normalise)


def _leads(team: str) -> May:
    return lambda actor, thing: allowed(actor, P.SHIFT_SET, Target(teams=frozenset({team})))


def _facts(world: World, **fields: Any) -> Facts:
    until = world.now + timedelta(hours=1)
    return Facts(title="断网", script="正在抢修", valid_from=world.now, valid_until=until, **fields)


def _writer(session: Session) -> User:
    return session.query(User).where(User.username == "writer").one()


_DRAFTS = ("draft-fault", "draft-tv", "owndraft", "narrow-draft", "draft-theirs", "edited-fault")
_REVIEWS = ("review-fault", "narrow-review")
_LIVE = ("open-fault", "open-tv", "own", "narrow-fault")
_SUSPENDED = ("suspended-fault", "suspended-theirs", "narrow-suspended")
_NEW = {"kind": ThreadKind.QUESTION, "module": "fault.broadband"}

VERBS: Mapping[str, Verb] = {
    "briefs.operations.set_shift": Verb(
        _leads("mine"), lambda w, s, a, _: briefs.set_shift(s, a, "mine", w.now, now=w.now)
    ),
    "briefs.operations.acknowledge": Verb(
        anybody, lambda w, s, a, _: briefs.acknowledge(s, a, since=w.now - timedelta(hours=1), now=w.now)
    ),
    "bulletins.operations.publish": Verb(
        lambda a, _: allowed(a, P.BULLETIN_PUBLISH, Target(teams=frozenset({"theirs"}))),
        lambda w, s, a, _: bulletins.publish(s, a, _facts(w, teams=("theirs",)), now=w.now),
    ),
    "bulletins.operations.revise": on(
        "bulletin",
        P.BULLETIN_PUBLISH,
        lambda w, s, a, row: bulletins.revise(s, a, row.id, _facts(w, teams=("mine",)), version=1, now=w.now),
    ),
    "bulletins.operations.extend": on(
        "bulletin",
        P.BULLETIN_PUBLISH,
        lambda w, s, a, row: bulletins.extend(s, a, row.id, w.now + timedelta(hours=9), now=w.now),
    ),
    "bulletins.operations.withdraw": on(
        "bulletin", P.BULLETIN_PUBLISH, lambda w, s, a, row: bulletins.withdraw(s, a, row.id, now=w.now)
    ),
    "bulletins.operations.acknowledge": Verb(
        concerned,
        lambda w, s, a, row: bulletins.acknowledge(s, a, row.id, version=1, choice=None, now=w.now),
        "bulletin",
    ),
    "calls.operations.open_call": needs(
        P.OUTCOME_RECORD,
        lambda w, s, a, _: calls.open_call(
            s, a, calls.Opening(reference="walls", words=WORDS), timezone=LEARNING.timezone, now=w.now
        ),
    ),
    "corrections.operations.report": on(
        "entry",
        P.CORRECTION_REPORT,
        lambda w, s, a, row: corrections.report(
            s, a, row, Report(severity=Severity.P2, wrong="错"), patience=PATIENCE, now=w.now
        ),
        *_LIVE,
    ),
    "corrections.operations.suspend": on(
        "correction", P.CORRECTION_DUTY, lambda w, s, a, id_: corrections.suspend(s, a, id_, now=w.now)
    ),
    "corrections.operations.keep": on(
        "correction", P.CORRECTION_DUTY, lambda w, s, a, id_: corrections.keep(s, a, id_, now=w.now)
    ),
    "corrections.operations.uphold": on(
        "correction",
        P.CORRECTION_DECIDE,
        lambda w, s, a, id_: corrections.uphold(s, a, id_, severity=Severity.P2, now=w.now),
    ),
    "corrections.operations.refuse": on(
        "correction",
        P.CORRECTION_DECIDE,
        lambda w, s, a, id_: corrections.refuse(s, a, id_, reason="对的", now=w.now),
    ),
    "corrections.operations.merge": on(
        "correction", P.CORRECTION_DECIDE, lambda w, s, a, id_: corrections.merge(s, a, id_, into=id_, now=w.now)
    ),
    "corrections.operations.fix": Verb(
        either(partial(holds, permission=P.CORRECTION_DECIDE), partial(holds, permission=P.ENTRY_EDIT)),
        lambda w, s, a, id_: corrections.fix(s, a, id_, revision=1, now=w.now),
        "correction",
    ),
    "desk.operations.record_outcome": on(
        "entry",
        P.OUTCOME_RECORD,
        lambda w, s, a, row: desk.record_outcome(s, a, row, WORDS, solved=True, learning=LEARNING, now=w.now),
        *_LIVE,
    ),
    "desk.operations.propose_wording": on(
        "entry",
        P.OUTCOME_RECORD,
        lambda w, s, a, row: desk.propose_wording(s, a, row, WORDS, origin=Origin.GAP, learning=LEARNING, now=w.now),
        *_LIVE,
    ),
    "desk.operations.decide": on(
        "wording", P.WORDING_DECIDE, lambda w, s, a, row: desk.decide(s, a, row, WordingState.REJECTED, now=w.now)
    ),
    "desk.scopes.remember": needs(P.ENTRY_READ, lambda w, s, a, _: scopes.remember(s, a, DeskScope())),
    "entries.operations.create": needs(
        P.ENTRY_CREATE, lambda w, s, a, _: entries.create(s, a, factories.content(), now=w.now)
    ),
    "entries.operations.save": on(
        "entry",
        P.ENTRY_EDIT,
        lambda w, s, a, row: entries.save(s, a, row, factories.content(answer="新的"), now=w.now),
        *_DRAFTS,
        *_LIVE,
    ),
    "entries.operations.restore": on(
        "entry", P.ENTRY_EDIT, lambda w, s, a, row: entries.restore(s, a, row, 1, now=w.now), *_DRAFTS, *_LIVE
    ),
    "entries.operations.submit": on(
        "entry", P.ENTRY_EDIT, lambda w, s, a, row: entries.submit(s, a, row, now=w.now), *_DRAFTS
    ),
    "entries.operations.withdraw": on(
        "entry", P.ENTRY_EDIT, lambda w, s, a, row: entries.withdraw(s, a, row, now=w.now), *_REVIEWS
    ),
    "entries.operations.send_back": on(
        "entry",
        P.ENTRY_REVIEW,
        lambda w, s, a, row: entries.send_back(s, a, row, reason="改", now=w.now),
        *_REVIEWS,
        "scheduled-fault",
    ),
    "entries.operations.approve": on(
        "entry", P.ENTRY_REVIEW, lambda w, s, a, row: entries.approve(s, a, row, now=w.now), *_REVIEWS
    ),
    "entries.operations.verify": Verb(
        confirms,
        lambda w, s, a, row: entries.verify(s, a, row, region=row.work_revision.regions[0], now=w.now),
        "entry",
        ASKED,
    ),
    "entries.operations.publish": on(
        "entry", P.ENTRY_PUBLISH, lambda w, s, a, row: entries.publish(s, a, row, now=w.now), "scheduled-fault"
    ),
    "entries.operations.import_content": needs(
        P.ENTRY_IMPORT, lambda w, s, a, _: entries.import_content(s, a, factories.content(), key="new", now=w.now)
    ),
    "entries.operations.flag_for_review": on(
        "entry",
        P.ENTRY_EDIT,
        lambda w, s, a, row: entries.flag_for_review(s, a, row, reason="旧了", now=w.now),
        *_LIVE,
    ),
    "entries.operations.confirm": on(
        "entry", P.ENTRY_REVIEW, lambda w, s, a, row: entries.confirm(s, a, row, now=w.now), "due-fault"
    ),
    "entries.operations.suspend": on(
        "entry", P.ENTRY_SUSPEND, lambda w, s, a, row: entries.suspend(s, a, row, reason="错", now=w.now), *_LIVE
    ),
    "entries.operations.resume": on(
        "entry", P.ENTRY_PUBLISH, lambda w, s, a, row: entries.resume(s, a, row, now=w.now), *_SUSPENDED
    ),
    "entries.operations.retire": on(
        "entry", P.ENTRY_RETIRE, lambda w, s, a, row: entries.retire(s, a, row, reason="停", now=w.now), *_LIVE
    ),
    "entries.operations.archive": on(
        "entry", P.ENTRY_RETIRE, lambda w, s, a, row: entries.archive(s, a, row, now=w.now), "retired-fault"
    ),
    "forum.operations.start": needs(
        P.THREAD_WRITE, lambda w, s, a, _: forum.start(s, a, title="问", body="问", now=w.now, **_NEW)
    ),
    "forum.operations.reply": on(
        "thread", P.THREAD_WRITE, lambda w, s, a, row: forum.reply(s, a, row, "答", now=w.now), "open", "own"
    ),
    "forum.operations.accept": on(
        "thread", P.THREAD_ACCEPT, lambda w, s, a, row: forum.accept(s, a, row, 1, now=w.now), "open", "open-tv", "own"
    ),
    "forum.operations.import_thread": needs(
        P.ENTRY_IMPORT,
        lambda w, s, a, _: forum.import_thread(
            s,
            a,
            key="x",
            title="问",
            region=None,
            posts=[forum.ImportedPost(body="问", created_at=w.now)],
            accepted=None,
            now=w.now,
            **_NEW,
        ),
    ),
    "gaps.operations.report": needs(
        P.ENTRY_READ,
        lambda w, s, a, _: gaps.report(s, a, WORDS, DeskScope(), timezone=LEARNING.timezone, now=w.now),
    ),
    "gaps.operations.place": Verb(
        answers, lambda w, s, a, row: gaps.place(s, a, row, module="plan.mobile", tier=None, now=w.now), "gap"
    ),
    "gaps.operations.link_thread": Verb(
        answers, lambda w, s, a, row: gaps.link_thread(s, a, row, s.query(Thread).first(), now=w.now), "gap"
    ),
    "gaps.operations.link_entry": Verb(
        answers,
        lambda w, s, a, row: gaps.link_entry(s, a, row, s.query(Entry).where(Entry.key == "open-tv").one(), now=w.now),
        "gap",
    ),
    "gaps.operations.close": Verb(
        answers, lambda w, s, a, row: gaps.close(s, a, row, (), entry_key="x", now=w.now), "gap"
    ),
    "gaps.operations.decline": Verb(
        answers, lambda w, s, a, row: gaps.decline(s, a, row, DeclineReason.NOT_OURS, now=w.now), "gap"
    ),
    "gaps.operations.reopen": Verb(answers, lambda w, s, a, row: gaps.reopen(s, a, row, now=w.now), "gap"),
    "gaps.operations.propose_wordings": Verb(
        answers,
        lambda w, s, a, row: gaps.propose_wordings(s, a, row, learning=LEARNING, now=w.now),
        "gap",
        ("tv", "none"),
    ),
    "gaps.arranging.merge": Verb(answers, lambda w, s, a, row: arranging.merge(s, a, row, row, now=w.now), "gap"),
    "gaps.arranging.split": Verb(answers, lambda w, s, a, row: arranging.split(s, a, row, (), now=w.now), "gap"),
    "gaps.proposing.accept": on(
        "proposal",
        P.GAP_ANSWER,
        lambda w, s, a, row: proposing.accept(s, a, row, since=w.now, timezone=LEARNING.timezone, now=w.now),
    ),
    "gaps.proposing.dismiss": on(
        "proposal", P.GAP_ANSWER, lambda w, s, a, row: proposing.dismiss(s, a, row, now=w.now)
    ),
    "lexicon.operations.add_synonym": needs(
        P.LEXICON_MANAGE,
        lambda w, s, a, _: lexicon.add_synonym(
            s, a, SynonymFacts(direction=Direction.TWO_WAY, said=("蓝瓜", "绿瓜")), now=w.now
        ),
    ),
    "lexicon.operations.revise_synonym": needs(
        P.LEXICON_MANAGE,
        lambda w, s, a, _: lexicon.revise_synonym(
            s, a, 1, SynonymFacts(direction=Direction.TWO_WAY, said=("蓝瓜", "绿瓜")), version=1, now=w.now
        ),
    ),
    "lexicon.operations.add_word": needs(
        P.LEXICON_MANAGE, lambda w, s, a, _: lexicon.add_word(s, a, WordFacts(text="蓝瓜"), now=w.now)
    ),
    "lexicon.operations.revise_word": needs(
        P.LEXICON_MANAGE,
        lambda w, s, a, _: lexicon.revise_word(s, a, 1, WordFacts(text="蓝瓜"), version=1, now=w.now),
    ),
    "lexicon.operations.add_pin": needs(
        P.LEXICON_MANAGE,
        lambda w, s, a, _: lexicon.add_pin(s, a, PinFacts(query="蓝瓜", entry="open-tv"), now=w.now),
    ),
    "lexicon.operations.revise_pin": needs(
        P.LEXICON_MANAGE,
        lambda w, s, a, _: lexicon.revise_pin(s, a, 1, PinFacts(query="蓝瓜", entry="open-tv"), version=1, now=w.now),
    ),
    "lexicon.operations.remove": needs(
        P.LEXICON_MANAGE, lambda w, s, a, _: lexicon.remove(s, a, Word, 1, version=1, now=w.now)
    ),
    "lexicon.operations.switch": needs(
        P.LEXICON_MANAGE, lambda w, s, a, _: lexicon.switch(s, a, WordList.WORD, "光猫", on=False, now=w.now)
    ),
    "lexicon.operations.dismiss": needs(P.LEXICON_MANAGE, lambda w, s, a, _: lexicon.dismiss(s, a, "蓝瓜", now=w.now)),
    "maturity.flags.decide": needs(
        P.MATURITY_MANAGE, lambda w, s, a, _: flags.decide(s, a, 1, FlagState.UPHELD, note="", now=w.now)
    ),
    "maturity.nominating.nominate": Verb(
        nominates, lambda w, s, a, row: nominating.nominate(s, a, row, reason="好", now=w.now), "entry", _LIVE
    ),
    "maturity.nominating.vote": Verb(
        rates, lambda w, s, a, id_: nominating.vote(s, a, id_, approves=True, reason="好", now=w.now), "nomination"
    ),
    "maturity.operations.rate": Verb(
        rates,
        lambda w, s, a, row: maturity.rate(s, a, row, Scores(4, 4, 4, 4, 4), reason="好", now=w.now),
        "entry",
        _LIVE,
    ),
    "maturity.operations.hold": on(
        "entry",
        P.MATURITY_MANAGE,
        lambda w, s, a, row: maturity.hold(s, a, row, Level.L3, reason="会", now=w.now),
        *_LIVE,
    ),
    "maturity.operations.release": on(
        "entry", P.MATURITY_MANAGE, lambda w, s, a, row: maturity.release(s, a, row, now=w.now), *_LIVE
    ),
    "maturity.operations.rewrite_rubric": needs(
        P.MATURITY_MANAGE, lambda w, s, a, _: maturity.rewrite_rubric(s, a, {}, note="", now=w.now)
    ),
    "maturity.operations.see_changes": Verb(anybody, lambda w, s, a, _: maturity.see_changes(s, a, now=w.now)),
    "notices.operations.read": Verb(anybody, lambda w, s, a, _: notices.read(s, a, now=w.now)),
    "people.operations.add_user": needs(
        P.PEOPLE_MANAGE,
        lambda w, s, a, _: people.add_user(s, a, username="new", name="新", roles=[Role.AGENT], now=w.now),
    ),
    "people.operations.set_roles": needs(
        P.PEOPLE_MANAGE, lambda w, s, a, _: people.set_roles(s, a, _writer(s), roles=[Role.ADMIN], now=w.now)
    ),
    "people.operations.put_team": needs(
        P.PEOPLE_MANAGE, lambda w, s, a, _: people.put_team(s, a, key="new", name="新", region=None)
    ),
    "people.operations.set_password": needs(
        P.PEOPLE_MANAGE, lambda w, s, a, _: people.set_password(s, a, _writer(s), "x" * 12, now=w.now)
    ),
    "people.operations.deactivate": needs(
        P.PEOPLE_MANAGE, lambda w, s, a, _: people.deactivate(s, a, _writer(s), now=w.now)
    ),
    "people.operations.issue_token": needs(
        P.PEOPLE_MANAGE, lambda w, s, a, _: people.issue_token(s, a, _writer(s), label="", now=w.now)
    ),
    "taxonomy.operations.load_file": needs(
        P.TAXONOMY_MANAGE, lambda w, s, a, _: taxonomy.load_file(s, a, Path("none"), now=w.now)
    ),
}

ASKED_ELSEWHERE = {
    "calls.operations.add_steps": "a call of one's own: kb.calls.queries.own, tried at calls.tell",
    "calls.operations.take_outcome": "as above",
    "calls.operations.keep_record": "as above, tried at calls.write",
    "calls.operations.close_call": "as above",
    "corrections.consequences.follow": "what follows from a verb that was allowed",
    "corrections.consequences.publish": "as above",
    "corrections.consequences.close": "as above",
    "corrections.holding.suspend_entry": "as above",
    "corrections.holding.release": "as above",
    "entries.steps.finish": "the end of a verb that was allowed",
    "entries.steps.record": "as above",
    "entries.writing.add_entry": "as above",
    "entries.writing.add_revision": "as above",
    "gaps.operations.record": "as above",
    "importing.entries.store": "through entries.operations",
    "importing.threads.store": "through forum.operations",
    "maturity.flags.titles": "only reads",
    "maturity.operations.check_may_rate": "the first half of rate",
    "people.operations.change_password": "checks the password, then set_password",
}
"""What asks nothing by itself, and why."""
