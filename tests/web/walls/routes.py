"""What stands before every address: one line each. A route without a line fails a test: add one here.

Three questions are asked of a request, in this order, and every wall answers them alike:
who may not *know* of the thing gets 404, who may know but not *do* gets 403, everybody else gets through.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from kb.bulletins.queries import concerns
from kb.permissions import Actor, Permission, Role, allowed
from tests.web.walls.world import COMMON, Thing

P = Permission
May = Callable[[Actor, Thing | None], bool]
Form = Mapping[str, Any]


@dataclass(frozen=True)
class Wall:
    """What stands before a route.

    Attributes:
        may: whether this actor may do it, to this thing.
        kind: what it is about (a key of ``world.KINDS``), ``None`` for nothing in particular.
        names: the things to try it on; all of the kind if none.
        form: what is posted: enough to get through where it is allowed.
        args: parts of the address that name no thing.
        query: the address's query.
        keeps: whether whoever gets through changes something: then somebody must be seen to.
        known: whether the thing is there for this actor and purpose, where that is not ``Thing.known``.
    """

    may: May
    kind: str | None = None
    names: Sequence[str] = ()
    form: Form | Callable[[Any], Form] = field(default_factory=dict)
    args: Form = field(default_factory=dict)
    query: Form = field(default_factory=dict)
    keeps: bool = True
    known: May | None = None


def anybody(actor: Actor, thing: Thing | None) -> bool:
    return True


def holds(actor: Actor, thing: Thing | None, permission: Permission) -> bool:
    return allowed(actor, permission, thing.target if thing is not None else None)


def needs(*permissions: Permission, **more: Any) -> Wall:
    """Return a wall that any of *permissions* opens, on anything at all."""
    return Wall(lambda actor, thing: any(allowed(actor, item) for item in permissions), **more)


def signed_in(**more: Any) -> Wall:
    """Return a wall that everybody who has signed in passes."""
    return Wall(anybody, **more)


def on(kind: str, *permissions: Permission, **more: Any) -> Wall:
    """Return a wall that *permissions* on the thing open, all of them; none: whoever knows of it."""
    return Wall(lambda actor, thing: all(holds(actor, thing, item) for item in permissions), kind, **more)


def either(*ways: May) -> May:
    return lambda actor, thing: any(way(actor, thing) for way in ways)


def answers(actor: Actor, gap: Thing | None) -> bool:
    """A gap that has no module yet is every expert's."""
    unplaced = gap is not None and gap.target.module is None
    return holds(actor, None if unplaced else gap, P.GAP_ANSWER)


def rates(actor: Actor, entry: Thing | None) -> bool:
    return holds(actor, entry, P.ENTRY_RATE) and entry is not None and actor.user_id not in entry.target.people


def nominates(actor: Actor, entry: Thing | None) -> bool:
    return holds(actor, entry, P.ENTRY_NOMINATE) and entry is not None and actor.user_id not in entry.target.people


def _leads(actor: Actor, thing: Thing | None) -> bool:
    return actor.roles.intersection({Role.LEADER, Role.MANAGER}) != frozenset()


def concerned(actor: Actor, bulletin: Thing | None) -> bool:
    """Whoever publishes for others has nothing to say that they have read."""
    return bulletin is not None and concerns(actor, bulletin.row)


def _had_on_the_desk(actor: Actor, entry: Thing | None) -> bool:
    """A card may stand open while its entry is suspended, and what its reader knows is wanted."""
    drafts = ("draft", "owndraft", "narrow-draft")
    return entry is not None and not entry.name.startswith(drafts) and holds(actor, entry, P.ENTRY_READ)


SHORT = (
    "open-fault", "open-tv", "own", "owndraft", "draft-fault", "draft-theirs", "draft-elsewhere", "narrow-fault",
    "narrow-draft", "suspended-fault", "suspended-theirs", "expired-fault",
)  # fmt: skip
"""Entries in the situations that matter to whoever reads."""
SERVED = ("open-fault", "open-tv", "own", "narrow-fault", "due-fault")
"""Entries that are on the desk."""

entry = partial(on, "entry", names=SHORT)
served = partial(on, "entry", names=(*SERVED, "draft-fault", "owndraft"))
gap = partial(Wall, answers, "gap")

SOLVED = {"solved": "yes"}
CORRECTION = {"severity": "p2", "wrong": "错"}
SCORES = dict.fromkeys(("accuracy", "completeness", "wording", "applicability", "reusability"), "4")
BULLETIN = {"title": "断网", "script": "正在抢修", "valid_until": "2026-11-02T20:00"}

