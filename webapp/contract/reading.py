"""Operations 1 and 2 by the careful road: row by row, field by field (contract, reading 15)."""

from collections.abc import Mapping

from webapp.contract.envelope import Envelope
from webapp.contract.errors import Unreadable
from webapp.contract.replies import LatestReadings, Reading
from webapp.contract.rows import Row, SiteTimes
from webapp.contract.wording import LONGEST_QUOTE, sentence
from webapp.quantities import MILLI_PLACES, PAISE_PLACES, NotAQuantity, scaled, spelled


def latest_readings(envelope: Envelope, spellings: Mapping[str, str], times: SiteTimes) -> LatestReadings:
    """Every row with a legible meter_no, in the server's order. Raises Unreadable."""
    found = objects("latest_readings", envelope.data)
    rows = [reading_of(Row(one, spellings, times)) for one in found if isinstance(one, dict)]
    legible = [row for row in rows if row is not None]
    said = deviations(envelope.count, len(found), len(found) - len(legible))
    return LatestReadings(rows=legible, words=envelope.words, deviations=said)


def reading_of(row: Row) -> Reading | None:
    """One reading; None where it has no legible meter_no."""
    meter_no = row.text("meter_no")
    if not meter_no:
        return None
    supply, supply_word = row.supply("status")
    return Reading(
        meter_no=meter_no,
        unit_no=row.text("unit_no"),
        grid_wh=row.number("grid", "grid", MILLI_PLACES),
        dg_wh=row.number("dg", "dg", MILLI_PLACES),
        balance_paise=row.number("balance", "balance", PAISE_PLACES),
        read_at=row.time("date_time", "read_at"),
        supply=supply,
        supply_word=supply_word,
        doubts=row.doubts,
    )


def objects(operation_name: str, data: object) -> list[object]:
    """``data`` as a list: a single object counts as one row, null and blank as none."""
    if isinstance(data, list):
        return data
    if isinstance(data, dict):
        return [data]
    if data is None or (isinstance(data, str) and not data.strip()):
        return []
    said = f"The meter server sent “{sentence(spelled(data), LONGEST_QUOTE)}” where its rows belong."
    raise Unreadable(operation_name, said)


def deviations(count: object, rows: int, left_out: int) -> tuple[str, ...]:
    """Where a list is not what the contract says it is, in sentences (contract, reading 4)."""
    announced = _announced(count)
    found = []
    if not rows:
        found.append("The meter server sent no rows.")
    if announced is not None and announced != rows:
        found.append(f"The meter server announced {announced} rows and sent {rows}.")
    if left_out:
        found.append(f"Rows without a legible meter number, left out: {left_out}.")
    return tuple(found)


def _announced(count: object) -> int | None:
    try:
        return scaled(count, 0)
    except NotAQuantity:
        return None  # the list wins anyway
