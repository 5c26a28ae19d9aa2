"""``kb import``."""

import csv
import io
import json

import pytest
from openpyxl import load_workbook

from indexer import maintenance
from kb.entries import queries as entry_queries
from kb.entries.rules import State
from tests.kb.importing.conftest import PAGE, THREAD_PAGE, csv_text, row
from tests.web.cli.conftest import Terminal

OUTCOMES = ("created", "updated", "unchanged", "awaiting_verification", "rejected")


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture
def folder(tmp_path):
    """A content folder with two entries and a thread."""
    root = tmp_path / "content"
    write(root / "entries" / "fault" / "los-red.md", PAGE)
    write(root / "entries" / "fault" / "slow.md", PAGE.replace("los-red", "slow").replace("光猫 LOS 红灯", "上网慢"))
    write(root / "threads" / "after-rain.md", THREAD_PAGE)
    return str(root)


@pytest.fixture
def table(tmp_path):
    """A table whose second row can't be taken."""
    rows = [row(), row(编号="tv", 业务模块="没有的模块"), row(编号="slow", 标题="上网慢")]
    return write(tmp_path / "rows.csv", csv_text(rows))


def counts(report):
    return {name: report[name] for name in OUTCOMES if report[name]}


def test_a_folder_is_searchable_at_once(kb, folder):
    result = kb("import", folder)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "共 3 条：新增 3，更新 0，没有变化 0，待区县核实 0，未导入 0\n"
    assert kb.json("search", "LOS 红灯")["hits"][0]["id"] == "los-red"
    assert [hit["id"] for hit in kb.json("search", "红灯", "--threads")["hits"]] == ["after-rain"]


def test_a_second_import_changes_nothing_and_a_changed_page_updates(kb, folder, tmp_path):
    assert counts(kb.json("import", folder)) == {"created": 3}
    assert counts(kb.json("import", folder)) == {"unchanged": 3}
    write(tmp_path / "content" / "entries" / "fault" / "los-red.md", PAGE.replace("仍红", "还红"))
    assert counts(kb.json("import", folder)) == {"updated": 1, "unchanged": 2}


def test_a_bad_row_costs_no_good_one(kb, table):
    result = kb("import", table)
    assert result.exit_code == 3
    assert result.stdout == "共 3 条：新增 2，更新 0，没有变化 0，待区县核实 0，未导入 1\n"
    assert result.stderr == "rows.csv:3 [module]：没有这个业务模块：没有的模块\n"


def test_for_programs(kb, table):
    result = kb("import", table, "--json")
    assert (result.exit_code, result.stderr) == (3, "")
    assert json.loads(result.stdout) == {
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "awaiting_verification": 0,
        "rejected": 1,
        "rejections": [{"where": "rows.csv:3", "field": "module", "reason": "没有这个业务模块：没有的模块"}],
        "warnings": [],
    }


def test_rejected_rows_come_back_to_be_mended(kb, table, tmp_path):
    rejected = tmp_path / "rejected.csv"
    assert kb("import", table, "--rejected", str(rejected)).exit_code == 3
    (back,) = csv.DictReader(io.StringIO(rejected.read_text(encoding="utf-8-sig")))
    assert (back["编号"], back["拒收原因"], back["原位置"]) == ("tv", "没有这个业务模块：没有的模块", "rows.csv:3")
    rejected.write_text(
        rejected.read_text(encoding="utf-8-sig").replace(",没有的模块,", ",宽带故障,"), encoding="utf-8"
    )
    assert counts(kb.json("import", str(rejected))) == {"created": 1}


def test_no_file_of_rejected_rows_when_there_are_none(kb, folder, tmp_path):
    assert kb("import", folder, "--rejected", str(tmp_path / "rejected.csv")).exit_code == 0
    assert not (tmp_path / "rejected.csv").exists()


@pytest.mark.parametrize("name", ["rejected.txt", "no-folder/rejected.csv"])
def test_rejected_rows_that_cannot_be_written_do_not_hide_the_report(kb, table, tmp_path, name):
    result = kb("import", table, "--rejected", str(tmp_path / name))
    assert result.exit_code == 1
    assert "新增 2" in result.stdout
    first, last = result.stderr.splitlines()
    assert first.startswith("rows.csv:3 [module]")
    assert ".jsonl .csv .xlsx" in last or str(tmp_path / name) in last


def test_people_are_warned_about_what_was_left_out(kb, tmp_path):
    page = write(tmp_path / "los-red.md", PAGE.replace("tier: first", "tier: first\nowner: nobody"))
    result = kb("import", page)
    assert result.exit_code == 0
    assert result.stderr == "los-red.md:1：没有用户 nobody，责任人先空着\n"


