"""``kb init`` and ``kb serve``."""

import click

from kb import home
from kb.db import make_sessions
from kb.people.queries import everyone
from web.cli.context import CommandLine, pass_command_line
from web.cli.texts import _


@click.command(help=_("建立或升级一套安装：目录、密钥、数据库、分类。可以重复运行。"))
@pass_command_line
def init(line: CommandLine) -> None:
    """Make the installation ready, or bring it up to date."""
    home.initialise(line.settings, line.engine, now=line.clock())
    line.catch_up()
    line.out.print(_("已就绪：%(home)s") % {"home": line.settings.home.resolve()})
    with make_sessions(line.engine)() as session:
        if not everyone(session):
            line.out.print(_("下一步：kb people add admin --role admin 新建管理员，再用 kb import 导入知识。"))


@click.command(help=_("启动网站，并让索引跟上数据库。"))
@click.option("--host", help=_("监听地址，默认 KB_HOST"))
@click.option("--port", type=click.IntRange(1, 65535), help=_("监听端口，默认 KB_PORT"))
@pass_command_line
def serve(line: CommandLine, host: str | None, port: int | None) -> None:
    """Serve the pages."""
    from web.server import serve as run  # noqa: PLC0415 - loads the whole web floor; other commands start faster

    home.check_ready(line.engine)
    run(line.settings.model_copy(update={"host": host or line.settings.host, "port": port or line.settings.port}))
