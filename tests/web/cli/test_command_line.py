"""What holds for every command: help, settings, errors that are said in a sentence."""

import click
import pytest
from sqlalchemy import text

SETTINGS_THAT_ARE_WRONG = [
    ("KB_PORT", "eighty"),
    ("KB_PORT", "70000"),
    ("KB_TIMEZONE", "Mars/Olympus"),
    ("KB_LOCALE", "xx"),
    ("KB_LOG_LEVEL", "LOUD"),
    ("KB_DATABASE_URL", "nonsense"),
    ("KB_DATABASE_URL", "nosuchdatabase://localhost/kb"),
]
WORKING = [
    ("people", "list"),
    ("people", "token", "agent"),
    ("index", "status"),
    ("index", "check"),
    ("index", "rebuild"),
    ("search", "红灯"),
    ("import", "."),
    ("serve",),
]


def every_command(command, path=()):
    yield path
    if isinstance(command, click.Group):
        for name, part in command.commands.items():
            yield from every_command(part, (*path, name))


def test_every_command_explains_itself_and_touches_nothing(terminal, tmp_path):
    from web.cli import main

    kb = terminal(tmp_path / "home")
    commands = list(every_command(main))
    assert ("people", "add") in commands
    for command in commands:
        result = kb(*command, "--help")
        assert (result.exit_code, result.stderr) == (0, ""), command
        assert result.stdout.startswith(" ".join(["Usage: kb", *command])), command
        explanation, _, _ = result.stdout.partition("Options:")
        assert "。" in explanation, command
    assert not (tmp_path / "home").exists()


def test_the_version(terminal, tmp_path):
    from kb import __version__

    assert terminal(tmp_path)("--version").stdout.split()[-1] == __version__


@pytest.mark.parametrize("command", WORKING, ids=" ".join)
def test_what_needs_an_installation_says_how_to_make_one_and_makes_none(terminal, tmp_path, command):
    result = terminal(tmp_path / "home")(*command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "这里还没有初始化，请先运行 kb init\n"
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_another_version_is_not_worked_on(kb, installation):
    with installation.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'other'"))
    result = kb("people", "list")
    assert result.exit_code == 1
    assert "kb init" in result.stderr


@pytest.mark.parametrize(("name", "value"), SETTINGS_THAT_ARE_WRONG)
def test_a_wrong_setting_is_named(kb, name, value):
    result = kb("people", "list", **{name: value})
    assert (result.exit_code, result.stdout) == (2, "")
    assert name in result.stderr.splitlines()[-1]


def test_a_database_that_cannot_be_reached_is_said_plainly(kb, free_port):
    address = {"KB_DATABASE_URL": f"postgresql+psycopg://kb@127.0.0.1:{free_port}/kb?connect_timeout=5"}
    for command in (("people", "list"), ("init",)):
        result = kb(*command, **address)
        assert result.exit_code == 1, command
        assert result.stderr.startswith(("连不上数据库：", "数据库出错：")), command


def test_texts_are_printed_as_they_are(kb):
    """Brackets and colons in names are no markup."""
    name = "[/x] [bold]:smile:"
    assert kb("people", "add", "odd", "--name", name, "--role", "agent", stdin="long enough\n" * 2).exit_code == 0
    assert name in kb("people", "list").stdout
