from datetime import UTC, datetime

import pytest

from kb.db import unit_of_work
from kb.entries import operations, queries
from kb.entries.rules import Level, State
from kb.permissions import SYSTEM, Role
from tests.kb.importing.conftest import PAGE, refusals
from tests.support import factories


@pytest.fixture
def page(desk):
    """Write the page, with changes."""

    def write(change=lambda text: text, **fields):
        text = PAGE
        for name, value in fields.items():
            text = text.replace("---\n##", f"{name}: {value}\n---\n##")
        return desk.write("los-red.md", change(text))

    return write


def reworded(text):
    return text.replace("光纤信号断了", "光信号没有进来")


def act(desk, key, operation, **arguments):
    with unit_of_work(desk.installation.sessions) as session:
        operation(session, SYSTEM, queries.by_key(session, key), now=desk.installation.clock(), **arguments)


@pytest.fixture
def review(desk):
    actors = desk.installation.actors
    return {"author": actors[Role.EDITOR], "reviewer": actors[Role.REVIEWER]}


def test_an_entry_goes_live_as_not_yet_verified(desk, page):
    report = desk.take(page(owner="expert", derived_from="thread:after-rain", valid_until="2026-12-31"))
    assert (report.created, report.total, report.ok, report.warnings) == (1, 1, True, [])
    entry = desk.entry("los-red")
    assert (entry.live_state, entry.work_state, entry.level) == (State.PUBLISHED, None, Level.L1)
    assert (desk.owner("los-red"), entry.derived_from) == ("expert", "thread:after-rain")
    assert entry.live_revision.valid_until == datetime(2026, 12, 31, 16, tzinfo=UTC)


@pytest.mark.parametrize("state", ["published", "draft"])
@pytest.mark.parametrize("reviewed", [False, True])
def test_a_second_import_changes_nothing(desk, page, review, state, reviewed):
    options = review if reviewed else {}
    path = page(state=state, wordings="[灯红了, 红灯一直闪]", review_due="2027-03-31", valid_from="2026-01-01")
    desk.take(path, **options)
    before, version = desk.events(), desk.entry("los-red").version
    for again in ({}, review):
        report = desk.take(path, **again)
        assert (report.unchanged, report.total) == (1, 1)
    assert (desk.events(), desk.revisions("los-red"), desk.entry("los-red").version) == (before, 1, version)


def test_a_changed_entry_gets_a_new_revision(desk, page):
    desk.take(page())
    report = desk.take(page(reworded, owner="expert"))
    assert (report.updated, report.warnings) == (1, [])
    entry = desk.entry("los-red")
    assert entry.live_revision.number == 2
    assert "光信号没有进来" in entry.live_revision.script
    assert desk.owner("los-red") == "expert"


def test_a_draft_stays_a_draft_until_the_file_says_otherwise(desk, page):
    desk.take(page(state="draft"))
    entry = desk.entry("los-red")
    assert (entry.live_state, entry.work_state) == (None, State.DRAFT)
    report = desk.take(page())
    assert report.updated == 1
    assert desk.entry("los-red").live_state is State.PUBLISHED


def test_a_changed_draft_leaves_what_is_live(desk, page):
    desk.take(page())
    assert desk.take(page(reworded, state="draft")).updated == 1
    entry = desk.entry("los-red")
    assert (entry.live_revision.number, entry.work_revision.number, entry.work_state) == (1, 2, State.DRAFT)


def test_an_unknown_owner_is_a_warning_and_nobody_answers_for_it(desk, page):
    manager = desk.installation.actors[Role.MANAGER]
    report = desk.take(page(owner="nobody"), manager)
    assert report.ok
    assert [(str(item.where), str(item.message)) for item in report.warnings] == [
        ("los-red.md:1", "没有用户 nobody，责任人先空着")
    ]
    assert desk.owner("los-red") is None


def test_whoever_imports_does_not_become_the_owner(desk, page):
    desk.take(page(), desk.installation.actors[Role.MANAGER])
    assert desk.owner("los-red") is None


def test_the_old_file_does_not_undo_what_people_have_written_since(desk, page):
    desk.take(page())
    factories.revise(desk.installation, "los-red", answer="改成这一句")
    before = desk.events()
    assert desk.take(page()).unchanged == 1
    assert (desk.events(), desk.entry("los-red").live_revision.answer) == (before, "改成这一句")


def test_a_newer_file_wins_over_what_people_have_written_and_says_so(desk, page):
    desk.take(page())
    factories.revise(desk.installation, "los-red", answer="改成这一句")
    act(desk, "los-red", operations.save, content=factories.content(title="正在写"))
    report = desk.take(page(reworded))
    assert report.updated == 1
    assert [str(item.message).partition("版")[0] for item in report.warnings] == [
        "在这里改过的第 2 ",
        "正在修改的第 3 ",
    ]
    entry = desk.entry("los-red")
    assert (entry.live_revision.number, entry.work_revision) == (4, None)


