"""``kb init`` and ``kb serve``, and installations side by side."""

import socket
import stat

from kb.events import queries as event_queries
from tests.support import factories


def test_init_makes_an_installation_that_works_at_once(terminal, tmp_path):
    home = tmp_path / "deep" / "home"
    kb = terminal(home)
    result = kb("init")
    assert (result.exit_code, result.stderr) == (0, "")
    assert str(home) in result.stdout
    assert "kb people add admin" in result.stdout
    assert stat.S_IMODE((home / "secret_key").stat().st_mode) == 0o600
    assert kb.json("search", "红灯")["total"] == 0
    assert kb.json("index", "status")["lag"] == 0


def test_a_second_init_changes_nothing(kb, installation):
    secret = installation.settings.secret_path.read_text()
    with installation.sessions() as session:
        events = event_queries.last_seq(session)
    result = kb("init")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "kb people add" not in result.stdout  # there are people already
    assert installation.settings.secret_path.read_text() == secret
    with installation.sessions() as session:
        assert event_queries.last_seq(session) == events


def test_init_where_no_folder_can_be(terminal, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    result = terminal(tmp_path / "file")("init")
    assert (result.exit_code, result.stdout) == (1, "")
    assert str(tmp_path / "file") in result.stderr
    assert result.stderr.count("\n") == 1


def test_init_without_a_taxonomy(terminal, tmp_path):
    result = terminal(tmp_path / "home", KB_CONTENT=str(tmp_path))("init")
    assert result.exit_code == 1
    assert "taxonomy.yaml" in result.stderr


def test_two_installations_never_meet(terminal, tmp_path, kb, installation):
    factories.publish(installation, "los")
    other = terminal(tmp_path / "other")
    other("init")
    other("people", "add", "only-here", "--role", "agent", "--password-stdin", stdin="long enough\n")
    assert kb.json("search", "红灯")["total"] == 1
    assert other.json("search", "红灯")["total"] == 0
    assert [person["username"] for person in other.json("people", "list")] == ["only-here"]
    assert "only-here" not in {person["username"] for person in kb.json("people", "list")}
    secrets = {(home / "secret_key").read_text() for home in (tmp_path / "other", installation.settings.home)}
    assert len(secrets) == 2


def test_serving_on_a_port_that_is_taken(kb):
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        port = str(somebody.getsockname()[1])
        result = kb("serve", "--port", port)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"127.0.0.1:{port}" in result.stderr
    assert result.stderr.count("\n") == 1


def test_serving_on_an_address_that_is_not_ours(kb):
    result = kb("serve", "--host", "192.0.2.1")
    assert result.exit_code == 1
    assert "192.0.2.1:8000" in result.stderr


def test_serve_takes_its_address_from_the_settings_or_the_command(kb, monkeypatch):
    served = []
    monkeypatch.setattr("web.server.serve", served.append)
    kb("serve", KB_PORT="8123", KB_HOST="127.0.0.2")
    kb("serve", "--port", "8124", "--host", "127.0.0.3", KB_PORT="8123")
    assert [(settings.host, settings.port) for settings in served] == [("127.0.0.2", 8123), ("127.0.0.3", 8124)]
    assert not any(settings.demo for settings in served)
