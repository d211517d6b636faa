"""The box itself: sites that are a function of (seed, time), and what people did to them."""

import secrets
import threading
import uuid
from dataclasses import replace

from webapp.simulator.companies import HARBOUR, MAPLE
from webapp.simulator.homes import Meter, State
from webapp.simulator.site import Site, SiteSpec
from webapp.simulator.state import Credit, KeptForce, SimulatorState


class World:
    """Every site and every intervention. Times are Unix seconds, money is paise.

    Not safe for several threads by itself: hold ``lock`` around a question or an act.
    """

    def __init__(self, seed: int = 1, units: int = 240, state: SimulatorState | None = None) -> None:
        self.lock = threading.RLock()
        self.kept = state or SimulatorState()
        specs = (
            SiteSpec("GV01", units, "M", ("DG1", "DG2")),
            SiteSpec("LS01", 60, "L", ("DG1",)),
            SiteSpec("HB01", 24, "H", ("DG1",), HARBOUR),
            SiteSpec("MP01", 18, "P", ("DG1", "DG2"), MAPLE),
        )
        self.sites = {spec.site_id: Site(seed, spec) for spec in specs}
        self._site_of = {meter_no: site for site in self.sites.values() for meter_no in site.meters}
        for site in self.sites.values():
            self._take_up(site)
        self._waiting = self.kept.waiting_credits()

    def _take_up(self, site: Site) -> None:
        # Forced states first: what a meter's habit had drawn by a checkpoint depends on them.
        for force in self.kept.forces(site.site_id):
            if force.dg_no in site.generators:
                site.force(force.dg_no, force.on, force.at)
        for kept in self.kept.checkpoints(site.site_id):
            site.restore(kept)

    def site_of(self, meter_no: str) -> Site | None:
        """Meter numbers are unique over the sites: operation 2 gives nothing else."""
        return self._site_of.get(meter_no)

    def history(
        self, site_id: str, meter_no: str, first: float, last: float, step_s: float
    ) -> list[tuple[float, State]]:
        """A meter's past from ``first`` to ``last``, a state every ``step_s`` seconds. KeyError: no such."""
        site = self.sites[site_id]
        meter = site.meters[meter_no]
        steps = range(int((last - first) // step_s) + 1)
        return [(at, site.state(meter, at)) for at in (first + step * step_s for step in steps)]

    def settle(self, now: float) -> None:
        """Credit the queued recharges that have come due; to be called before every question."""
        while self._waiting and self._waiting[0].due <= now:
            self._credit(self._waiting.pop(0))

    def recharge(self, site: Site, meter: Meter, amount_paise: int, now: float, wait_s: float = 0) -> Credit:
        """Credit a prepaid meter, after ``wait_s`` where the server queues. On disk when it returns."""
        # The state file may be gone tomorrow while the callers remember: ids must not come again.
        transaction_id = f"{site.site_id}{uuid.uuid4().hex[:18].upper()}"
        token = f"{secrets.randbelow(10**20):020d}"
        due = now + wait_s
        credit = Credit(
            transaction_id, token, site.site_id, meter.meter_no, amount_paise, now, due, credited=False
        )
        if wait_s <= 0:
            return self._credit(credit)
        with self.kept.transaction():
            self.kept.put_credit(credit)
        self._waiting = sorted([*self._waiting, credit], key=lambda one: one.due)
        return credit

    def _credit(self, credit: Credit) -> Credit:
        done = replace(credit, credited=True)
        site = self.sites[credit.site_id]
        meter = site.meters.get(credit.meter_no)
        with self.kept.transaction():
            self.kept.put_credit(done)
            if meter is not None:
                before = site.state(meter, credit.due)
                after = replace(before, balance_paise=(before.balance_paise or 0) + credit.amount_paise)
                self.kept.add_checkpoint(site.mark(meter, after, credit.due))
        return done

    def switch(self, site: Site, meter: Meter, on: bool, now: float) -> bool:
        """Start or stop a meter; False, and nothing done, where it already is so."""
        before = site.state(meter, now)
        if before.supply_on is on:
            return False
        self._mark(site, meter, replace(before, supply_on=on), now)
        return True

    def set_balance(self, site: Site, meter: Meter, balance_paise: int, now: float) -> None:
        """The back door's: the balance is this, from now on."""
        self._mark(site, meter, replace(site.state(meter, now), balance_paise=balance_paise), now)

    def _mark(self, site: Site, meter: Meter, state: State, now: float) -> None:
        with self.kept.transaction():
            self.kept.add_checkpoint(site.mark(meter, state, now))

    def set_load(self, site: Site, meter: Meter, load_dg: str, load_grid: str, now: float) -> None:
        """Remember the limits (operation 9); the contract has no way to ask for them."""
        with self.kept.transaction():
            self.kept.put_load(site.site_id, meter.meter_no, load_dg, load_grid, now)

    def set_sensing(self, site: Site, dg_no: str, url: str) -> None:
        """Remember where to call back (operation 11)."""
        with self.kept.transaction():
            self.kept.put_sensing(site.site_id, dg_no, url)

    def force(self, site: Site, dg_no: str, on: bool | None, now: float) -> None:
        """Hold a generator ON or OFF; None lets it go its natural way again."""
        with self.kept.transaction():
            self.kept.add_force(KeptForce(site.site_id, dg_no, now, on))
        site.force(dg_no, on, now)
