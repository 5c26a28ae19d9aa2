"""The same questions on plain Whoosh: one field of jieba's words, any of them, seven best; suggestions by prefix.

Served as the product is, by waitress with as many threads. It shows titles and nothing else, to anybody.
"""

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jieba
import waitress
from whoosh import fields, index, query
from whoosh.analysis import SpaceSeparatedTokenizer

from kb.settings import PROJECT, Settings
from tests.load.filling import settings_for, texts

FOUND, SUGGESTED = 7, 8
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


def build(settings: Settings, count: int, folder: Path) -> None:
    """Index the same entries in *folder*, if they aren't there."""
    if index.exists_in(str(folder)):
        return
    folder.mkdir(parents=True, exist_ok=True)
    own = fields.TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=False)
    schema = fields.Schema(title=fields.ID(stored=True), words=own)
    writer = index.create_in(str(folder), schema).writer(limitmb=512)
    for title, parts in texts(settings, count):
        words = (word for part in parts for word in jieba.cut_for_search(part) if word.strip())
        writer.add_document(title=title, words=" ".join(words))
    writer.commit(optimize=True)


class Plain:
    """The application."""

    def __init__(self, folder: Path) -> None:
        self._index = index.open_dir(str(folder))

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer ``/suggest`` and ``/desk/results`` with titles, a line each."""
        asked = parse_qs(environ["QUERY_STRING"]).get("q", [""])[0]
        with self._index.searcher() as searcher:
            if environ["PATH_INFO"] == "/suggest":
                wanted, limit = query.Prefix("title", asked), SUGGESTED
            else:
                words = [word for word in jieba.cut_for_search(asked) if word.strip()]
                wanted, limit = query.Or([query.Term("words", word) for word in words]), FOUND
            titles = [hit["title"] for hit in searcher.search(wanted, limit=limit)]
        start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
        return ["\n".join(titles).encode()]


def main() -> None:
    """Build if need be, and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--entries", type=int, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    settings = settings_for(options.home, PROJECT / "content")
    folder = options.home / "plain"
    build(settings, options.entries, folder)
    waitress.serve(Plain(folder), host="127.0.0.1", port=options.port, threads=settings.threads)


if __name__ == "__main__":
    main()
