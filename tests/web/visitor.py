"""Somebody with a browser: keeps cookies, and posts forms the way a page would, token included."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from kb.people.queries import by_username
from tests.support.installation import Installation

INLINE = {"a", "b", "mark", "span", "strong", "time"}

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Visitor:
    """A visitor of one application; not signed in until told so."""

    def __init__(self, app: Flask, installation: Installation) -> None:
        self.client = app.test_client()
        self._installation = installation

    def become(self, username: str) -> "Visitor":
        """Give the visitor the session of *username*, without the form: most people of the tests have no password."""
        with self._installation.sessions() as session:
            person = by_username(session, username)
        with self.client.session_transaction() as cookie:
            cookie["_user_id"] = f"{person.id}:{person.session_epoch}"
            cookie["_fresh"] = True
            cookie["signed_in_at"] = int(self._installation.clock().timestamp())
        return self

    def get(self, address: str, **options: Any) -> TestResponse:
        return self.client.get(address, buffered=True, **options)

    def post(self, address: str, *, form: str, **fields: str) -> TestResponse:
        """Post *fields* with the token of the page *form*."""
        found = _TOKEN.search(self.get(form).text)
        assert found is not None, f"no form on {form}"
        return self.client.post(address, data={"csrf_token": unescape(found.group(1)), **fields})


class Outline(HTMLParser):
    """What a page is made of: its elements with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.pieces: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in INLINE:
            self.pieces.append(" ")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def links(self) -> list[str]:
        return [link["href"] or "" for link in self.all("a")]
