"""Someone who asks a company's server in the box through our client, and knows what is true there."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

from webapp.contract.client import MeterServerClient
from webapp.contract.errors import Refused
from webapp.simulator.companies import DEMO_SECRETS
from webapp.simulator.server import SimulatorServer

from .calling import Caller, Clock

SITES = ("GV01", "HB01", "MP01")
QUEUE_S = 5
SWITCHED, CREDITED, LIMITED = 0, 1, 2  # which of the site's meters what is done to
CALLBACK = "http://127.0.0.1:9/hooks/dg/after"
FIRST_DAY, LAST_DAY = date(2025, 1, 1), date(2026, 6, 1)


class Asker:
    """Asks the server of ``site_id`` as its society would."""

    def __init__(self, server: SimulatorServer, site_id: str, clock: Clock) -> None:
        self.site_id, self.clock = site_id, clock
        self.caller = Caller(server)
        self.site = server.box.world.sites[site_id]
        self.meter_nos = list(self.site.meters)
        self.transaction_id = ""
        self.client = self.patient_for(5)
        # A meter without supply uses nothing: its balance changes by what is credited, and nothing else.
        self.quietly(lambda: self.client.stop_meter(self.meter_nos[CREDITED]))

    def patient_for(self, seconds: float) -> MeterServerClient:
        """A client that waits so long."""
        company = self.site.company
        base_url = f"{self.caller.server.url}{company.prefix}"
        return MeterServerClient(base_url, self.site_id, company.profile, seconds, DEMO_SECRETS)

    def call(self, name: str, client: MeterServerClient | None = None) -> Any:
        """The operation, asked once."""
        return _CALLS[name](self, client or self.client)

    def prepare(self, name: str) -> None:
        """Bring the world where the operation has something to do."""
        if name in _BEFORE:
            self.quietly(lambda: _BEFORE[name](self))

    def quietly(self, act: Callable[[], object]) -> None:
        """Already so is as good."""
        with suppress(Refused):
            act()

    def fault(self, operation: str, kind: str, **more: object) -> None:
        self.caller.fault(operation, kind, site_id=self.site_id, **more)

    def heal(self) -> None:
        self.caller.raw("DELETE", "/_faults")

    def world(self) -> dict[str, Any]:
        """What is true, once no recharge waits any more."""
        self.clock.now += QUEUE_S
        return self.caller.world(self.site_id)

    def left_behind(self) -> dict[str, Any]:
        """Everything that a command can change."""
        world = self.world()
        meters = [world["meters"][meter_no] for meter_no in self.meter_nos]
        return {
            "balance": round(float(meters[CREDITED]["balance"]) * 100),
            "supply": meters[SWITCHED]["supply"],
            "load": world["loads"].get(self.meter_nos[LIMITED]),
            "callback": world["callbacks"]["DG1"],
        }

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now, UTC).replace(microsecond=0)


_CALLS: Mapping[str, Callable[[Asker, MeterServerClient], Any]] = {
    "latest_readings": lambda asker, client: client.latest_readings(),
    "meter_reading": lambda asker, client: client.meter_reading(asker.meter_nos[SWITCHED]),
    "recharge": lambda asker, client: client.recharge(asker.meter_nos[CREDITED], 50_050),
    "recharge_status": lambda asker, client: client.recharge_status(asker.transaction_id),
    "meter_changes": lambda asker, client: client.meter_changes(FIRST_DAY, LAST_DAY),
    "start_meter": lambda asker, client: client.start_meter(asker.meter_nos[SWITCHED]),
    "stop_meter": lambda asker, client: client.stop_meter(asker.meter_nos[SWITCHED]),
    "meter_status": lambda asker, client: client.meter_status(asker.meter_nos[SWITCHED]),
    "update_load": lambda asker, client: client.update_load(asker.meter_nos[LIMITED], 4_500, 1_250),
    "dg_reading": lambda asker, client: client.dg_reading("DG1"),
    "dg_sensing": lambda asker, client: client.dg_sensing("DG1", CALLBACK),
    "dg_status": lambda asker, client: client.dg_status("DG1"),
    "dg_fuel": lambda asker, client: client.dg_fuel("DG1"),
}


def _recharged(asker: Asker) -> None:
    asker.transaction_id = asker.call("recharge").transaction_id
    asker.clock.now += QUEUE_S


_BEFORE: Mapping[str, Callable[[Asker], object]] = {
    "start_meter": lambda asker: asker.call("stop_meter"),
    "stop_meter": lambda asker: asker.call("start_meter"),
    "recharge_status": _recharged,
    "update_load": lambda asker: asker.client.update_load(asker.meter_nos[LIMITED], 1_000, 1_000),
    "dg_sensing": lambda asker: asker.client.dg_sensing("DG1", "http://127.0.0.1:9/hooks/dg/before"),
}
# What each command leaves behind; money besides what was there.
EFFECTS: Mapping[str, tuple[str, Any]] = {
    "recharge": ("balance", 50_050),
    "start_meter": ("supply", "on"),
    "stop_meter": ("supply", "off"),
    "update_load": ("load", {"load_dg": "1.25", "load_grid": "4.5"}),
    "dg_sensing": ("callback", CALLBACK),
}


def after(before: dict[str, Any], name: str) -> dict[str, Any]:
    """What is left behind where the operation was done once."""
    if name not in EFFECTS:
        return before
    what, value = EFFECTS[name]
    return before | {what: before["balance"] + value if what == "balance" else value}
