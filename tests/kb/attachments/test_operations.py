import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from kb.attachments import operations, queries
from kb.attachments.models import Attachment, Use
from kb.attachments.rules import File, FileKind
from kb.attachments.store import Store
from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries.queries import by_key as entry_by_key
from kb.errors import ConflictError, NotFoundError, PermissionDeniedError
from kb.forum import moderation
from kb.forum import operations as forum
from kb.forum.queries import by_key
from kb.permissions import Role
from tests.support import factories


@pytest.fixture
def store(any_installation):
    return Store(any_installation.settings.files_path)


def upload(installation, store, role=Role.AGENT, data=b"hello"):
    with unit_of_work(installation.sessions) as session:
        file = File(kind=FileKind.TEXT, data=data, name="a.txt")
        return operations.upload(session, installation.actors[role], store, file, now=installation.clock()).key


def readers(installation, key):
    found = set()
    for role, actor in installation.actors.items():
        with installation.sessions() as session:
            try:
                queries.readable(session, actor, key, now=installation.clock())
            except NotFoundError:
                continue
            found.add(role)
    return found


def act(installation, role, verb, *args, key="rain", **fields):
    with unit_of_work(installation.sessions) as session:
        return verb(session, installation.actors[role], by_key(session, key), *args, now=installation.clock(), **fields)


def test_an_upload_is_its_uploaders_until_a_post_refers_to_it(any_installation, store):
    key = upload(any_installation, store)
    assert readers(any_installation, key) == {Role.AGENT}
    factories.thread(any_installation, "rain", body=f"[a](/attachments/{key})")
    assert readers(any_installation, key) == set(Role)
    act(any_installation, Role.LEADER, moderation.hide, reason="有号码")
    assert readers(any_installation, key) == {Role.EDITOR, Role.LEADER, Role.MANAGER}
    # Whoever remembers the address can't publish what was taken away.
    factories.thread(any_installation, "again", body=f"[a](/attachments/{key})")
    assert readers(any_installation, key) == {Role.EDITOR, Role.LEADER, Role.MANAGER}


def test_somebody_elses_upload_is_not_published_by_its_address(any_installation, store):
    key = upload(any_installation, store, Role.EXPERT)
    factories.thread(any_installation, "rain", body=f"![](/attachments/{key})")
    assert readers(any_installation, key) == {Role.EXPERT}


def test_an_entry_made_from_a_thread_keeps_its_pictures(any_installation, store):
    key = upload(any_installation, store)
    factories.thread(any_installation, "rain", body="看图")
    act(any_installation, Role.AGENT, forum.reply, f"![](/attachments/{key})")
    factories.publish(any_installation, "los", steps=f"![](/attachments/{key})")
    act(any_installation, Role.LEADER, moderation.hide, reason="有号码")
    assert readers(any_installation, key) == set(Role)
    with unit_of_work(any_installation.sessions) as session:
        manager = any_installation.actors[Role.MANAGER]
        entries.suspend(session, manager, entry_by_key(session, "los"), reason="错", now=any_installation.clock())
    assert Role.AGENT not in readers(any_installation, key)


def test_a_thread_that_was_merged_takes_its_files_along(any_installation, store):
    key = upload(any_installation, store)
    factories.thread(any_installation, "flood", body=f"![](/attachments/{key})")
    factories.thread(any_installation, "rain")
    with unit_of_work(any_installation.sessions) as session:
        threads = by_key(session, "flood"), by_key(session, "rain")
        editor = any_installation.actors[Role.EDITOR]
        moderation.merge(session, editor, *threads, reason="同一件事", now=any_installation.clock())
    assert readers(any_installation, key) == set(Role)


def test_who_may_not_write_uploads_nothing_and_nobody_fills_the_disk(any_installation, store, monkeypatch):
    with pytest.raises(PermissionDeniedError):
        upload(any_installation, store, Role.ADMIN)
    assert not list(store.folder.glob("??/*"))
    monkeypatch.setattr(operations, "MAX_LOOSE", 2)
    upload(any_installation, store)
    used = upload(any_installation, store)
    with pytest.raises(ConflictError):
        upload(any_installation, store)
    factories.thread(any_installation, "rain", body=f"/attachments/{used}")
    upload(any_installation, store)


def age(store, digest, moment):
    os.utime(store.path(digest), (moment.timestamp(), moment.timestamp()))


def test_what_hangs_on_nothing_is_forgotten_and_swept_after_a_while(any_installation, store):
    loose = upload(any_installation, store, data=b"loose")
    kept = upload(any_installation, store, data=b"kept")
    twice = upload(any_installation, store, data=b"kept")  # the same file under another name
    factories.thread(any_installation, "rain", body=f"/attachments/{kept}")
    orphan = store.put(b"a file whose row was never committed")
    with any_installation.sessions() as session:
        digests = set(session.scalars(select(Attachment.digest)))
    assert len(digests) == 2
    now = any_installation.clock()

    def tidy():
        with unit_of_work(any_installation.sessions) as session:
            operations.forget_loose(session, now=any_installation.clock())
        with any_installation.sessions() as session:
            return operations.sweep(session, store, now=any_installation.clock())

    for digest in (*digests, orphan):
        age(store, digest, now)
    assert tidy() == 0
    any_installation.clock.now = now + operations.LOOSE + timedelta(minutes=1)
    assert tidy() == 2
    with any_installation.sessions() as session:
        assert session.scalars(select(Attachment.key)).all() == [kept]
        assert session.scalar(select(func.count()).select_from(Use)) == 1
    assert [path.read_bytes() for path in store.folder.glob("??/*")] == [b"kept"]
    assert tidy() == 0
    assert {loose, twice}.isdisjoint(readers(any_installation, kept))


def test_a_file_that_is_put_again_is_not_swept(tmp_path, installation):
    store = Store(tmp_path / "files")
    digest = store.put(b"x")
    age(store, digest, installation.clock() - timedelta(days=9))
    assert store.put(b"x") == digest
    assert store.sweep((), before=installation.clock()) == 0  # it was touched, today by the machine's clock
    age(store, digest, installation.clock() - timedelta(days=9))
    assert store.sweep((), before=installation.clock()) == 1


def test_many_who_put_the_same_file_leave_one_whole_one(tmp_path):
    store = Store(tmp_path / "files")
    data = os.urandom(200_000)
    with ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(lambda _: store.put(data), range(24)))
    (digest,) = digests
    assert store.path(digest).read_bytes() == data
    assert [path.name for path in store.folder.glob("??/*")] == [digest]


def test_a_write_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    store = Store(tmp_path / "files")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        store.put(b"x")
    assert list(store.folder.glob("??/*")) == []
