"""Asking a meter server: one method for each of the contract's thirteen operations.

Every method asks exactly once, ends within the client's time-out, and raises NotSent, Unanswered,
Refused or Unreadable and nothing else.
"""

import os
from collections.abc import Mapping
from datetime import date
from typing import Self

from webapp.contract import answers, changes, reading, replies
from webapp.contract.asking import ask, question
from webapp.contract.envelope import Envelope, opened
from webapp.contract.fast import read_fast
from webapp.contract.heard import Heard
from webapp.contract.operations import OPERATIONS
from webapp.contract.profile import Profile
from webapp.contract.rows import Row, SiteTimes
from webapp.quantities import MILLI_PLACES, PAISE_PLACES, plain


class MeterServerClient:
    """One meter server as one society sees it. Holds no connection between two calls.

    ``timeout_s`` bounds a whole call, from looking the name up to the reply's last byte.
    ``secrets`` is where the profile's ``secret_env`` is looked up, at each call.
    """

    def __init__(
        self,
        base_url: str,
        site_id: str,
        profile: Profile,
        timeout_s: float = 10.0,
        secrets: Mapping[str, str] = os.environ,
    ) -> None:
        self.base_url = base_url
        self.site_id = site_id
        self.profile = profile
        self.timeout_s = timeout_s
        self._secrets = secrets

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing stays open between calls; here so that a client can be used with ``with``."""

    def latest_readings(self) -> replies.LatestReadings:
        """Clause 1: the whole site. Registers in Wh, balance in paise, times in aware UTC."""
        name = "latest_readings"
        heard = self._ask(name)
        if heard.http_status // 100 == 2:
            fast = read_fast(heard.body, self._spellings(name), self._times(), heard.noted())
            if fast is not None:
                return fast
        envelope = opened(OPERATIONS[name], heard)
        return reading.latest_readings(envelope, self._spellings(name), self._times())

    def meter_reading(self, meter_no: str) -> replies.Reading:
        """Clause 2: one meter."""
        return answers.meter_reading(*self._answer("meter_reading", meter_no=meter_no))

    def recharge(self, meter_no: str, amount_paise: int) -> replies.Recharge:
        """Clause 3: moves money. ``500`` or ``500.50`` rupees on the wire."""
        amount = plain(amount_paise, PAISE_PLACES).removesuffix(".00")
        return answers.recharge(*self._detail("recharge", meter_no=meter_no, amount=amount))

    def recharge_status(self, transaction_id: str) -> replies.RechargeStatus:
        """Clause 4: what became of a recharge; one that failed is Refused."""
        return answers.recharge_status(*self._detail("recharge_status", transaction_id=transaction_id))

    def meter_changes(self, from_date: date, to_date: date) -> replies.MeterChanges:
        """Clause 5: meters replaced between two days, both included, of the site's calendar."""
        name = "meter_changes"
        days = {"from_date": f"{from_date:%Y-%m-%d}", "to_date": f"{to_date:%Y-%m-%d}"}
        return changes.meter_changes(self._opened(name, **days), self._spellings(name), self._times())

    def start_meter(self, meter_no: str) -> replies.Switched:
        """Clause 6: restore supply. Success is accepted, not done."""
        return answers.switched(*self._detail("start_meter", meter_no=meter_no))

    def stop_meter(self, meter_no: str) -> replies.Switched:
        """Clause 7: cut supply. Success is accepted, not done."""
        return answers.switched(*self._detail("stop_meter", meter_no=meter_no))

    def meter_status(self, meter_no: str) -> replies.MeterStatus:
        """Clause 8: the evidence for clauses 6 and 7."""
        return answers.meter_status(*self._answer("meter_status", meter_no=meter_no))

    def update_load(self, meter_no: str, load_grid_w: int, load_dg_w: int) -> replies.LoadUpdated:
        """Clause 9: sanctioned loads, in the profile's unit on the wire."""
        loads = {"load_dg": self._load(load_dg_w), "load_grid": self._load(load_grid_w)}
        return answers.load_updated(*self._detail("update_load", meter_no=meter_no, **loads))

    def dg_reading(self, dg_no: str) -> replies.DgReading:
        """Clause 10: a generator's energy register, in Wh."""
        return answers.dg_reading(*self._answer("dg_reading", dg_number=dg_no))

    def dg_sensing(self, dg_no: str, url: str) -> replies.DgSensing:
        """Clause 11: registers our callback address for a generator."""
        return answers.dg_sensing(*self._detail("dg_sensing", dg_number=dg_no, url=url))

    def dg_status(self, dg_no: str) -> replies.DgStatus:
        """Clause 12: is the generator running?"""
        return answers.dg_status(*self._answer("dg_status", dg_number=dg_no))

    def dg_fuel(self, dg_no: str) -> replies.DgFuel:
        """Clause 13: fuel in the tank, in millilitres or hundredths of a per cent."""
        row, envelope = self._answer("dg_fuel", dg_number=dg_no)
        return answers.dg_fuel(row, envelope, self.profile.fuel_unit)

    def _load(self, watts: int) -> str:
        if self.profile.load_unit == "W":
            return str(watts)
        return plain(watts, MILLI_PLACES).rstrip("0").rstrip(".")

    def _answer(self, name: str, **inputs: str) -> tuple[Row, Envelope]:
        """For what is asked to learn what the row says: without a row there is no answer."""
        envelope = self._opened(name, **inputs)
        return answers.the_row(name, envelope, self._spellings(name), self._times()), envelope

    def _detail(self, name: str, **inputs: str) -> tuple[Row, Envelope]:
        """For what ``status`` answers already: the row may be missing."""
        envelope = self._opened(name, **inputs)
        return answers.any_row(name, envelope, self._spellings(name), self._times()), envelope

    def _opened(self, name: str, **inputs: str) -> Envelope:
        return opened(OPERATIONS[name], self._ask(name, **inputs), self._spellings(name))

    def _ask(self, name: str, **inputs: str) -> Heard:
        operation = OPERATIONS[name]
        given = {"site_id": self.site_id, **inputs}
        ours = {param: given[param] for param in operation.params}
        asked = question(operation, self.base_url, self.profile, ours, self._secrets)
        return ask(operation, asked, self.timeout_s)

    def _spellings(self, name: str) -> Mapping[str, str]:
        spelling = self.profile.spelling(name)
        return spelling.fields if spelling else {}

    def _times(self) -> SiteTimes:
        return SiteTimes(self.profile.timezone)
