from dataclasses import replace

import pytest

from kb.desk.log import Waiting
from kb.permissions import Role
from tests.support import factories
from web.services import services


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN])
def test_those_who_run_the_index_see_how_far_it_is(visit_as, installation, role):
    factories.publish(installation, "los")
    installation.reindex()
    visitor = visit_as(role)
    page = visitor.get("/status").text
    assert "已跟上" in page
    assert installation.search.engine.status().generation in page
    assert "1 篇" in page
    assert 'href="/status"' in visitor.get("/").text


def test_nobody_else_sees_the_page_or_a_link_to_it(agent):
    assert agent.get("/status").status_code == 403
    assert 'href="/status"' not in agent.get("/").text


def test_an_index_that_is_behind_says_so_and_since_when(visit_as, installation):
    factories.publish(installation, "los")
    installation.reindex()
    factories.thread(installation, "rain")
    page = visit_as(Role.MANAGER).get("/status").text
    assert "落后 1 个事件" in page
    assert "最早一个：" in page


def test_without_an_index_the_page_says_so(visit_as):
    page = visit_as(Role.MANAGER).get("/status").text
    assert "还没有索引" in page
    assert "搜索只按字词找" in page


def test_what_is_embedded_is_shown(visit_as, installation, monkeypatch):
    factories.publish(installation, "los")
    installation.reindex()
    half = installation.search.status
    monkeypatch.setattr(installation.search, "status", lambda session: _embedded(half(session), 1, 2))
    page = visit_as(Role.MANAGER).get("/status").text
    assert '<progress class="share" max="2" value="1"' in page
    assert "50.0%" in page
    monkeypatch.setattr(installation.search, "status", lambda session: _embedded(half(session), 2, 2))
    assert "全部算好" in visit_as(Role.MANAGER).get("/status").text


def _embedded(health, done, total):
    return replace(health, embedded=done, embeddable=total)


def test_searches_that_wait_to_be_stored_are_counted(visit_as, installation, app):
    factories.publish(installation, "los")
    installation.reindex()
    log = services(app).search_log
    assert log.waiting() == Waiting(0, None)
    manager = visit_as(Role.MANAGER)
    manager.get("/?q=红灯")
    installation.clock.advance(minutes=5)
    assert log.waiting().count == 1
    page = manager.get("/status").text
    assert "1 次搜索" in page
    assert "最早一次：" in page
    log.flush()
    assert log.waiting() == Waiting(0, None)
