import io

import pytest
from openpyxl import load_workbook

from kb.permissions import Role


def test_everybody_can_read_how_it_works(agent):
    page = agent.get("/help").text
    assert "快捷键" in page
    assert "import-template" not in page


def test_those_who_import_get_templates(visit_as):
    manager = visit_as(Role.MANAGER)
    assert "import-template.xlsx" in manager.get("/help").text
    sheet = manager.get("/help/import-template.xlsx")
    assert sheet.headers["Content-Disposition"] == "attachment; filename=import-template.xlsx"
    assert load_workbook(io.BytesIO(sheet.data)).sheetnames[0] == "知识"
    text = manager.get("/help/import-template.csv")
    assert text.mimetype == "text/csv"
    assert text.data.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_others_do_not(agent, kind):
    assert agent.get(f"/help/import-template.{kind}").status_code == 403
