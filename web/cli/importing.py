"""``kb import``."""

import hashlib
from pathlib import Path

import click
from sqlalchemy.orm import Session

from kb.db import unit_of_work
from kb.documents import operations as documents
from kb.documents import rules
from kb.documents.pictures import Pictures
from kb.documents.reading.process import read_apart
from kb.errors import InvalidInputError, NotFoundError
from kb.i18n import N_
from kb.importing import rejects, templates
from kb.importing.operations import import_records
from kb.importing.report import Outcome, Report
from kb.importing.sources import read
from kb.people import queries as people_queries
from kb.permissions import SYSTEM, Actor
from kb.taxonomy import queries as taxonomy_queries
from kb.taxonomy.queries import Taxonomy
from web.cli.context import EXIT_PARTLY, CommandLine, json_option, pass_command_line
from web.cli.texts import _, sentence

DOCUMENTS = (".docx", ".html", ".htm", ".zip")
"""Files without records in them: somebody has to look at what was understood."""


@click.command(
    "import",
    help=_(
        "导入知识和讨论帖：PATH 是 content 那样的文件夹，或 .md、.jsonl、.csv、.xlsx 文件。"
        "同一编号再导入一次就是更新；有记录没能导入时退出码是 3。"
        "PATH 是 .docx、.html、.zip 这样成文的资料时，只读进来，由 --author 在网页上看过、分好，再转成草稿。"
    ),
)
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option("--author", metavar="USERNAME", help=_("以此人名义提交，要和 --reviewer 一起用"))
@click.option("--reviewer", metavar="USERNAME", help=_("由此人审核并发布；不给就直接发布，等级为未验证"))
@click.option("--rejected", "rejected_to", type=click.Path(path_type=Path), help=_("没能导入的记录写到这个文件"))
@click.option(
    "--template", "template_to", type=click.Path(path_type=Path), help=_("不导入，只写一份可填写的 .xlsx 或 .csv 模板")
)
@json_option
@pass_command_line
def import_command(  # noqa: D103
    line: CommandLine,
    path: Path | None,
    author: str | None,
    reviewer: str | None,
    rejected_to: Path | None,
    template_to: Path | None,
    as_json: bool,
) -> None:
    if path is not None and template_to is None and path.suffix.lower() in DOCUMENTS:
        _receive(line, path, author, reviewer)
        return
    if (author is None) != (reviewer is None):
        raise click.UsageError(_("--author 和 --reviewer 要一起给"))
    with line.sessions() as session:
        taxonomy = taxonomy_queries.load(session)
        people = [_actor(session, name, taxonomy) for name in (author, reviewer)]
    if template_to is not None:
        _write_template(template_to, taxonomy)
        line.out.print(_("模板已写到 %(path)s") % {"path": template_to})
        return
    if path is None:
        raise click.UsageError(_("要给出导入的文件夹或文件"))
    records = read(path, taxonomy, line.settings.timezone)
    with line.progress(_("导入")) as bar:
        report = import_records(
            line.sessions,
            SYSTEM,
            records,
            author=people[0],
            reviewer=people[1],
            clock=line.clock,
            progress=lambda where, outcome: bar.advance(),
        )
    line.catch_up()
    if as_json:
        line.print_json(_as_json(report))
    else:
        _print(line, report)
    if not report.ok:
        if rejected_to is not None:
            rejects.write_rejected(report.rejected, rejected_to)
        click.get_current_context().exit(EXIT_PARTLY)


def _receive(line: CommandLine, path: Path, author: str | None, reviewer: str | None) -> None:
    """Read a document and keep it until its author has decided about its parts."""
    if author is None or reviewer is not None:
        raise click.UsageError(_("这样的资料要用 --author 说明由谁来看，不用 --reviewer"))
    if not path.is_file():
        raise NotFoundError(N_("没有这个文件或文件夹：%(path)s"), path=path)
    data = path.read_bytes()
    document = read_apart(data, path.name, Pictures(line.settings.pictures_path))
    with unit_of_work(line.sessions) as session:
        actor = people_queries.actor(people_queries.by_username(session, author), taxonomy_queries.load(session))
        found = documents.receive(
            session, actor, document, name=path.name, digest=hashlib.sha256(data).hexdigest(), now=line.clock()
        )
        number, parts = found.id, rules.parts(document.sections, found.cuts)
    count = sum(not part.is_empty for part in parts)
    line.out.print(
        _("已读入，分成 %(count)s 条；请 %(author)s 到网页上看过再转成草稿：%(address)s")
        % {"count": count, "author": author, "address": f"{line.settings.public_url}/imports/{number}"}
    )


def _actor(session: Session, username: str | None, taxonomy: Taxonomy) -> Actor | None:
    return None if username is None else people_queries.actor(people_queries.by_username(session, username), taxonomy)


def _write_template(path: Path, taxonomy: Taxonomy) -> None:
    match path.suffix.lower():
        case ".xlsx":
            path.write_bytes(templates.template_workbook(taxonomy))
        case ".csv":
            path.write_text(templates.template_csv(taxonomy), encoding="utf-8-sig")
        case _:
            raise InvalidInputError(N_("模板只能写成 .xlsx 或 .csv"))


def _as_json(report: Report) -> dict[str, object]:
    return {
        **{outcome.value: report.counts[outcome] for outcome in Outcome},
        "rejections": [
            {"where": str(item.where), "field": item.field, "reason": sentence(item.error)} for item in report.rejected
        ],
        "warnings": [{"where": str(item.where), "message": sentence(item.message)} for item in report.warnings],
    }


def _print(line: CommandLine, report: Report) -> None:
    for item in report.rejected:
        field = f" [{item.field}]" if item.field else ""
        line.err.print(f"{item.where}{field}：{sentence(item.error)}", style="red")
    for warning in report.warnings:
        line.err.print(f"{warning.where}：{sentence(warning.message)}", style="yellow")
    counts = "，".join(f"{_(outcome.label)} {report.counts[outcome]}" for outcome in Outcome)
    line.out.print(_("共 %(total)s 条：%(counts)s") % {"total": report.total, "counts": counts})
