"""What hostile strings are written into besides entries, threads, bulletins and calls: what is learned, reviewed."""

from dataclasses import replace
from datetime import timedelta

from kb.attachments import operations as attachments
from kb.attachments.rules import take
from kb.attachments.store import Store
from kb.corrections.rules import part_of
from kb.db import unit_of_work
from kb.documents import operations as documents
from kb.documents.document import Document, Format, Section
from kb.drafting import operations as drafting
from kb.entries import operations as entries
from kb.entries.queries import by_key
from kb.exams import operations as exams
from kb.exams.rules import Facts
from kb.exams.rules import Section as ExamSection
from kb.forum import editing
from kb.forum import operations as forum
from kb.forum.queries import by_key as thread_by_key
from kb.must_reads import operations as must_reads
from kb.permissions import SYSTEM, Actor
from kb.questions import operations as questions
from kb.review import operations as review
from kb.training import lessons, packs
from kb.training import operations as training
from kb.training.facts import Line, Occasion
from kb.training.packs import PackFacts
from kb.training.rules import Period, PlanStep
from kb.verification import operations as verification
from tests.support.installation import Installation
from tests.support.study import ITEM

MODULE = "fault.broadband"
ONCE = (
    "/review", "/verification", "/questions", "/must-reads", "/imports", "/editor", "/exams", "/exams/manage", "/study",
    "/training", "/training/mine", "/training/packs", "/people", "/people/1", "/notices/choices", "/editor/handover",
)  # fmt: skip
EACH = (
    "/review/x{0}", "/verification/x{0}", "/entries/x{0}/questions", "/questions/{1}", "/must-reads/{1}",
    "/entries/x{0}/must-read", "/imports/{1}", "/imports/{1}/parts/0", "/editor/copy-{0}?found=1", "/exams/{1}/results",
    "/threads/y{0}", "/threads/x{0}/posts/2/edit", "/threads/x{0}/posts/2/history", "/threads/x{0}/posts/0/history",
    "/entries/x{0}/revisions?from=1&to=3", "/editor/edit-{0}?found=1", "/editor/edit-{0}/merge",
    "/training/plans/{1}", "/training/plans/{1}/report", "/training/lessons/{1}", "/training/packs/{1}",
)  # fmt: skip


def write(installation: Installation, actor: Actor, number: int, batch: list[str], short: list[str]) -> None:
    """Write *batch*, and where little fits *short*, about the entry and the thread ``x<number>``."""
    now, key = installation.clock(), f"x{number}"
    with unit_of_work(installation.sessions) as session:
        entry, thread = by_key(session, key), thread_by_key(session, key)
        assert entry is not None
        assert thread is not None
        verification.overlay(session, SYSTEM, entry, region="jiangyang", text="\n\n".join(short[:9])[:500], now=now)
        assert entry.work_revision is not None
        review.remark(session, SYSTEM, entry, entry.work_revision, text="\n\n".join(short[9:18])[:500], now=now)
        _edited(session, actor, entry, number, batch, short, now)
        file = take(b"text", f"{short[18]}.txt")
        kept = attachments.upload(session, actor, Store(installation.settings.files_path), file, now=now)
        named = kept.name.replace("[", "").replace("]", "")
        forum.reply(session, actor, thread, f"[{named}](/attachments/{kept.key})", now=now)
        changed = "\n\n".join([*batch[::3], f"[{named}](/attachments/{kept.key})"])
        editing.edit(session, actor, thread, 2, body=changed, version=0, now=now)
        person = installation.actor(f"person-{number}")
        editing.edit(session, person, thread, 0, title=short[33], body=batch[0], version=0, now=now)
        item = replace(
            ITEM,
            prompt=short[19],
            options=tuple(dict.fromkeys(["甲", *short[20:23]])),
            explanation="\n\n".join(short[23:30]),
        )
        question = questions.write(session, SYSTEM, entry, item, now=now)
        questions.publish(session, SYSTEM, question.id, version=1, now=now)
        due = now + timedelta(days=7)
        must_reads.ask(session, SYSTEM, entry, question, due_at=due, note=short[24][:200], now=now)
        sections = [
            Section(level=1, heading=heading, text=text) for heading, text in zip(short[:9], batch[::10], strict=False)
        ]
        document = Document(format=Format.MARKDOWN, sections=tuple(sections))
        documents.receive(session, actor, document, name=short[25], digest=f"{number}" * 64, now=now)
        fields = {"title": short[26], "answer": short[27], "body": "\n\n".join(batch[:30]), "kind": "faq"}
        copied = {**fields, "module_key": MODULE, "wordings": short[:9]}
        drafting.begin(session, actor, copied, key=f"copy-{number}", now=now)
        facts = Facts(
            title=short[28],
            sections=(ExamSection(MODULE, 1),),
            opens_at=now,
            closes_at=now + timedelta(days=90),
        )
        exam = exams.create(session, SYSTEM, facts, now=now)
        exams.publish(session, SYSTEM, exam.id, now=now)
        attempt = exams.start(session, actor, exam.id, seed="seed", now=now)
        exams.submit(session, actor, attempt.id, now=now)
        _train(session, actor, short, now)


def _edited(session, actor, entry, number, batch, short, now) -> None:
    """Somebody edits what another saves meanwhile, has remarked on a passage, and returned with a reason."""
    content = entry.work_revision.content
    quote = next((string for string in batch if len(string) <= 200 and part_of(content, string)), content.answer)
    review.remark(session, SYSTEM, entry, entry.work_revision, text=short[10], quote=quote, now=now)
    copy = drafting.begin_edit(session, actor, entry, key=f"edit-{number}", timezone="Asia/Shanghai", now=now)
    fields = {**copy.fields, "steps": "\n\n".join(batch[:40]), "note": short[11]}
    drafting.keep(session, actor, copy, fields, version=1, now=now)
    theirs = replace(content, title=short[12], steps="\n\n".join(batch[20:]), script=batch[-1])
    entries.save(session, SYSTEM, entry, theirs, note=short[13], now=now)
    entries.submit(session, SYSTEM, entry, now=now)
    entries.send_back(session, SYSTEM, entry, reason="\n".join(short[14:18])[:500], now=now)


def _train(session, actor, short, now) -> None:
    day, since = now.date(), now - timedelta(days=30)
    period = Period(title=short[29], starts_on=day, ends_on=day + timedelta(days=30), since=since, until=now)
    plan = training.draft(session, SYSTEM, period, now=now)
    line = Line(module=MODULE, team="team", due_on=period.ends_on, reason=short[30][:200])
    item = training.add_line(session, SYSTEM, plan.id, line, now=now)
    training.move(session, SYSTEM, plan.id, PlanStep.START, now=now)
    occasion = Occasion(starts_at=now, trainer_id=actor.user_id, place=short[31][:60])
    lessons.set_lesson(session, SYSTEM, item.id, occasion, now=now)
    facts = PackFacts(title=short[32], module=MODULE, launch_at=now + timedelta(days=60), entry_keys=("x0",))
    packs.prepare(session, SYSTEM, facts, now=now)
