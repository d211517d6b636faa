"""Operations 10 to 13: generators."""

from webapp.simulator.loopback import callback_address
from webapp.simulator.wire import Body, Call, error, kwh, success


def _dg_no(call: Call) -> str | None:
    asked = call.params.get("dg_number", "")
    return asked if asked in call.site.generators else None


def dg_reading(call: Call) -> Body:
    """Operation 10."""
    dg_no = _dg_no(call)
    if dg_no is None:
        return error("Not Found")
    data: Body = {
        "dg_no": dg_no,
        "meter_no": call.site.generators[dg_no].meter_no,
        "reading": kwh(call.site.energy_wh(dg_no, call.now)),
        "date_time": call.stamp,
    }
    return success("DG Readings", data)


def dg_sensing(call: Call) -> Body:
    """Operation 11: calls back only to this machine, so that a box never calls out."""
    dg_no, url = _dg_no(call), call.params.get("url", "")
    if dg_no is None or callback_address(url) is None:
        return error("Not Configured")
    call.world.set_sensing(call.site, dg_no, url)
    return success("DG Sensing URL configured", {"dg_no": dg_no, "url": url})


def dg_status(call: Call) -> Body:
    """Operation 12."""
    dg_no = _dg_no(call)
    if dg_no is None:
        return error("Not Found")
    status = "ON" if call.site.runs(dg_no, call.now) else "OFF"
    return success("DG Status", {"dg_no": dg_no, "status": status})


def dg_fuel(call: Call) -> Body:
    """Operation 13, in the company's unit."""
    dg_no = _dg_no(call)
    if dg_no is None:
        return error("Not Found")
    fuel = f"{call.site.fuel_ml(dg_no, call.now) / 1_000:.2f}"
    if call.site.company.profile.fuel_unit == "percent":
        fuel = f"{call.site.fuel_share(dg_no, call.now) * 100:.2f}"
    return success("DG Status", {"dg_no": dg_no, "fuel_balance": fuel, "datetime": call.stamp})
