"""``kb bench``."""

from kb.settings import PROJECT
from web.cli.bench import BASELINES, STAGES

LATENCY = {"p50", "p95", "p99", "mean", "count"}


def positive(figures):
    assert set(figures) == LATENCY
    assert 0 < figures["p50"] <= figures["p95"] <= figures["p99"]
    return figures["count"]


def test_every_figure_is_there(terminal, tmp_path):
    report = terminal(tmp_path / "home").json("bench", "--documents", "300", "--queries", "20")
    assert report["order"] == {
        "documents": 300,
        "baseline_documents": 300,
        "queries": 20,
        "seed": 1,
        "embedder": "use",
        "without": [],
    }
    assert report["built"]["documents"] == 300
    assert min(report["built"].values()) > 0
    assert min(report["corpus"].values()) > 0
    for name, processes in (("one_process", 1), ("two_processes", 2)):
        asking = report[name]
        assert asking["processes"] == processes
        for part in ("engine_words", "engine_terms", "search"):
            assert positive(asking[part]) == 20 * processes
        assert asking["per_second"] > 0
        assert asking["found"] > 0.5
    assert positive(report["edit"]) == 30
    memory = report["memory"]
    assert 0 < memory["uss"] <= memory["pss"] <= memory["rss"]
    assert memory["second_own"] > 0
    assert [row["name"] for row in report["comparison"]] == ["product", *BASELINES]
    for row in report["comparison"]:
        assert row["installed"]
        assert row["documents"] == 300
        assert min(row["documents_per_second"], row["disk_bytes"]) > 0
        positive(row["search"])


def test_the_table_says_what_is_missing(terminal, tmp_path, monkeypatch):
    def missing(folder):
        raise ImportError("tantivy")

    monkeypatch.setitem(__import__("indexer.bench.baselines", fromlist=["BASELINES"]).BASELINES, "tantivy", missing)
    options = ("--documents", "5", "--baseline-documents", "30", "--queries", "4", "--without", "whoosh")
    result = terminal(tmp_path / "home")("bench", *options)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = {line.split()[0]: line for line in result.stdout.splitlines() if line.strip()}
    assert "没有安装" in lines["tantivy"]
    assert lines["知汇"].split()[1] == "5"
    assert lines["fts5"].split()[1] == "30"
    assert "whoosh" not in lines
    assert STAGES["edit"] in lines


def test_nothing_beside(terminal, tmp_path):
    report = terminal(tmp_path / "home").json(
        "bench", "--documents", "5", "--baseline-documents", "0", "--queries", "2", "--seed", "4"
    )
    assert report["corpus"] is None
    assert [row["name"] for row in report["comparison"]] == ["product"]


def test_content_that_is_not_there_is_said_plainly(terminal, tmp_path):
    result = terminal(tmp_path / "home", KB_CONTENT=str(tmp_path))("bench", "--documents", "5")
    assert result.exit_code == 1
    assert str(tmp_path) in result.stderr
    assert PROJECT.name not in result.stdout
