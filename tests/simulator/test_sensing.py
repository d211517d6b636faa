"""Generators held by the back door, and the callbacks of operation 11."""

import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest

from webapp.simulator.grid import STARTS_AFTER_S, day_of
from webapp.simulator.habits import DAY_S

from .calling import A_101, Caller, Clock

News = queue.Queue[dict[str, list[str]]]


@pytest.fixture
def hook() -> Iterator[tuple[str, News]]:
    """A URL to be called back at, and what came."""
    news: News = queue.Queue()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            news.put(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hooks/dg/secret", news
        server.shutdown()
        thread.join()


def test_whoever_asked_is_called_when_a_generator_is_forced(caller: Caller, hook: tuple[str, News]) -> None:
    url, news = hook
    assert caller.order("dg-sensing", dg_number="DG1", url=url)["data"] == {"dg_no": "DG1", "url": url}
    caller.force("DG1", "ON")
    assert news.get(timeout=2) == {"dg_no": ["DG1"], "status": ["ON"]}
    caller.force("DG1", None)
    assert news.get(timeout=2) == {"dg_no": ["DG1"], "status": ["OFF"]}


def test_whoever_asked_is_called_when_an_outage_starts_a_generator(
    caller: Caller, clock: Clock, hook: tuple[str, News]
) -> None:
    url, news = hook
    timeline = caller.server.box.world.sites["GV01"].timeline
    dark = next(one for day in range(300, 400) for one in timeline.outages(day))
    clock.now = dark.start
    caller.server.box.sensing.look()
    caller.order("dg-sensing", dg_number="DG1", url=url)
    clock.now = dark.start + STARTS_AFTER_S
    assert news.get(timeout=2) == {"dg_no": ["DG1"], "status": ["ON"]}


@pytest.mark.parametrize(
    "url", ["http://example.org/", "https://127.0.0.1/", "", "file:///etc/passwd", "http://[1/"]
)
def test_only_this_machine_is_called_back(caller: Caller, url: str) -> None:
    assert caller.order("dg-sensing", dg_number="DG1", url=url)["message"] == "Not Configured"


def test_a_deaf_hook_holds_nobody_up(caller: Caller) -> None:
    caller.order("dg-sensing", dg_number="DG1", url="http://127.0.0.1:9/")
    assert caller.force("DG1", "ON")["status"] == "ON"
    assert caller.ask("dg-status", dg_number="DG1")["data"]["status"] == "ON"


def test_a_generator_forced_on_feeds_the_homes(caller: Caller, clock: Clock) -> None:
    caller.force("DG1", "ON")
    before = caller.world()
    clock.now += 1_800
    after = caller.world()
    assert after["fed"] == "dg"
    assert after["meters"][A_101]["dg_kwh"] > before["meters"][A_101]["dg_kwh"]
    assert after["meters"][A_101]["grid_kwh"] == before["meters"][A_101]["grid_kwh"]
    assert after["generators"]["DG1"]["energy_kwh"] > before["generators"]["DG1"]["energy_kwh"]


def test_a_generator_forced_off_in_an_outage_leaves_the_homes_dark(caller: Caller, clock: Clock) -> None:
    timeline = caller.server.box.world.sites["GV01"].timeline
    days = range(day_of(clock.now), day_of(clock.now) + 60)
    dark = next(one for day in days for one in timeline.outages(day) if not one.in_the_evening)
    clock.now = dark.start + 30
    assert caller.world()["fed"] == "dg"
    assert caller.force("DG1", "OFF")["status"] == "OFF"
    clock.now += 30
    assert caller.world()["fed"] == "dark"


def test_a_generator_let_go_follows_the_grid_again(caller: Caller, clock: Clock) -> None:
    caller.force("DG1", "ON")
    clock.now += 2 * DAY_S
    caller.force("DG1", None)
    assert caller.world()["generators"]["DG1"]["status"] == "OFF"
    assert caller.world()["fed"] == "grid"


def test_a_forced_state_is_on_off_or_null(caller: Caller) -> None:
    for body in ('{"status": "MAYBE"}', "{}", "[]", "nonsense"):
        assert caller.raw("POST", "/_world/GV01/generators/DG1", body)[0] == 400
    assert caller.raw("POST", "/_world/GV01/generators/DG9", '{"status": "ON"}')[0] == 404
