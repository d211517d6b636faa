"""Whether what was read is what is true in the box."""

from collections.abc import Callable, Mapping
from typing import Any

from webapp.contract import replies

from .asking import CREDITED, LIMITED, SWITCHED, Asker


def paise(rupees: str | None) -> int | None:
    return None if rupees is None else round(float(rupees) * 100)


def wh(kwh: str) -> int:
    return round(float(kwh) * 1_000)


def are_true(readings: list[replies.Reading], asker: Asker) -> bool:
    """Every reading is its meter's, to the last digit and to the second."""
    world = asker.caller.world(asker.site_id)["meters"]
    return all(
        reading
        == replies.Reading(
            reading.meter_no,
            world[reading.meter_no]["unit_no"],
            wh(world[reading.meter_no]["grid_kwh"]),
            wh(world[reading.meter_no]["dg_kwh"]),
            paise(world[reading.meter_no]["balance"]),
            asker.now(),
            replies.Supply(world[reading.meter_no]["supply"]),
            reading.supply_word,
            deviations=reading.deviations,
        )
        for reading in readings
    )


def _latest(reply: replies.LatestReadings, asker: Asker) -> bool:
    everyone = [reading.meter_no for reading in reply.rows] == asker.meter_nos
    return everyone and reply.losses == () and are_true(reply.rows, asker)


def _changes(reply: replies.MeterChanges, asker: Asker) -> bool:
    ends = [
        (row.unit_no, row.old_meter_no, row.old_end_grid_wh, row.old_end_dg_wh, row.new_start_grid_wh)
        for row in reply.rows
    ]
    return ends == [
        (one.meter.unit_no, one.old_meter_no, _cut(one.old_end[0]), _cut(one.old_end[1]), 0)
        for one in asker.site.replacements
    ]


def _cut(energy_wh: float) -> int:
    return int(energy_wh // 10 * 10)


def _recharge(reply: replies.Recharge, asker: Asker) -> bool:
    """Where the server queues, the balance is the one before."""
    queued = 0 if asker.site.company.profile.recharge_success_is_final else 50_050
    now = asker.left_behind()["balance"]
    return (reply.meter_no, reply.amount_paise, reply.balance_paise) == (
        asker.meter_nos[CREDITED],
        50_050,
        now - queued,
    )


def _is_about(index: int) -> Callable[[Any, Asker], bool]:
    return lambda reply, asker: reply.meter_no == asker.meter_nos[index] and not reply.pending


def _status(reply: replies.MeterStatus, asker: Asker) -> bool:
    return reply.supply == asker.left_behind()["supply"] and reply.meter_no == asker.meter_nos[SWITCHED]


def _generator(asker: Asker) -> dict[str, str]:
    found: dict[str, str] = asker.caller.world(asker.site_id)["generators"]["DG1"]
    return found


def _fuel(reply: replies.DgFuel, asker: Asker) -> bool:
    true = _generator(asker)
    if asker.site.company.profile.fuel_unit == "percent":
        return (reply.fuel_ml, reply.fuel_percent_hundredths) == (None, paise(true["fuel_percent"]))
    return (reply.fuel_ml, reply.fuel_percent_hundredths) == (wh(true["fuel_litres"]), None)


TRUTHS: Mapping[str, Callable[[Any, Asker], bool]] = {
    "latest_readings": _latest,
    "meter_reading": lambda reply, asker: are_true([reply], asker),
    "recharge": _recharge,
    "recharge_status": lambda reply, asker: (
        (reply.transaction_id, reply.pending) == (asker.transaction_id, False)
    ),
    "meter_changes": _changes,
    "start_meter": _is_about(SWITCHED),
    "stop_meter": _is_about(SWITCHED),
    "meter_status": _status,
    "update_load": _is_about(LIMITED),
    "dg_reading": lambda reply, asker: reply.register_wh == wh(_generator(asker)["energy_kwh"]),
    "dg_sensing": lambda reply, asker: reply.url == asker.left_behind()["callback"],
    "dg_status": lambda reply, asker: reply.word == _generator(asker)["status"],
    "dg_fuel": _fuel,
}
