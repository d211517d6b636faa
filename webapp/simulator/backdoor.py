"""The simulator's back door: the truth of the box, its generators held, its faults switched."""

from collections.abc import Callable, Mapping
from dataclasses import asdict

from webapp.contract.replies import Supply
from webapp.quantities import PAISE_PLACES, NotAQuantity, scaled
from webapp.simulator.fault_board import FaultBoard
from webapp.simulator.openapi import description
from webapp.simulator.posted_faults import fault_from
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

    def answer(self, method: str, path: str, body: object, query: Mapping[str, str]) -> Body:
        """The reply to ``/_faults``, ``/_openapi.json`` or ``/_world/…``; ``body`` is the decoded JSON.

        Raises BackDoorError.
        """
        parts = [part for part in path.split("/") if part]
        if parts == ["_faults"]:
            return self._faults(method, body)
        if parts == ["_openapi.json"]:
            if method != "GET":
                raise BackDoorError("GET it", 405)
            return description(self._site(query.get("site", "GV01")))
        if parts[:1] != ["_world"] or len(parts) not in (2, 4):
            raise BackDoorError("no such door", 404)
        site = self._site(parts[1])
        if len(parts) == 2:
            return self._truth(site)
        if method != "POST" or not isinstance(body, dict):
            raise BackDoorError("POST a JSON object")
        return self._set(site, parts[2], parts[3], body)

    def _site(self, site_id: str) -> Site:
        if site_id not in self._world.sites:
            raise BackDoorError("no such site", 404)
        return self._world.sites[site_id]

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
                        "fuel_percent": f"{site.fuel_share(dg_no, now) * 100:.2f}",
                        "energy_kwh": kwh(site.energy_wh(dg_no, now)),
                    }
                    for dg_no in site.generators
                },
                "calls": self._world.kept.calls(site.site_id),
                "loads": {
                    meter_no: {"load_dg": load_dg, "load_grid": load_grid}
                    for meter_no, (load_dg, load_grid) in self._world.kept.loads(site.site_id).items()
                },
                "callbacks": {
                    dg_no: self._world.kept.sensing_url(site.site_id, dg_no) for dg_no in site.generators
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
            try:
                self._board.add(fault_from(body, self._world.sites))
            except ValueError as error:
                raise BackDoorError(str(error)) from error
        return {"faults": [asdict(fault) for fault in self._board.listed()]}
