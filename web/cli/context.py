"""What every command needs: the installation, a console, and one way to end with an error.

Exit codes: 0 done · 1 it could not be done, and why is on standard error · 2 the command was called wrongly · 3 done in
part: an import rejected rows, or a check found differences.
"""

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import Any, Self

import click
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, OperationalError

from indexer.engine import IndexBusyError
from indexer.follower import Follower
from indexer.runtime import open_follower, open_search
from indexer.search import Search
from kb import home
from kb.clock import system_clock
from kb.db import Sessions, make_engine, make_sessions
from kb.errors import KbError
from kb.settings import Settings
from web.cli.texts import _, sentence

EXIT_FAILED, EXIT_USAGE, EXIT_PARTLY = 1, 2, 3


class CommandLine:
    """One run of one command on one installation. Parts are opened when they are first needed."""

    clock = staticmethod(system_clock)

    def __init__(self) -> None:
        # Names and paths are printed as they are: no markup, no :emoji:, no colours of rich's own.
        self.out = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
        self.err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)

    def __enter__(self) -> Self:
        logging.basicConfig(level=self.settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        for noisy in ("alembic", "sqlalchemy", "jieba"):
            logging.getLogger(noisy).setLevel(logging.WARNING)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "engine" in self.__dict__:
            self.engine.dispose()

    @cached_property
    def settings(self) -> Settings:
        """The settings; the environment's are checked here."""
        try:
            return Settings()
        except ValidationError as error:
            problems = "; ".join(
                f"KB_{'_'.join(str(part) for part in item['loc']).upper()}: {item['msg']}" for item in error.errors()
            )
            raise click.UsageError(_("环境变量设置不对：%(problems)s") % {"problems": problems}) from error

    @cached_property
    def engine(self) -> Engine:
        """The database, whatever its state."""
        try:
            return make_engine(self.settings.url)
        except (ArgumentError, ImportError) as error:  # no address, or of a database without its driver
            raise click.UsageError(
                _("环境变量设置不对：%(problems)s") % {"problems": f"KB_DATABASE_URL: {error}"}
            ) from error

    @cached_property
    def sessions(self) -> Sessions:
        """Sessions of a database that is ready for this version."""
        home.check_ready(self.engine)
        return make_sessions(self.engine)

    @cached_property
    def search(self) -> Search:
        """The search of this installation."""
        return open_search(self.settings)

    @cached_property
    def follower(self) -> Follower:
        """The follower of this installation, not running."""
        return open_follower(self.settings, self.sessions, self.search)

    def catch_up(self) -> bool:
        """Bring the index up to date, unless a server is doing that; return whether it is known to be."""
        try:
            self.follower.catch_up()
        except IndexBusyError:
            return False
        return True

    def print_json(self, data: Any) -> None:
        """Print *data* for a program: one JSON document on standard output."""
        sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n")

    @contextmanager
    def progress(self, title: str) -> Iterator["Bar"]:
        """Show a progress bar on standard error while the block works, if a person is looking."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.err, disable=not self.err.is_terminal) as progress:
            yield Bar(progress, title)


class Bar:
    """A progress bar that is told how many are done, of how many."""

    def __init__(self, progress: Progress, title: str) -> None:
        self._progress = progress
        self._task = progress.add_task(title, total=None)

    def __call__(self, done: int, total: int | None) -> None:
        """Show *done* of *total*; ``None`` when the total is not known."""
        self._progress.update(self._task, completed=done, total=total)

    def advance(self) -> None:
        """Show one more done, of nobody knows how many."""
        self._progress.advance(self._task)


class Group(click.Group):
    """A group whose commands end with a plain sentence and an exit code, never with a traceback for a known error."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command; say known errors plainly."""
        try:
            return super().invoke(context)
        except KbError as error:
            click.echo(sentence(error), err=True)
            context.exit(EXIT_FAILED)
        except BrokenPipeError:
            # Whoever read our output has enough; keep Python from complaining about it at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            context.exit(EXIT_FAILED)
        except OSError as error:
            if error.filename is None:
                raise
            problem = {"path": error.filename, "reason": error.strerror}
            click.echo(_("读写 %(path)s 时出错（%(reason)s）") % problem, err=True)
            context.exit(EXIT_FAILED)
        except OperationalError as error:
            click.echo(_("数据库出错：%(reason)s") % {"reason": error.orig}, err=True)
            context.exit(EXIT_FAILED)


pass_command_line = click.make_pass_decorator(CommandLine)
json_option = click.option("--json", "as_json", is_flag=True, help=_("输出 JSON，供程序使用"))
