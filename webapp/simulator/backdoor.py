"""The simulator's back door: the truth of the box, its generators held, its faults switched."""

from collections.abc import Callable, Mapping
from dataclasses import asdict

from webapp.contract.operations import OPERATIONS
from webapp.contract.replies import Supply
from webapp.quantities import PAISE_PLACES, NotAQuantity, scaled
from webapp.simulator.fault_board import Fault, FaultBoard
from webapp.simulator.faults import KINDS
from webapp.simulator.sensing import Sensing
from webapp.simulator.site import Site
from webapp.simulator.wire import Body, kwh, rupees
from webapp.simulator.world import World

_HELD = {"ON": True, "OFF": False, None: None}


class BackDoorError(ValueError):
    """Asked for something the back door does not have; ``status`` is HTTP's."""

    def __init__(self, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.status = status


class BackDoor:
    """What only this machine may ask; the faults never apply here."""

    def __init__(self, world: World, board: FaultBoard, sensing: Sensing, clock: Callable[[], float]) -> None:
        self._world = world
        self._board = board
        self._sensing = sensing
        self._clock = clock

    def answer(self, method: str, path: str, body: object) -> Body:
        """The reply to ``/_faults`` or ``/_world/…``; ``body`` is the decoded JSON. Raises BackDoorError."""
        parts = [part for part in path.split("/") if part]
        if parts == ["_faults"]:
            return self._faults(method, body)
        if parts[:1] != ["_world"] or len(parts) not in (2, 4):
            raise BackDoorError("no such door", 404)
        site = self._world.sites.get(parts[1])
        if site is None:
            raise BackDoorError("no such site", 404)
        if len(parts) == 2:
            return self._truth(site)
        if method != "POST" or not isinstance(body, dict):
            raise BackDoorError("POST a JSON object")
        return self._set(site, parts[2], parts[3], body)

    def _truth(self, site: Site) -> Body:
        with self._world.lock:
            now = self._clock()
            self._world.settle(now)
            return {
                "meters": {
                    meter.meter_no: {
                        "unit_no": meter.unit_no,
                        "balance": rupees(state.balance_paise),
                        "supply": (Supply.ON if state.supply_on else Supply.OFF).value,
                        "grid_kwh": kwh(state.grid_wh),
                        "dg_kwh": kwh(state.dg_wh),
                    }
                    for meter, state in site.states(now)
                },
                "generators": {
                    dg_no: {
                        "status": "ON" if site.runs(dg_no, now) else "OFF",
                        "fuel_litres": f"{site.fuel_ml(dg_no, now) / 1_000:.2f}",
                        "energy_kwh": kwh(site.energy_wh(dg_no, now)),
                    }
                    for dg_no in site.generators
                },
                "calls": self._world.kept.calls(site.site_id),
                "loads": {
                    meter_no: {"load_dg": load_dg, "load_grid": load_grid}
                    for meter_no, (load_dg, load_grid) in self._world.kept.loads(site.site_id).items()
                },
                "fed": site.timeline.fed(now).value,
            }

    def _set(self, site: Site, what: str, which: str, body: Mapping[str, object]) -> Body:
        if what == "generators" and which in site.generators:
            return self._hold(site, which, body)
        if what == "meters" and which in site.meters:
            return self._set_balance(site, which, body)
        raise BackDoorError(f"no such thing: {what}/{which}", 404)

    def _hold(self, site: Site, dg_no: str, body: Mapping[str, object]) -> Body:
        status = body.get("status", "")
        if status is not None and (not isinstance(status, str) or status not in _HELD):
            raise BackDoorError('status is "ON", "OFF" or null')
        with self._world.lock:
            self._world.force(site, dg_no, _HELD[status], self._clock())
            self._sensing.look()
            return {"status": "ON" if site.runs(dg_no, self._clock()) else "OFF", "forced": status}

    def _set_balance(self, site: Site, meter_no: str, body: Mapping[str, object]) -> Body:
        try:
            paise = scaled(body.get("balance"), PAISE_PLACES)
        except NotAQuantity as error:
            raise BackDoorError(str(error)) from error
        if paise is None:
            raise BackDoorError('balance is rupees, like "12.00"')
        with self._world.lock:
            now = self._clock()
            self._world.settle(now)
            self._world.set_balance(site, site.meters[meter_no], paise, now)
        return {"balance": rupees(paise)}

    def _faults(self, method: str, body: object) -> Body:
        if method == "DELETE":
            self._board.clear()
        elif method == "POST":
            self._board.add(fault_from(body, self._world))
        return {"faults": [asdict(fault) for fault in self._board.listed()]}


def fault_from(body: object, world: World) -> Fault:
    """A fault as it was posted, believed only where every part makes sense. Raises BackDoorError."""
    if not isinstance(body, dict) or not set(body) <= {"operation", "kind", "times", "seconds", "site_id"}:
        raise BackDoorError("a fault has operation, kind and perhaps times, seconds and site_id")
    fault = Fault(**{"operation": "*", "kind": "", **body})
    if fault.operation not in {*OPERATIONS, "*"}:
        raise BackDoorError(f"operation is * or one of {', '.join(OPERATIONS)}")
    if fault.kind not in KINDS:
        raise BackDoorError(f"kind is one of {', '.join(KINDS)}")
    if fault.times is not None and (type(fault.times) is not int or fault.times < 1):
        raise BackDoorError("times is a whole number from 1, or left out")
    if fault.seconds is not None and (type(fault.seconds) not in (int, float) or fault.seconds < 0):
        raise BackDoorError("seconds is a number from 0")
    if fault.site_id is not None and fault.site_id not in world.sites:
        raise BackDoorError("no such site")
    return fault
