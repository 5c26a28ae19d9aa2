"""The rest of the world: what is written and learned. Made once the entries, threads and bulletins are there."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from kb.attachments import operations as attachments
from kb.attachments.models import Attachment
from kb.attachments.rules import take
from kb.attachments.store import Store
from kb.db import unit_of_work
from kb.documents import operations as documents
from kb.documents.document import Document, Format, Section
from kb.documents.models import Import
from kb.drafting import operations as drafting
from kb.drafting.models import WorkingCopy
from kb.entries.models import Entry
from kb.entries.queries import by_key
from kb.events.models import Subject
from kb.exams import operations as exams
from kb.exams.models import Attempt, Exam
from kb.exams.queries import concerns
from kb.exams.rules import Section as ExamSection
from kb.forum.models import Thread
from kb.licences import operations as licences
from kb.licences.models import Licence
from kb.must_reads.models import MustRead
from kb.people.models import User
from kb.permissions import SYSTEM, Actor, Permission, Role, Target, allowed, in_audience
from kb.questions import operations as questions
from kb.questions.models import Question
from kb.review import operations as review
from kb.review.models import Remark
from kb.training import lessons, packs
from kb.training import operations as training
from kb.training.facts import Line, Occasion
from kb.training.models import LaunchPack, Lesson, Plan, PlanItem
from kb.training.packs import PackFacts
from kb.training.queries import may_see
from kb.training.rules import Period, PlanStep
from kb.verification import operations as verification
from kb.verification.models import Overlay
from kb.workdays import operations as workdays
from kb.workdays.models import DayKind
from tests.support import study
from tests.support import training as courses
from tests.support.installation import Installation
from tests.web.walls.world import ANY, Thing, World, any_of, has, is_person, secret

P = Permission
WRITERS = tuple(role for role in Role if role not in (Role.REVIEWER, Role.VERIFIER, Role.ADMIN))
"""Who may write entries, and so has working copies."""
IMPORTERS = (Role.EDITOR, Role.MANAGER)
DAY = date(2026, 10, 1)


def build(installation: Installation) -> None:
    """Add to what ``world.build`` has made."""
    caller = installation.actor("caller")
    _writing(installation, caller)
    _reviewing(installation)
    _questions(installation)
    _exams(installation, caller)
    _training(installation)
    installation.reindex()


def _writing(installation: Installation, caller: Actor) -> None:
    now, store = installation.clock(), Store(installation.settings.files_path)
    with unit_of_work(installation.sessions) as session:
        for name, thread in (("loose", None), ("open", "open"), ("hidden", "hidden")):
            file = take(f"附件 {secret(f'file-{name}')}".encode(), f"{name}.txt")
            row = attachments.upload(session, caller, store, file, now=now)
            if thread is not None:
                used = session.scalars(select(Thread).where(Thread.key == thread)).one()
                text = f"[x](/attachments/{row.key})"
                attachments.use(session, caller, Subject.THREAD, used.id, text, now=now)
        for name, actor in (*_named(installation, WRITERS), ("others", caller)):
            fields = {"title": secret(f"copy-{name}"), "kind": "faq", "module_key": "fault.broadband"}
            drafting.begin(session, actor, fields, key=f"copy-{name}", now=now)
        for name, actor in (*_named(installation, IMPORTERS), ("others", installation.actor("writer"))):
            section = Section(level=1, heading=secret(f"import-{name}"), text="先看尾纤")
            document = Document(format=Format.MARKDOWN, sections=(section,))
            documents.receive(session, actor, document, name=f"{name}.md", digest="0" * 64, now=now)
        workdays.set_days(session, SYSTEM, DAY, DAY, DayKind.HOLIDAY, "国庆节", now=now)


def _named(installation: Installation, roles: tuple[Role, ...]) -> list[tuple[str, Actor]]:
    return [(f"own-{role.value}", installation.actors[role]) for role in roles]


def _reviewing(installation: Installation) -> None:
    now = installation.clock()
    with unit_of_work(installation.sessions) as session:
        for key in ("review-fault", "narrow-review", "draft-elsewhere"):
            entry = by_key(session, key)
            assert entry is not None
            assert entry.work_revision is not None
            review.remark(session, SYSTEM, entry, entry.work_revision, text=secret(f"remark-{key}"), now=now)
        for key, region in (("verifying-theirs", "hedong"), ("verifying-elsewhere", "jinsha"), ("open-tv", "hedong")):
            entry = by_key(session, key)
            assert entry is not None
            verification.overlay(session, SYSTEM, entry, region=region, text=f"本地 {key}", now=now)


def _questions(installation: Installation) -> None:
    now = installation.clock()
    for key, live in (("open-fault", True), ("open-tv", True), ("due-fault", False), ("narrow-fault", False)):
        said = secret(f"question-{key}")
        item = replace(study.ITEM, explanation=said) if live else replace(study.ITEM, prompt=said)
        with unit_of_work(installation.sessions) as session:
            entry = by_key(session, key)
            assert entry is not None
            made = questions.write(session, SYSTEM, entry, item, now=now)
            if live:
                questions.publish(session, SYSTEM, made.id, version=1, now=now)
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, "narrow-agents")
        assert entry is not None
        asked = replace(study.ITEM, prompt=secret("asked-narrow-agents"))
        made = questions.write(session, SYSTEM, entry, asked, now=now)
        questions.publish(session, SYSTEM, made.id, version=1, now=now)
    with installation.sessions() as session:
        numbers = {row.entry.key: row.id for row in _all(session, Question)}
    for team, key in (("mine", "open-fault"), ("theirs", "open-tv")):
        study.must_read(installation, key, numbers[key], teams=(team,), note=secret(f"must-read-{team}"))


def _exams(installation: Installation, caller: Actor) -> None:
    now, sections = installation.clock(), (ExamSection("tv.signal", 1),)
    for name, fields in (("all", {}), ("theirs", {"teams": ("theirs",)}), ("draft", {"published": False})):
        courses.exam(installation, title=f"{name} {secret(f'exam-{name}')}", sections=sections, minutes=240, **fields)
    with unit_of_work(installation.sessions) as session:
        number = session.scalars(select(Exam.id).where(Exam.title.startswith("all"))).one()
        for actor in (*installation.actors.values(), caller):
            exams.start(session, actor, number, seed="seed", now=now)
        attempt = session.scalars(select(Attempt).where(Attempt.user_id == caller.user_id)).one()
        until = now + timedelta(days=90)
        licences.grant(session, attempt.user_id, tier="first", attempt_id=attempt.id, expires_at=until, now=now)

    # About an entry for agents alone: whoever manages exams reads what came of it, and not what was asked.
    only = {"sections": (ExamSection("number.sim", 1),), "people": (caller.user_id,)}
    narrow = courses.exam(installation, title=f"narrow {secret('exam-narrow')}", minutes=240, published=False, **only)
    with unit_of_work(installation.sessions) as session:
        exams.publish(session, SYSTEM, narrow.id, now=now)
    courses.take(installation, caller, narrow.id, right=1)


def _training(installation: Installation) -> None:
    now, leader = installation.clock(), installation.actor(Role.LEADER.value)
    writer = installation.actor("writer")
    with unit_of_work(installation.sessions) as session:
        for name, team in (("mine", "mine"), ("theirs", "theirs"), ("whole", None)):
            title = f"{name} {secret(f'plan-{name}')}"
            days = {"starts_on": now.date(), "ends_on": (now + timedelta(days=30)).date()}
            period = Period(title=title, since=now - timedelta(days=30), until=now, **days)
            plan = training.draft(session, SYSTEM, period, team=team, now=now)
            line = Line(module="tv.signal", team="theirs", due_on=period.ends_on)
            if team == "mine":
                line = Line(module="tv.signal", team="mine", due_on=period.ends_on)
            item = training.add_line(session, SYSTEM, plan.id, line, now=now)
            training.move(session, SYSTEM, plan.id, PlanStep.START, now=now)
            teacher = leader if team == "mine" else writer
            place = secret(f"lesson-{name}")
            occasion = Occasion(starts_at=now, trainer_id=teacher.user_id, place=place)
            lessons.set_lesson(session, SYSTEM, item.id, occasion, now=now)
        for team in ("mine", "theirs"):
            said = secret(f"pack-{team}")
            given = {"title": f"{team} {said}", "module": "tv.signal", "launch_at": now + timedelta(days=20)}
            facts = PackFacts(**given, teams=(team,), entry_keys=("open-tv",))
            packs.prepare(session, SYSTEM, facts, now=now)


def _all(session: Session, model: type) -> Iterator:
    return session.scalars(select(model).options(joinedload("*"))).unique()


def _owner(world: World, user_id: int | None) -> str:
    names = {person.user_id: f"own-{role.value}" for role, person in world.actors.items()}
    return names.get(user_id, "others")


def _attachments(world: World, session: Session) -> Iterator[Thing]:
    for row in session.scalars(select(Attachment)):
        name = row.name.partition(".")[0]
        known = {"loose": is_person(row.uploader_id), "hidden": has(P.THREAD_MODERATE)}.get(name, has(P.THREAD_READ))
        yield Thing(name, {"key": row.key}, ANY, known, {secret(f"file-{name}"): known}, row.id)


def _copies(world: World, session: Session) -> Iterator[Thing]:
    for row in session.scalars(select(WorkingCopy)):
        name, known = row.key.removeprefix("copy-"), is_person(row.user_id)
        yield Thing(name, {"key": row.key}, ANY, known, {secret(row.key): known}, row.id)


def _imports(world: World, session: Session) -> Iterator[Thing]:
    for row in session.scalars(select(Import)):
        name, known = _owner(world, row.user_id), is_person(row.user_id)
        said = {secret(f"import-{name}"): known}
        yield Thing(name, {"number": row.id, "start": 0}, ANY, known, said, row.id)


def _remarks(world: World, session: Session) -> Iterator[Thing]:
    for row in session.scalars(select(Remark)):
        entry = session.get_one(Entry, row.entry_id)
        known = has(P.ENTRY_READ_UNPUBLISHED, entry.target())
        said = {secret(f"remark-{entry.key}"): known}
        yield Thing(entry.key, {"key": entry.key, "number": row.id}, entry.target(), known, said, (entry.id, row.id))


def _overlays(world: World, session: Session) -> Iterator[Thing]:
    for row in session.scalars(select(Overlay)):
        entry = session.get_one(Entry, row.entry_id)
        target = Target(regions=frozenset({row.region_key}))
        looks = any_of(has(P.ENTRY_REVIEW), has(P.ENTRY_EDIT, entry.target()), has(P.ENTRY_VERIFY, target))
        known = any_of(looks, has(P.ENTRY_VERIFY)) if entry.live_revision is not None else looks
        yield Thing(entry.key, {"key": entry.key, "number": row.id}, target, known, row=(entry.id, row.id))


def _questions_there(world: World, session: Session) -> Iterator[Thing]:
    for row in _all(session, Question):
        target = row.entry.target()
        writes = has(P.QUESTION_WRITE, target)
        asked = any_of(writes, lambda actor, target=target: in_audience(actor, target))
        said = {secret(f"question-{row.entry.key}"): writes, secret(f"asked-{row.entry.key}"): asked}
        yield Thing(row.entry.key, {"number": row.id}, target, lambda actor: True, said, row.id)


def _must_reads(world: World, session: Session) -> Iterator[Thing]:
    for row in session.scalars(select(MustRead)):
        (team,) = row.teams
        # Whoever does not ask people is told so whether there is such a must-read or not.
        known = any_of(lambda actor: not allowed(actor, P.MUST_READ_SET), has(P.MUST_READ_SET, row.target))
        readers = any_of(has(P.MUST_READ_SET, row.target), _of_team(team))
        yield Thing(team, {"number": row.id}, row.target, known, {secret(f"must-read-{team}"): readers}, row.id)


def _of_team(team: str) -> Callable[[Actor], bool]:
    return lambda actor: actor.team == team


def _exams_there(world: World, session: Session) -> Iterator[Thing]:
    for row in session.scalars(select(Exam)):
        name, said = row.title.split(" ")

        def known(actor: Actor, row: Exam = row) -> bool:
            return row.published_at is not None and concerns(actor, row)

        # The licence of somebody of the other team names no exam.
        yield Thing(name, {"number": row.id}, ANY, known, {said: any_of(known, has(P.EXAM_MANAGE))}, row.id)


def _attempts(world: World, session: Session) -> Iterator[Thing]:
    for row in session.scalars(select(Attempt)):
        yield Thing(_owner(world, row.user_id), {"attempt_id": row.id}, ANY, is_person(row.user_id), row=row.id)


def _licences(world: World, session: Session) -> Iterator[Thing]:
    for row in session.scalars(select(Licence)):
        yield Thing("theirs", {"number": row.id}, ANY, lambda actor: True, row=row.id)


def _plans(world: World, session: Session) -> Iterator[Thing]:
    for row in _all(session, Plan):
        name, said = row.title.split(" ")
        sees = _sees(row)
        target = Target(teams=frozenset({row.team_key} if row.team_key else ()))
        yield Thing(name, {"number": row.id}, target, sees, {said: sees}, row.id)


def _sees(plan: Plan) -> Callable[[Actor], bool]:
    return lambda actor: may_see(actor, plan)


def _items(world: World, session: Session) -> Iterator[Thing]:
    for row in _all(session, PlanItem):
        target = Target(teams=frozenset({row.team_key}))
        yield Thing(f"{row.plan.title.partition(' ')[0]}", {"item_id": row.id}, target, lambda a: True, row=row.id)


def _lessons(world: World, session: Session) -> Iterator[Thing]:
    for row in _all(session, Lesson):
        item = session.get_one(PlanItem, row.item_id)
        name = session.get_one(Plan, item.plan_id).title.partition(" ")[0]
        target = Target(teams=frozenset({item.team_key}), people=frozenset({row.trainer_id or 0}))
        teaches = any_of(is_person(row.trainer_id), has(P.TRAINING_MANAGE, target))
        # Whoever has to come reads where.
        told = any_of(teaches, _of_team(item.team_key))
        yield Thing(name, {"number": row.id}, target, teaches, {secret(f"lesson-{name}"): told}, row.id)


def _packs(world: World, session: Session) -> Iterator[Thing]:
    for row in session.scalars(select(LaunchPack)):
        name, said = row.title.split(" ")
        target = Target(teams=frozenset(row.teams))
        reads = has(P.TRAINING_MANAGE, target)
        known = any_of(lambda actor: not allowed(actor, P.TRAINING_MANAGE), reads)
        yield Thing(name, {"number": row.id}, target, known, {said: reads}, row.id)


def _people(world: World, session: Session) -> Iterator[Thing]:
    for row in session.scalars(select(User)).unique():
        yield Thing(row.username, {"number": row.id}, ANY, lambda actor: True, row=row.id)


KINDS: Mapping[str, Callable[[World, Session], Iterator[Thing]]] = {
    "attachment": _attachments,
    "copy": _copies,
    "import": _imports,
    "remark": _remarks,
    "overlay": _overlays,
    "question": _questions_there,
    "must_read": _must_reads,
    "exam": _exams_there,
    "attempt": _attempts,
    "licence": _licences,
    "plan": _plans,
    "item": _items,
    "lesson": _lessons,
    "pack": _packs,
    "person": _people,
}
