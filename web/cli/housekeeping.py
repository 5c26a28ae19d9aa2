"""``kb housekeeping``."""

import click

from web.cli.context import CommandLine, pass_command_line
from web.cli.texts import _
from web.corrections import watch
from web.housekeeping import draw_in, tidy, tidy_calls, tidy_files


@click.command(
    help=_("清理：过了保留期的搜索记录按天汇总，通话按周汇总后删除。网站进程每小时自己做；KB_FOLLOW 关掉时可定时运行。")
)
@pass_command_line
def housekeeping(line: CommandLine) -> None:  # noqa: D103 - the help text says it
    watch.look(line.sessions, line.clock)
    count = tidy(line.sessions, line.settings, line.clock)
    line.out.print(_("已汇总 %(count)s 条搜索记录") % {"count": count})
    calls = tidy_calls(line.sessions, line.settings, line.clock)
    line.out.print(_("已删除 %(count)s 通到期的通话记录") % {"count": calls})
    questions = draw_in(line.sessions, line.settings, line.clock)
    line.out.print(_("已为 %(count)s 个没有人回答的问题请了专家") % {"count": questions})
    files = tidy_files(line.sessions, line.settings, line.clock)
    line.out.print(_("已删除 %(count)s 个没有用上的文件") % {"count": files})
