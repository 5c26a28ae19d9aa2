import re
from pathlib import Path

import pytest

import web
from tests.support import factories
from tests.web.visitor import Outline

WHOLE_PAGES = [
    "/",
    "/?q=红灯",
    "/?q=zzzz",
    "/?module=fault",
    "/entries/los",
    "/threads",
    "/threads/rain",
    "/threads/new",
]
WHOLE_PAGES += ["/desk", "/desk?q=红灯&open=los", "/help", "/me/password", "/entries/missing"]
PAGES = [*WHOLE_PAGES, "/desk/results?q=红灯", "/desk/cards/los"]


@pytest.fixture
def filled(installation):
    factories.publish(installation, "los")
    factories.thread(installation, "rain")
    installation.reindex()


def test_every_answer_forbids_what_pages_do_not_need(visitor):
    for address in ("/sign-in", "/static/zhihui.css", "/healthz", "/nowhere"):
        headers = visitor.get(address).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "microphone=()" in headers["Permissions-Policy"]


def test_scripts_and_styles_are_compressed_and_pages_with_a_token_are_not(agent):
    def encoding(address):
        return agent.get(address, headers={"Accept-Encoding": "gzip"}).headers.get("Content-Encoding")

    assert encoding("/static/zhihui.css") == "gzip"
    assert encoding("/static/js/desk/search.js") == "gzip"
    assert encoding("/desk") is None
    assert encoding("/suggest?q=x") is None


def test_pages_are_not_kept_for_the_next_person_at_the_desk(agent):
    assert agent.get("/").headers["Cache-Control"] == "private, no-store"


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("address", PAGES)
def test_pages_hold_no_inline_code_and_nothing_from_elsewhere(agent, address):
    page = Outline(agent.get(address).text)
    for name, attributes in page.elements:
        assert name != "style"
        assert name != "script" or attributes.get("src", "").startswith("/static/js/")
        for attribute, value in attributes.items():
            assert not attribute.startswith("on"), (name, attribute)
            assert attribute != "style", name
            if attribute in ("src", "href", "action"):
                assert re.match(r"[/#]", value or "/"), (name, value)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("address", WHOLE_PAGES)
def test_pages_can_be_read_by_those_who_do_not_see_them(agent, address):
    page = Outline(agent.get(address).text)
    assert page.all("html") == [{"lang": "zh-CN"}]
    assert len(page.all("h1")) == 1
    assert len(page.all("title")) == 1
    assert len(page.all("main")) == 1
    labelled = {label.get("for") for label in page.all("label")}
    for tag in ("input", "select", "textarea"):
        for field in page.all(tag):
            if field.get("type") not in ("hidden", "submit"):
                assert field.get("id") in labelled, field
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for image in page.all("img"):
        assert "alt" in image


def test_our_own_files_name_no_other_host():
    root = Path(web.__file__).parent
    for path in [*root.glob("static/**/*.*"), *root.glob("templates/**/*.html")]:
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]", text), path
