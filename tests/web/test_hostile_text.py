"""What people write is shown, never run."""

import pytest

from kb.db import unit_of_work
from kb.forum import operations as forum
from kb.forum.queries import by_key
from kb.permissions import Role
from tests.support import factories
from tests.web.visitor import Outline

ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[点我](javascript:alert(1))",
    "[点我](JaVaScRiPt:alert(1))",
    '[点我](data:text/html;base64,PHNjcmlwdD4= "x")',
    "<a href='vbscript:x' onclick=alert(1)>点我</a>",
    "<svg onload=alert(1)><style>*{display:none}</style></svg>",
    '<iframe src="//evil.example"></iframe>',
    "\"'><script>alert(1)</script>",
    '![图](x" onerror="alert(1))',
    "<mark class='placeholder' onmouseover=alert(1)>红灯</mark>",
    "{{ 7 * 7 }}{% raw %}",
)
HOSTILE = "红灯\n\n" + "\n\n".join(ATTACKS)
ONE_LINE = "红灯<script>alert(1)</script><b onclick=x>\"'"


def assert_harmless(html: str) -> None:
    page = Outline(html)
    for name, attributes in page.elements:
        assert name not in ("iframe", "style", "object", "embed", "base"), name
        assert name != "script" or (attributes.get("src") or "").startswith("/static/"), attributes
        for attribute, value in attributes.items():
            assert not attribute.startswith("on"), (name, attribute)
            scheme = (value or "").strip().partition(":")[0].lower()
            assert attribute not in ("href", "src", "action") or scheme not in ("javascript", "data", "vbscript")
    assert not any(name == "img" and "/static/" not in (a.get("src") or "") for name, a in page.elements)


@pytest.fixture
def hostile(installation) -> None:
    texts = dict.fromkeys(("script", "steps", "internal_note", "exceptions", "fees", "deadlines", "body"), HOSTILE)
    factories.publish(
        installation,
        "los",
        title=ONE_LINE,
        answer=ONE_LINE + "【待填：<script>alert(1)</script>】",
        wordings=(ONE_LINE, "盒子红灯", "灯红了"),
        transfer_to=ONE_LINE,
        **texts,
    )
    factories.thread(installation, "rain", title=ONE_LINE, body=HOSTILE)
    with unit_of_work(installation.sessions) as session:
        forum.reply(
            session, installation.actors[Role.AGENT], by_key(session, "rain"), HOSTILE, now=installation.clock()
        )
        forum.accept(session, installation.actors[Role.AGENT], by_key(session, "rain"), 1, now=installation.clock())
    installation.reindex()


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/?q=红灯",
        "/?q=红灯&source=thread",
        "/?module=fault",
        "/entries/los?q=" + ONE_LINE,
        "/threads",
        "/threads/rain?q=" + ONE_LINE,
        "/threads/new?title=" + ONE_LINE,
        "/?q=" + ONE_LINE,
        "/?q=zzzz" + "<script>alert(1)</script>",
        "/?module=" + ONE_LINE,
        "/entries/" + "<script>",
    ],
)
def test_pages_stay_harmless(agent, address):
    answer = agent.get(address)
    assert answer.status_code in (200, 400, 404)
    assert_harmless(answer.text)


@pytest.mark.usefixtures("hostile")
def test_hostile_titles_are_shown_as_written_with_what_matched_marked(agent):
    page = agent.get("/?q=红灯").text
    assert "<mark>红灯</mark>&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.usefixtures("hostile")
def test_the_api_gives_plain_titles_and_escaped_highlights(agent):
    hits = agent.get("/api/v1/search?q=红灯").json["hits"]
    assert hits[0]["title"] == ONE_LINE
    for passage in hits[0]["highlights"]:
        assert_harmless(passage)
        assert "<" not in passage.replace("<mark>", "").replace("</mark>", "")
