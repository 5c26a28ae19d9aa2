"""A real browser on a real server. Nothing may be asked of other hosts, refused by the policy, or fail in a script."""

import os
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request
from werkzeug.serving import make_server

from tests.support.installation import PASSWORD, Installation
from tests.web.browser.chromium import DESK, chromium, executable

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`));
"""

NewPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if executable() is None:
        if os.environ.get("KB_REQUIRE_BROWSER") == "1":
            pytest.fail("KB_REQUIRE_BROWSER=1, but there is no chromium on the path")
        pytest.skip("there is no chromium on the path")
    with chromium() as running:
        yield running


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application, served on this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def new_page(browser: Browser, address: str) -> Iterator[NewPage]:
    """Open pages in contexts of their own; what goes wrong in any of them fails the test."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def note_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            troubles.append(message.text)

    def note_request(request: Request) -> None:
        if urlsplit(request.url).hostname != "127.0.0.1":
            troubles.append(f"asked for {request.url}")

    def new(*, refused: bool = False, **options: object) -> Page:
        """*refused*: the page asks for things that are refused with 400, of which the console complains."""
        context = browser.new_context(**{"base_url": address, "viewport": DESK, "locale": "zh-CN", **options})
        contexts.append(context)
        context.add_init_script(REPORT_VIOLATIONS)
        page = context.new_page()
        page.on("console", lambda said: (refused and "status of 400" in said.text) or note_console(said))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", note_request)
        return page

    yield new
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def sign_in(installation: Installation) -> Callable[[Page], None]:
    def fill_in(page: Page) -> None:
        page.goto("/sign-in")
        page.fill("#username", "agent")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_selector("header.top")

    return fill_in


@pytest.fixture
def page(new_page: NewPage, sign_in: Callable[[Page], None]) -> Page:
    """A page at a desk, of somebody signed in."""
    opened = new_page()
    sign_in(opened)
    return opened
