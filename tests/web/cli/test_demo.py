"""``kb demo``."""

import re
import socket
import stat

import pytest

from kb.db import make_engine
from kb.entries.models import Entry
from kb.entries.queries import by_key
from kb.entries.rules import State
from kb.events import queries as event_queries
from kb.permissions import SYSTEM, Role
from kb.settings import PROJECT
from kb.verification import queries as verification
from kb.verification.models import Overlay
from kb.workdays.rules import Calendar
from tests.kb.importing.conftest import PAGE
from tests.support.installation import Installation, settings_for
from web.app import create_app
from web.demo_people import DEMO_PASSWORD
from web.services import services


def token(result):
    return re.search(r"Bearer (zh_\S+?)'", result.stdout)[1]


@pytest.fixture
def demonstration(tmp_path, analysis):
    """The installation that the command makes, looked at from outside."""
    settings = settings_for(tmp_path / "home")
    made = Installation(settings, make_engine(settings.url), analysis)
    yield made
    made.close()


@pytest.mark.slow
def test_from_nothing_and_once_more(terminal, tmp_path, demonstration):
    kb = terminal(tmp_path / "home")
    result = kb("demo", "--no-serve")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "已导入" in result.stdout
    assert f"密码 {DEMO_PASSWORD}" in result.stdout
    people = kb.json("people", "list")
    assert {role for person in people for role in person["roles"]} == {role.value for role in Role}
    assert all(person["username"] in result.stdout for person in people)
    best = kb.json("search", "光猫亮红灯", "--as", "wangmin")["hits"][0]
    assert best["id"] == "broadband-los-red"
    assert kb.json("index", "check")["differences"] == []
    assert stat.S_IMODE((tmp_path / "home" / "demo_token").stat().st_mode) == 0o600

    app = create_app(demonstration.settings, search=demonstration.search)
    headers = {"Authorization": f"Bearer {token(result)}"}
    assert app.test_client().get("/api/v1/search?q=光猫亮红灯", headers=headers).json["total"] > 0
    services(app).engine.dispose()

    with demonstration.sessions() as session:
        events = event_queries.last_seq(session)
        entries = session.query(Entry).count()
        entry = by_key(session, "tv-playback-zhushan")
        assert (entry.live_revision.regions, entry.work_state) == (["zhushan"], State.VERIFYING)
        (waiting,) = verification.waiting(session, SYSTEM, Calendar("Asia/Shanghai"))
        assert [standing.region for standing in waiting.open] == ["zhushan"]
        assert len({item.entry_id for item in session.query(Overlay)}) == 3
    assert entries > 100
    assert kb.json("search", "湖心岛 上岛", "--region", "wanghu")["hits"][0]["id"] == "repair-time"
    assert "repair-time" not in [hit["id"] for hit in kb.json("search", "湖心岛 上岛", "--region", "hedong")["hits"]]
    again = kb("demo", "--no-serve")
    assert (again.exit_code, again.stderr) == (0, "")
    assert "已导入" not in again.stdout
    assert token(again) == token(result)
    with demonstration.sessions() as session:
        assert event_queries.last_seq(session) == events
    assert kb.json("people", "list") == people


@pytest.fixture
def small(tmp_path):
    """A content folder with the demo's people and a taxonomy, and hardly any knowledge."""
    folder = tmp_path / "content"
    (folder / "entries").mkdir(parents=True)
    (folder / "entries" / "los-red.md").write_text(
        PAGE.replace("tier: first", "tier: first\nowner: liuhao\nreview_due: 2027-03-31"), encoding="utf-8"
    )
    (folder / "entries" / "bad.md").write_text(PAGE.replace("kind: faq", "kind: rumour"), encoding="utf-8")
    for name in ("taxonomy.yaml", "demo", "dictionary"):
        (folder / name).symlink_to(PROJECT / "content" / name)
    return folder


def test_content_of_ones_own_and_what_is_wrong_with_it(terminal, tmp_path, small):
    kb = terminal(tmp_path / "home", KB_CONTENT=str(small))
    result = kb("demo", "--no-serve")
    assert result.exit_code == 0
    assert result.stderr.startswith("entries/bad.md:4：")
    assert "已导入 1 条" in result.stdout
    assert kb.json("search", "红灯")["hits"][0]["level"] == 2  # it went through review


def test_a_first_start_that_was_broken_off_is_finished_by_the_next(terminal, tmp_path, small, monkeypatch):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    kb = terminal(tmp_path / "home", KB_CONTENT=str(small))
    with monkeypatch.context() as broken:
        broken.setattr("kb.demo.import_records", interrupt)
        assert kb("demo", "--no-serve").exit_code == 1
    assert "已导入 1 条" in kb("demo", "--no-serve").stdout
    assert kb.json("search", "红灯")["total"] == 1
    assert "已导入" not in kb("demo", "--no-serve").stdout


def test_it_serves_in_demo_mode(terminal, tmp_path, small, monkeypatch):
    served = []
    monkeypatch.setattr("web.server.serve", served.append)
    result = terminal(tmp_path / "home", KB_CONTENT=str(small))("demo", "--port", "8123")
    assert "http://127.0.0.1:8123" in result.stdout
    ((settings),) = served
    assert (settings.demo, settings.host, settings.port) == (True, "127.0.0.1", 8123)


def test_a_taken_port_is_said_plainly(terminal, tmp_path, small):
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        port = str(somebody.getsockname()[1])
        result = terminal(tmp_path / "home", KB_CONTENT=str(small))("demo", "--port", port)
    assert result.exit_code == 1
    assert f"127.0.0.1:{port}" in result.stderr.splitlines()[-1]


def test_an_installation_of_somebodys_own_never_becomes_a_demo(terminal, tmp_path, small):
    """The demo's people all have a password that everybody knows."""
    kb = terminal(tmp_path / "home", KB_CONTENT=str(small))
    assert kb("init").exit_code == 0
    assert kb("people", "add", "boss", "--role", "admin", "--password-stdin", stdin="a long password\n").exit_code == 0
    refused = kb("demo", "--no-serve")
    assert (refused.exit_code, [person["username"] for person in kb.json("people", "list")]) == (1, ["boss"])
    assert "KB_HOME" in refused.stderr


def test_knowledge_without_people_is_somebodys_own_too(terminal, tmp_path, small):
    kb = terminal(tmp_path / "home", KB_CONTENT=str(small))
    kb("init")
    kb("import", str(small))
    assert kb("demo", "--no-serve").exit_code == 1
    assert kb.json("people", "list") == []
