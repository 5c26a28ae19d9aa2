import threading

import pytest
from sqlalchemy.exc import OperationalError

from indexer import maintenance
from indexer.engine import Changes, Filters, IndexBusyError
from indexer.follower import Follower
from indexer.locks import exclusive
from kb import home
from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.people import operations as people
from kb.people import queries as people_queries
from kb.permissions import SYSTEM, Role
from tests.support import factories
from tests.support.threads import DEADLINE, wait_until


def titles(installation, text="红灯"):
    with installation.sessions() as session:
        results = installation.search.run(session, SYSTEM, text, Filters(), now=installation.clock(), limit=50)
    return {hit.plain_title for hit in results.hits}


def agrees(installation):
    report = maintenance.check(installation.sessions, installation.search.engine)
    return (report.pending, report.differences) == (0, ())


def test_the_first_run_builds_and_later_ones_follow(any_installation):
    factories.publish(any_installation, "a", title="甲 红灯")
    any_installation.reindex()
    generation = any_installation.search.engine.status().generation
    assert titles(any_installation) == {"甲 红灯"}
    factories.publish(any_installation, "b", title="乙 红灯")
    factories.revise(any_installation, "a", title="丙 红灯")
    any_installation.reindex()
    assert titles(any_installation) == {"乙 红灯", "丙 红灯"}
    assert any_installation.search.engine.status().generation == generation
    assert agrees(any_installation)


def test_more_events_than_one_batch(any_installation, monkeypatch):
    any_installation.reindex()
    monkeypatch.setattr(maintenance, "BATCH", 3)
    for number in range(4):
        factories.publish(any_installation, f"entry-{number}")
    assert any_installation.follower.catch_up() >= 4
    assert agrees(any_installation)


def test_a_rolled_back_edit_leaves_no_ghost(any_installation):
    any_installation.reindex()
    with any_installation.sessions() as session:
        entries.create(
            session,
            any_installation.actors[Role.EDITOR],
            factories.content(title="幽灵 红灯"),
            now=any_installation.clock(),
        )
        session.flush()
        session.rollback()
    any_installation.reindex()
    assert titles(any_installation) == set()
    assert agrees(any_installation)


def test_seeing_events_twice_does_no_harm(installation):
    factories.publish(installation, "a")
    installation.reindex()
    engine = installation.search.engine
    before = engine.snapshot()
    with installation.sessions() as session:
        again = maintenance.changes_after(session, 0)
    watermark = before.watermark
    engine.apply(Changes(again.put, again.delete, watermark, watermark))
    assert engine.snapshot() == before


def test_sign_ins_do_not_touch_the_index(installation):
    installation.reindex()
    with unit_of_work(installation.sessions) as session:
        user = people_queries.by_username(session, "agent")
        people.sign_in(session, user, "correct horse battery", now=installation.clock())
    with installation.sessions() as session:
        assert installation.search.status(session).lag == 0
    assert installation.follower.catch_up() == 0


def test_a_renamed_taxonomy_reaches_all_documents(installation, tmp_path, content_folder):
    factories.publish(installation, "a", module_key="fault.broadband")
    installation.reindex()
    text = (content_folder / "taxonomy.yaml").read_text(encoding="utf-8")
    moved = text.replace("      - {key: fault.broadband, name: 宽带故障, name_en: Broadband faults}\n", "").replace(
        "      - {key: plan.broadband,", "      - {key: fault.broadband, name: 宽带故障}\n      - {key: plan.broadband,"
    )
    (tmp_path / "taxonomy.yaml").write_text(moved, encoding="utf-8")
    settings = installation.settings.model_copy(update={"content": tmp_path})
    home.initialise(settings, installation.engine, now=installation.clock())
    installation.reindex()
    with installation.sessions() as session:
        found = installation.search.run(session, SYSTEM, "红灯", Filters(modules=("plan",)), now=installation.clock())
    assert [hit.id for hit in found.hits] == ["a"]
    assert agrees(installation)


def test_there_is_one_follower_and_another_takes_over(installation):
    stop = threading.Event()
    with exclusive(installation.settings.home / "locks" / "follower.lock"):
        with pytest.raises(IndexBusyError):
            installation.follower.catch_up()
        thread = threading.Thread(
            target=installation.follower.run, args=(stop,), kwargs={"poll_seconds": 0.05}, daemon=True
        )
        thread.start()
        factories.publish(installation, "a")
    wait_until(lambda: installation.search.engine.status().documents == 1)
    stop.set()
    thread.join(DEADLINE)
    assert not thread.is_alive()


FAULTS = (OperationalError("SELECT 1", {}, OSError("gone")), OSError("disk full"), ValueError("a fault of our own"))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("indexed", [True, False])
def test_the_follower_survives_whatever_happens_to_it(installation, caplog, fault, indexed):
    """While it follows the events, and while it builds an index."""
    if indexed:
        installation.reindex()
    factories.publish(installation, "a")
    failures = iter([True, True])

    def sessions():
        if next(failures, False):
            raise fault
        return installation.sessions()

    follower = Follower(sessions, installation.search.engine, installation.settings.home / "locks")
    stop = follower.start(poll_seconds=0.05)
    wait_until(lambda: installation.search.engine.status().documents == 1)
    stop.set()
    assert ("could not bring the index up to date" if indexed else "could not build the index anew") in caplog.text
