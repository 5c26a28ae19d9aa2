"""The walls before what is written, reviewed, discussed and imported; see ``routes``."""

from collections.abc import Mapping
from functools import partial
from io import BytesIO

from kb.permissions import Actor, Permission, Target, allowed
from tests.web.walls.routes import Wall, anybody, entry, holds, needs, on, signed_in
from tests.web.walls.world import Thing

P = Permission
REVIEWED = ("review-fault", "narrow-review", "draft-elsewhere", "owndraft", "scheduled-fault", "edited-fault")
"""Entries with a revision in work."""
ASKED = ("verifying-theirs", "verifying-elsewhere", "verifying-mine")
"""Entries that a region is asked about."""
VERIFIED = (*ASKED, "open-tv", "narrow-fault")
FIELDS = {"version": "1", "kind": "faq", "title": "新的"}


def reads_work(actor: Actor, thing: Thing | None) -> bool:
    return holds(actor, thing, P.ENTRY_READ_UNPUBLISHED)


def has_a_say(actor: Actor, thing: Thing | None) -> bool:
    return any(holds(actor, thing, item) for item in (P.ENTRY_REVIEW, P.ENTRY_VERIFY, P.ENTRY_EDIT))


def verifies(actor: Actor, thing: Thing | None) -> bool:
    """An overlay is a region's own; where an entry is not scoped, the form names a verifier's."""
    if thing is None:
        return False
    regions = thing.target.regions or frozenset({"hedong"})
    return allowed(actor, P.ENTRY_VERIFY, Target(regions=regions))


def confirms(actor: Actor, thing: Thing | None) -> bool:
    """Nobody confirms what they wrote themselves."""
    return verifies(actor, thing) and thing is not None and actor.user_id not in thing.target.people


def sees_verification(actor: Actor, thing: Thing | None) -> bool:
    if thing is None:
        return False
    looks = holds(actor, thing, P.ENTRY_REVIEW) or holds(actor, thing, P.ENTRY_EDIT)
    if thing.name.startswith("verifying"):
        return looks or verifies(actor, thing)
    return holds(actor, thing, P.ENTRY_READ) and (looks or allowed(actor, P.ENTRY_VERIFY))


def asks_or_moderates(actor: Actor, thread: Thing | None) -> bool:
    if thread is None:
        return False
    own = actor.user_id in thread.target.people and allowed(actor, P.THREAD_WRITE)
    return own or holds(actor, thread, P.THREAD_MODERATE)


def writes_own(actor: Actor, thread: Thing | None) -> bool:
    """Not even moderators change what others wrote."""
    return thread is not None and actor.user_id in thread.target.people and allowed(actor, P.THREAD_WRITE)


def imports(actor: Actor, thing: Thing | None) -> bool:
    return allowed(actor, P.DRAFT_IMPORT)


def own_import(actor: Actor, thing: Thing | None) -> bool:
    """Whoever may not import is told so before anything is looked up."""
    return not allowed(actor, P.DRAFT_IMPORT) or (thing is not None and thing.known(actor))


def region_of(thing: Thing) -> Mapping[str, str]:
    (region,) = thing.target.regions or {"hedong"}
    return {"region": region, "text": "本地另有安排", "revision": "1"}


def plain_region_of(thing: Thing) -> Mapping[str, str]:
    return {name: value for name, value in region_of(thing).items() if name != "text"}


review = partial(on, "entry", names=REVIEWED, known=reads_work)
thread = partial(on, "thread")
moderated = partial(on, "thread", P.THREAD_MODERATE)
copy = partial(on, "copy")
verification = partial(Wall, verifies, "entry", names=VERIFIED, form=region_of, known=sees_verification)
imported = partial(Wall, imports, "import", known=own_import)
writes = partial(holds, permission=P.THREAD_WRITE)
REASON = {"reason": "写明原因"}

