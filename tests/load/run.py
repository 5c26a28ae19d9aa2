"""Put a load on the product, and the same on plain Whoosh: ``python -m tests.load.run``.

Everything runs on this machine, the agents too: what they take is missing for the server, so a real one is faster.
"""

import argparse
import csv
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from kb.settings import PROJECT
from tests.load.filling import fill, settings_for

WAIT = 3600
"""Seconds for a server to answer: the plain one builds its index first."""
BETWEEN_TRIES = 0.2
"""Seconds."""
COLUMNS = ("Request Count", "Failure Count", "Average Response Time", "50%", "95%", "99%")


def main() -> None:
    """Fill, serve, load, and print a table for each side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, help="folder for the installation; used again if it is there")
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--agents", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=180)
    parser.add_argument("--workers", type=int, default=0, help="processes of gunicorn; 0 serves as kb serve does")
    parser.add_argument("--side", choices=("product", "plain", "both"), default="both")
    options = parser.parse_args()
    settings = settings_for(options.home, PROJECT / "content")
    fill(settings, count=options.entries, agents=options.agents)
    environment = {
        **os.environ,
        "KB_HOME": str(options.home),
        "KB_CONTENT": str(settings.content),
        "KB_LOGIN_LIMIT": "1000 per minute",
        "KB_LOG_LEVEL": "WARNING",
        "LOAD_QUESTIONS": str(options.home / "questions.json"),
    }
    port = _free_port()
    product = [sys.executable, "-c", "from web.cli import main; main()", "serve", "--port", str(port)]
    if options.workers:  # as in the Dockerfile
        product = [
            *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(options.workers)),
            *("--worker-class", "gthread", "--threads", "8", "--log-level", "warning", "web.wsgi:app"),
        ]
    sides = {
        "product": product,
        "plain": [
            *(sys.executable, "-m", "tests.load.plain", str(options.home)),
            *("--entries", str(options.entries), "--port", str(port)),
        ],
    }
    for side in ("product", "plain") if options.side == "both" else (options.side,):
        own = {**environment, "LOAD_PLAIN": "1" if side == "plain" else "0"}
        with subprocess.Popen(sides[side], env=own, cwd=PROJECT) as server:
            try:
                _wait(port, "/healthz" if side == "product" else "/suggest?q=x", server)
                print(side)
                _print(_load(options, port, own))
            finally:
                server.terminate()


def _load(options: argparse.Namespace, port: int, environment: Mapping[str, str]) -> Sequence[Mapping[str, str]]:
    prefix = options.home / "load"
    agents = str(Path(__file__).with_name("agents.py"))
    command = [
        *(sys.executable, "-m", "locust", "-f", agents, "--headless", "--only-summary", "--loglevel", "WARNING"),
        *("--users", str(options.agents), "--spawn-rate", "1", "--reset-stats", "--run-time", f"{options.seconds}s"),
        *("--host", f"http://127.0.0.1:{port}", "--csv", str(prefix), "--exit-code-on-error", "0"),
    ]
    subprocess.run(command, env=environment, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    with prefix.with_name("load_stats.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _print(rows: Sequence[Mapping[str, str]]) -> None:
    print("| request | count | failed | mean ms | p50 ms | p95 ms | p99 ms |\n|---|---:|---:|---:|---:|---:|---:|")
    for row in rows:
        figures = (f"{float(row[column]):,.0f}" for column in COLUMNS)
        print(f"| {row['Name']} | {' | '.join(figures)} |", flush=True)


def _free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _wait(port: int, address: str, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        if server.poll() is not None:
            raise SystemExit(f"the server ended with {server.returncode}")
        try:
            with urlopen(f"http://127.0.0.1:{port}{address}", timeout=60):
                return
        except (URLError, OSError):
            with suppress(subprocess.TimeoutExpired):
                server.wait(BETWEEN_TRIES)
    raise SystemExit("the server does not answer")


if __name__ == "__main__":
    main()
