"""What the operations on one meter or one generator answer, typed (contract, clauses 2 to 13 but 5)."""

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from webapp.contract import replies
from webapp.contract.deviations import SWAPPED, quoted
from webapp.contract.envelope import WAITING, Envelope
from webapp.contract.errors import Unreadable
from webapp.contract.parsing import Twice
from webapp.contract.profile import FuelUnit
from webapp.contract.reading import objects, reading_of
from webapp.contract.rows import LARGEST_REGISTER, Row, SiteTimes
from webapp.contract.wording import identifier
from webapp.quantities import MILLI_PLACES
from webapp.sentences import Sentence

LONGEST_TOKEN = 300  # several vending tokens of twenty digits, with their separators
LONGEST_ADDRESS = 2000
_HUNDREDTH_PLACES = 2

Spellings = Mapping[str, str]


def the_row(operation_name: str, envelope: Envelope, spellings: Spellings, times: SiteTimes) -> Row:
    """The one object in which the answer is. Raises Unreadable where there is none, or several."""
    listed = objects(operation_name, envelope, is_list=False)
    found = [one for one in listed if isinstance(one, dict)]
    if len(found) != 1:
        said = Sentence("The meter server sent no rows where one belongs.")
        if found:
            said = Sentence("The meter server sent %(n)s rows where one belongs.", n=len(found))
        raise Unreadable(operation_name, said, envelope.words)
    return Row(found[0], spellings, times)


def any_row(operation_name: str, envelope: Envelope, spellings: Spellings, times: SiteTimes) -> Row:
    """As ``the_row``, but empty where there is none: the answer is ``status``, the row its detail."""
    if isinstance(envelope.data, Twice):  # whose detail is it? another meter's may be among them
        said = Sentence("The meter server sent two different answers at once.")
        raise Unreadable(operation_name, said, envelope.words)
    if isinstance(envelope.data, dict | list) and envelope.data:
        return the_row(operation_name, envelope, spellings, times)
    return Row({}, spellings, times)


def meter_reading(row: Row, envelope: Envelope) -> replies.Reading:
    """Clause 2. Raises Unreadable where the row does not say which meter it is about."""
    reading = reading_of(row, envelope.noted)
    if reading is None:
        said = Sentence("The meter server sent a reading without a legible meter number.")
        raise Unreadable("meter_reading", said, envelope.words)
    return replace(reading, deviations=envelope.noted.sentences())


def _all(row: Row, envelope: Envelope) -> tuple[str, ...]:
    """Every deviation of a reply of one row, once all of the row that we want has been read."""
    envelope.noted.of_a_row(row.deviations)
    return envelope.noted.sentences()


def recharge(row: Row, envelope: Envelope) -> replies.Recharge:
    """Clause 3."""
    return replies.Recharge(
        meter_no=row.text("meter_no"),
        unit_no=row.text("unit_no"),
        amount_paise=row.rupees("amount", "amount"),
        transaction_id=row.text("transaction_id", LONGEST_TOKEN),
        token=_tokens(row),
        date_time=row.time("date_time", "date_time"),
        balance_paise=row.rupees("balance", "balance"),
        pending=envelope.status == WAITING,
        words=envelope.words,
        doubts=row.doubts,
        deviations=_all(row, envelope),
    )


def _tokens(row: Row) -> str | None:
    """Return every token of a recharge in the server's order, one or a list (contract, reading 20).

    None where there is none; one that is not legible is a doubt, and the others stay.
    """
    value = row.value("token")
    if not isinstance(value, list):
        return row.text("token", LONGEST_TOKEN)
    read = [identifier(each, LONGEST_TOKEN) for each in value]
    if None in read:
        row.doubt("token", Sentence("a token came and could not be read"))
    found = ", ".join(token for token in read if token)
    if len(found) > LONGEST_TOKEN:
        row.doubt("token", Sentence("more tokens came than can be kept"))
        return None
    return found or None


def recharge_status(row: Row, envelope: Envelope) -> replies.RechargeStatus:
    """Clause 4."""
    return replies.RechargeStatus(
        meter_no=row.text("meter_no"),
        unit_no=row.text("unit_no"),
        transaction_id=row.text("transaction_id", LONGEST_TOKEN),
        pending=envelope.status == WAITING,
        words=envelope.words,
        deviations=_all(row, envelope),
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
        deviations=_all(row, envelope),
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
        deviations=_all(row, envelope),
    )


def load_updated(row: Row, envelope: Envelope) -> replies.LoadUpdated:
    """Clause 9."""
    return replies.LoadUpdated(
        meter_no=row.text("meter_no"),
        unit_no=row.text("unit_no"),
        pending=envelope.status == WAITING,
        words=envelope.words,
        deviations=_all(row, envelope),
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
        deviations=_all(row, envelope),
    )


def _unswapped(row: Row) -> tuple[int | None, datetime | None]:
    """Some servers follow the document's misplaced comments (contract, reading 11)."""
    register, time = "reading", "date_time"
    kinds = row.kind(register), row.kind(time)
    if (kinds[0] == "time" != kinds[1]) or (kinds[1] == "number" != kinds[0]):
        register, time = time, register
        row.deviates(SWAPPED)
    register_wh = row.energy(register, "register")
    if register_wh is not None and abs(register_wh) >= LARGEST_REGISTER:
        said = Sentence(
            "%(register)s is more than any generator has made", register=quoted(row.value(register))
        )
        row.doubt("register", said)
        register_wh = None
    return register_wh, row.time(time, "read_at")


def dg_sensing(row: Row, envelope: Envelope) -> replies.DgSensing:
    """Clause 11."""
    return replies.DgSensing(
        dg_no=row.text("dg_no"),
        url=row.text("url", LONGEST_ADDRESS),
        words=envelope.words,
        deviations=_all(row, envelope),
    )


def dg_status(row: Row, envelope: Envelope) -> replies.DgStatus:
    """Clause 12."""
    state, word = row.supply("status")
    return replies.DgStatus(
        dg_no=row.text("dg_no"),
        state=state,
        word=word,
        words=envelope.words,
        deviations=_all(row, envelope),
    )


def dg_fuel(row: Row, envelope: Envelope, unit: FuelUnit) -> replies.DgFuel:
    """Clause 13, in the profile's unit (contract, reading 13)."""
    places = MILLI_PLACES if unit == "litre" else _HUNDREDTH_PLACES
    fuel = row.number("fuel_balance", "fuel", places, unit)
    return replies.DgFuel(
        dg_no=row.text("dg_no"),
        fuel_ml=fuel if unit == "litre" else None,
        fuel_percent_hundredths=fuel if unit == "percent" else None,
        read_at=row.time("datetime", "read_at"),
        doubts=row.doubts,
        words=envelope.words,
        deviations=_all(row, envelope),
    )
