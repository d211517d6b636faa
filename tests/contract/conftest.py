"""A tiny meter server, and a client of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.contract.client import MeterServerClient
from webapp.contract.profile import Profile

from .tiny_server import TinyServer


@pytest.fixture(scope="session")
def recorded() -> Path:
    """Where recorded replies lie."""
    return Path(__file__).parent / "recorded"


@pytest.fixture
def server() -> Iterator[TinyServer]:
    with TinyServer() as running:
        yield running


@pytest.fixture
def client(server: TinyServer) -> MeterServerClient:
    return MeterServerClient(server.base_url, "GV01", Profile(), timeout_s=5)
