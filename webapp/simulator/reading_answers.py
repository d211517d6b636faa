"""Operations 1, 2 and 5: what the meters read, and which were replaced."""

import re
from datetime import date

from webapp.simulator.homes import Meter, State
from webapp.simulator.inputs import DAY
from webapp.simulator.site import Replacement
from webapp.simulator.wire import Body, Call, error, kwh, rupees, success


def _reading(meter: Meter, state: State, stamp: str) -> Body:
    return {
        "unit_no": meter.unit_no,
        "meter_no": meter.meter_no,
        "dg": kwh(state.dg_wh),
        "grid": kwh(state.grid_wh),
        "date_time": stamp,
        "balance": rupees(state.balance_paise),
        "status": "On" if state.supply_on else "Off",
    }


def latest_readings(call: Call) -> Body:
    """Operation 1."""
    stamp = call.stamp
    rows = [_reading(meter, state, stamp) for meter, state in call.site.states(call.now)]
    return {
        "status": "success",
        "message": "Meter Readings and Balances",
        "count": str(len(rows)),
        "data": rows,
    }


def meter_reading(call: Call) -> Body:
    """Operation 2."""
    if call.meter is None:
        return error("Not Found", counted=True)
    reading = _reading(call.meter, call.site.state(call.meter, call.now), call.stamp)
    return success("Meter Readings and Balance", reading)


def meter_changes(call: Call) -> Body:
    """Operation 5: replacements on the days from ``from_date`` to ``to_date``, both included."""
    try:
        first, last = (_asked_day(call, name) for name in ("from_date", "to_date"))
    except ValueError:
        return error("Not Details", counted=True)
    dated = [(call.local(one.at).date(), one) for one in call.site.replacements]
    rows = [_change(one, day) for day, one in dated if first <= day <= last]
    if not rows:
        return error("Not Details", counted=True)
    return {"status": "success", "message": "Meter Changed Details", "count": str(len(rows)), "data": rows}


def _asked_day(call: Call, name: str) -> date:
    """Only as the document spells a day; ISO 8601 knows others. Raises ValueError."""
    text = call.params.get(name, "")
    if not re.fullmatch(DAY, text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _change(replacement: Replacement, day: date) -> Body:
    return {
        "unit_no": replacement.meter.unit_no,
        "old_meter_no": replacement.old_meter_no,
        "old_start_dg": kwh(replacement.old_start[1]),
        "old_end_dg": kwh(replacement.old_end[1]),
        "old_start_grid": kwh(replacement.old_start[0]),
        "old_end_grid": kwh(replacement.old_end[0]),
        "new_meter_no": replacement.meter.meter_no,
        "new_start_dg": kwh(0.0),
        "new_start_grid": kwh(0.0),
        "meter_change_date": day.isoformat(),
        "reading_start_date": day.isoformat(),
    }
