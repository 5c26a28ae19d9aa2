import io

import pytest
from openpyxl import load_workbook

from kb.entries.rules import State
from kb.importing.columns import ENTRY
from kb.importing.tables import read_csv, read_xlsx
from kb.importing.templates import template_csv, template_workbook
from kb.taxonomy.queries import Taxonomy, Tree


@pytest.fixture
def workbook(taxonomy):
    return load_workbook(io.BytesIO(template_workbook(taxonomy)))


def test_the_templates_can_be_imported_as_they_are(taxonomy, context):
    (from_workbook,) = read_xlsx(template_workbook(taxonomy), "模板", context)
    (from_text,) = read_csv(template_csv(taxonomy).encode("utf-8-sig"), "模板", context)
    assert from_workbook == from_text
    assert from_workbook.state is State.DRAFT
    assert len(from_workbook.content.wordings) == 3


def test_the_first_sheet_has_every_column_and_drop_downs(workbook, taxonomy):
    sheet = workbook.worksheets[0]
    assert [cell.value for cell in sheet[1]] == [column.header for column in ENTRY]
    offered = {}
    for rule in sheet.data_validations.dataValidation:
        name, cells = rule.formula1.split("!")
        column = next(cell.value for cell in sheet[1] if f"{cell.column_letter}2" in rule.sqref)
        offered[column] = [cell.value for (cell,) in workbook[name.strip("'")][cells.replace("$", "")]]
    assert set(offered) == {"类型", "业务模块", "层级", "时效", "状态"}
    assert offered["类型"] == ["知识", "标准问答", "最佳经验", "典型案例", "流程", "公告"]
    assert offered["层级"] == ["首层", "二线", "专家"]
    assert offered["状态"] == ["已发布", "草稿"]
    assert len(offered["业务模块"]) == len(taxonomy.modules)


def test_the_second_sheet_explains_every_column(workbook):
    rows = list(workbook.worksheets[1].iter_rows(min_row=2, values_only=True))
    assert [(header, name) for header, name, *_ in rows] == [(column.header, column.name) for column in ENTRY]
    assert all(help_text for *_, help_text, _ in rows)
    assert {header for header, _, required, *_ in rows if required == "必填"} == {
        "编号",
        "标题",
        "类型",
        "业务模块",
        "层级",
        "一句话答案",
    }


def test_a_centre_without_lists_gets_a_template_all_the_same():
    assert load_workbook(io.BytesIO(template_workbook(Taxonomy(Tree(), Tree(), {}, {}))))
