import json

import pytest
from sqlalchemy import event

from kb.db import unit_of_work
from kb.entries import operations as entry_operations
from kb.errors import PermissionDeniedError
from kb.importing import sources
from kb.importing.operations import import_records
from kb.importing.report import Outcome
from kb.permissions import SYSTEM, Role
from kb.taxonomy import operations as taxonomy_operations
from tests.kb.importing.conftest import TIMEZONE, Desk, csv_text, refusals, row, xlsx

BAD = [
    row(编号="bad1", 标题=""),
    row(编号="bad2", 业务模块="没有的模块"),
    row(编号="bad3", 生效日期="昨天"),
    row(编号="g1"),
]
GOOD = [row(编号=f"g{number}", 生效日期="2026-01-01") for number in range(1, 4)]
MIXED = [GOOD[0], *BAD, GOOD[1], GOOD[2]]


def sheet(rows):
    header = list(dict.fromkeys(name for one in rows for name in one))
    return xlsx([header, *([one.get(name) for name in header] for one in rows)])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("表.csv", csv_text(MIXED)),
        ("表.csv", csv_text(MIXED).encode("gb18030")),
        ("表.xlsx", sheet(MIXED)),
        ("表.jsonl", "\n".join(json.dumps(one) for one in MIXED)),
    ],
)
def test_bad_rows_in_the_middle_cost_nothing(desk, name, data):
    path = desk.write(name, data)
    report = desk.take(path)
    assert (report.created, report.total, report.ok) == (3, 7, False)
    assert [field for _, field, _ in refusals(report.rejected)] == ["title", "module", "valid_from", "id"]
    assert all(desk.has_entry(f"g{number}") for number in range(1, 4))
    report = desk.take(path)
    assert (report.unchanged, len(report.rejected)) == (3, 4)


def test_an_import_works_on_either_database(any_installation, taxonomy, tmp_path):
    desk = Desk(any_installation, taxonomy, tmp_path)
    assert desk.take(desk.write("表.csv", csv_text(MIXED))).created == 3
    assert desk.take(desk.write("表.csv", csv_text([row(编号="g2", 标题="新标题")]))).updated == 1


def test_the_taxonomy_may_change_between_reading_and_storing(desk, tmp_path):
    path = desk.write("表.csv", csv_text([row(编号="a"), row(编号="b", 业务模块="手机网络")]))
    shipped = (desk.installation.settings.content / "taxonomy.yaml").read_text(encoding="utf-8")
    changed = tmp_path / "taxonomy.yaml"
    changed.write_text("".join(line for line in shipped.splitlines(True) if "fault.broadband" not in line))
    with unit_of_work(desk.installation.sessions) as session:
        taxonomy_operations.load_file(session, SYSTEM, changed, now=desk.installation.clock())
    report = desk.take(path)
    assert report.created == 1
    assert refusals(report.rejected) == [("表.csv:2", "module", "没有这个业务模块：fault.broadband")]
    assert report.rejected[0].raw["id"] == "a"


def test_whoever_changes_an_entry_at_the_same_time_costs_only_that_record(desk, monkeypatch):
    rows = [row(编号="a"), row(编号="b"), row(编号="c")]
    desk.take(desk.write("表.csv", csv_text(rows)))
    original = entry_operations.import_content

    def overtaken(session, actor, content, **arguments):
        if arguments["key"] == "b":
            session.connection().exec_driver_sql("UPDATE entries SET version = version + 1 WHERE key = 'b'")
        return original(session, actor, content, **arguments)

    monkeypatch.setattr(entry_operations, "import_content", overtaken)
    report = desk.take(desk.write("表.csv", csv_text([{**one, "标题": "新标题"} for one in rows])))
    assert report.updated == 2
    assert refusals(report.rejected) == [("表.csv:3", None, "导入的同时有人在改它，请再导入一次")]


def test_an_import_that_breaks_off_keeps_what_it_has_stored_and_can_be_repeated(desk):
    path = desk.write("表.csv", csv_text(GOOD))

    def interrupted():
        records = sources.read(path, desk.taxonomy, TIMEZONE)
        yield next(records)
        yield next(records)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_records(desk.installation.sessions, SYSTEM, interrupted(), clock=desk.installation.clock)
    report = desk.take(path)
    assert (report.unchanged, report.created) == (2, 1)


def test_progress_is_told_about_every_record_once_it_is_stored(desk):
    told = []

    def progress(where, outcome):
        told.append((str(where), outcome, desk.has_entry("g1")))

    desk.take(desk.write("表.csv", csv_text([GOOD[0], BAD[0]])), progress=progress)
    desk.take(desk.write("表.csv", csv_text([GOOD[0]])), progress=progress)
    assert told == [
        ("表.csv:2", Outcome.CREATED, True),
        ("表.csv:3", Outcome.REJECTED, True),
        ("表.csv:2", Outcome.UNCHANGED, True),
    ]


def test_who_may_not_import_imports_nothing(desk):
    path = desk.write("表.csv", csv_text(GOOD))
    for role, actor in desk.installation.actors.items():
        if role is not Role.MANAGER:
            with pytest.raises(PermissionDeniedError):
                desk.take(path, actor)
    assert not desk.has_entry("g1")
    assert desk.take(path, desk.installation.actors[Role.MANAGER]).created == 3


def test_an_author_without_a_reviewer_is_a_mistake(desk):
    with pytest.raises(ValueError, match="together"):
        desk.take(desk.write("表.csv", csv_text(GOOD)), author=SYSTEM)


def test_an_unchanged_record_takes_few_statements(desk):
    path = desk.write("表.csv", csv_text(GOOD))
    desk.take(path)
    statements = []

    @event.listens_for(desk.installation.engine, "before_cursor_execute")
    def count(connection, cursor, statement, *rest):
        statements.append(statement)

    desk.take(path)
    assert len([text for text in statements if text.startswith("SELECT")]) <= 1 + 2 * len(GOOD)
    assert not [text for text in statements if text.startswith(("INSERT", "UPDATE", "DELETE"))]


def test_the_shipped_content_is_imported_without_a_rejection(desk, content_folder):
    report = desk.take(content_folder)
    assert refusals(report.rejected) == []
    before = desk.events()
    again = desk.take(content_folder)
    assert (again.unchanged, again.total) == (report.total, report.total)
    assert desk.events() == before
