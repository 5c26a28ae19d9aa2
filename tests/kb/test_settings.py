from pathlib import Path

import pytest
from pydantic import ValidationError

from kb.settings import PROJECT, Settings, table


def test_the_page_about_the_settings_is_what_the_code_says():
    """On failure: put what ``kb.settings.table()`` returns into docs/settings.md."""
    page = (PROJECT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page[page.index("| variable |") :] == table()


def test_every_setting_says_what_it_means_in_one_row():
    rows = table().splitlines()[2:]
    assert len(rows) == len(Settings.model_fields)
    assert all(row.count("|") == 4 and row.endswith(". |") for row in rows)
    assert str(PROJECT) not in table()


def test_a_fresh_installation_needs_no_setting():
    settings = Settings()
    assert settings.url == f"sqlite:///{Path('var/kb.sqlite').resolve()}"
    assert settings.index_path == Path("var/index")
    assert settings.secret_path == Path("var/secret_key")
    assert settings.dictionary_path.is_dir()
    assert settings.secret_key is None
    assert settings.demo is False


def test_the_environment_sets_everything(monkeypatch, tmp_path):
    for name, value in {
        "KB_HOME": str(tmp_path),
        "KB_DATABASE_URL": "postgresql+psycopg://kb@db/kb",
        "KB_PORT": "8443",
        "KB_FOLLOW": "false",
        "KB_TIMEZONE": "Asia/Urumqi",
        "KB_SOMETHING_ELSE": "is left alone",
    }.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.url == "postgresql+psycopg://kb@db/kb"
    assert (settings.home, settings.index_path) == (tmp_path, tmp_path / "index")
    assert (settings.port, settings.follow, settings.timezone) == (8443, False, "Asia/Urumqi")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIMEZONE", "Asia/Atlantis"),
        ("TIMEZONE", "Asia"),
        ("TIMEZONE", "/etc/localtime"),
        ("TIMEZONE", ""),
        ("LOCALE", "fr"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("THREADS", "0"),
        ("TRUSTED_PROXIES", "-1"),
        ("SESSION_HOURS", "0"),
        ("POLL_SECONDS", "0"),
        ("FOLLOW", "perhaps"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(monkeypatch, name, value):
    monkeypatch.setenv(f"KB_{name}", value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert [error["loc"] for error in refused.value.errors()] == [(name.lower(),)]
