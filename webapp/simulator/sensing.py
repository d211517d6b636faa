"""The callbacks of operation 11: a generator started or stopped, and whoever asked is told."""

import http.client
import queue
import threading
from collections.abc import Callable
from urllib.parse import urlencode

from webapp.simulator.loopback import callback_address
from webapp.simulator.world import World

_LOOK_EVERY_S = 0.2
_TIMEOUT_S = 3
_TRIES = 3
_TRY_AGAIN_S = 1.0

Key = tuple[str, str]  # site_id, dg_no


class Sensing:
    """Watches every generator and calls back in order, each generator on its own thread."""

    def __init__(self, world: World, clock: Callable[[], float]) -> None:
        self._world = world
        self._clock = clock
        self._stopping = threading.Event()
        self._known = self._states()
        self._news: dict[Key, queue.SimpleQueue[tuple[str, bool] | None]] = {}
        self._watcher = threading.Thread(target=self._watch, name="sensing", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._watcher.start()

    def stop(self) -> None:
        """Stop watching. A call under way is left to end by its own time-out."""
        self._stopping.set()
        self._watcher.join()
        for news in self._news.values():
            news.put(None)

    def look(self) -> None:
        """Compare with the last look and call back what changed; at once after a forced state."""
        with self._world.lock:
            now, before = self._states(), self._known
            self._known = now
            for key, runs in now.items():
                url = self._world.kept.sensing_url(*key) if runs is not before[key] else None
                if url:
                    self._queue(key).put((url, runs))

    def _states(self) -> dict[Key, bool]:
        now = self._clock()
        with self._world.lock:
            return {
                (site.site_id, dg_no): site.runs(dg_no, now)
                for site in self._world.sites.values()
                for dg_no in site.generators
            }

    def _watch(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY_S):
            self.look()

    def _queue(self, key: Key) -> "queue.SimpleQueue[tuple[str, bool] | None]":
        if key not in self._news:
            self._news[key] = queue.SimpleQueue()
            threading.Thread(target=self._tell, args=(key, self._news[key]), daemon=True).start()
        return self._news[key]

    def _tell(self, key: Key, news: "queue.SimpleQueue[tuple[str, bool] | None]") -> None:
        while (latest := news.get()) is not None:
            url, runs = latest
            for _ in range(_TRIES):
                if self._stopping.is_set() or _called(
                    url, {"dg_no": key[1], "status": "ON" if runs else "OFF"}
                ):
                    break
                self._stopping.wait(_TRY_AGAIN_S)


def _called(url: str, fields: dict[str, str]) -> bool:
    """One POST, form-encoded; whether it was answered with 2xx. Redirects are not followed."""
    parts = callback_address(url)
    if parts is None or parts.hostname is None:
        return False
    caller = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=_TIMEOUT_S)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Connection": "close"}
        caller.request("POST", target, urlencode(fields), kind)
        return 200 <= caller.getresponse().status < 300
    except (OSError, http.client.HTTPException):
        return False
    finally:
        caller.close()
