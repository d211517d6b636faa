"""Operations 1 and 2 by the careful road: row by row, field by field (contract, reading 15)."""

from collections.abc import Mapping

from webapp.contract.deviations import DEEPER, ONE_IN_A_LIST, ONE_OBJECT, Deviations
from webapp.contract.envelope import Envelope, without_spelling
from webapp.contract.errors import Unreadable
from webapp.contract.replies import LatestReadings, Reading
from webapp.contract.rows import Row, SiteTimes
from webapp.contract.wording import LONGEST_QUOTE, sentence
from webapp.quantities import NotAQuantity, scaled, spelled
from webapp.sentences import N_, Sentence


def latest_readings(envelope: Envelope, spellings: Mapping[str, str], times: SiteTimes) -> LatestReadings:
    """Every row with a legible meter_no, in the server's order. Raises Unreadable."""
    noted = envelope.noted
    found = objects("latest_readings", envelope, is_list=True)
    rows = [reading_of(Row(one, spellings, times), noted) for one in found if isinstance(one, dict)]
    legible = [row for row in rows if row is not None]
    noted.losses = losses(envelope.count, len(found), len(found) - len(legible))
    return LatestReadings(legible, envelope.words, noted.losses, noted.sentences(len(found)))


def reading_of(row: Row, noted: Deviations) -> Reading | None:
    """One reading; None where it has no legible meter_no. What it deviates in is noted."""
    reading = _reading(row)
    noted.of_a_row(row.deviations)
    return reading


def _reading(row: Row) -> Reading | None:
    meter_no = row.text("meter_no")
    if not meter_no:
        return None
    supply, supply_word = row.supply("status")
    return Reading(
        meter_no=meter_no,
        unit_no=row.text("unit_no"),
        grid_wh=row.energy("grid", "grid"),
        dg_wh=row.energy("dg", "dg"),
        balance_paise=row.rupees("balance", "balance"),
        read_at=row.time("date_time", "read_at"),
        supply=supply,
        supply_word=supply_word,
        doubts=row.doubts,
    )


def objects(operation_name: str, envelope: Envelope, *, is_list: bool) -> list[object]:
    """``data`` as a list: a single object counts as one row, null and blank as none.

    ``is_list`` is how the contract has it. Data within data, as frameworks wrap it, is unwrapped once.
    """
    data, noted = envelope.data, envelope.noted
    within = without_spelling(data).get("data") if isinstance(data, dict) else None
    if isinstance(within, list | dict):
        noted.note(DEEPER)
        data = within
    if isinstance(data, list):
        if not is_list:
            noted.note(ONE_IN_A_LIST)
        return data
    if isinstance(data, dict):
        if is_list:
            noted.note(ONE_OBJECT)
        return [data]
    if data is None or (isinstance(data, str) and not data.strip()):
        return []
    said = sentence(spelled(data), LONGEST_QUOTE)
    raise Unreadable(
        operation_name, Sentence("The meter server sent “%(said)s” where its rows belong.", said=said)
    )


def losses(count: object, rows: int, left_out: int) -> tuple[str, ...]:
    """Where a list is not what the contract says it is, in sentences (contract, reading 4)."""
    announced = _announced(count)
    found = []
    if not rows:
        found.append(Sentence("The meter server sent no rows."))
    if announced is not None and announced != rows:
        told = N_("The meter server announced %(announced)s rows and sent %(rows)s.")
        found.append(Sentence(told, announced=announced, rows=rows))
    if left_out:
        found.append(Sentence("Rows without a legible meter number, left out: %(n)s.", n=left_out))
    return tuple(found)


def _announced(count: object) -> int | None:
    try:
        return scaled(count, 0)
    except NotAQuantity:
        return None  # the list wins anyway
