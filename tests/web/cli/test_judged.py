"""``kb judged``."""

import pytest

from indexer import relevance
from tests.support import factories


@pytest.fixture
def judged(installation):
    """Two agents solved a call with an entry, by words that are one of its wordings."""
    factories.publish(installation, "los", title="光猫红灯", wordings=("盒子亮红灯", "路由器红灯闪"))
    for agent in factories.agents(installation, 2):
        factories.outcome(installation, agent, "los", "盒子亮红灯")
    return installation


def test_judged_queries_are_exported_and_measured(kb, judged, tmp_path):
    folder = tmp_path / "own"
    done = kb.json("judged", "export", str(folder))
    assert done == {"documents": 1, "queries": 1, "judgements": 1, "held_out": 1}
    (question,) = relevance.load(folder).questions
    assert (question.text, question.grades) == ("盒子亮红灯", {"los": 2})
    assert relevance.load(folder).documents[0].wordings == ("路由器红灯闪",)
    assert kb.json("eval", str(folder))["queries"] == 1


def test_what_was_exported_is_said(kb, judged, tmp_path):
    result = kb("judged", "export", str(tmp_path / "own"))
    assert result.stdout == "已导出 1 个问题、1 条判断、1 篇知识；略去了 1 条相同的说法\n"


def test_without_judgements_nothing_is_written(kb, installation, tmp_path):
    result = kb("judged", "export", str(tmp_path / "own"))
    assert result.exit_code == 1
    assert "还没有坐席标过的搜索" in result.stderr
    assert not (tmp_path / "own").exists()
