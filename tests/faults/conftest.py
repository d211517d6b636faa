"""A server to be killed."""

from collections.abc import Iterator

import pytest

from tests.faults.server import Server


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"))
    try:
        server.start()
        server.sign_in()
        yield server
    finally:
        server.stop()


@pytest.fixture
def server(started: Server) -> Server:
    """It runs, whatever the test before did to it, and nothing is wrong with the meter server."""
    started.start()
    started.heal()
    return started
