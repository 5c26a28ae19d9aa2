from dataclasses import replace
from datetime import UTC, datetime

import pytest
from markupsafe import Markup

from indexer.documents import Source
from indexer.engine import Hit
from indexer.search import Results
from web.search.presenters import Pages, hit_path, results_json

HIT = Hit(
    id="los",
    database_id=7,
    source=Source.ENTRY,
    kind="faq",
    level=2,
    module="fault.broadband",
    tier="first",
    regions=("jiangyang",),
    score=1.5,
    plain_title="光猫 <LOS> 红灯",
    title=Markup("光猫 &lt;LOS&gt; <mark>红灯</mark>"),
    answer=Markup("先看 &lt;尾纤&gt; <mark>红灯</mark>"),
    wording=Markup("亮<mark>红灯</mark>"),
    highlights=(Markup("看 &lt;LOS&gt; <mark>红灯</mark>"),),
    verified_at=datetime(2026, 11, 1, 8, 30, tzinfo=UTC),
    updated_at=datetime(2026, 11, 2, tzinfo=UTC),
)
RESULTS = Results(query="红灯", took_ms=3.2, total=1, hits=(HIT,), facets={"kind": {"faq": 1}}, lag=4)


def test_results_are_plain_text_but_for_highlights():
    assert results_json(RESULTS) == {
        "query": "红灯",
        "took_ms": 3.2,
        "total": 1,
        "answered": True,
        "confidence": 0.0,
        "did_you_mean": None,
        "put_right": None,
        "hits": [
            {
                "id": "los",
                "title": "光猫 <LOS> 红灯",
                "kind": "faq",
                "level": 2,
                "score": 1.5,
                "highlights": ["看 &lt;LOS&gt; <mark>红灯</mark>"],
                "url": "/entries/los",
                "answer": "先看 <尾纤> 红灯",
                "module": "fault.broadband",
                "tier": "first",
                "regions": ["jiangyang"],
                "wording": "亮红灯",
                "pinned": False,
                "verified_at": "2026-11-01T08:30:00Z",
            }
        ],
        "nearest": [],
        "facets": {"kind": {"faq": 1}},
        "index": {"lag": 4},
    }


def test_what_is_not_known_is_null():
    bare = results_json(replace(RESULTS, hits=(replace(HIT, wording=None, verified_at=None, tier=None),)))["hits"][0]
    assert (bare["wording"], bare["verified_at"], bare["tier"]) == (None, None, None)


def test_an_address_is_quoted():
    assert hit_path(replace(HIT, id="光猫/1", source=Source.THREAD)) == "/threads/%E5%85%89%E7%8C%AB%2F1"


@pytest.mark.parametrize(
    ("total", "current", "last", "around"),
    [(0, 1, 1, [1]), (10, 1, 1, [1]), (11, 2, 2, [1, 2]), (95, 5, 10, [3, 4, 5, 6, 7]), (10_000, 1, 100, [1, 2, 3])],
)
def test_pages(total, current, last, around):
    pages = Pages.of(total, current)
    assert pages.last == last
    assert list(pages.around) == around
