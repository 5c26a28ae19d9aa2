from threading import Thread

import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.drafting import operations, queries, sources
from kb.drafting.fields import to_form
from kb.drafting.operations import StaleBaseError
from kb.entries import operations as entries
from kb.entries.content import Kind
from kb.entries.queries import by_key
from kb.entries.rules import State
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError, TransitionError
from kb.events.models import Event, Subject
from kb.forum import operations as forum
from kb.forum.models import ThreadKind
from kb.forum.queries import by_key as thread_by_key
from kb.importing.fields import Context
from kb.permissions import SYSTEM, Role
from kb.taxonomy import queries as taxonomy
from tests.support import factories

ZONE = "Asia/Shanghai"
FORM = to_form(factories.CONTENT, ZONE)


def begun(installation, fields=FORM, by=Role.EXPERT, **options):
    with unit_of_work(installation.sessions) as session:
        actor = installation.actors[by]
        return operations.begin(session, actor, fields, now=installation.clock(), **{"key": "copy", **options}).key


def editing(installation, entry="e", by=Role.EDITOR, key="copy"):
    with unit_of_work(installation.sessions) as session:
        found = by_key(session, entry)
        actor = installation.actors[by]
        return operations.begin_edit(session, actor, found, key=key, timezone=ZONE, now=installation.clock()).key


def act(installation, verb, *arguments, by=Role.EXPERT, key="copy", **options):
    """Run a verb on a working copy in a unit of work of its own, and return what it returns."""
    actor = installation.actors[by]
    with unit_of_work(installation.sessions) as session:
        return verb(session, actor, queries.own(session, actor, key), *arguments, now=installation.clock(), **options)


def handed_in(installation, by=Role.EXPERT, key="copy", **options):
    with installation.sessions() as session:
        context = Context(taxonomy.load(session), ZONE)
    return act(installation, operations.hand_in, by=by, key=key, context=context, **options)


def count_events(installation):
    with installation.sessions() as session:
        return len(session.scalars(select(Event.id)).all())


def test_writing_is_private_and_makes_no_event(any_installation):
    before = count_events(any_installation)
    begun(any_installation)
    kept = act(any_installation, operations.keep, {**FORM, "title": "半句"}, version=1)
    assert (kept.version, count_events(any_installation)) == (2, before)
    with any_installation.sessions() as session:
        for role, mine in ((Role.EXPERT, 1), (Role.MANAGER, 0), (Role.ADMIN, 0)):
            assert len(queries.mine(session, any_installation.actors[role], limit=9)) == mine
        with pytest.raises(NotFoundError):
            queries.own(session, any_installation.actors[Role.MANAGER], "copy")


def test_a_window_never_overwrites_another(installation):
    begun(installation)
    act(installation, operations.keep, {**FORM, "title": "甲"}, version=1)
    with pytest.raises(ConflictError):
        act(installation, operations.keep, {**FORM, "title": "乙"}, version=1)
    again = act(installation, operations.keep, {**FORM, "title": "甲"}, version=1)
    assert again.version == 2, "what was kept already is kept, though the answer got lost"


def test_what_is_far_too_long_is_refused(installation):
    begun(installation)
    with pytest.raises(InvalidInputError) as raised:
        act(installation, operations.keep, {**FORM, "body": "长" * 100_001}, version=1)
    assert raised.value.field == "body"


def test_handing_in_makes_an_entry_under_review_and_ends_the_copy(any_installation):
    begun(any_installation, source="thread:t")
    entry = handed_in(any_installation, note="第一稿")
    with any_installation.sessions() as session:
        found = by_key(session, entry.key)
        assert (found.work_state, found.derived_from) == (State.IN_REVIEW, "thread:t")
        assert found.owner_id == any_installation.actors[Role.EXPERT].user_id
        assert (found.work_revision.content, found.work_revision.note) == (factories.CONTENT, "第一稿")
        assert not queries.mine(session, any_installation.actors[Role.EXPERT], limit=9)


def test_what_cannot_be_stored_stays_to_be_mended(installation):
    begun(installation, {**FORM, "title": ""})
    with pytest.raises(InvalidInputError) as raised:
        handed_in(installation)
    assert raised.value.field == "title"
    with installation.sessions() as session:
        assert queries.own(session, installation.actors[Role.EXPERT], "copy").fields["answer"] == FORM["answer"]


