"""Entries named in a form's field: by their keys, or by the addresses of their pages."""

import re
from collections.abc import Mapping
from urllib.parse import unquote

from kb.entries import queries as entry_queries
from web import requests

_ADDRESS = re.compile(r"/entries/([^/?#\s]+)")
_BETWEEN = re.compile(r"[\s,，、;；]+")


def key_in(text: str) -> str:
    """Return the key in *text*, which may be the address of the entry's page."""
    found = _ADDRESS.search(text)
    return unquote(found.group(1)) if found else text.strip()


def keys_in(text: str) -> tuple[str, ...]:
    """Return the keys in *text*, each once: keys or addresses, parted by spaces, commas or lines."""
    return tuple(dict.fromkeys(key_in(part) for part in _BETWEEN.split(text) if part))


def titles_in(text: str) -> Mapping[str, str]:
    """Return the titles of the entries named in *text* that the person is served, by key. One statement at most."""
    keys = keys_in(text)
    if not keys:
        return {}
    return entry_queries.titles(requests.session(), requests.actor(), keys, now=requests.now())
