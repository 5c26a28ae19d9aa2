"""``kb judged``: what the centre's own agents judged."""

from pathlib import Path

import click

from indexer import gathering
from indexer import judged as relevance_export
from kb.desk import queries
from web.cli.context import CommandLine, json_option, pass_command_line
from web.cli.texts import _


@click.group(help=_("坐席标过“解决了”的搜索：自己的评测集。"))
def judged() -> None:
    """Group the commands about judged questions."""


@judged.command(
    help=_("把坐席标过的搜索和在用知识导出到 FOLDER，供 kb eval 使用；和问题相同的客户说法不导出，免得自问自答。")
)
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
@pass_command_line
def export(line: CommandLine, folder: Path, as_json: bool) -> None:  # noqa: D103 - the help text says it
    with line.sessions() as session:
        judgements = queries.judged(session)
        done = relevance_export.export(folder, gathering.everything(session), judgements, now=line.clock())
    if as_json:
        line.print_json(
            {
                "documents": done.documents,
                "queries": done.queries,
                "judgements": done.judgements,
                "held_out": done.held_out,
            }
        )
        return
    line.out.print(
        _("已导出 %(queries)s 个问题、%(judgements)s 条判断、%(documents)s 篇知识；略去了 %(held_out)s 条相同的说法")
        % {
            "queries": done.queries,
            "judgements": done.judgements,
            "documents": done.documents,
            "held_out": done.held_out,
        }
    )