def test_one_goes_on_where_one_was(installation):
    factories.publish(installation, "e")
    assert editing(installation) == "copy"
    assert editing(installation, key="other") == "copy"
    assert begun(installation, source="gap:1", key="a") == begun(installation, source="gap:1", key="b")
    with pytest.raises(PermissionDeniedError):
        editing(installation, by=Role.AGENT)
    with pytest.raises(PermissionDeniedError):
        begun(installation, by=Role.REVIEWER)


@pytest.mark.parametrize(("said", "material"), [(True, True), (False, False)])
def test_an_edit_says_whether_it_is_material(installation, said, material):
    factories.publish(installation, "e")
    editing(installation)
    fields = {**FORM, "script": FORM["script"].replace("您好", "你好")}
    act(installation, operations.keep, fields, by=Role.EDITOR, version=1)
    handed_in(installation, by=Role.EDITOR, material=said, submit=False)
    with installation.sessions() as session:
        assert by_key(session, "e").work_revision.material is material
    factories.release(installation, "e")
    with installation.sessions() as session:
        event = session.scalars(
            select(Event).where(Event.subject_kind == Subject.ENTRY).order_by(Event.id.desc()).limit(1)
        ).one()
        assert event.payload["material"] is material


def test_nothing_changed_is_nothing_to_hand_in(installation):
    factories.publish(installation, "e")
    editing(installation)
    with pytest.raises(ConflictError):
        handed_in(installation, by=Role.EDITOR)


def test_what_is_under_review_waits(installation):
    factories.draft(installation, "e")
    editing(installation)
    act(installation, operations.keep, {**FORM, "fees": "30 元"}, by=Role.EDITOR, version=1)
    with unit_of_work(installation.sessions) as session:
        entries.submit(session, installation.actors[Role.EDITOR], by_key(session, "e"), now=installation.clock())
    with pytest.raises(TransitionError):
        handed_in(installation, by=Role.EDITOR)


def test_the_second_to_save_has_to_merge_and_nothing_is_lost(any_installation):
    installation = any_installation
    factories.publish(installation, "e")
    editing(installation)
    editing(installation, by=Role.MANAGER, key="theirs")
    act(installation, operations.keep, {**FORM, "fees": "30 元"}, by=Role.EDITOR, version=1)
    act(installation, operations.keep, {**FORM, "deadlines": "两天"}, by=Role.MANAGER, key="theirs", version=1)
    handed_in(installation, by=Role.MANAGER, key="theirs", submit=False)
    with pytest.raises(StaleBaseError):
        handed_in(installation, by=Role.EDITOR)
    merged = {**FORM, "fees": "30 元", "deadlines": "两天"}
    with pytest.raises(StaleBaseError):
        act(installation, operations.rebase, merged, by=Role.EDITOR, onto=1, version=2)
    act(installation, operations.rebase, merged, by=Role.EDITOR, onto=2, version=2)
    handed_in(installation, by=Role.EDITOR)
    with installation.sessions() as session:
        work = by_key(session, "e").work_revision
        assert (work.number, work.fees, work.deadlines) == (3, "30 元", "两天")


