"""Delivers notices and is killed before they are committed: ``python -m tests.support.doomed_teller``.

Reads the database's address from standard input; prints ``delivered`` when everything is done but the commit.
"""

import sys
import threading

from kb.db import make_engine, make_sessions, unit_of_work
from kb.notices import operations


def main() -> None:
    sessions = make_sessions(make_engine(sys.stdin.readline().strip()))
    with unit_of_work(sessions) as session:
        operations.deliver(session)
        sys.stdout.write("delivered\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
