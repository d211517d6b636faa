"""What the operations on one meter or one generator answer, typed (contract, clauses 2 to 13)."""

from collections.abc import Mapping
from datetime import datetime

from webapp.contract import replies
from webapp.contract.envelope import WAITING, Envelope
from webapp.contract.errors import Unreadable
from webapp.contract.profile import FuelUnit
from webapp.contract.reading import deviations, objects, reading_of
from webapp.contract.rows import Row, SiteTimes
from webapp.quantities import MILLI_PLACES, PAISE_PLACES

LONGEST_TOKEN = 300  # several vending tokens of twenty digits, with their separators
LONGEST_ADDRESS = 2000
_HUNDREDTH_PLACES = 2

Spellings = Mapping[str, str]


def the_row(operation_name: str, envelope: Envelope, spellings: Spellings, times: SiteTimes) -> Row:
    """The one object in which the answer is. Raises Unreadable where there is none, or several."""
    found = [one for one in objects(operation_name, envelope.data) if isinstance(one, dict)]
    if len(found) != 1:
        said = f"The meter server sent {len(found) or 'no'} rows where one belongs."
        raise Unreadable(operation_name, said, envelope.words)
    return Row(found[0], spellings, times)


def any_row(operation_name: str, envelope: Envelope, spellings: Spellings, times: SiteTimes) -> Row:
    """As ``the_row``, but empty where there is none: the answer is ``status``, the row its detail."""
    if isinstance(envelope.data, dict | list) and envelope.data:
        return the_row(operation_name, envelope, spellings, times)
    return Row({}, spellings, times)


def meter_reading(row: Row, envelope: Envelope) -> replies.Reading:
    """Clause 2. Raises Unreadable where the row does not say which meter it is about."""
    reading = reading_of(row)
    if reading is None:
        said = "The meter server sent a reading without a legible meter number."
        raise Unreadable("meter_reading", said, envelope.words)
    return reading


def recharge(row: Row, envelope: Envelope) -> replies.Recharge:
    """Clause 3."""
    return replies.Recharge(
        meter_no=row.text("meter_no"),
        unit_no=row.text("unit_no"),
        amount_paise=row.number("amount", "amount", PAISE_PLACES),
        transaction_id=row.text("transaction_id", LONGEST_TOKEN),
        token=row.text("token", LONGEST_TOKEN),
        date_time=row.time("date_time", "date_time"),
        balance_paise=row.number("balance", "balance", PAISE_PLACES),
        pending=envelope.status == WAITING,
        words=envelope.words,
        doubts=row.doubts,
    )


def recharge_status(row: Row, envelope: Envelope) -> replies.RechargeStatus:
    """Clause 4."""
    return replies.RechargeStatus(
        meter_no=row.text("meter_no"),
        unit_no=row.text("unit_no"),
        transaction_id=row.text("transaction_id", LONGEST_TOKEN),
        pending=envelope.status == WAITING,
        words=envelope.words,
    )


def meter_changes(envelope: Envelope, spellings: Spellings, times: SiteTimes) -> replies.MeterChanges:
    """Clause 5: the rows that name a meter. Raises Unreadable."""
    found = objects("meter_changes", envelope.data)
    rows = [_change(Row(one, spellings, times)) for one in found if isinstance(one, dict)]
    named = [row for row in rows if row.old_meter_no or row.new_meter_no]
    said = deviations(envelope.count, len(found), len(found) - len(named))
    return replies.MeterChanges(rows=named, words=envelope.words, deviations=said)


def _change(row: Row) -> replies.MeterChange:
    return replies.MeterChange(
        unit_no=row.text("unit_no"),
        old_meter_no=row.text("old_meter_no"),
        old_start_dg_wh=row.number("old_start_dg", "old_start_dg", MILLI_PLACES),
        old_end_dg_wh=row.number("old_end_dg", "old_end_dg", MILLI_PLACES),
        old_start_grid_wh=row.number("old_start_grid", "old_start_grid", MILLI_PLACES),
        old_end_grid_wh=row.number("old_end_grid", "old_end_grid", MILLI_PLACES),
        new_meter_no=row.text("new_meter_no"),
        new_start_dg_wh=row.number("new_start_dg", "new_start_dg", MILLI_PLACES),
        new_start_grid_wh=row.number("new_start_grid", "new_start_grid", MILLI_PLACES),
        meter_change_date=row.day("meter_change_date"),
        reading_start_date=row.day("reading_start_date"),
        doubts=row.doubts,
    )


def switched(row: Row, envelope: Envelope) -> replies.Switched:
    """Clauses 6 and 7."""
    supply, _ = row.supply("status")
    return replies.Switched(
        meter_no=row.text("meter_no"),
        unit_no=row.text("unit_no"),
        supply=supply,
        pending=envelope.status == WAITING,
        words=envelope.words,
    )


def meter_status(row: Row, envelope: Envelope) -> replies.MeterStatus:
    """Clause 8."""
    supply, supply_word = row.supply("status")
    return replies.MeterStatus(
        meter_no=row.text("meter_no"),
        unit_no=row.text("unit_no"),
        supply=supply,
        supply_word=supply_word,
        words=envelope.words,
    )


def load_updated(row: Row, envelope: Envelope) -> replies.LoadUpdated:
    """Clause 9."""
    return replies.LoadUpdated(
        meter_no=row.text("meter_no"),
        unit_no=row.text("unit_no"),
        pending=envelope.status == WAITING,
        words=envelope.words,
    )


def dg_reading(row: Row, envelope: Envelope) -> replies.DgReading:
    """Clause 10."""
    register_wh, read_at = _unswapped(row)
    return replies.DgReading(
        dg_no=row.text("dg_no"),
        meter_no=row.text("meter_no"),
        register_wh=register_wh,
        read_at=read_at,
        doubts=row.doubts,
        words=envelope.words,
    )


def _unswapped(row: Row) -> tuple[int | None, datetime | None]:
    """Some servers follow the document's misplaced comments (contract, reading 11)."""
    register, time = "reading", "date_time"
    kinds = row.kind(register), row.kind(time)
    if (kinds[0] == "time" != kinds[1]) or (kinds[1] == "number" != kinds[0]):
        register, time = time, register
    return row.number(register, "register", MILLI_PLACES), row.time(time, "read_at")


def dg_sensing(row: Row, envelope: Envelope) -> replies.DgSensing:
    """Clause 11."""
    url = row.text("url", LONGEST_ADDRESS)
    return replies.DgSensing(dg_no=row.text("dg_no"), url=url, words=envelope.words)


def dg_status(row: Row, envelope: Envelope) -> replies.DgStatus:
    """Clause 12."""
    state, word = row.supply("status")
    return replies.DgStatus(dg_no=row.text("dg_no"), state=state, word=word, words=envelope.words)


def dg_fuel(row: Row, envelope: Envelope, unit: FuelUnit) -> replies.DgFuel:
    """Clause 13, in the profile's unit (contract, reading 13)."""
    places = MILLI_PLACES if unit == "litre" else _HUNDREDTH_PLACES
    fuel = row.number("fuel_balance", "fuel", places)
    return replies.DgFuel(
        dg_no=row.text("dg_no"),
        fuel_ml=fuel if unit == "litre" else None,
        fuel_percent_hundredths=fuel if unit == "percent" else None,
        read_at=row.time("datetime", "read_at"),
        doubts=row.doubts,
        words=envelope.words,
    )
