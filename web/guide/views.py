"""The help page and the import templates."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from kb.importing.templates import template_csv, template_workbook
from kb.permissions import Permission, require
from web import requests
from web.search.params import SearchArgs

blueprint = Blueprint("guide", __name__, url_prefix="/help")

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Show how to search, which keys there are, and how knowledge gets in."""
    return render_template("guide/index.html", args=SearchArgs())


@blueprint.get("/import-template.xlsx")
def template_xlsx_file() -> ResponseReturnValue:
    """Give the spreadsheet to fill in for an import."""
    require(requests.actor(), Permission.ENTRY_IMPORT)
    return _download(template_workbook(requests.taxonomy()), "import-template.xlsx", _XLSX)


@blueprint.get("/import-template.csv")
def template_csv_file() -> ResponseReturnValue:
    """Give the same as delimited text. The byte order mark is for Excel, which else takes it for GBK."""
    require(requests.actor(), Permission.ENTRY_IMPORT)
    return _download(template_csv(requests.taxonomy()).encode("utf-8-sig"), "import-template.csv", "text/csv")


def _download(data: bytes, name: str, mimetype: str) -> Response:
    answer = Response(data, mimetype=mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
