"""Operations 6 to 9: supply and load limits."""

import re

from webapp.simulator.inputs import LOADS
from webapp.simulator.wire import Body, Call, error, not_done, success


def start_meter(call: Call) -> Body:
    """Operation 6."""
    return _switched(call, on=True)


def stop_meter(call: Call) -> Body:
    """Operation 7."""
    return _switched(call, on=False)


def _switched(call: Call, *, on: bool) -> Body:
    meter, word = call.meter, "STARTED" if on else "STOPPED"
    if meter is None:
        return not_done("Meter not Accessible")
    if call.site.state(meter, call.now).supply_on is on:
        return not_done(f"Meter was already {word}")
    if not call.idle:
        call.world.switch(call.site, meter, on, call.now)
    data: Body = {"unit_no": meter.unit_no, "meter_no": meter.meter_no, "status": word}
    return success(f"Meter {word.capitalize()}", data)


def meter_status(call: Call) -> Body:
    """Operation 8."""
    meter = call.meter
    if meter is None:
        return error("No such record found", word="error")
    on = call.site.state(meter, call.now).supply_on
    data: Body = {
        "unit_no": meter.unit_no,
        "meter_no": meter.meter_no,
        "status": "On" if on else "Off",
        "remarks": "",
    }
    return success("Meter Status success", data)


def update_load(call: Call) -> Body:
    """Operation 9: both limits, neither below zero."""
    meter = call.meter
    company, loads = call.site.company, [call.params.get(name, "") for name in ("load_dg", "load_grid")]
    limit = LOADS[company.profile.load_unit]
    if meter is None or not all(re.fullmatch(limit, load) for load in loads):
        return not_done("Meter Load was not updated")
    if not call.idle:
        load_dg, load_grid = map(company.kilowatts, loads)
        call.world.set_load(call.site, meter, load_dg, load_grid, call.now)
    data: Body = {"unit_no": meter.unit_no, "meter_no": meter.meter_no, "status": "Load Updated"}
    return success("Meter load updated", data)
