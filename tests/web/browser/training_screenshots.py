"""Takes a picture of every page of training and exams on a running demo with its quarter: both sizes, light and dark.

Start ``kb demo --quarter``, then ``python -m tests.web.browser.training_screenshots http://127.0.0.1:8000 FOLDER``.
"""

import argparse
from pathlib import Path

from tests.web.browser.chromium import DESK, PHONE, chromium
from tests.web.browser.screenshots import sign_in, take

PAGES = {
    "needs": "/training?days=60",
    "plan": "/training/plans/1",
    "report": "/training/plans/1/report",
    "next": "/training/plans/2",
    "packs": "/training/packs",
    "pack": "/training/packs/1",
    "mine": "/training/mine",
    "exams": "/exams",
    "exam-form": "/exams/new",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--username", default="guoning")
    parser.add_argument("--only", nargs="*", choices=PAGES, default=list(PAGES))
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for size, viewport in (("desk", DESK), ("phone", PHONE)):
            for scheme in ("light", "dark"):
                context = browser.new_context(
                    base_url=given.url, viewport=viewport, color_scheme=scheme, locale="zh-CN"
                )
                page = sign_in(context, given.url, given.username)
                for name in given.only:
                    page.goto(f"{given.url}{PAGES[name]}")
                    take(page, given.folder, f"{name}-{size}-{scheme}", whole=size == "desk")
                context.close()


if __name__ == "__main__":
    main()