@pytest.mark.parametrize("name", ["template.xlsx", "template.csv"])
def test_a_template_can_be_filled_in_and_imported(kb, tmp_path, name):
    path = tmp_path / name
    result = kb("import", "--template", str(path))
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"模板已写到 {path}\n", "")
    assert counts(kb.json("import", str(path))) == {"created": 1}  # the example in it


def test_the_workbook_offers_the_centres_own_modules(kb, tmp_path):
    kb("import", "--template", str(tmp_path / "template.xlsx"))
    book = load_workbook(tmp_path / "template.xlsx")
    assert "宽带故障" in {cell.value for cells in book["可选值"] for cell in cells}


@pytest.mark.parametrize("name", ["template.txt", "no-folder/template.csv"])
def test_a_template_that_cannot_be_written(kb, tmp_path, name):
    result = kb("import", "--template", str(tmp_path / name))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1


def test_an_import_goes_live_unverified_and_one_with_a_reviewer_verified(kb, tmp_path):
    page = PAGE.replace("tier: first", "tier: first\nowner: expert\nreview_due: 2027-03-31")
    kb("import", write(tmp_path / "alone.md", page.replace("los-red", "alone")))
    kb(
        "import",
        write(tmp_path / "reviewed.md", page.replace("los-red", "reviewed")),
        *("--author", "editor"),
        *("--reviewer", "reviewer"),
    )
    assert {hit["id"]: hit["level"] for hit in kb.json("search", "红灯")["hits"]} == {"alone": 1, "reviewed": 2}


def test_what_is_about_a_region_waits_for_its_verifier(kb, tmp_path, installation):
    page = write(tmp_path / "los-red.md", PAGE.replace("tier: first", "tier: first\nregions: [hedong]"))
    assert counts(kb.json("import", page, "--author", "editor", "--reviewer", "reviewer")) == {
        "awaiting_verification": 1
    }
    with installation.sessions() as session:
        assert entry_queries.by_key(session, "los-red").work_state is State.VERIFYING
    assert kb.json("search", "红灯")["total"] == 0


@pytest.mark.parametrize("option", ["--author", "--reviewer"])
def test_author_and_reviewer_come_together(kb, folder, option):
    result = kb("import", folder, option, "editor")
    assert result.exit_code == 2
    assert "--author 和 --reviewer 要一起给" in result.stderr


def test_somebody_unknown_writes_nothing(kb, folder):
    result = kb("import", folder, "--author", "nobody", "--reviewer", "reviewer")
    assert (result.exit_code, result.stderr) == (1, "没有这个用户：nobody\n")
    assert kb.json("index", "status")["last_event"] == 1


def test_nobody_reviews_what_they_wrote(kb, folder):
    result = kb("import", folder, "--author", "manager", "--reviewer", "manager")
    assert result.exit_code == 3
    assert "不能审核自己写的内容" in result.stderr


def test_nothing_to_import(kb, tmp_path):
    assert kb("import").exit_code == 2
    for path in (tmp_path / "nowhere", tmp_path / "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        result = kb("import", str(path))
        assert (result.exit_code, result.stdout) == (1, "")
        assert str(path) in result.stderr


def test_on_either_database(any_installation, terminal, folder):
    kb: Terminal = terminal(any_installation.settings.home, KB_DATABASE_URL=any_installation.settings.url)
    assert counts(kb.json("import", folder)) == {"created": 3}
    assert counts(kb.json("import", folder)) == {"unchanged": 3}
    assert kb.json("search", "红灯")["total"] >= 1
    any_installation.reindex()
    report = maintenance.check(any_installation.sessions, any_installation.search.engine)
    assert (report.documents, report.pending, report.differences) == (3, 0, ())


def test_a_document_waits_for_its_author_to_look_at_it(kb, tmp_path):
    page = tmp_path / "手册.html"
    page.write_text("<h1>甲</h1><p>可以退。</p><h1>乙</h1><p>不能退。</p>", encoding="gb18030")
    assert kb("import", str(page)).exit_code == 2
    result = kb("import", str(page), "--author", "editor")
    assert (result.exit_code, result.stdout.strip()) == (
        0,
        "已读入，分成 2 条；请 editor 到网页上看过再转成草稿：/imports/1",
    )
    assert kb("import", str(page), "--author", "agent").exit_code == 1
    assert kb("import", str(tmp_path / "none.docx"), "--author", "editor").exit_code == 1
    (tmp_path / "bad.docx").write_bytes(b"%PDF-1.7")
    assert "PDF" in kb("import", str(tmp_path / "bad.docx"), "--author", "editor").stderr
