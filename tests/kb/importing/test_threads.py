import pytest

from kb.db import unit_of_work
from kb.forum import editing, moderation, operations, queries
from kb.forum.models import ThreadState
from kb.permissions import Role
from tests.kb.importing.conftest import THREAD_PAGE, refusals
from tests.support import factories


@pytest.fixture
def page(desk):
    return lambda change=lambda text: text: desk.write("threads/after-rain.md", change(THREAD_PAGE))


def without_last_reply(text):
    return text[: text.index("--- reply 老王")]


def act(desk, operation, *arguments, role=Role.EDITOR, **named):
    with unit_of_work(desk.installation.sessions) as session:
        thread = queries.by_key(session, "after-rain")
        operation(session, desk.installation.actors[role], thread, *arguments, now=desk.installation.clock(), **named)


def bodies(desk):
    return [reply.body for reply in desk.thread("after-rain").replies]


def test_a_thread_comes_with_its_people_and_replies(desk, page):
    assert desk.take(page()).created == 1
    thread = desk.thread("after-rain")
    actors = desk.installation.actors
    assert (thread.author_id, thread.author_name) == (actors[Role.AGENT].user_id, None)
    assert [(reply.author_id, reply.author_name) for reply in thread.replies] == [
        (actors[Role.EXPERT].user_id, None),
        (None, "老王"),
    ]
    assert (thread.region_key, thread.accepted_number, thread.body) == ("jiangyang", 1, "刚接了三个……")


def test_a_second_import_changes_nothing(desk, page):
    desk.take(page())
    before = desk.events()
    assert desk.take(page()).unchanged == 1
    assert desk.events() == before


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("title: 下雨后", "title: 大雨后"),
        lambda text: text.replace("kind: question", "kind: 案例讨论"),
        lambda text: text.replace("module: fault.broadband", "module: fault.outage"),
        lambda text: text.replace("region: jiangyang\n", ""),
        lambda text: text.replace("author: agent", "author: leader"),
        lambda text: text.replace("created: 2026-09-12 09:41", "created: 2026-09-12 09:40"),
        lambda text: text.replace("accepted: 1", "accepted: 2"),
        lambda text: text.replace("刚接了三个", "刚接了四个"),
        lambda text: text.replace("先看分光器", "先看皮线"),
        lambda text: text.replace("reply expert", "reply leader"),
        lambda text: text + "\n--- reply expert 2026-09-12 10:20\n不客气",
        without_last_reply,
    ],
)
def test_whatever_differs_is_taken_over(desk, page, change):
    desk.take(page())
    assert desk.take(page(change)).updated == 1
    assert desk.take(page(change)).unchanged == 1


def test_replies_that_people_have_written_here_are_kept(desk, page):
    desk.take(page())
    act(desk, operations.reply, "我这边也是", role=Role.LEADER)
    act(desk, operations.accept, 2)
    before = desk.events()
    assert desk.take(page()).unchanged == 1
    report = desk.take(page(lambda text: text.replace("先看分光器", "先看皮线")))
    ((where, _, reason),) = refusals(report.rejected)
    assert where == "after-rain.md:1"
    assert "盖掉" in reason
    assert (bodies(desk), desk.events()) == (["先看分光器。", "谢谢！", "我这边也是"], before)
    assert desk.thread("after-rain").accepted_number == 2


def test_what_its_author_changed_here_is_kept(desk, page):
    desk.take(page())
    with unit_of_work(desk.installation.sessions) as session:
        thread = queries.by_key(session, "after-rain")
        thread.author_id = thread.replies[0].author_id = desk.installation.actors[Role.EDITOR].user_id
        thread.author_name = thread.replies[0].author_name = None
    act(desk, editing.edit, 0, title="改过的标题", body="接了四个", version=0)
    act(desk, editing.edit, 1, body="先看皮线。", version=0)
    assert desk.take(page()).unchanged == 1
    assert not desk.take(page(lambda text: text.replace("先看分光器", "先看尾纤"))).ok
    assert (desk.thread("after-rain").title, bodies(desk)[0]) == ("改过的标题", "先看皮线。")


def test_an_answer_accepted_in_the_file_does_not_undo_replies(desk, page):
    desk.take(page())
    act(desk, operations.reply, "我这边也是", role=Role.LEADER)
    assert not desk.take(page(lambda text: text.replace("accepted: 1", "accepted: 2"))).ok


def test_a_thread_that_was_started_here_is_not_replaced(desk, page):
    factories.thread(desk.installation, "after-rain")
    assert not desk.take(page()).ok
    assert desk.thread("after-rain").body == "刚接了三个"


def test_a_hidden_thread_stays_hidden(desk, page):
    desk.take(page())
    act(desk, moderation.hide, reason="涉及客户隐私")
    assert desk.take(page()).unchanged == 1
    assert desk.take(page(without_last_reply)).updated == 1
    assert desk.thread("after-rain").state is ThreadState.HIDDEN


def test_an_accepted_reply_must_exist(desk, page):
    report = desk.take(page(lambda text: text.replace("accepted: 1", "accepted: 7")))
    assert refusals(report.rejected) == [("after-rain.md:1", "accepted", "没有第 7 条回复")]
