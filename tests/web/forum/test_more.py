"""What readers and moderators do, what scripts ask while somebody writes, and that threads stay on their own tab."""

import pytest

from kb.db import unit_of_work
from kb.forum import operations as forum
from kb.forum.queries import by_key
from kb.permissions import Role
from tests.support import factories
from tests.web.visitor import _TOKEN, Outline


@pytest.fixture
def rain(installation) -> str:
    factories.thread(installation, "rain")
    with unit_of_work(installation.sessions) as session:
        forum.reply(
            session, installation.actors[Role.EXPERT], by_key(session, "rain"), "先看分光器", now=installation.clock()
        )
    return "/threads/rain"


def test_votes_and_following_come_and_go(rain, visit_as):
    editor = visit_as(Role.EDITOR)
    assert editor.post(f"{rain}/votes", form=rain, number="1", useful="yes").location == f"{rain}#reply-1"
    assert 'aria-pressed="true"' in editor.get(rain).text.partition("<main")[2]
    editor.post(f"{rain}/votes", form=rain, number="1", useful="no")
    assert 'aria-pressed="true"' not in editor.get(rain).text.partition("<main")[2]
    assert editor.post(f"{rain}/votes", form=rain, number="7", useful="yes").status_code == 400
    editor.post(f"{rain}/follow", form=rain, follows="yes")
    assert "已关注" in editor.get(rain).text
    assert rain in Outline(editor.get("/threads?view=followed").text).links()
    editor.post(f"{rain}/follow", form=rain, follows="no")
    assert rain not in Outline(editor.get("/threads?view=followed").text).links()
    assert editor.get("/threads?view=nonsense").status_code == 400


def test_moderating_goes_by_forms_that_others_neither_see_nor_use(rain, visit_as, installation):
    factories.thread(installation, "flood", title="暴雨后红灯")
    leader, expert = visit_as(Role.LEADER), visit_as(Role.EXPERT)
    assert f"{rain}/hide" not in expert.get(rain).text
    for step, fields in (
        ("move", {"module": "tv.card"}), ("merge", {"into": "flood", "reason": "x"}), ("close", {"reason": "x"}),
        ("hide", {"reason": "x"}), ("reopen", {}), ("unhide", {}),
    ):  # fmt: skip
        assert expert.post(f"{rain}/{step}", form=rain, **fields).status_code == 403, step
    leader.post(f"{rain}/move", form=rain, module="tv.card", region="hedong")
    leader.post(f"{rain}/close", form=rain, reason="有结论了")
    page = leader.get(rain).text
    assert "有结论了" in page
    assert 'id="reply"' not in page
    leader.post(f"{rain}/reopen", form=rain)
    leader.post(f"{rain}/hide", form=rain, number="1", reason="写了号码")
    assert "先看分光器" not in visit_as(Role.AGENT).get(rain).text
    assert "写了号码" in expert.get(rain).text  # who wrote it is told why
    leader.post(f"{rain}/unhide", form=rain, number="1")
    assert "先看分光器" in visit_as(Role.AGENT).get(rain).text
    answer = leader.post(
        "/threads/flood/merge", form=rain, into="http://host/threads/rain?q=x#reply-1", reason="同一件事"
    )
    assert answer.location == rain
    assert visit_as(Role.AGENT).get("/threads/flood").location == rain
    leader.post(f"{rain}/hide", form=rain, reason="写了号码")
    assert visit_as(Role.AGENT).get(rain).status_code == 404
    leader.post(f"{rain}/unhide", form=rain)
    assert visit_as(Role.AGENT).get(rain).status_code == 200


def test_what_scripts_ask_while_somebody_writes(installation, agent, visit_as):
    factories.publish(installation, "los", title="光猫红灯")
    factories.thread(installation, "rain", title="下雨后光猫红灯")
    installation.reindex()
    found = agent.get("/threads/similar?title=光猫亮红灯").json
    assert [item["url"] for item in found["entries"]] == ["/entries/los"]
    assert [(item["url"], item["kind"]) for item in found["threads"]] == [("/threads/rain", "提问")]
    assert agent.get("/threads/similar?title=").json == {"entries": [], "threads": []}
    assert [item["call"] for item in agent.get("/threads/names?q=专").json] == ["专家"]
    assert agent.get("/threads/names?q=").json == []
    token = _TOKEN.search(agent.get("/threads/new").text).group(1)
    fields = {"csrf_token": token, "body": "请 @专家 看 **这里**<script>x</script>"}
    shown = agent.client.post("/threads/preview", data=fields).text
    assert "<strong>这里</strong>" in shown
    assert f'<a href="/people/{installation.actors[Role.EXPERT].user_id}">@专家</a>' in shown
    assert "<script" not in shown
    admin = visit_as(Role.ADMIN)
    for address in ("/threads/similar?title=x", "/threads/names?q=x"):
        assert admin.get(address).status_code == 403


