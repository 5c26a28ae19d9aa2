"""``kb eval``."""

import json

import pytest

from tests.support.relevance import TunedEngine, write_tiny

MEASURES = ("mrr@10", "recall@1", "recall@5", "recall@10", "success@3", "ndcg@10")


@pytest.fixture
def kb(terminal, tmp_path):
    return terminal(tmp_path / "home")


@pytest.fixture
def tiny(tmp_path):
    return str(write_tiny(tmp_path / "tiny"))


@pytest.fixture
def tuned(monkeypatch):
    """An engine that has settings."""
    monkeypatch.setattr("indexer.evaluation.make_engine", TunedEngine)


def test_one_set_is_one_flat_object(kb, tiny):
    row = kb.json("eval", tiny)
    assert (row["name"], row["queries"], row["documents"], row["empty"]) == ("tiny", 2, 2, 0.0)
    assert {name: row[name] for name in MEASURES} == dict.fromkeys(MEASURES, 0.5)
    assert all(row[f"{name}_low"] <= row[name] <= row[f"{name}_high"] for name in MEASURES)
    assert 0 < row["p50_ms"] <= row["p95_ms"]
    assert not any(isinstance(value, list | dict) for value in row.values())


def test_several_sets_are_a_list_in_their_order(kb, tiny, tmp_path):
    rows = kb.json("eval", tiny, str(write_tiny(tmp_path / "another")))
    assert [row["name"] for row in rows] == ["tiny", "another"]


def test_a_set_as_a_person_reads_it(kb, tiny):
    result = kb("eval", tiny)
    assert result.exit_code == 0
    assert "tiny：2 个问题，2 篇" in result.stdout
    (line,) = (line for line in result.stdout.splitlines() if "MRR@10" in line)
    assert line.split() == ["MRR@10", "0.500", "0.000–1.000"]


def test_two_settings_side_by_side(kb, tiny, tuned):
    row = kb.json("eval", tiny, "--compare", "worst_first=1")
    assert row["settings"] == "worst_first=1"
    assert (row["mrr@10"], row["other_mrr@10"], row["mrr@10_difference"]) == (0.5, 0.5, 0.0)
    assert (row["mrr@10_wins"], row["mrr@10_losses"], row["mrr@10_ties"], row["mrr@10_p"]) == (0, 0, 2, 1.0)
    assert row["ndcg@10_difference_low"] <= row["ndcg@10_difference_high"]
    result = kb("eval", tiny, "--compare", "worst_first=1")
    assert "worst_first=1" in result.stdout
    assert "0/0/2" in result.stdout


def test_an_unknown_setting_is_told_the_known_ones(kb, tiny, tuned):
    result = kb("eval", tiny, "--compare", "sence=0")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "没有设置 sence；可以调的有：edition, worst_first" in result.stderr


def test_a_threshold_is_calibrated(kb, tiny):
    row = kb.json("eval", tiny, "--calibrate")
    (score,) = row["confidences"]
    assert (row["name"], score["name"], score["queries"]) == ("tiny", "confidence", 2)
    assert 0.5 < score["auc"] < 1  # one question found its answer, the other the same wrong entry both times
    assert {"threshold", "threshold_low", "threshold_high", "shown", "withheld", "youden"} <= set(score)
    first = score["points"][0]
    assert (first["shown"], first["withheld"]) == (1.0, 0.0)
    result = kb("eval", tiny, "--calibrate")
    assert "AUC 0." in result.stdout
    assert "←" in result.stdout


def test_comparing_and_calibrating_do_not_go_together(kb, tiny):
    result = kb("eval", tiny, "--calibrate", "--compare", "sense=0")
    assert result.exit_code == 2
    assert "不能一起用" in result.stderr


def test_no_set_is_said_plainly(kb, tmp_path):
    result = kb("eval", str(tmp_path))
    assert result.exit_code == 1
    assert "BEIR" in result.stderr


def test_a_broken_set_is_said_before_the_others_are_run(kb, tiny, tmp_path):
    result = kb("eval", tiny, str(tmp_path), "--json")
    assert (result.exit_code, result.stdout) == (1, "")


def test_json_is_all_there_is_on_standard_output(kb, tiny):
    assert json.loads(kb("eval", tiny, "--json").stdout)["queries"] == 2
