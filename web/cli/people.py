"""``kb people``: list, add, roles, password, mail, token, deactivate."""

import sys

import click
from rich.table import Table

from kb.db import unit_of_work
from kb.letters.confirming import appoint
from kb.people import operations
from kb.people.models import User
from kb.people.queries import by_username, everyone
from kb.permissions import SYSTEM, Role
from web.cli.context import CommandLine, json_option, pass_command_line
from web.cli.texts import _

ROLE = click.Choice([role.value for role in Role])
role_option = click.option("--role", "roles", type=ROLE, multiple=True, required=True, help=_("角色（可重复）"))
expertise_option = click.option("--expertise", multiple=True, metavar="MODULE", help=_("擅长的业务模块（可重复）"))


@click.group(help=_("人员：列出、新建、改角色、改密码、设邮箱、发访问令牌、停用。"))
def people() -> None:
    """Group the commands about people."""


@people.command("list", help=_("列出所有人。"))
@json_option
@pass_command_line
def list_people(line: CommandLine, as_json: bool) -> None:  # noqa: D103
    with line.sessions() as session:
        users = everyone(session)
    if as_json:
        line.print_json([_as_json(user) for user in users])
        return
    table = Table(_("用户名"), _("姓名"), _("角色"), _("班组"), _("状态"), box=None)
    for user in users:
        roles = " ".join(_(role.label) for role in sorted(user.roles))
        team = user.team.name if user.team else ""
        table.add_row(user.username, user.name, roles, team, _("在用") if user.active else _("停用"))
    line.out.print(table)


def _as_json(user: User) -> dict[str, object]:
    return {
        "username": user.username,
        "name": user.name,
        "roles": sorted(user.roles),
        "team": user.team.name if user.team else None,
        "region": user.region_key,
        "expertise": sorted(item.module_key for item in user.expertise),
        "active": user.active,
    }


@people.command(help=_("新建一个人；密码会在屏幕上询问，或用 --password-stdin 从标准输入读。"))
@click.argument("username")
@click.option("--name", default="", help=_("姓名"))
@role_option
@click.option("--region", help=_("所在区域"))
@expertise_option
@click.option("--mail", default="", help=_("收提醒的邮箱，不用本人再确认"))
@click.option("--password-stdin", is_flag=True, help=_("从标准输入读密码"))
@pass_command_line
def add(  # noqa: D103
    line: CommandLine,
    username: str,
    name: str,
    roles: tuple[str, ...],
    region: str | None,
    expertise: tuple[str, ...],
    mail: str,
    password_stdin: bool,
) -> None:
    sessions = line.sessions
    secret = _ask_password(from_stdin=password_stdin)
    with unit_of_work(sessions) as session:
        user = operations.add_user(
            session,
            SYSTEM,
            username=username,
            name=name,
            roles=[Role(role) for role in roles],
            password=secret,
            region=region,
            expertise=expertise,
            now=line.clock(),
        )
        if mail:
            appoint(session, SYSTEM, user, mail, domains=line.settings.domains, now=line.clock())
    line.out.print(_("已新建 %(username)s") % {"username": username})


@people.command(help=_("把一个人的角色和擅长模块改成给出的这些。"))
@click.argument("username")
@role_option
@expertise_option
@pass_command_line
def roles(line: CommandLine, username: str, roles: tuple[str, ...], expertise: tuple[str, ...]) -> None:  # noqa: D103
    with unit_of_work(line.sessions) as session:
        user = by_username(session, username)
        operations.set_roles(
            session, SYSTEM, user, roles=[Role(role) for role in roles], expertise=expertise, now=line.clock()
        )
    line.out.print(_("已更新 %(username)s") % {"username": username})


@people.command(help=_("给一个人设新密码，并让其所有登录失效。"))
@click.argument("username")
@click.option("--password-stdin", is_flag=True, help=_("从标准输入读密码"))
@pass_command_line
def password(line: CommandLine, username: str, password_stdin: bool) -> None:  # noqa: D103
    with line.sessions() as session:
        by_username(session, username)  # an unknown name is told before a password is asked for
    secret = _ask_password(from_stdin=password_stdin)
    with unit_of_work(line.sessions) as session:
        operations.set_password(session, SYSTEM, by_username(session, username), secret, now=line.clock())
    line.out.print(_("已更新 %(username)s") % {"username": username})


@people.command(help=_("设一个人收提醒的邮箱，不用本人再确认；不给邮箱就是去掉。"))
@click.argument("username")
@click.argument("address", default="")
@pass_command_line
def mail(line: CommandLine, username: str, address: str) -> None:  # noqa: D103
    with unit_of_work(line.sessions) as session:
        user = by_username(session, username)
        appoint(session, SYSTEM, user, address, domains=line.settings.domains, now=line.clock())
    line.out.print(_("已更新 %(username)s") % {"username": username})


@people.command(help=_("发一个访问令牌，程序用它以此人的身份调用接口；只显示这一次。"))
@click.argument("username")
@click.option("--label", default="command line", help=_("用途"))
@pass_command_line
def token(line: CommandLine, username: str, label: str) -> None:  # noqa: D103
    with unit_of_work(line.sessions) as session:
        user = by_username(session, username)
        issued = operations.issue_token(session, SYSTEM, user, label=label, now=line.clock())
    click.echo(issued)


@people.command(help=_("停用一个人：立刻不能登录，写过的内容保留。"))
@click.argument("username")
@pass_command_line
def deactivate(line: CommandLine, username: str) -> None:  # noqa: D103
    with unit_of_work(line.sessions) as session:
        operations.deactivate(session, SYSTEM, by_username(session, username), now=line.clock())
    line.out.print(_("已停用 %(username)s") % {"username": username})


def _ask_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return click.prompt(_("密码"), hide_input=True, confirmation_prompt=True)
