"""Taking letters to the mail server: one connection a round, one transaction before and one after each letter.

SMTP gives no promise that both sides agree on what happened: the server owns a mail once it has answered the final
dot, and a sender that is killed before it could note that down must send again. So each notice is in exactly one
letter, each letter is taken by the mail server at least once, and a second copy bears the first's ``Message-ID``.
"""

import logging
import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from indexer.engine import IndexBusyError
from indexer.locks import exclusive
from kb.db import unit_of_work
from kb.letters import operations, queries
from kb.letters.operations import Parcel
from kb.settings import Settings
from web.letters.writing import write
from web.services import services

log = logging.getLogger(__name__)

PAUSE_SECONDS = 5.0
"""How often it looks whether there is anything to send."""
STEP_SECONDS = 20.0
"""How long one answer of the mail server is waited for. All answers to one letter fit into ``rules.LEASE``."""


def make(app: Flask) -> int:
    """Put notices that wait for it into letters; return how many notices that were."""
    parts = services(app)
    done = 0
    while True:
        with unit_of_work(parts.sessions) as session:
            count = operations.make(
                session, timezone=parts.settings.timezone, hour=parts.settings.digest_hour, now=parts.clock()
            )
        if not count:
            return done
        done += count


def send(app: Flask) -> int:
    """Take every letter that is to go to the mail server; return how many it took.

    The server is called when there is a letter. One that it refuses waits, or is given up where there is no such
    address; where the server itself can't be reached, the letter waits and so do all others until the next round.
    """
    parts = services(app)
    done = 0
    parcel = _take(app)
    if parcel is None:
        return 0
    try:
        with _connected(parts.settings) as server:
            while parcel is not None:
                done += _send_one(app, server, parcel)
                parcel = _take(app)
    except (smtplib.SMTPException, OSError) as error:  # not this letter's fault
        log.warning("the mail server %s can't be used: %s", parts.settings.smtp_host, error)
        if parcel is not None:
            _note_failure(app, parcel, str(error), for_good=False)
    return done


def round_(app: Flask) -> int:
    """Make letters and send them, if there is anything to; return how many the mail server took."""
    parts = services(app)
    with parts.sessions() as session:
        due = queries.is_anything_due(
            session, timezone=parts.settings.timezone, hour=parts.settings.digest_hour, now=parts.clock()
        )
    if not due:
        return 0
    make(app)
    return send(app)


def run(stop: threading.Event, app: Flask) -> None:
    """Send what there is to send until *stop* is set, in one process at a time; stand by where another does."""
    locks = services(app).settings.home / "locks"
    while not stop.is_set():
        with suppress(IndexBusyError), exclusive(locks / "post.lock"):
            while not stop.is_set():
                try:
                    count = round_(app)
                    if count:
                        log.info("sent %d mails", count)
                except SQLAlchemyError:
                    log.exception("could not look after the mail; trying again in %.0f s", PAUSE_SECONDS)
                stop.wait(PAUSE_SECONDS)
        stop.wait(PAUSE_SECONDS)


def start(app: Flask) -> threading.Event:
    """Run in a background thread; set the event that is returned to end it."""
    stop = threading.Event()
    threading.Thread(target=run, args=(stop, app), name="post", daemon=True).start()
    return stop


@contextmanager
def _connected(settings: Settings) -> Iterator[smtplib.SMTP]:
    host, port = settings.smtp_host or "", settings.smtp_port
    context = ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(host, port, timeout=STEP_SECONDS, context=context)
        if settings.smtp_security == "tls"
        else smtplib.SMTP(host, port, timeout=STEP_SECONDS)
    )
    with server:
        if settings.smtp_security == "starttls":
            server.starttls(context=context)
        if settings.smtp_username:
            password = settings.smtp_password.get_secret_value() if settings.smtp_password else ""
            server.login(settings.smtp_username, password)
        yield server


def _take(app: Flask) -> Parcel | None:
    parts = services(app)
    with unit_of_work(parts.sessions) as session:
        return operations.take(session, now=parts.clock())


def _send_one(app: Flask, server: smtplib.SMTP, parcel: Parcel) -> bool:
    """Send *parcel*; return whether the server took it.

    Raises:
        SMTPServerDisconnected: the connection has ended; it is not known whether the server took it.
        OSError: the same.
    """
    parts = services(app)
    try:
        server.send_message(write(app, parts.settings, parcel))
    except smtplib.SMTPServerDisconnected:
        raise
    except smtplib.SMTPRecipientsRefused as error:
        ((code, said),) = error.recipients.values()
        _note_failure(app, parcel, f"{code} {said.decode('utf-8', 'replace')}", for_good=code >= 500)
        return False
    except smtplib.SMTPResponseException as error:
        answer = error.smtp_error
        text = answer if isinstance(answer, str) else answer.decode("utf-8", "replace")
        _note_failure(app, parcel, f"{error.smtp_code} {text}", for_good=False)
        return False
    with unit_of_work(parts.sessions) as session:
        operations.sent(session, parcel, now=parts.clock())
    return True


def _note_failure(app: Flask, parcel: Parcel, problem: str, *, for_good: bool) -> None:
    log.warning("letter %d did not go: %s", parcel.letter_id, problem)
    parts = services(app)
    with unit_of_work(parts.sessions) as session:
        operations.failed(session, parcel, problem, for_good=for_good, now=parts.clock())
