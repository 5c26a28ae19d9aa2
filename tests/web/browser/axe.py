"""Whether a page can be used by everybody: axe-core's rules of WCAG 2.2 A and AA, run in the page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong: the rule and the elements, a line each."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": list(RULES)}})
    return [
        f"{item['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for item in found.response["violations"]
        for node in item["nodes"]
    ]