MORE: Mapping[str, Wall] = {
    "attachments.show": on("attachment"),
    "attachments.upload": needs(P.THREAD_WRITE, form=lambda _: {"file": (BytesIO("字".encode()), "a.txt")}),
    "editor.index": needs(P.ENTRY_CREATE),
    "editor.begin": needs(P.ENTRY_CREATE, form={"kind": "faq"}),
    "editor.edit": copy(),
    "editor.look": copy(),
    "editor.found": copy(),
    "editor.keep": copy(form=FIELDS),
    "editor.save_draft": copy(form=FIELDS),
    "editor.submit": copy(form=FIELDS),
    "editor.discard": copy(),
    "editor.withdraw": copy(),
    "editor.merge": copy(),
    "editor.take": copy(keeps=False),  # a new entry has nothing to be merged with
    "editor.compare_with": copy(args={"entry": "open-tv"}),
    "editor.edit_entry": entry(P.ENTRY_EDIT),
    "editor.handover": needs(P.OWNERSHIP_TRANSFER, query={"person": "agent"}),
    "editor.hand_over": needs(
        P.OWNERSHIP_TRANSFER, form={"person": "agent", "taker": "editor", "entry": "own-agent", **REASON}
    ),
    "forum.close": Wall(asks_or_moderates, "thread", form=REASON),
    "forum.edit": Wall(writes_own, "thread", args={"number": 0}),
    "forum.save": Wall(writes_own, "thread", args={"number": 0}, form={"version": "0", "title": "改", "body": "改"}),
    "forum.history": thread(args={"number": 0}),
    "forum.follow": thread(form={"follows": "yes"}),
    "forum.hide": moderated(form=REASON),
    "forum.merge": moderated(form={**REASON, "into": "open"}),
    "forum.move": moderated(form={"module": "plan.mobile"}),
    "forum.names": needs(P.THREAD_WRITE, query={"q": "乙"}),
    "forum.preview": needs(P.THREAD_WRITE, form={"body": "**好**"}, keeps=False),
    "forum.reopen": moderated(keeps=False),  # none of them is closed
    "forum.similar": needs(P.THREAD_WRITE, query={"title": "光猫红灯"}),
    "forum.unhide": moderated(),
    "forum.vote": Wall(writes, "thread", form={"number": "1", "useful": "yes"}),
    "importing.index": needs(P.DRAFT_IMPORT),
    "importing.upload": needs(P.DRAFT_IMPORT, keeps=False),  # reading a file takes a process of its own
    "importing.show": imported(),
    "importing.part": imported(),
    "importing.decide": imported(form={"do": "level:1"}),
    "importing.discard": imported(),
    # Its address can't be guessed; here it is guessed.
    "importing.picture": Wall(anybody, "import", args={"digest": "0" * 64}, known=lambda actor, thing: False),
    "notices.address": signed_in(),
    "notices.ask": signed_in(keeps=False),  # they have no address
    "notices.choices": signed_in(),
    "notices.choose": signed_in(),
    "notices.confirm": signed_in(keeps=False),  # nor a link
    "notices.unread": signed_in(),
    "people.index": needs(P.THREAD_READ),
    "people.show": on("person"),
    "review.index": needs(P.ENTRY_REVIEW, P.ENTRY_CREATE),
    "review.show": review(),
    "review.overdue": needs(P.ENTRY_REVIEW, P.ENTRY_EDIT),
    "review.confirm": entry(P.ENTRY_REVIEW, names=("due-fault", "draft-theirs", "suspended-fault")),
    "review.decide": on(
        "entry",
        P.ENTRY_REVIEW,
        names=("review-fault", "narrow-review"),
        known=reads_work,
        form={"decision": "approve", "revision": "1"},
    ),
    "review.publish": on("entry", P.ENTRY_PUBLISH, names=("scheduled-fault",), known=reads_work),
    "review.remark": Wall(has_a_say, "entry", REVIEWED, form={"text": "再核一下", "revision": "1"}, known=reads_work),
    "review.settle": Wall(has_a_say, "remark", known=reads_work),
    "review.step": review(P.ENTRY_EDIT, names=("draft-elsewhere", "owndraft"), form={"step": "submit"}),
    "verification.index": needs(P.ENTRY_REVIEW, P.ENTRY_VERIFY),
    "verification.show": Wall(anybody, "entry", VERIFIED, known=sees_verification),
    "verification.confirm": Wall(confirms, "entry", names=ASKED, form=plain_region_of, known=sees_verification),
    "verification.overlay": verification(),
    "verification.withdraw": Wall(verifies, "overlay"),
    "workdays.index": needs(P.CALENDAR_MANAGE),
    "workdays.set_days": needs(P.CALENDAR_MANAGE, form={"first": "2026-12-31", "kind": "holiday", "name": "元旦前"}),
    "workdays.clear": needs(P.CALENDAR_MANAGE, form={"day": "2026-10-01"}),
}
