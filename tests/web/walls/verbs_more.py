"""The verbs of what is written, reviewed, discussed and imported; see ``verbs``."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, selectinload

from kb.attachments import operations as attachments
from kb.attachments.rules import File, FileKind
from kb.attachments.store import Store
from kb.documents import operations as documents
from kb.documents.document import Document, Format, Section
from kb.drafting import operations as drafting
from kb.drafting import sources
from kb.drafting.models import WorkingCopy
from kb.entries import operations as entries
from kb.entries import ownership
from kb.entries.models import Entry
from kb.forum import editing, moderation, reading
from kb.forum.models import Thread
from kb.importing.fields import Context
from kb.letters import confirming
from kb.notices import operations as notices
from kb.people.models import User
from kb.permissions import Actor, Permission, Role, allowed
from kb.review import operations as review
from kb.taxonomy import queries as taxonomy
from kb.verification import operations as verification
from kb.verification import queries as verifications
from kb.workdays import files as workday_files
from kb.workdays import operations as workdays
from kb.workdays.models import DayKind
from tests.support import factories
from tests.web.walls.routes import anybody
from tests.web.walls.routes_more import ASKED, asks_or_moderates, confirms, has_a_say, verifies
from tests.web.walls.verbs import Verb, needs, on
from tests.web.walls.world import Thing, World

P = Permission
FIELDS: Mapping[str, str | list[str]] = {"title": "新的", "kind": "faq", "module_key": "tv.signal"}
ZONE = "Asia/Shanghai"


def _own(actor: Actor, thing: Thing | None) -> bool:
    return thing is not None and thing.known(actor)


def _own_import(actor: Actor, thing: Thing | None) -> bool:
    return allowed(actor, P.DRAFT_IMPORT) and _own(actor, thing)


def _writes_own(actor: Actor, thing: Thing | None) -> bool:
    return thing is not None and actor.user_id in thing.target.people and allowed(actor, P.THREAD_WRITE)


def _writes(actor: Actor, thing: Thing | None) -> bool:
    return allowed(actor, P.THREAD_WRITE)


def _person(session: Session, username: str) -> User:
    return session.query(User).where(User.username == username).one()


def _other(session: Session) -> Thread:
    return session.query(Thread).where(Thread.key == "open").options(selectinload(Thread.replies)).one()


def _enters_address(world: World, session: Session, actor: Actor) -> None:
    notices.choose(session, actor, {}, address="a@b.example", domains=(), now=world.now)


def _asks_to_confirm(world: World, session: Session, actor: Actor, _: Any) -> None:
    _enters_address(world, session, actor)
    confirming.ask(session, actor, now=world.now)


def _confirms_address(world: World, session: Session, actor: Actor, _: Any) -> None:
    _enters_address(world, session, actor)
    confirming.confirm(session, actor, "a@b.example", now=world.now)


def _remark(world: World, session: Session, actor: Actor, row: Any) -> None:
    review.settle(session, actor, session.get_one(Entry, row[0]), row[1], open_=False, now=world.now)


def _withdraw(world: World, session: Session, actor: Actor, row: Any) -> None:
    entry = session.get_one(Entry, row[0])
    verification.withdraw(session, actor, entry, verifications.overlay(session, entry, row[1]), now=world.now)


def _upload(world: World, session: Session, actor: Actor, _: Any) -> None:
    store = Store(world.installation.settings.files_path)
    attachments.upload(session, actor, store, File(kind=FileKind.PNG, data=b"png", name="a.png"), now=world.now)


def _receive(world: World, session: Session, actor: Actor, _: Any) -> None:
    document = Document(format=Format.MARKDOWN, sections=(Section(level=1, heading="问", text="答"),))
    documents.receive(session, actor, document, name="a.md", digest="1" * 64, now=world.now)


def _copy(session: Session, number: int) -> WorkingCopy:
    return session.get_one(WorkingCopy, number)


def _hand_in(world: World, session: Session, actor: Actor, number: int) -> None:
    context = Context(taxonomy.load(session), ZONE)
    drafting.hand_in(session, actor, _copy(session, number), context=context, now=world.now)


_LIVE = ("open-fault", "open-tv", "own", "draft-theirs", "owndraft")
_DAY = date(2026, 12, 31)
moderates = partial(on, "thread", P.THREAD_MODERATE)

MORE: Mapping[str, Verb] = {
    "attachments.operations.upload": needs(P.THREAD_WRITE, _upload),
    "documents.operations.receive": needs(P.DRAFT_IMPORT, _receive),
    "documents.operations.cut": Verb(_own_import, lambda w, s, a, id_: documents.cut(s, a, id_, {0}), "import"),
    "documents.operations.note_alike": Verb(
        _own_import, lambda w, s, a, id_: documents.note_alike(s, a, id_, {}), "import"
    ),
    "documents.operations.take": Verb(
        _own_import,
        lambda w, s, a, id_: documents.take(s, a, id_, {0: factories.content()}, now=w.now),
        "import",
    ),
    "documents.operations.discard": Verb(
        _own_import, lambda w, s, a, id_: documents.discard(s, a, id_, now=w.now), "import"
    ),
    "drafting.operations.begin": needs(
        P.ENTRY_CREATE, lambda w, s, a, _: drafting.begin(s, a, FIELDS, key="new", now=w.now)
    ),
    "drafting.operations.begin_edit": on(
        "entry",
        P.ENTRY_EDIT,
        lambda w, s, a, row: drafting.begin_edit(s, a, row, key="new", timezone=ZONE, now=w.now),
        *_LIVE,
    ),
    "drafting.operations.keep": Verb(
        _own, lambda w, s, a, id_: drafting.keep(s, a, _copy(s, id_), FIELDS, version=1, now=w.now), "copy"
    ),
    "drafting.operations.discard": Verb(_own, lambda w, s, a, id_: drafting.discard(s, a, _copy(s, id_)), "copy"),
    "drafting.operations.hand_in": Verb(_own, _hand_in, "copy"),
    "drafting.sources.read": needs(P.OWNERSHIP_TRANSFER, lambda w, s, a, _: sources.read(s, a, "interview:writer")),
    "entries.operations.reject": on(
        "entry",
        P.ENTRY_REVIEW,
        lambda w, s, a, row: entries.reject(s, a, row, reason="不要", now=w.now),
        "review-fault",
        "narrow-review",
    ),
    "entries.ownership.hand_over": needs(
        P.OWNERSHIP_TRANSFER,
        lambda w, s, a, _: ownership.hand_over(s, a, _person(s, "agent"), _person(s, "editor"), now=w.now),
    ),
    "forum.editing.edit": Verb(
        _writes_own, lambda w, s, a, row: editing.edit(s, a, row, 0, body="改", version=0, now=w.now), "thread"
    ),
    "forum.moderation.close": Verb(
        asks_or_moderates, lambda w, s, a, row: moderation.close(s, a, row, reason="好了", now=w.now), "thread"
    ),
    "forum.moderation.hide": moderates(lambda w, s, a, row: moderation.hide(s, a, row, reason="号码", now=w.now)),
    "forum.moderation.hide_reply": moderates(
        lambda w, s, a, row: moderation.hide_reply(s, a, row, 1, reason="号码", now=w.now)
    ),
    "forum.moderation.merge": moderates(
        lambda w, s, a, row: moderation.merge(s, a, row, _other(s), reason="一样", now=w.now)
    ),
    "forum.moderation.move": moderates(
        lambda w, s, a, row: moderation.move(s, a, row, module="plan.mobile", region=None, now=w.now)
    ),
    "forum.moderation.reopen": moderates(lambda w, s, a, row: moderation.reopen(s, a, row, now=w.now)),
    "forum.moderation.show": moderates(lambda w, s, a, row: moderation.show(s, a, row, now=w.now)),
    "forum.moderation.show_reply": moderates(lambda w, s, a, row: moderation.show_reply(s, a, row, 1, now=w.now)),
    "forum.reading.follow": on(
        "thread", P.THREAD_READ, lambda w, s, a, row: reading.follow(s, a, row, follows=True), "open", "own"
    ),
    "forum.reading.vote": Verb(
        _writes, lambda w, s, a, row: reading.vote(s, a, row, 1, useful=True, now=w.now), "thread", ("open", "own")
    ),
    "letters.confirming.appoint": needs(
        P.PEOPLE_MANAGE,
        lambda w, s, a, _: confirming.appoint(
            s, a, s.get_one(User, w.actors[Role.AGENT].user_id), "a@b.example", domains=(), now=w.now
        ),
    ),
    "letters.confirming.ask": Verb(anybody, _asks_to_confirm),
    "letters.confirming.confirm": Verb(anybody, _confirms_address),
    "notices.operations.choose": Verb(
        anybody, lambda w, s, a, _: notices.choose(s, a, {}, address="", domains=(), now=w.now)
    ),
    "review.operations.approve": on(
        "entry",
        P.ENTRY_REVIEW,
        lambda w, s, a, row: review.approve(s, a, row, publish_at=None, now=w.now),
        "review-fault",
        "narrow-review",
    ),
    "review.operations.remark": Verb(
        has_a_say,
        lambda w, s, a, row: review.remark(s, a, row, row.work_revision, text="再核", now=w.now),
        "entry",
        ("review-fault", "narrow-review", "draft-elsewhere", "draft-theirs", "owndraft"),
    ),
    "review.operations.settle": Verb(has_a_say, _remark, "remark"),
    "verification.operations.confirm": Verb(
        confirms,
        lambda w, s, a, row: verification.confirm(s, a, row, region=row.work_revision.regions[0], now=w.now),
        "entry",
        ASKED,
    ),
    "verification.operations.overlay": Verb(
        verifies,
        lambda w, s, a, row: verification.overlay(
            s, a, row, region=(*row.shown_revision.regions, "hedong")[0], text="另有安排", now=w.now
        ),
        "entry",
        (*ASKED, "open-tv"),
    ),
    "verification.operations.withdraw": Verb(verifies, _withdraw, "overlay"),
    "workdays.files.load_file": needs(
        P.CALENDAR_MANAGE, lambda w, s, a, _: workday_files.load_file(s, a, Path("none"), now=w.now)
    ),
    "workdays.operations.set_days": needs(
        P.CALENDAR_MANAGE,
        lambda w, s, a, _: workdays.set_days(s, a, _DAY, _DAY, DayKind.HOLIDAY, "元旦前", now=w.now),
    ),
    "workdays.operations.clear_day": needs(
        P.CALENDAR_MANAGE, lambda w, s, a, _: workdays.clear_day(s, a, date(2026, 10, 1), now=w.now)
    ),
}

ELSEWHERE = {
    "attachments.operations.use": "of what was written by a verb that was allowed; asks of each file",
    "drafting.operations.merge_into": "through keep and begin_edit, tried at editor.take",
    "drafting.operations.rebase": "through keep",
    "forum.operations.started_before": "only reads one's own",
    "forum.operations.record": "the end of a verb that was allowed",
    "forum.reading.follow_unless_told": "as above",
    "forum.reading.mark_of": "only reads",
    "forum.reading.saw": "one's own place in what was shown",
    "forum.reading.unread": "only reads",
    "provenance.people.directory": "only reads",
    "provenance.people.given": "only reads",
}
