"""Changing what one wrote: the form, what others see of it, the search, and two windows."""

import pytest

from kb.db import unit_of_work
from kb.forum import operations as forum
from kb.forum.queries import by_key
from kb.permissions import Role
from tests.support import factories
from tests.web.visitor import Outline

POST = "/threads/rain/posts/1"


@pytest.fixture
def rain(installation) -> str:
    factories.thread(installation, "rain", title="下雨后红灯", body="刚接了三个")
    with unit_of_work(installation.sessions) as session:
        expert, now = installation.actors[Role.EXPERT], installation.clock()
        forum.reply(session, expert, by_key(session, "rain"), "先看分光器", now=now)
    installation.clock.advance(minutes=5)
    return "/threads/rain"


def test_an_author_changes_a_reply_and_everybody_sees_that(rain, installation, agent, visit_as):
    expert = visit_as(Role.EXPERT)
    assert f"{POST}/edit" in Outline(expert.get(rain).text).links()
    assert f"{POST}/edit" not in Outline(agent.get(rain).text).links()
    assert f"{rain}/posts/0/edit" in Outline(agent.get(rain).text).links()
    agent.post(f"{rain}/votes", form=rain, number="1", useful="yes")
    agent.post(f"{rain}/accept", form=rain, number="1")
    installation.clock.advance(minutes=5)
    form = f"{POST}/edit"
    assert expert.post(form, form=form, version="0", body="先看咕噜咕噜").location == f"{rain}#reply-1"
    page = agent.get(rain).text
    for told in ("先看咕噜咕噜", "改过", "采纳以后作者改过", "其中 1 个“有用”是修改之前的"):
        assert told in page, told
    changes = agent.get(f"{POST}/history").text
    assert "<del>" in changes
    assert "分光器" in changes
    installation.reindex()
    assert rain in agent.get("/?q=咕噜咕噜&source=thread").text
    assert rain not in agent.get("/?q=分光器&source=thread").text
    assert "没有改过" in agent.get(f"{rain}/posts/0/history").text
    assert agent.get(f"{rain}/posts/7/history").status_code == 404


def test_what_came_in_between_is_shown_and_not_overwritten(rain, visit_as):
    expert, form = visit_as(Role.EXPERT), f"{POST}/edit"
    expert.post(form, form=form, version="0", body="先看尾纤")
    answer = expert.post(form, form=form, version="0", body="先看分光器\r\n再报修")
    assert answer.status_code == 409
    assert "还没有存" in answer.text
    assert "再报修</textarea>" in answer.text
    assert 'name="version" value="1"' in answer.text
    assert "<p>先看尾纤</p>" in expert.get(rain).text
    assert expert.post(form, form=form, version="1", body="先看分光器\r\n再报修").status_code == 302
    assert "再报修" in expert.get(rain).text
    assert "没有改" in expert.get(expert.post(form, form=form, version="0", body="先看分光器\n再报修").location).text


def test_a_form_says_what_is_wrong_and_shows_a_preview(rain, agent):
    form = f"{rain}/posts/0/edit"
    assert agent.post(form, form=form, version="0", title=" ", body="好").status_code == 400
    answer = agent.post(form, form=form, version="0", title="写的标题", body="**好**", preview="1").text
    assert "<strong>好</strong>" in answer
    assert 'value="写的标题"' in answer
    agent.post(form, form=form, version="0", title="新的标题", body="刚接了三个")
    assert "新的标题" in agent.get("/threads").text
    assert "<del>" in agent.get(f"{rain}/posts/0/history").text


def test_nobody_else_changes_it_and_what_is_closed_stays(rain, agent, visit_as):
    for role in (Role.LEADER, Role.EDITOR, Role.MANAGER):
        visitor = visit_as(role)
        assert visitor.get(f"{POST}/edit").status_code == 403
        assert visitor.post(f"{POST}/edit", form=rain, version="0", body="x").status_code == 403
    leader, expert = visit_as(Role.LEADER), visit_as(Role.EXPERT)
    leader.post(f"{rain}/hide", form=rain, number="1", reason="写了号码")
    assert expert.get(f"{POST}/edit").status_code == 403
    assert expert.get(f"{POST}/history").status_code == 200
    assert agent.get(f"{POST}/history").status_code == 404
    leader.post(f"{rain}/close", form=rain, reason="有结论了")
    assert agent.get(f"{rain}/posts/0/edit").status_code == 403


def test_nobody_accepts_what_they_have_not_read(rain, installation, agent, visit_as):
    read = installation.clock().isoformat()
    installation.clock.advance(minutes=1)
    visit_as(Role.EXPERT).post(f"{POST}/edit", form=f"{POST}/edit", version="0", body="先看尾纤")
    assert agent.post(f"{rain}/accept", form=rain, number="1", read=read).status_code == 409
    assert agent.post(f"{rain}/accept", form=rain, number="1", read="?").status_code == 302
