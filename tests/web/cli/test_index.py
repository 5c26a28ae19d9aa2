"""``kb index``."""

import json

import pytest
from sqlalchemy import delete, update

from indexer.locks import exclusive
from kb.db import unit_of_work
from kb.entries.models import Revision
from kb.forum.models import Mark, Reply, Thread, Vote
from tests.support import factories


@pytest.fixture
def filled(installation):
    factories.publish(installation, "los")
    factories.thread(installation, "rain")
    installation.reindex()
    return installation


def test_status(kb, filled):
    status = kb.json("index", "status")
    assert status.keys() == {
        "generation",
        "current",
        "documents",
        "watermark",
        "last_event",
        "lag",
        "segments",
        "embedded",
        "embeddable",
    }
    assert (status["current"], status["documents"], status["lag"]) == (True, 2, 0)
    assert status["watermark"] == status["last_event"] > 0
    assert status["generation"] in kb("index", "status").stdout


def test_status_tells_how_far_behind_it_is_and_changes_nothing(kb, filled):
    factories.publish(filled, "new")
    for _ in range(2):
        status = kb.json("index", "status")
        assert status["lag"] == status["last_event"] - status["watermark"] > 0
    assert f"落后 {status['lag']}" in kb("index", "status").stdout


def test_status_without_an_index(kb):
    status = kb.json("index", "status")
    assert (status["generation"], status["current"], status["documents"]) == (None, False, 0)
    assert "还没有" in kb("index", "status").stdout


def test_check_finds_nothing_in_a_sound_index(kb, filled):
    assert kb.json("index", "check") == {"documents": 2, "pending": 0, "differences": []}
    result = kb("index", "check")
    assert (result.exit_code, result.stdout) == (0, "核对 2 篇，差异 0 处，待收录事件 0 条\n")


def test_what_has_yet_to_be_indexed_is_no_difference(kb, filled):
    factories.publish(filled, "new")
    report = kb.json("index", "check")
    assert report["pending"] > 0
    assert report["differences"] == []


def test_check_names_what_differs_and_rebuild_mends_it(kb, filled):
    with unit_of_work(filled.sessions) as session:  # behind the event log's back
        session.execute(update(Revision).values(title="改了标题"))
        for table in (Mark, Vote, Reply, Thread):
            session.execute(delete(table))
    result = kb("index", "check", "--json")
    assert (result.exit_code, result.stderr) == (3, "")
    faults = {item["id"]: item["fault"] for item in json.loads(result.stdout)["differences"]}
    assert sorted(faults.values()) == ["extra", "stale"]
    spoken = kb("index", "check")
    assert spoken.exit_code == 3
    for words in (*faults, "内容不一致", "数据库里没有", "差异 2 处"):
        assert words in spoken.stdout
    assert kb("index", "rebuild").stdout == "已重建，共 1 篇\n"
    assert kb.json("index", "check") == {"documents": 1, "pending": 0, "differences": []}


def test_check_without_an_index_is_said_plainly(kb):
    result = kb("index", "check")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "还没有可用的索引，网站启动后会自动建立，也可以运行 kb index rebuild\n"


def test_rebuild_makes_another_generation(kb, filled):
    before = kb.json("index", "status")["generation"]
    result = kb("index", "rebuild")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "已重建，共 2 篇\n", "")
    after = kb.json("index", "status")
    assert after["generation"] != before
    assert (after["documents"], after["lag"]) == (2, 0)


def test_one_rebuild_at_a_time(kb, filled):
    with exclusive(filled.settings.home / "locks" / "rebuild.lock"):
        result = kb("index", "rebuild")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "另一个进程正在更新索引\n")
