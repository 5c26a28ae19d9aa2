"""The walls before what is learned: questions, must-reads, study, exams, licences, training; see ``routes``."""

from collections.abc import Mapping
from functools import partial

from kb.permissions import Actor, Permission, allowed
from tests.web.walls.routes import SHORT, Wall, anybody, entry, holds, needs, on, signed_in
from tests.web.walls.world import Thing

P = Permission
ITEM = {"kind": "single", "prompt": "红灯说明什么？", "options": "*断了\n欠费", "version": "1", "difficulty": "2"}
EXAM = {
    "title": "上岗考试", "section_module": "tv.signal", "section_difficulty": "", "section_count": "1", "minutes": "30",
    "pass_percent": "80", "attempts": "1", "wait_hours": "24", "valid_days": "365",
}  # fmt: skip
SPAN = {"since": "2026-10-01T00:00:00+00:00", "until": "2026-11-02T00:00:00+00:00"}
PLAN = {"title": "十一月", "starts_on": "2026-11-03", "ends_on": "2026-12-01"}
PACK = {
    "title": "新套餐",
    "module": "tv.signal",
    "launch_at": "2026-12-01T09:00",
    "teams": "mine",
    "entries": "open-tv",
}


def asks_here(actor: Actor, thing: Thing | None) -> bool:
    """Whoever asks nobody is told so before anything is looked up."""
    return not allowed(actor, P.MUST_READ_SET) or (thing is not None and thing.known(actor))


def manages(actor: Actor, thing: Thing | None) -> bool:
    return holds(actor, thing, P.TRAINING_MANAGE)


def plans(actor: Actor, thing: Thing | None) -> bool:
    return allowed(actor, P.TRAINING_MANAGE)


def teaches(actor: Actor, lesson: Thing | None) -> bool:
    return lesson is not None and (actor.user_id in lesson.target.people or manages(actor, lesson))


# Numbers run on: whoever may not do it is told so, whether there is such a thing or not.
managed = partial(on, "exam", P.EXAM_MANAGE, known=anybody)
planned = partial(on, "plan", P.TRAINING_MANAGE, known=anybody)
question = partial(on, "question", P.QUESTION_WRITE)

LEARNING: Mapping[str, Wall] = {
    "exams.index": signed_in(),
    "exams.show": on("exam"),
    "exams.start": on("exam"),
    "exams.attempt": on("attempt"),
    "exams.answer": on("attempt", args={"place": 1}, form={"choice": "0"}),
    "exams.submit": on("attempt"),
    "exams.manage": needs(P.EXAM_MANAGE),
    "exams.new": needs(P.EXAM_MANAGE),
    "exams.create": needs(P.EXAM_MANAGE, form=EXAM),
    "exams.edit": managed(),
    "exams.revise": managed(form=EXAM),
    "exams.move": managed(args={"step": "close"}),
    "exams.results": managed(),
    "exams.results_file": managed(),
    "exams.licensed": needs(P.EXAM_MANAGE),
    "exams.revoke": on("licence", P.EXAM_MANAGE, form={"reason": "换了岗"}),
    "must_reads.index": needs(P.MUST_READ_SET),
    "must_reads.show": on("must_read", P.MUST_READ_SET),
    "must_reads.withdraw": on("must_read", P.MUST_READ_SET, known=anybody),
    "must_reads.new": Wall(lambda actor, _: allowed(actor, P.MUST_READ_SET), "entry", names=SHORT, known=asks_here),
    "must_reads.ask": Wall(
        lambda actor, _: allowed(actor, P.MUST_READ_SET),
        "entry",
        names=("due-fault", *SHORT),
        form={"question": "2", "teams": "mine"},
        known=asks_here,
    ),
    "questions.waiting": needs(P.QUESTION_WRITE),
    "questions.index": entry(P.QUESTION_WRITE),
    "questions.new": entry(P.QUESTION_WRITE),
    "questions.write": entry(P.QUESTION_WRITE, form=ITEM),
    "questions.propose": entry(P.QUESTION_WRITE),
    "questions.edit": question(),
    "questions.revise": question(form=ITEM),
    "questions.move": question(form={"do": "retire", "version": "1"}),
    "study.index": signed_in(),
    "study.answer": signed_in(keeps=False),  # tried as a verb
    "study.choose_scope": signed_in(form={"modules": "tv.signal"}),
    "study.week": signed_in(),
    "training.index": needs(P.TRAINING_MANAGE),
    "training.facts": needs(P.TRAINING_MANAGE, query={**SPAN, "module": "tv.signal", "team": "mine"}),
    "training.calls": needs(P.TRAINING_MANAGE, query={**SPAN, "module": "tv.signal", "team": "mine"}),
    "training.draft": needs(P.TRAINING_MANAGE, form={**SPAN, **PLAN}),
    "training.plan": on("plan"),
    "training.loop": on("plan"),
    "training.add_line": planned(form={"module": "fault.broadband", "team": "mine", "due_on": "2026-12-01"}),
    "training.add_onboarding": planned(form={"team": "mine", "first_day": "2026-12-01", "people": "1"}, keeps=False),
    "training.move": planned(args={"step": "close"}),
    "training.propose_next": on("plan", P.TRAINING_MANAGE, form=PLAN),
    "training.set_lesson": on(
        "item", P.TRAINING_MANAGE, form={"starts_at": "2026-11-09T09:00", "minutes": "45", "trainer": "1"}
    ),
    "training.mine": signed_in(),
    "training.lesson": on("lesson"),
    "training.settle": Wall(teaches, "lesson", args={"step": "cancel"}, known=anybody),
    "training.all_packs": needs(P.TRAINING_MANAGE),
    "training.new_pack": needs(P.TRAINING_MANAGE),
    "training.prepare": needs(P.TRAINING_MANAGE, form=PACK),
    "training.pack": on("pack", P.TRAINING_MANAGE),
    "training.edit_pack": on("pack", P.TRAINING_MANAGE),
    "training.change_pack": on("pack", P.TRAINING_MANAGE, form=PACK, known=anybody),
}
