"""A follower to be killed while it builds the index anew: ``python -m tests.support.doomed_follower``.

Reads its order as JSON from standard input: where the installation is, and which function of which class to stop in.
Prints ``here`` once it has come to that function, and goes no further there; what runs in other threads goes on.
"""

import importlib
import json
import sys
import threading
from pathlib import Path
from typing import Any

from indexer.runtime import open_follower, open_search
from kb.db import make_engine, make_sessions
from tests.support.installation import settings_for


def main() -> None:
    order = json.load(sys.stdin)
    settings = settings_for(Path(order["home"]), order["database_url"]).model_copy(update={"embedder": "none"})
    owner = getattr(importlib.import_module(order["module"]), order["owner"])
    setattr(owner, order["function"], _stop_here)
    sessions = make_sessions(make_engine(settings.url))
    open_follower(settings, sessions, open_search(settings)).run(threading.Event(), poll_seconds=0.02)


def _stop_here(*args: Any, **kwargs: Any) -> None:
    sys.stdout.write("here\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
