"""Everything in the box, put together: the world, its faults, its callbacks and its back door."""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from webapp.simulator.backdoor import BackDoor
from webapp.simulator.companies import DEMO_SECRETS
from webapp.simulator.company import Company
from webapp.simulator.exchange import LastReplies
from webapp.simulator.fault_board import FaultBoard
from webapp.simulator.sensing import Sensing
from webapp.simulator.site import Site
from webapp.simulator.state import SimulatorState
from webapp.simulator.world import World


class Box:
    """A running society in a box; ``clock`` gives Unix seconds.

    ``secrets`` are the companies', by the variables that their profiles name; those of the demo else.
    """

    def __init__(
        self,
        seed: int,
        units: int,
        state_path: str | Path | None,
        clock: Callable[[], float] = time.time,
        secrets: Mapping[str, str] = DEMO_SECRETS,
    ) -> None:
        self.clock = clock
        self.secrets = {name: secrets.get(name) or demo for name, demo in DEMO_SECRETS.items()}
        self.stopping = threading.Event()
        self.world = World(seed, units, SimulatorState(state_path))
        self.board = FaultBoard()
        self.replies = LastReplies()
        self.sensing = Sensing(self.world, clock)
        self.back_door = BackDoor(self.world, self.board, self.sensing, clock)
        self.sensing.start()

    def site(self, company: Company, site_id: str | None, meter_no: str) -> Site | None:
        """The company's site that a call is for: by its id, or, for operation 2, by the meter."""
        site = self.world.sites.get(site_id) if site_id else self.world.site_of(meter_no)
        return site if site and site.company is company else None

    def close(self) -> None:
        """End the callbacks and let the state file go."""
        self.sensing.stop()
        with self.world.lock:
            self.world.kept.close()
