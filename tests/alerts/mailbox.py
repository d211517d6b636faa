"""A mail server on a free port that keeps what it is given, or refuses as told."""

from asyncio.base_events import Server
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class Keeper:
    """What happens to each mail."""

    def __init__(self) -> None:
        self.refusals: list[str] = []
        self.mails: list[tuple[list[str], EmailMessage]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refusals:
            return self.refusals.pop(0)
        found = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append((envelope.rcpt_tos, found))
        return "250 kept"


class Mailbox(Controller):
    """The server; ``start`` and ``close``."""

    def __init__(self) -> None:
        self.keeper = Keeper()
        self.is_open = False
        super().__init__(self.keeper, hostname="127.0.0.1", port=0)

    def _trigger_server(self) -> None:
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]  # it then knocks there, to see that it listens
        self.is_open = True
        super()._trigger_server()  # type: ignore[no-untyped-call]

    def close(self) -> None:
        if self.is_open:
            self.is_open = False
            self.stop()

    @property
    def mails(self) -> list[tuple[list[str], EmailMessage]]:
        return self.keeper.mails

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for _, mail in self.mails]
