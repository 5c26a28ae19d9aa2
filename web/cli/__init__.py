"""The command line: ``kb``. Each command reads its arguments, calls the same functions as the pages, and prints."""

import click

from kb import __version__
from web.cli import (
    bench,
    demo,
    evaluation,
    housekeeping,
    importing,
    index,
    installation,
    judged,
    maturity,
    people,
    search,
)
from web.cli.context import CommandLine, Group
from web.cli.texts import _


@click.group(cls=Group, help=_("知汇：呼叫中心知识库。数据放在 KB_HOME（默认 ./var）。"))
@click.version_option(__version__, prog_name="kb")
@click.pass_context
def main(context: click.Context) -> None:
    """Run one command of one installation."""
    context.obj = context.with_resource(CommandLine())


for command in (
    bench.bench,
    demo.demo,
    evaluation.evaluation,
    housekeeping.housekeeping,
    importing.import_command,
    index.index,
    installation.init,
    installation.serve,
    judged.judged,
    maturity.maturity,
    people.people,
    search.search,
):
    main.add_command(command)
