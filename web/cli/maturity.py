"""``kb maturity``: count evidence anew, look at every entry now."""

import threading

import click

from kb.maturity import following
from kb.maturity.elsewhere import wired
from web.cli.context import EXIT_PARTLY, CommandLine, Group, pass_command_line
from web.cli.texts import _
from web.maturity.keeper import REST_SECONDS, look_at_all


@click.group(cls=Group, help=_("知识成熟度：重新累计证据，过一遍所有知识的等级。"))
def maturity() -> None:  # noqa: D103 - the help text says it
    pass


@maturity.command(
    help=_("从事件、使用结果和评分重新累计所有证据，并说出哪些和平时累计的不一样。有不一样的时候退出码是 3。")
)
@pass_command_line
@click.pass_context
def recompute(context: click.Context, line: CommandLine) -> None:  # noqa: D103
    elsewhere = wired(line.settings.content)
    following.catch_up(line.sessions, clock=line.clock, elsewhere=elsewhere)
    with line.progress(_("累计证据")) as bar:
        report = following.recompute(line.sessions, clock=line.clock, rest=_rest, advance=bar, elsewhere=elsewhere)
    line.out.print(
        _("累计了 %(count)s 条知识，其中 %(off)s 条和平时的不一样") % {"count": report.entries, "off": len(report.off)}
    )
    if report.off:
        context.exit(EXIT_PARTLY)


@maturity.command("pass", help=_("现在就过一遍所有知识：新鲜度、升降级、异常提示。网站进程每天自己做一次。"))
@pass_command_line
def pass_(line: CommandLine) -> None:  # noqa: D103
    elsewhere = wired(line.settings.content)
    following.catch_up(line.sessions, clock=line.clock, elsewhere=elsewhere)
    report = look_at_all(line.sessions, line.clock, rest=_rest, elsewhere=elsewhere)
    line.out.print(
        _("看了 %(entries)s 条知识：%(risen)s 条升级，%(fallen)s 条降级，%(rescored)s 条成熟度变了")
        % {"entries": report.entries, "risen": report.risen, "fallen": report.fallen, "rescored": report.rescored}
    )


def _rest() -> None:
    threading.Event().wait(REST_SECONDS)