def test_an_entry_that_was_written_here_is_the_same_if_the_file_says_the_same(desk, page):
    desk.take(page())
    content = desk.entry("los-red").live_revision.content
    with unit_of_work(desk.installation.sessions) as session:
        operations.create(
            session, desk.installation.actors[Role.EDITOR], content, key="mine", now=desk.installation.clock()
        )
    factories.release(desk.installation, "mine")
    assert desk.take(page(lambda text: text.replace("id: los-red", "id: mine"))).unchanged == 1


def test_what_people_have_taken_off_the_desk_stays_off_it(desk, page):
    desk.take(page())
    for operation, arguments, state in (
        (operations.suspend, {"reason": "价格有误"}, State.SUSPENDED),
        (operations.retire, {"reason": "下线"}, State.RETIRED),
        (operations.archive, {}, State.ARCHIVED),
    ):
        act(desk, "los-red", operation, **arguments)
        before = desk.events()
        assert desk.take(page()).unchanged == 1
        report = desk.take(page(reworded))
        assert refusals(report.rejected) == [
            ("los-red.md:1", None, f"这条知识在这里已经{state.label}，文件里的内容又有变化：先在这里恢复它，再导入")
        ]
        assert (desk.entry("los-red").live_state, desk.events()) == (state, before)


def test_an_entry_that_is_due_for_review_is_updated(desk, page):
    desk.take(page())
    act(desk, "los-red", operations.flag_for_review, reason="到期")
    assert desk.take(page()).unchanged == 1
    assert desk.take(page(reworded)).updated == 1
    assert desk.entry("los-red").live_state is State.PUBLISHED


def test_reviewed_entries_go_the_way_of_people(desk, page, review):
    report = desk.take(page(owner="expert", review_due="2027-03-31"), **review)
    assert (report.created, report.warnings) == (1, [])
    entry = desk.entry("los-red")
    assert (entry.live_state, entry.level, desk.owner("los-red")) == (State.PUBLISHED, Level.L2, "expert")
    assert entry.live_revision.author_id == review["author"].user_id
    report = desk.take(page(reworded, owner="expert", review_due="2027-03-31"), **review)
    assert report.updated == 1
    entry = desk.entry("los-red")
    assert (entry.live_revision.number, entry.level, entry.work_state) == (2, Level.L2, None)


def test_a_reviewed_entry_without_the_owner_it_names_is_nobodys(desk, page, review):
    assert len(desk.take(page(owner="nobody", review_due="2027-03-31"), **review).warnings) == 1
    entry = desk.entry("los-red")
    assert (entry.owner_id, entry.level) == (None, Level.L1)


def test_a_reviewed_draft_is_published_when_the_file_says_so(desk, page, review):
    desk.take(page(state="draft"), **review)
    assert desk.entry("los-red").work_state is State.DRAFT
    assert desk.take(page(), **review).updated == 1
    assert desk.revisions("los-red") == 1
    assert desk.entry("los-red").live_state is State.PUBLISHED


def test_a_scoped_entry_waits_for_its_verifiers(desk, page, review):
    report = desk.take(page(regions="[江阳区]"), **review)
    assert (report.awaiting_verification, report.created, report.ok) == (1, 0, True)
    assert desk.entry("los-red").work_state is State.VERIFYING
    assert desk.take(page(regions="[江阳区]"), **review).unchanged == 1
    report = desk.take(page(reworded, regions="[江阳区]"), **review)
    assert report.awaiting_verification == 1
    entry = desk.entry("los-red")
    assert (entry.work_state, entry.work_revision.number, entry.live_state) == (State.VERIFYING, 2, None)


def test_a_returned_entry_is_not_pushed_again_unchanged(desk, page, review):
    desk.take(page(regions="[江阳区]"), **review)
    act(desk, "los-red", operations.send_back, reason="区县说不对")
    assert desk.take(page(regions="[江阳区]"), **review).unchanged == 1
    assert desk.entry("los-red").work_state is State.RETURNED
    assert desk.take(page(reworded, regions="[江阳区]"), **review).awaiting_verification == 1


def test_a_review_of_somebodys_own_work_is_not_trampled_on(desk, page, review):
    desk.take(page(), **review)
    act(desk, "los-red", operations.save, content=factories.content(title="同事写的"))
    act(desk, "los-red", operations.submit)
    report = desk.take(page(reworded), **review)
    ((where, _, reason),) = refusals(report.rejected)
    assert where == "los-red.md:1"
    assert State.IN_REVIEW.label in reason
    assert desk.entry("los-red").work_revision.title == "同事写的"


def test_nobody_reviews_what_they_imported_themselves(desk, page, review):
    manager = desk.installation.actors[Role.MANAGER]
    report = desk.take(page(), author=manager, reviewer=manager)
    assert [reason for _, _, reason in refusals(report.rejected)] == ["不能审核自己写的内容"]
    assert not desk.has_entry("los-red")
