"""Running the application in one process: waitress, and the follower in a thread beside it."""

import logging
import signal
import socket
from types import FrameType

import waitress

from indexer.runtime import open_follower
from kb.errors import SetupError
from kb.i18n import N_
from kb.settings import Settings
from web import housekeeping
from web.app import create_app
from web.corrections import watch
from web.gaps import jobs as gap_jobs
from web.letters import post
from web.maturity import keeper
from web.review import jobs as review_jobs
from web.services import services
from web.suggest import frequent

log = logging.getLogger(__name__)

CONNECTIONS = 1000
"""Connections that are kept open at a time; a browser keeps several."""


def serve(settings: Settings) -> None:
    """Serve until told to stop.

    Raises:
        SetupError: the address is taken, or not ours.
    """
    listener = _listen(settings)
    app = create_app(settings)
    parts = services(app)
    running = [
        frequent.start(parts.sessions, parts.search, parts.clock),
        gap_jobs.start(gap_jobs.work_of(parts), settings.home / "locks"),
    ]
    if settings.follow:
        follower = open_follower(settings, parts.sessions, parts.search)
        running += [
            follower.start(poll_seconds=settings.poll_seconds),
            housekeeping.start(parts.sessions, settings, parts.clock),
            watch.start(parts.sessions, parts.clock),
            keeper.start(parts.sessions, settings, parts.clock),
            review_jobs.start(parts.sessions, parts.clock, settings.timezone, settings.home / "locks"),
        ]
    if settings.smtp_host:
        running.append(post.start(app))
    parts.search_log.start()

    def leave(number: int, frame: FrameType | None) -> None:
        parts.hub.send_away()  # or every open page would be waited for
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    log.info("serving on http://%s:%s", settings.host, settings.port)
    try:
        waitress.serve(
            app,
            sockets=[listener],
            threads=settings.threads + settings.streams,
            connection_limit=CONNECTIONS + settings.streams,
            asyncore_use_poll=True,
            channel_request_lookahead=1,  # so that a stream can see that its page was left
            ident="zhihui",
            clear_untrusted_proxy_headers=False,
        )
    finally:
        for stop in running:
            stop.set()
        parts.hub.close()
        parts.search_log.close()
        parts.engine.dispose()


def _listen(settings: Settings) -> socket.socket:
    """Take the address before anything else is loaded, so that a taken one is told at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise SetupError(
            N_("不能监听 %(host)s:%(port)s（%(reason)s）"),
            host=settings.host,
            port=settings.port,
            reason=error.strerror,
        ) from error
    listener.listen(1024)
    return listener
