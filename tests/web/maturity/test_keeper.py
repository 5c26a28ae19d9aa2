import threading
from contextlib import contextmanager

from sqlalchemy import select

from indexer.locks import exclusive
from kb.entries.rules import Level
from kb.maturity.models import Flag, Progress
from tests.support import factories, maturity
from web.maturity import keeper

DEADLINE = 20.0


def wait_until(condition):
    """Wait for a background thread; a condition that never comes fails the test."""
    pause = threading.Event()
    for _ in range(int(DEADLINE / 0.05)):
        if condition():
            return
        pause.wait(0.05)
    raise AssertionError("it never happened")


@contextmanager
def keeping(installation):
    """Run the thread during the block, and wait for its end."""
    stop = threading.Event()
    parts = (stop, installation.sessions, installation.settings, installation.clock)
    thread = threading.Thread(target=keeper.run, args=parts)
    thread.start()
    yield
    stop.set()
    thread.join()


def level(installation):
    return maturity.entry_of(installation, "los").level


def test_the_thread_follows_and_looks_at_all_once_a_day(installation):
    factories.publish(installation, "los")
    with keeping(installation):
        maturity.calls(installation, maturity.callers(installation, 6), "los", solved=12)
        wait_until(lambda: level(installation) == Level.L3)
        installation.clock.advance(days=800)
        wait_until(lambda: level(installation) == Level.L2)


def test_the_night_comes_once_a_day(installation):
    factories.publish(installation, "los")
    maturity.follow(installation)
    parts = (installation.sessions, installation.settings, installation.clock)
    assert keeper.nightly(*parts, rest=lambda: None).entries == 1
    assert keeper.nightly(*parts, rest=lambda: None) is None
    installation.clock.advance(days=1)
    assert keeper.nightly(*parts, rest=lambda: None) is not None
    with installation.sessions() as session:
        assert session.get(Progress, 1).passed_at == installation.clock()
        assert session.scalars(select(Flag)).all() == []


def test_one_process_keeps_and_the_others_stand_by(installation):
    factories.publish(installation, "los")
    maturity.calls(installation, maturity.callers(installation, 6), "los", solved=12)
    lock = exclusive(installation.settings.home / "locks" / "maturity.lock")
    lock.__enter__()
    with keeping(installation):
        threading.Event().wait(0.3)
        assert level(installation) == Level.L2
        lock.__exit__(None, None, None)
        wait_until(lambda: level(installation) == Level.L3)
