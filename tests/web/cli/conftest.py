"""``kb`` on a test's own installation: in this process, and as the real command."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from indexer.embedded.engine import EmbeddedEngine
from indexer.search import Search
from indexer.text import Analysis
from tests.support.installation import Installation

EXECUTABLE = Path(sys.executable).with_name("kb")
TIMEOUT = 120
"""Seconds after which a command that hangs is given up."""


@dataclass(frozen=True)
class Terminal:
    """Runs ``kb`` with the settings of one installation; an unexpected exception fails the test."""

    environment: Mapping[str, str]

    def __call__(self, *arguments: str, stdin: str | None = None, **environment: str) -> Result:
        from web.cli import main  # its language is chosen when it is imported

        settings = {**self.environment, **environment}
        return CliRunner().invoke(main, arguments, input=stdin, env=settings, catch_exceptions=False, prog_name="kb")

    def json(self, *arguments: str) -> Any:
        """Return what a command that must succeed prints with ``--json``."""
        result = self(*arguments, "--json")
        assert (result.exit_code, result.stderr) == (0, "")
        return json.loads(result.stdout)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, analysis: Analysis) -> Callable[..., Terminal]:
    """Make a terminal for a folder; the dictionary, which takes a second to load, is shared by the tests."""
    monkeypatch.setattr(
        "web.cli.context.open_search", lambda settings: Search(EmbeddedEngine(settings.index_path, analysis))
    )
    return lambda home, **environment: Terminal({"KB_HOME": str(home), **environment})


@pytest.fixture
def kb(terminal: Callable[..., Terminal], installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """``kb`` on the test's installation, at its time."""
    monkeypatch.setattr("web.cli.context.CommandLine.clock", staticmethod(installation.clock))
    return terminal(installation.settings.home)


def environment_for(home: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a process that works on the installation in *home*."""
    return {**os.environ, "KB_HOME": str(home), "PYTHONUTF8": "1", **settings}


def run(home: Path, *arguments: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the real ``kb`` on the installation in *home*."""
    return subprocess.run(
        [EXECUTABLE, *arguments],
        env=environment_for(home, **settings),
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT,
        check=False,
    )


@pytest.fixture
def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