def test_while_the_index_is_built_nothing_is_similar(agent):
    assert agent.get("/threads/similar?title=光猫红灯").json == {"entries": [], "threads": []}


def test_threads_are_found_on_their_own_tab_and_never_at_the_desk(installation, agent, visit_as):
    """A thread has the very words; the desk, its card, the API and the entries' tab know nothing of it."""
    words = "咕噜咕噜转圈圈"
    factories.publish(installation, "los", title="光猫红灯")
    factories.thread(installation, "rain", title=words, body=words)
    installation.reindex()
    found = agent.get(f"/?q={words}&source=thread").text
    assert "/threads/rain" in found
    assert 'class="level level-0"' in found  # a lead, and no more than that
    for address in (f"/desk?q={words}", f"/desk/results?q={words}", f"/?q={words}", f"/api/v1/search?q={words}"):
        found = agent.get(address)
        assert found.status_code == 200, address
        assert "/threads/rain" not in found.text, address
        assert '"rain"' not in found.text, address
    assert agent.get(f"/desk/cards/rain?q={words}").status_code == 404
    assert agent.get("/suggest?q=咕噜").json == []
    leader = visit_as(Role.LEADER)
    leader.post("/threads/rain/hide", form="/threads/rain", reason="x")
    assert "/threads/rain" not in agent.get(f"/?q={words}&source=thread").text  # before the index has heard of it
    installation.reindex()
    assert "/threads/rain" not in leader.get(f"/?q={words}&source=thread").text


def test_what_was_hidden_of_a_thread_is_not_found(installation, agent, visit_as):
    factories.thread(installation, "rain")
    with unit_of_work(installation.sessions) as session:
        by = installation.actors[Role.EXPERT]
        forum.reply(session, by, by_key(session, "rain"), "客户是咕噜咕噜公司", now=installation.clock())
    visit_as(Role.LEADER).post("/threads/rain/hide", form="/threads/rain", number="1", reason="写了客户")
    installation.reindex()
    assert "/threads/rain" not in agent.get("/?q=咕噜咕噜&source=thread").text


def test_a_thread_is_written_up_in_the_editor_and_says_so(rain, agent, installation, visit_as):
    """Looking at what the editor would begin with saves nothing; a draft marks the thread without telling its words."""
    agent.post(f"{rain}/accept", form=rain, number="1")
    door = "/editor?origin=thread:rain"
    assert door in Outline(agent.get(rain).text).links()
    assert "来自" in agent.get(door).text
    assert "没写完的" not in agent.get("/editor").text
    address = agent.post("/editor", form=door, kind="faq", origin="thread:rain").location
    page = agent.get(address).text
    assert "先看分光器" in page
    assert 'value="下雨后 LOS 红灯"' in page
    assert agent.post("/editor", form=door, kind="faq", origin="thread:rain").location == address
    factories.draft(installation, "growing", title="藏着的标题", derived_from="thread:rain")
    assert "正在整理成知识" in agent.get("/threads").text
    assert "有人正在把它整理成知识" in agent.get(rain).text
    assert "藏着的标题" not in agent.get(rain).text
    assert "藏着的标题" in visit_as(Role.REVIEWER).get(rain).text
    factories.release(installation, "growing")
    assert "已成知识" in agent.get("/threads").text
    assert "/entries/growing" in Outline(agent.get(rain).text).links()
    reader = visit_as(Role.VERIFIER)
    assert door not in Outline(reader.get(rain).text).links()


def test_people_have_pages(rain, agent, installation):
    ids = {role: actor.user_id for role, actor in installation.actors.items()}
    assert "还没有什么" in agent.get(f"/people/{ids[Role.ADMIN]}").text
    assert "下雨后 LOS 红灯" in agent.get(f"/people/{ids[Role.AGENT]}").text
    assert agent.get("/people/99999").status_code == 404
    assert f"/people/{ids[Role.EXPERT]}" in Outline(agent.get("/people?module=fault.broadband").text).links()
    assert f"/people/{ids[Role.EXPERT]}" not in Outline(agent.get("/people?module=tv").text).links()
