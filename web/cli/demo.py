"""``kb demo``: from nothing to a running knowledge base with people and content."""

import os
import sys
from datetime import datetime, timedelta

import click
from rich.text import Text

from indexer.normalise import normalise
from kb import demo as demo_content
from kb import demo_corrections, demo_quarter, demo_questions, demo_regions, demo_reviews, demo_year, home
from kb.clock import Clock
from kb.db import unit_of_work
from kb.demo_year import FakeClock
from kb.desk.rules import Learning
from kb.maturity import following as maturity
from kb.maturity.elsewhere import wired
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import ROLE_LABELS, SYSTEM
from kb.settings import Settings
from web.cli.context import CommandLine, pass_command_line
from web.cli.texts import _, sentence
from web.demo_people import DEMO_PASSWORD, demo_people

AGENT = "wangmin"
YEAR = timedelta(days=364)


@click.command(help=_("演示：建库、导入自带知识、新建各种角色的人，然后启动网站。第二次运行保留数据。"))
@click.option("--host", default="127.0.0.1", show_default=True, help=_("监听地址"))
@click.option("--port", type=click.IntRange(1, 65535), help=_("监听端口，默认 KB_PORT"))
@click.option("--no-serve", is_flag=True, help=_("只准备数据，不启动网站"))
@click.option("--year", is_flag=True, help=_("先模拟一年的通话、评分和复核，让知识有来有去的等级"))
@click.option("--quarter", is_flag=True, help=_("再模拟一个季度的培训（模拟数据），让闭环转一圈"))
@pass_command_line
def demo(line: CommandLine, host: str, port: int | None, no_serve: bool, year: bool, quarter: bool) -> None:  # noqa: D103
    settings = line.settings.model_copy(update={"demo": True, "host": host, "port": port or line.settings.port})
    home.initialise(settings, line.engine, now=line.clock())
    filled = settings.home / "demo_filled"  # missing after a first start that was broken off
    if not filled.exists():
        past = YEAR if year else demo_quarter.LENGTH
        began = FakeClock(line.clock() - past) if year or quarter else line.clock
        _fill(line, settings, began)
        if year and isinstance(began, FakeClock):
            _live(line, settings, began, line.clock() - demo_quarter.LENGTH if quarter else line.clock())
        if quarter and isinstance(began, FakeClock):
            _train(line, settings, began)
        filled.touch()
    with unit_of_work(line.sessions) as session:
        demo_content.add_bulletins(session, settings.content / "demo" / "bulletins.yaml", clock=line.clock)
        demo_content.add_gaps(
            session, settings.content / "demo" / "gaps.yaml", learning=_learning(settings), clock=line.clock
        )
        demo_questions.add_questions(session, clock=line.clock)
        demo_corrections.add_corrections(session, settings.content / "demo" / "corrections.yaml", clock=line.clock)
        demo_regions.add_overlays(session, settings.content / "demo" / "overlays.yaml", clock=line.clock)
        demo_reviews.submit_changes(session, settings.content / "demo" / "reviews.yaml", clock=line.clock)
    maturity.catch_up(line.sessions, clock=line.clock, elsewhere=wired(settings.content))
    with line.progress(_("更新索引")):
        line.catch_up()
    _introduce(line, settings)
    if not no_serve:
        from web.server import serve  # noqa: PLC0415 - loads the whole web floor

        serve(settings)


def _live(line: CommandLine, settings: Settings, clock: FakeClock, until: datetime) -> None:
    with line.progress(_("模拟一年")) as bar:
        count = demo_year.live(
            line.sessions,
            learning=_learning(settings),
            clock=clock,
            until=until,
            progress=bar,
            elsewhere=wired(settings.content),
        )
    line.out.print(_("模拟了一年的 %(count)s 次使用结果") % {"count": count})


def _train(line: CommandLine, settings: Settings, clock: FakeClock) -> None:
    with line.progress(_("模拟一个季度的培训")) as bar:
        number = demo_quarter.live(
            line.sessions,
            learning=_learning(settings),
            clock=clock,
            until=line.clock(),
            floor=settings.training_floor,
            progress=bar,
        )
    line.out.print(_("模拟了一个季度的培训，计划 %(number)s 号") % {"number": number})


def _learning(settings: Settings) -> Learning:
    return Learning(threshold=settings.wording_threshold, timezone=settings.timezone, normalise=normalise)


def _fill(line: CommandLine, settings: Settings, clock: Clock) -> None:
    people_file = settings.content / "demo" / "people.yaml"
    with unit_of_work(line.sessions) as session:
        demo_content.check_unused(session, people_file)
        demo_content.add_people(session, people_file, password=DEMO_PASSWORD, clock=clock)
    with line.progress(_("导入自带知识")) as bar:
        report = demo_content.fill(
            line.sessions,
            settings.content,
            timezone=settings.timezone,
            clock=clock,
            progress=lambda where, outcome: bar.advance(),
        )
    for item in report.rejected:
        line.err.print(f"{item.where}：{sentence(item.error)}", style="red")
    line.out.print(_("已导入 %(count)s 条知识和讨论帖") % {"count": report.total - len(report.rejected)})


def _introduce(line: CommandLine, settings: Settings) -> None:
    with line.sessions() as session:
        people_by_role = demo_people(session)
    address = f"http://{settings.host}:{settings.port}"
    line.out.print()
    line.out.print(Text.assemble((_("知汇演示"), "bold"), f"  {address}"))
    line.out.print(_("登录：下面任一用户名，密码 %(password)s（登录页上点一下就填好）") % {"password": DEMO_PASSWORD})
    for role, users in people_by_role.items():
        names = "，".join(f"{user.username} {user.name}" for user in users)
        line.out.print(f"  {_(ROLE_LABELS[role])}：{names}")
    line.out.print(
        _("接口：curl -H 'Authorization: Bearer %(token)s' '%(url)s'")
        % {
            "token": _token(line, settings),
            "url": f"{address}/api/v1/search?q=光猫亮红灯",
        }
    )
    line.out.print(_("命令行：%(kb)s search 光猫亮红灯") % {"kb": sys.argv[0]})
    line.out.print()


def _token(line: CommandLine, settings: Settings) -> str:
    """Return the demo's API token, kept in a file of the installation's own."""
    path = settings.home / "demo_token"
    if not path.exists():
        with unit_of_work(line.sessions) as session:
            token = people.issue_token(session, SYSTEM, by_username(session, AGENT), label="demo", now=line.clock())
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(token)
    return path.read_text(encoding="ascii").strip()
