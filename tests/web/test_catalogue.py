"""The English catalogue is complete, current and compiled."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from kb.settings import PROJECT

FOLDER = PROJECT / "web" / "translations" / "en" / "LC_MESSAGES"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "encoding": "utf-8"}}
FIELD = re.compile(r"%\(\w+\)s")


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_mo(file) if path.suffix == ".mo" else read_po(file, locale="en")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return _read(FOLDER / "messages.po")


@pytest.fixture(scope="module")
def in_code() -> set[str]:
    found = {
        message
        for floor in ("kb", "indexer", "web")
        for _, _, message, _, _ in extract_from_dir(PROJECT / floor, METHODS, OPTIONS, DEFAULT_KEYWORDS)
        if isinstance(message, str)
    }
    assert len(found) > 100
    return found


def test_every_text_is_translated_and_nothing_else_is(catalogue, in_code):
    translated = {message.id for message in catalogue if message.id and message.string}
    assert in_code - translated == set()
    assert translated - in_code == set()


def test_no_translation_is_a_guess(catalogue):
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


def test_translations_keep_the_fields(catalogue):
    for message in catalogue:
        assert set(FIELD.findall(str(message.id))) == set(FIELD.findall(str(message.string))), message.id


def test_translations_are_in_english(catalogue):
    chinese, quoted = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[“(【].*?[”)】]|%\(kb\)s search \S+|For example: .*")
    left = [message.id for message in catalogue if message.id and chinese.search(quoted.sub("", str(message.string)))]
    assert left == []


def test_the_compiled_catalogue_is_the_one_that_was_written(catalogue):
    compiled = _read(FOLDER / "messages.mo")
    assert {m.id: m.string for m in compiled if m.id} == {m.id: m.string for m in catalogue if m.id}
