"""Greenview and its neighbour lakeside behind a real server; and a mailbox."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.mailbox import Mailbox
from tests.alerts.wire import Wire, served
from tests.conftest import Desk


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    made = Mailbox()
    made.start()
    yield made
    made.close()


@pytest.fixture
def mail_url(mailbox: Mailbox) -> str:
    return f"smtp://127.0.0.1:{mailbox.port}"


@pytest.fixture
def environ(tmp_path: Path, listener: socket.socket, mail_url: str) -> dict[str, str]:
    return {
        "METERDESK_DATA": str(tmp_path),
        "METERDESK_SECRET_KEY": "for tests only",
        "METERDESK_PUBLIC_URL": f"http://127.0.0.1:{listener.getsockname()[1]}",
        "METERDESK_MAIL_URL": mail_url,
    }


@pytest.fixture
def wire(desk: Desk, listener: socket.socket) -> Iterator[Wire]:
    desk.app.config["WTF_CSRF_ENABLED"] = False
    yield from served(desk.app, listener)
