"""``python -m tests.web.spoken_table``: ask the spoken cases and write the table of what was found into the docs."""

import sys
import tempfile
from pathlib import Path

from kb.db import make_engine
from kb.settings import PROJECT
from tests.support.demo import make_demo
from tests.support.installation import Installation, load_analysis, settings_for
from tests.web.spoken import ask_all, markdown

PAGE = PROJECT / "docs" / "search.md"
BEGIN, END = "<!-- spoken cases -->", "<!-- /spoken cases -->"


def main() -> int:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        analysis = load_analysis(folder / "jieba")
        make_demo(folder / "home", analysis)
        settings = settings_for(folder / "home")
        installation = Installation(settings, make_engine(settings.url), analysis)
        table = markdown(ask_all(installation))
        installation.close()
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(between(page, table), encoding="utf-8")
    print(table)
    return 0


def between(page: str, table: str) -> str:
    """Return *page* with *table* between its markers.

    Raises:
        ValueError: the page has no such markers.
    """
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"{PAGE} has no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


if __name__ == "__main__":
    sys.exit(main())
