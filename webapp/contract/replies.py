"""What the thirteen operations answer, typed.

``deviations`` are sentences for whoever tries a meter server: in what its reply leaves the contract,
and yet was read.
"""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct


class Supply(StrEnum):
    """Three states, never two (contract, reading 5)."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "unknown"


class Doubt(Struct, frozen=True, gc=False):
    """Why one field of a row is not believed, in words for a person."""

    field: str  # our name of the quantity: grid, dg, balance, supply, read_at, unit_no …
    reason: str


class Reading(Struct, frozen=True, gc=False):  # no cycle can go through it, and a poll makes thousands
    """Operations 1 and 2. None is unknown; what could not be understood has a doubt beside it."""

    meter_no: str
    unit_no: str | None = None
    grid_wh: int | None = None
    dg_wh: int | None = None
    balance_paise: int | None = None  # None also for a postpaid meter, which has none
    read_at: datetime | None = None  # aware UTC
    supply: Supply | None = None  # None: blank or missing; UNKNOWN: a word we do not know
    supply_word: str = ""  # as the server spelled it
    doubts: tuple[Doubt, ...] = ()
    deviations: tuple[str, ...] = ()  # of operation 2; a list has them for all its rows together


class LatestReadings(Struct, frozen=True):
    """Operation 1: every row with a legible meter_no, in the server's order."""

    rows: list[Reading]
    words: str = ""
    losses: tuple[str, ...] = ()  # sentences: count disagrees, rows without a meter_no, …
    deviations: tuple[str, ...] = ()  # those, and in what spellings the rows leave the contract


class Recharge(Struct, frozen=True):
    """Operation 3. ``pending`` where the server said ``waiting``."""

    meter_no: str | None = None
    unit_no: str | None = None
    amount_paise: int | None = None
    transaction_id: str | None = None
    token: str | None = None
    date_time: datetime | None = None
    balance_paise: int | None = None
    pending: bool = False
    words: str = ""
    doubts: tuple[Doubt, ...] = ()
    deviations: tuple[str, ...] = ()


class RechargeStatus(Struct, frozen=True):
    """Operation 4: success, or ``pending`` for waiting; an error is Refused."""

    meter_no: str | None = None
    unit_no: str | None = None
    transaction_id: str | None = None
    pending: bool = False
    words: str = ""
    deviations: tuple[str, ...] = ()


class MeterChange(Struct, frozen=True):
    """One row of operation 5; registers in Wh, dates local to the site."""

    unit_no: str | None = None
    old_meter_no: str | None = None
    old_start_dg_wh: int | None = None
    old_end_dg_wh: int | None = None
    old_start_grid_wh: int | None = None
    old_end_grid_wh: int | None = None
    new_meter_no: str | None = None
    new_start_dg_wh: int | None = None
    new_start_grid_wh: int | None = None
    meter_change_date: date | None = None
    reading_start_date: date | None = None
    doubts: tuple[Doubt, ...] = ()


class MeterChanges(Struct, frozen=True):
    """Operation 5."""

    rows: list[MeterChange]
    words: str = ""
    losses: tuple[str, ...] = ()
    deviations: tuple[str, ...] = ()


class Switched(Struct, frozen=True):
    """Operations 6 and 7: accepted, not done (contract, reading 10)."""

    meter_no: str | None = None
    unit_no: str | None = None
    supply: Supply | None = None
    pending: bool = False
    words: str = ""
    deviations: tuple[str, ...] = ()


class MeterStatus(Struct, frozen=True):
    """Operation 8: the only evidence for 6 and 7."""

    meter_no: str | None = None
    unit_no: str | None = None
    supply: Supply | None = None
    supply_word: str = ""
    words: str = ""
    deviations: tuple[str, ...] = ()


class LoadUpdated(Struct, frozen=True):
    """Operation 9."""

    meter_no: str | None = None
    unit_no: str | None = None
    pending: bool = False
    words: str = ""
    deviations: tuple[str, ...] = ()


class DgReading(Struct, frozen=True):
    """Operation 10: the energy register of a generator."""

    dg_no: str | None = None
    meter_no: str | None = None
    register_wh: int | None = None
    read_at: datetime | None = None
    doubts: tuple[Doubt, ...] = ()
    words: str = ""
    deviations: tuple[str, ...] = ()


class DgSensing(Struct, frozen=True):
    """Operation 11."""

    dg_no: str | None = None
    url: str | None = None
    words: str = ""
    deviations: tuple[str, ...] = ()


class DgStatus(Struct, frozen=True):
    """Operation 12: ON, OFF or a word we do not know, as supply's three states."""

    dg_no: str | None = None
    state: Supply | None = None
    word: str = ""
    words: str = ""
    deviations: tuple[str, ...] = ()


class DgFuel(Struct, frozen=True):
    """Operation 13: millilitres or hundredths of a per cent, by the profile (reading 13)."""

    dg_no: str | None = None
    fuel_ml: int | None = None
    fuel_percent_hundredths: int | None = None
    read_at: datetime | None = None
    doubts: tuple[Doubt, ...] = ()
    words: str = ""
    deviations: tuple[str, ...] = ()
