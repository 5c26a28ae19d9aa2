"""Sends letters and is killed at it: ``python -m tests.support.doomed_sender``.

Reads its order as JSON from standard input; prints ``done`` when there is nothing left to send.
"""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import cast

from indexer.search import Search
from tests.support.installation import settings_for
from web.app import create_app
from web.letters import post


def main() -> None:
    order = json.loads(sys.stdin.readline())
    moment = datetime.fromisoformat(order["now"])
    settings = settings_for(Path(order["home"]), order["database_url"]).model_copy(
        update={"smtp_host": "127.0.0.1", "smtp_port": order["port"], "smtp_security": "none"}
    )
    # A sender never searches, and opening the search would take longer than everything else here.
    app = create_app(settings, clock=lambda: moment, search=cast("Search", object()))
    post.round_(app)
    sys.stdout.write("done\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
