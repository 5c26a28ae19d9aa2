"""What is otherwise in a region is found there, and nowhere else."""

from datetime import timedelta

import pytest

from indexer import maintenance
from indexer.engine import Filters
from indexer.gathering import everything
from kb.db import unit_of_work
from kb.entries.queries import by_key
from kb.people import operations as people
from kb.permissions import SYSTEM, Role
from kb.verification import operations as verification
from kb.verification import queries as verification_queries
from tests.support import factories
from tests.support.lexicon import look, pin

LOCAL = "河东区另收拖拉机过桥费二十元"


@pytest.fixture
def differing(installation):
    """An entry for the whole province, otherwise in Hedong district and, in another way, in all of its city."""
    factories.publish(installation, "los")
    factories.publish(
        installation,
        "tv",
        title="电视没信号",
        wordings=("看不了电视",),
        answer="先查天线。",
        script="",
        steps="",
        module_key="tv.signal",
    )
    overlay(installation, "los", "hedong", LOCAL)
    installation.reindex()
    return installation


def overlay(installation, key, region, text):
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, key)
        made = verification.overlay(
            session, installation.actors[Role.VERIFIER], entry, region=region, text=text, now=installation.clock()
        )
        return made.id


def found(installation, text, region=None, actor=None, **filters):
    with installation.sessions() as session:
        return installation.search.run(
            session,
            actor or installation.actors[Role.AGENT],
            text,
            Filters(region=region, **filters),
            now=installation.clock(),
        )


def keys(results):
    return [hit.id for hit in results.hits]


def test_it_is_found_in_its_region_and_below_once_and_nowhere_else(differing):
    overlay(differing, "los", "wanglan", "望澜市内坐渡船过江")
    differing.reindex()
    hedong = found(differing, "拖拉机过桥费", "hedong")
    assert (keys(hedong), hedong.total, hedong.hits[0].local) == (["los"], 1, True)
    assert "拖拉机" in "".join(hedong.hits[0].highlights)
    assert keys(found(differing, "坐渡船过江", "hedong")) == ["los"]  # what holds in the city holds in its district
    assert keys(found(differing, "坐渡船过江", "wanghu")) == ["los"]
    for region in ("wanghu", "wanglan", "jiangyang", "lanjiang", None):
        assert "los" not in keys(found(differing, "拖拉机过桥费", region)), region
    assert "los" not in keys(found(differing, "坐渡船过江", "jiangyang"))


def test_an_entry_is_one_hit_everywhere(differing):
    for region in ("hedong", "wanghu", "wanglan", "lanjiang", None):
        results = found(differing, "盒子亮红灯上不了网", region)
        assert (keys(results).count("los"), results.total) == (1, len(results.hits)), region
        assert results.facets["module"]["fault.broadband"] == 1
        assert results.hits[0].local is (region == "hedong")


def test_whoever_works_in_the_region_finds_it_without_choosing(differing):
    with unit_of_work(differing.sessions) as session:
        people.add_user(
            session, SYSTEM, username="hedong", name="河东", roles=[Role.AGENT], region="hedong", now=differing.clock()
        )
    there = differing.actor("hedong")
    assert keys(found(differing, "拖拉机过桥费", actor=there)) == ["los"]
    assert keys(found(differing, "拖拉机过桥费", "jiangyang", actor=there)) == []  # the caller's region counts


def test_suggestions_pins_and_phrases_keep_to_it(differing):
    filters = Filters(region="jiangyang")
    offered = differing.search.suggest(differing.actors[Role.AGENT], "盒子亮", filters, differing.clock())
    assert [item.entry for item in offered] == ["los"]
    assert keys(found(differing, '"拖拉机过桥费"', "jiangyang")) == []
    assert keys(found(differing, '"拖拉机过桥费"', "hedong")) == ["los"]
    pin(differing, "路桥收费", "los")
    look(differing)
    pinned = {region: found(differing, "路桥收费", region).hits[0] for region in ("hedong", "jiangyang")}
    assert {region: (hit.id, hit.local) for region, hit in pinned.items()} == {
        "hedong": ("los", True),
        "jiangyang": ("los", False),
    }


def test_it_comes_and_goes_and_the_index_stays_in_step(differing):
    engine = differing.search.engine
    assert engine.status().documents == 2
    assert maintenance.check(differing.sessions, engine).differences == ()
    with unit_of_work(differing.sessions) as session:
        entry, actor = by_key(session, "los"), differing.actors[Role.VERIFIER]
        made = verification_queries.overlay(session, 1)
        verification.withdraw(session, actor, entry, made, now=differing.clock())
    differing.reindex()
    assert keys(found(differing, "拖拉机过桥费", "hedong")) == []
    assert keys(found(differing, "盒子亮红灯", "hedong"))[0] == "los"
    assert maintenance.check(differing.sessions, engine).differences == ()
    overlay(differing, "tv", "wanghu", "望湖县用室外天线")
    differing.reindex()
    engine.optimise()
    assert keys(found(differing, "室外天线", "wanghu")) == ["tv"]
    assert maintenance.check(differing.sessions, engine).differences == ()
    with differing.sessions() as session:
        assert {len(document.versions) for document in everything(session)} == {1, 2}


def test_why_not_names_the_region(differing):
    with differing.sessions() as session:
        reasons = differing.search.explain(
            session,
            differing.actors[Role.EDITOR],
            "拖拉机过桥费",
            Filters(region="hedong"),
            now=differing.clock(),
            compare="los",
        )
    assert reasons.explanation.compared.place == 1
    assert reasons.explanation.documents == 2


def test_validity_is_that_of_the_moment_of_the_search(installation):
    """With a fake clock, and the index untouched between the searches."""
    now = installation.clock()
    week = timedelta(days=7)
    factories.publish(installation, "offer", title="双十一宽带优惠", valid_from=now + week, valid_until=now + 2 * week)
    installation.reindex()
    assert keys(found(installation, "双十一宽带优惠")) == []
    installation.clock.advance(days=7)
    assert keys(found(installation, "双十一宽带优惠")) == ["offer"]
    installation.clock.advance(days=7, seconds=-1)
    assert keys(found(installation, "双十一宽带优惠")) == ["offer"]
    installation.clock.advance(seconds=1)
    assert keys(found(installation, "双十一宽带优惠")) == []
    offered = installation.search.suggest(installation.actors[Role.AGENT], "双十一", Filters(), installation.clock())
    assert offered == ()
