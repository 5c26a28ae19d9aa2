"""``kb eval``."""

from tests.indexer.test_relevance import write_set


def tiny(folder):
    return write_set(
        folder,
        [{"_id": "d1", "title": "光猫红灯"}, {"_id": "d2", "title": "电子发票"}],
        [{"_id": "q1", "text": "光猫红灯了"}, {"_id": "q2", "text": "电子发票"}],
        [("q1", "d1", 1), ("q2", "d1", 1)],
    )


def test_measures_of_a_set(terminal, tmp_path):
    kb = terminal(tmp_path / "home")
    (row,) = kb.json("eval", str(tiny(tmp_path / "tiny")))
    assert {name: row[name] for name in ("name", "questions", "mrr", "success", "empty")} == {
        "name": "tiny",
        "questions": 2,
        "mrr": 0.5,
        "success": 0.5,
        "empty": 0.0,
    }
    assert row["p50_ms"] > 0
    result = kb("eval", str(tmp_path / "tiny"))
    assert "tiny" in result.stdout
    assert "0.500" in result.stdout


def test_no_set_is_said_plainly(terminal, tmp_path):
    result = terminal(tmp_path / "home")("eval", str(tmp_path))
    assert result.exit_code == 1
    assert "BEIR" in result.stderr
