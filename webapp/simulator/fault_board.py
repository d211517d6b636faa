"""The faults that are switched on while the box runs, and which call runs into which."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from webapp.simulator.exchange import Exchange
from webapp.simulator.faults import KINDS


@dataclass(frozen=True)
class Fault:
    """One switched-on fault; ``times`` None is until it is deleted, ``site_id`` None is every site."""

    operation: str  # our name, or * for any
    kind: str
    times: int | None = None
    seconds: float | None = None
    site_id: str | None = None

    def meets(self, operation: str, site_id: str) -> bool:
        """Whether a call of that operation at that site runs into it."""
        return (
            self.operation in (operation, "*")
            and self.site_id in (site_id, None)
            and operation in KINDS[self.kind].operations
        )


class FaultBoard:
    """The faults that are switched on, first come first; safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Switch one on."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Switch all off."""
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[Fault]:
        """Those still on."""
        with self._lock:
            return list(self._faults)

    def spoil(self, exchange: Exchange) -> bool:
        """Let the first fault that the call meets have it; a delay goes along with any other."""
        delay = self._take(exchange, lambda fault: fault.kind == "delay")
        other = self._take(exchange, lambda fault: fault.kind != "delay")
        if delay and other:
            exchange.delay_s += _seconds(delay)
        chosen = other or delay
        if chosen is None:
            return False
        KINDS[chosen.kind].act(exchange, _seconds(chosen))
        return True

    def _take(self, exchange: Exchange, wanted: Callable[[Fault], bool]) -> Fault | None:
        """Count one down under the lock: ``times`` holds however many calls come at once."""
        with self._lock:
            for index, fault in enumerate(self._faults):
                if wanted(fault) and fault.meets(exchange.operation.name, exchange.site_id):
                    if fault.times is not None:
                        left = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                        self._faults[index : index + 1] = left
                    return fault
        return None


def _seconds(fault: Fault) -> float:
    return KINDS[fault.kind].seconds if fault.seconds is None else fault.seconds
