"""The command line: ``kb``. Each command reads its arguments, calls the same functions as the pages, and prints."""

import click

from kb import __version__
from web.cli.context import CommandLine, Group
from web.cli.demo import demo
from web.cli.evaluation import evaluation
from web.cli.importing import import_command
from web.cli.index import index
from web.cli.installation import init, serve
from web.cli.people import people
from web.cli.search import search
from web.cli.texts import _


@click.group(cls=Group, help=_("知汇：呼叫中心知识库。数据放在 KB_HOME（默认 ./var）。"))
@click.version_option(__version__, prog_name="kb")
@click.pass_context
def main(context: click.Context) -> None:
    """Run one command of one installation."""
    context.obj = context.with_resource(CommandLine())


for command in (demo, evaluation, import_command, index, init, people, search, serve):
    main.add_command(command)
