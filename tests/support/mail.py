"""A real mail server on this machine, in a thread; keeps what it took and can do something while it takes it."""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

OnStep = Callable[[str, int], None]
"""Called with ``rcpt`` or ``data`` and how many mails were taken before this one."""


class MailServer:
    """What the server took, and how it answers.

    Attributes:
        refused: answers by address, for recipients that it does not take.
        on_step: called in the middle of a dialogue, before the server answers.
    """

    def __init__(self) -> None:
        self.port = 0
        self.taken: list[tuple[str, EmailMessage]] = []
        self.refused: dict[str, str] = {}
        self.on_step: OnStep = lambda step, number: None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.on_step("rcpt", len(self.taken))
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content or b"", policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append((envelope.rcpt_tos[0], message))
        self.on_step("data", len(self.taken) - 1)
        return "250 taken"

    @property
    def by_address(self) -> Mapping[str, list[str]]:
        """The texts that each address got."""
        found: dict[str, list[str]] = {}
        for address, message in self.taken:
            found.setdefault(address, []).append(message.get_content())
        return found


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server without encryption on a port of its own."""
    server = MailServer()
    with socket.create_server(("127.0.0.1", 0)) as free:
        server.port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    yield server
    controller.stop()