PUBLIC = frozenset(
    {"static", "bootstrap.static", "auth.sign_in", "auth.do_sign_in", "auth.language", "ops.alive", "ops.ready"}
)
"""Open to strangers; see ``tests/web/test_access.py``."""

WALLS: Mapping[str, Wall] = {
    "api.search": signed_in(query={"q": COMMON}),
    "api.outcomes": served(form=lambda thing: {"json": {"entry": thing.name, "query": COMMON, "solved": True}}),
    "auth.password": signed_in(),
    "auth.change_password": signed_in(keeps=False),  # of one's own only, and who has none may not
    "auth.sign_out": signed_in(keeps=False),
    "briefs.show": signed_in(),
    "briefs.acknowledge": signed_in(),
    "briefs.shift": Wall(_leads),
    "bulletins.index": signed_in(),
    "bulletins.now": signed_in(),
    "bulletins.stream": signed_in(),
    "bulletins.manage": needs(P.BULLETIN_PUBLISH),
    "bulletins.new": needs(P.BULLETIN_PUBLISH),
    "bulletins.publish": needs(P.BULLETIN_PUBLISH, form={**BULLETIN, "teams": "mine"}),
    "bulletins.show": on("bulletin"),
    "bulletins.acknowledge": on("bulletin", form={"version": "1"}, known=concerned),
    "bulletins.edit": on("bulletin", P.BULLETIN_PUBLISH),
    "bulletins.revise": on("bulletin", P.BULLETIN_PUBLISH, form={**BULLETIN, "teams": "mine", "version": "1"}),
    "bulletins.extend": on("bulletin", P.BULLETIN_PUBLISH, form={"valid_until": "2026-11-02T23:00"}),
    "bulletins.withdraw": on("bulletin", P.BULLETIN_PUBLISH),
    "calls.open_call": signed_in(form={"q": COMMON}, keeps=False),  # everybody's goes on already
    "calls.show": on("call"),
    "calls.write": on("call", form={"note": "好"}),
    "calls.tell": on("call", form={"page": "p", "steps": '[{"n": 1, "ms": 5, "kind": "copied", "entry": "open-tv"}]'}),
    "calls.tickets": signed_in(query={"number": "T123456"}),
    "calls.mine": signed_in(),
    "calls.in_sum": needs(P.CALL_FIGURES),
    "corrections.index": needs(P.CORRECTION_DUTY, P.CORRECTION_DECIDE),
    "corrections.mine": signed_in(),
    "corrections.figures": needs(P.CORRECTION_DECIDE),
    "corrections.duty": needs(P.CORRECTION_DUTY),
    "corrections.new": entry(query={"entry": ...}),
    "corrections.report": entry(form=lambda thing: {**CORRECTION, "entry": thing.name}, known=_had_on_the_desk),
    "corrections.show": on("correction"),
    "corrections.hold": on("correction", P.CORRECTION_DUTY, form={"answer": "keep"}),
    "corrections.decide": on("correction", P.CORRECTION_DECIDE, form={"decision": "uphold", "severity": "p2"}),
    "corrections.fix": Wall(
        either(partial(holds, permission=P.CORRECTION_DECIDE), partial(holds, permission=P.ENTRY_EDIT)),
        "correction",
        form={"revision": "1"},
        keeps=False,  # only what was upheld can be fixed: kb.corrections' own tests
    ),
    "desk.screen": signed_in(query={"q": COMMON, "open": "open-fault", "region": ""}),
    "desk.results": signed_in(query={"q": COMMON}),
    "desk.card": entry(),
    "desk.outcome": served(form=SOLVED),
    "desk.correct": entry(form=CORRECTION, known=_had_on_the_desk),
    "desk.searched": signed_in(form={"q": COMMON}, keeps=False),
    "desk.report_gap": signed_in(form={"q": "新的缺口"}),
    "desk.choose_scope": signed_in(form={"region": "jiangyang"}),
    "desk.record": served(form=SOLVED, query={"q": COMMON}),
    "desk.wordings": needs(P.WORDING_DECIDE),
    "desk.decide": on("wording", P.WORDING_DECIDE, form={"decision": "rejected"}),
    "entries.show": entry(),
    "entries.revisions": entry(P.ENTRY_READ_UNPUBLISHED),
    "entries.restore": on(
        "entry", P.ENTRY_READ_UNPUBLISHED, P.ENTRY_EDIT, names=("edited-fault", "narrow-fault"), args={"number": 1}
    ),
    "forum.index": needs(P.THREAD_READ),
    "forum.show": on("thread"),
    "forum.new": needs(P.THREAD_WRITE),
    "forum.start": needs(
        P.THREAD_WRITE, form={"title": "问", "body": "问", "kind": "question", "module": "fault.broadband"}
    ),
    "forum.reply": Wall(partial(holds, permission=P.THREAD_WRITE), "thread", form={"body": "答"}),
    "forum.accept": on("thread", P.THREAD_ACCEPT, form={"number": "1"}),
    "gaps.index": needs(P.GAP_READ),
    "gaps.show": on("gap"),
    "gaps.place": gap(form={"module": "plan.mobile"}),
    "gaps.link_entry": gap(form={"entry": "open-fault"}),
    "gaps.try_words": gap(),
    "gaps.propose_wordings": gap(names=("tv", "none"), keeps=False),  # they have no entry
    "gaps.decline": gap(form={"reason": "not_ours"}),
    "gaps.reopen": gap(keeps=False),  # none of them is closed
    "gaps.merge": Wall(answers, "gap", form=lambda thing: {"into": thing.args["number"]}, keeps=False),  # with itself
    "gaps.split": gap(keeps=False),  # they have one phrasing
    "gaps.decide": on("proposal", P.GAP_ANSWER, form={"decision": "dismiss"}),
    "guide.index": signed_in(),
    "guide.template_csv_file": needs(P.ENTRY_IMPORT),
    "guide.template_xlsx_file": needs(P.ENTRY_IMPORT),
    "lexicon.index": needs(P.LEXICON_MANAGE),
    "lexicon.show": needs(P.LEXICON_MANAGE, args={"slug": "words"}),
    "lexicon.new": needs(P.LEXICON_MANAGE, args={"slug": "words"}),
    "lexicon.add": needs(P.LEXICON_MANAGE, args={"slug": "words"}, form={"text": "蓝瓜"}),
    "lexicon.edit": needs(P.LEXICON_MANAGE, args={"slug": "words", "row": "1"}),
    "lexicon.revise": needs(
        P.LEXICON_MANAGE, args={"slug": "words", "row": "1"}, form={"text": "红瓜", "version": "1"}
    ),
    "lexicon.switch": needs(P.LEXICON_MANAGE, args={"slug": "words"}, keeps=False),  # the line is looked up first
    "lexicon.judge": needs(P.LEXICON_MANAGE, form={"text": "绿瓜", "verdict": "dismiss"}),
    "maturity.overview": needs(P.MATURITY_MANAGE),
    "maturity.report": needs(P.MATURITY_MANAGE),
    "maturity.report_file": needs(P.MATURITY_MANAGE),
    "maturity.rubric": needs(P.MATURITY_MANAGE),
    "maturity.rewrite": needs(P.MATURITY_MANAGE, keeps=False),
    "maturity.flagged": needs(P.MATURITY_MANAGE),
    "maturity.decide": on("flag", P.MATURITY_MANAGE, form={"decision": "upheld", "note": "看过"}),
    "maturity.ratings": needs(P.ENTRY_RATE),
    "maturity.rating": Wall(rates, "entry", SERVED),
    "maturity.rate": Wall(rates, "entry", SERVED, form={**SCORES, "reason": "核过"}),
    "maturity.show": on("entry", names=SERVED),
    "maturity.hold": on("entry", P.MATURITY_MANAGE, names=SERVED, form={"level": "3", "reason": "专家会"}),
    "maturity.nominate": Wall(nominates, "entry", ("open-fault", "open-tv", "own"), form={"praise": "好用"}),
    "maturity.nominations": signed_in(),
    "maturity.vote": Wall(rates, "nomination", form={"approves": "yes", "reason": "好"}),
    "maturity.news": signed_in(),
    "maturity.seen": signed_in(),
    "notices.index": signed_in(),
    "notices.open_": on("notice"),
    "notices.read_all": signed_in(),
    "ops.metrics": needs(P.INDEX_MANAGE),
    "search.index": signed_in(query={"q": COMMON}),
    "search.why": needs(P.SEARCH_EXPLAIN, query={"q": COMMON}),
    "status.index": needs(P.INDEX_MANAGE),
    "suggest.index": signed_in(query={"q": "光猫"}),
    "suggest.entries": signed_in(query={"q": "光猫"}),
}