def test_of_two_who_hand_in_at_once_one_merges(any_installation):
    factories.publish(any_installation, "e")
    for role, field in ((Role.EDITOR, "fees"), (Role.MANAGER, "deadlines")):
        editing(any_installation, by=role, key=role.value)
        act(any_installation, operations.keep, {**FORM, field: "新的"}, by=role, key=role.value, version=1)
    results = []

    def run(role):
        try:
            handed_in(any_installation, by=role, key=role.value)
            results.append("in")
        except (StaleBaseError, TransitionError) as error:
            results.append(type(error).__name__)

    threads = [Thread(target=run, args=(role,)) for role in (Role.EDITOR, Role.MANAGER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) in (["StaleBaseError", "in"], ["TransitionError", "in"])
    with any_installation.sessions() as session:
        assert by_key(session, "e").work_revision.number == 2


def test_a_copy_becomes_part_of_another_entry(installation):
    factories.publish(installation, "e")
    begun(installation, by=Role.EDITOR, source="gap:7")
    with installation.sessions() as session:
        entry = by_key(session, "e")
    options = {"by": Role.EDITOR, "onto": 1, "key": "copy"}

    def merge(fields, by=Role.EDITOR):
        actor = installation.actors[by]
        with unit_of_work(installation.sessions) as session:
            copy, found = queries.own(session, actor, "copy"), by_key(session, "e")
            return operations.merge_into(
                session, actor, copy, found, fields, onto=1, key="merged", timezone=ZONE, now=installation.clock()
            )

    with pytest.raises(ConflictError):
        merge(FORM)
    made = merge({**FORM, "wordings": [*FORM["wordings"], "灯红了"]})
    assert (made.entry_id, made.source, made.key) == (entry.id, "gap:7", "merged")
    with pytest.raises(NotFoundError):
        act(installation, operations.keep, FORM, version=1, by=options["by"])


def test_where_an_entry_comes_from_gives_it_what_is_known(installation):
    factories.thread(installation, "t", title="盒子亮红灯怎么办", body="我先让他插紧尾纤")
    number = factories.missed(installation, "盒子上的灯变红了")
    call = factories.call(installation, installation.actors[Role.AGENT], text="机顶盒黑屏")
    with installation.sessions() as session:
        expert, agent = (installation.actors[role] for role in (Role.EXPERT, Role.AGENT))
        thread = sources.read(session, expert, "thread:t")
        assert thread.fields["wordings"] == ["盒子亮红灯怎么办"]
        assert "插紧尾纤" in thread.fields["body"]
        assert (thread.fields["answer"], thread.fields["steps"]) == ("", "")
        assert thread.fields["freshness"] == "fault"
        assert sources.read(session, expert, f"gap:{number}").fields["wordings"] == ["盒子上的灯变红了"]
        assert sources.read(session, agent, f"call:{call.reference}").fields["wordings"] == ["机顶盒黑屏"]
        assert sources.read(session, installation.actors[Role.MANAGER], "interview:agent").template
        for actor, source in (
            (agent, f"gap:{number}"), (expert, f"call:{call.reference}"), (expert, "thread:no"), (expert, "gap:x"),
            (expert, "poem:1"), (installation.actors[Role.MANAGER], "interview:nobody"),
        ):  # fmt: skip
            with pytest.raises(NotFoundError):
                sources.read(session, actor, source)
        with pytest.raises(PermissionDeniedError):
            sources.read(session, expert, "interview:agent")


@pytest.mark.parametrize(
    ("kind", "accepted", "likely", "answer", "steps", "wordings"),
    [
        (ThreadKind.QUESTION, True, Kind.FAQ, "先看尾纤。", "1. 先看尾纤。再重启", ["盒子亮红灯"]),
        (ThreadKind.QUESTION, False, Kind.FAQ, "", "", ["盒子亮红灯"]),
        (ThreadKind.EXPERIENCE, False, Kind.BEST_PRACTICE, "我让他拍照。", "", []),
        (ThreadKind.CASE, True, Kind.CASE, "先看尾纤。", "1. 先看尾纤。再重启", []),
    ],
)
def test_what_a_thread_gives(installation, kind, accepted, likely, answer, steps, wordings):
    factories.thread(installation, "t", title="盒子亮红灯", body="我让他拍照。", kind=kind, region="hedong")
    with unit_of_work(installation.sessions) as session:
        found = thread_by_key(session, "t")
        forum.reply(session, SYSTEM, found, "1. 先看尾纤。再重启", now=installation.clock())
        if accepted:
            forum.accept(session, SYSTEM, found, 1, now=installation.clock())
        start = sources.read(session, installation.actors[Role.EDITOR], "thread:t")
    assert (start.kind, start.fields["answer"], start.fields["steps"]) == (likely, answer, steps)
    assert (start.fields["wordings"], start.fields["regions"]) == (wordings, ["hedong"])
    assert start.fields["body"] == "我让他拍照。"


def test_the_gap_it_was_written_for_is_linked(installation):
    number = factories.missed(installation, "盒子上的灯变红了")
    begun(installation, by=Role.EDITOR, source=f"gap:{number}")
    entry = handed_in(installation, by=Role.EDITOR)
    from kb.gaps.models import Gap

    with installation.sessions() as session:
        assert session.get_one(Gap, number).entry_id == entry.id
