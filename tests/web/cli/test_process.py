"""The real ``kb`` in a process of its own: its exit codes, its language, its pipes, its server."""

import http.client
import json
import os
import subprocess
import threading
from urllib.parse import quote

import pytest
from sqlalchemy import select

from kb.desk.queries import recent_queries
from kb.gaps.models import Gap
from kb.people.queries import by_username
from tests.kb.importing.conftest import PAGE
from tests.support import factories
from tests.web.cli.conftest import EXECUTABLE, TIMEOUT, environment_for, run

TRIES = 300
"""How often to look again, a tenth of a second apart."""


@pytest.fixture
def home(installation):
    return installation.settings.home


class Server:
    """``kb serve``, once it answers."""

    def __init__(self, home, port):
        self.port = port
        self.process = subprocess.Popen(
            [EXECUTABLE, "serve", "--port", str(port)],
            env=environment_for(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        self.log = []
        while not self.log or "serving on" not in self.log[-1]:
            line = self.process.stderr.readline()
            assert line, self.log
            self.log.append(line)

    def get(self, address, token):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        connection.request("GET", address, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        body = json.loads(answer.read())
        connection.close()
        return answer.status, body

    def stop(self):
        """Ask it to end; return its exit code and all that it said."""
        self.process.terminate()
        out, errors = self.process.communicate(timeout=TIMEOUT)
        return self.process.returncode, "".join(self.log) + out + errors


@pytest.fixture
def server(home, free_port):
    started = Server(home, free_port)
    yield started
    started.process.kill()
    started.process.communicate()


def test_a_command_from_beginning_to_end(home, installation):
    done = run(home, "people", "add", "lin", "--role", "agent", "--password-stdin", stdin="long enough\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "已新建 lin\n", "")
    with installation.sessions() as session:
        assert by_username(session, "lin").active


def test_a_page_that_cannot_be_taken_ends_with_3(home, tmp_path):
    (tmp_path / "bad.md").write_text(PAGE.replace("kind: faq", "kind: rumour"), encoding="utf-8")
    done = run(home, "import", str(tmp_path / "bad.md"))
    assert done.returncode == 3
    assert done.stderr.startswith("bad.md:4 [kind]：")


def test_an_error_is_a_sentence(tmp_path):
    done = run(tmp_path / "home", "search", "红灯")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "这里还没有初始化，请先运行 kb init\n")


def test_in_english(home, tmp_path):
    assert "Search as an agent does" in run(home, "--help", KB_LOCALE="en").stdout
    assert run(home, "people", "list", KB_LOCALE="en").stdout.split()[:2] == ["Username", "Name"]
    done = run(tmp_path / "nowhere", "people", "list", KB_LOCALE="en")
    assert (done.returncode, done.stderr) == (1, "Nothing has been set up here; run kb init first\n")


@pytest.mark.parametrize("command", [("people", "list", "--json"), ("people", "list"), ("--help",)], ids=" ".join)
def test_nobody_reading_the_output_is_no_reason_to_complain(home, command):
    """As in ``kb people list | head -1``: the reader has gone before the end."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as output:
        done = subprocess.run(
            [EXECUTABLE, *command],
            env=environment_for(home),
            stdout=output,
            stderr=subprocess.PIPE,
            timeout=TIMEOUT,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, b"")


def test_bytes_that_are_no_text_find_nothing(home):
    done = run(home, "search", os.fsdecode(b"\xba\xec\xb5\xc6"), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["total"] == 0


def until(true):
    """Look again and again until *true* returns something true."""
    for _ in range(TRIES):
        if true():
            return
        threading.Event().wait(0.1)
    pytest.fail("in vain")


def test_what_a_command_imports_is_found_through_the_server(kb, server, tmp_path):
    """The server is the follower; the commands beside it leave the index to it."""
    (tmp_path / "los-red.md").write_text(PAGE, encoding="utf-8")
    token = kb("people", "token", "agent").stdout.strip()
    assert kb.json("import", str(tmp_path / "los-red.md"))["created"] == 1
    until(lambda: kb.json("index", "status")["lag"] == 0)
    status, answer = server.get(f"/api/v1/search?q={quote('红灯')}", token)
    assert (status, answer["total"]) == (200, 1)
    code, said = server.stop()
    assert code == 0
    assert "Traceback" not in said


def test_what_was_searched_last_is_kept_when_the_server_ends(kb, server, installation):
    token = kb("people", "token", "agent").stdout.strip()
    until(lambda: server.get("/readyz", token)[0] == 200)
    assert server.get(f"/api/v1/search?q={quote('宠物套餐')}", token)[0] == 200
    assert server.stop()[0] == 0
    with installation.sessions() as session:
        assert recent_queries(session, 9) == ["宠物套餐"]
        assert session.scalars(select(Gap.text)).all() == ["宠物套餐"]


def test_a_follower_without_a_server(kb, home, installation):
    factories.publish(installation, "los")
    follower = subprocess.Popen([EXECUTABLE, "index", "follow"], env=environment_for(home), stderr=subprocess.DEVNULL)
    until(lambda: kb.json("index", "status")["documents"] == 1)
    factories.publish(installation, "more")
    until(lambda: kb.json("index", "status")["documents"] == 2)
    follower.terminate()
    follower.wait(TIMEOUT)
    assert kb.json("index", "check")["differences"] == []
