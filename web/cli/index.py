"""``kb index``: status, check, rebuild, follow."""

import threading

import click

from indexer import maintenance
from web.cli.context import EXIT_PARTLY, CommandLine, json_option, pass_command_line
from web.cli.texts import _


@click.group(help=_("搜索索引：状态、核对、重建。"))
def index() -> None:
    """Group the commands about the index."""


@index.command(help=_("索引到哪里了，落后多少。"))
@json_option
@pass_command_line
def status(line: CommandLine, as_json: bool) -> None:  # noqa: D103
    with line.sessions() as session:
        health = line.search.status(session)
    if as_json:
        line.print_json(
            {
                "generation": health.generation,
                "current": health.current,
                "documents": health.documents,
                "watermark": health.watermark,
                "last_event": health.last_event,
                "lag": health.lag,
                "segments": health.segments,
                "embedded": health.embedded,
                "embeddable": health.embeddable,
            }
        )
        return
    line.out.print(_("索引代：%(name)s") % {"name": health.generation or _("还没有")})
    line.out.print(_("文档：%(count)s") % {"count": health.documents})
    line.out.print(
        _("已收录到第 %(watermark)s 号事件，共 %(last)s 号，落后 %(lag)s")
        % {"watermark": health.watermark, "last": health.last_event, "lag": health.lag}
    )
    if health.share_embedded is not None:
        line.out.print(
            _("句向量：%(total)s 段文字里算好了 %(done)s 段，%(share).1f%%")
            % {"total": health.embeddable, "done": health.embedded, "share": health.share_embedded * 100}
        )
    if health.generation and not health.current:
        line.out.print(_("索引是旧版本的，运行 kb index rebuild 或启动网站就会重建"))


@index.command(help=_("逐条核对索引和数据库；有差异时退出码是 3。"))
@json_option
@pass_command_line
def check(line: CommandLine, as_json: bool) -> None:  # noqa: D103
    report = maintenance.check(line.sessions, line.search.engine)
    if as_json:
        line.print_json(
            {
                "documents": report.documents,
                "pending": report.pending,
                "differences": [{"id": item.id, "fault": item.fault.value} for item in report.differences],
            }
        )
    else:
        names = {"missing": _("索引里没有"), "extra": _("数据库里没有"), "stale": _("内容不一致")}
        for item in report.differences:
            line.out.print(f"{item.id}  {names[item.fault.value]}")
        line.out.print(
            _("核对 %(documents)s 篇，差异 %(differences)s 处，待收录事件 %(pending)s 条")
            % {"documents": report.documents, "differences": len(report.differences), "pending": report.pending}
        )
    if report.differences:
        click.get_current_context().exit(EXIT_PARTLY)


@index.command(help=_("另建一代索引，建好后切换；期间搜索不中断。"))
@pass_command_line
def rebuild(line: CommandLine) -> None:  # noqa: D103
    if line.search.lexicon is not None:
        with line.sessions() as session:
            line.search.lexicon.refresh(session)
    with line.progress(_("重建索引")) as bar:
        done = maintenance.rebuild(line.sessions, line.search.engine, line.settings.home / "locks", progress=bar)
    line.out.print(_("已重建，共 %(count)s 篇") % {"count": done})


@index.command(help=_("只让索引跟上数据库，不启动网站；用于网站进程设了 KB_FOLLOW=0 的部署。"))
@pass_command_line
def follow(line: CommandLine) -> None:  # noqa: D103
    line.follower.run(threading.Event(), poll_seconds=line.settings.poll_seconds)
