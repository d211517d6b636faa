"""Operations 3 and 4: money."""

import re

from webapp.quantities import PAISE_PLACES, plain, typed_by_a_person
from webapp.simulator.homes import Meter
from webapp.simulator.inputs import AMOUNT
from webapp.simulator.state import Credit
from webapp.simulator.wire import Body, Call, error, rupees, success


def recharge(call: Call) -> Body:
    """Operation 3: refused for a postpaid meter and for anything but a positive amount."""
    amount, meter = call.params.get("amount", ""), call.meter
    paise = typed_by_a_person(amount, PAISE_PLACES) if re.fullmatch(AMOUNT, amount) else 0
    if meter is None or paise <= 0 or call.site.state(meter, call.now).balance_paise is None:
        return error("Not Recharged", counted=True)
    wait_s = call.queue_s or call.site.company.queue_s
    credit = call.world.recharge(call.site, meter, paise, call.now, wait_s)
    return _recharged(call, meter, credit)


def _recharged(call: Call, meter: Meter, credit: Credit) -> Body:
    data: Body = {
        "unit_no": meter.unit_no,
        "meter_no": meter.meter_no,
        "amount": plain(credit.amount_paise, PAISE_PLACES),
        "transaction_id": credit.transaction_id,
        "token": credit.token,
        "date_time": call.stamp,
        "balance": rupees(call.site.state(meter, call.now).balance_paise),
        "remarks": "" if credit.credited else "Queued",
    }
    # A company that always queues says success, and means accepted.
    if credit.credited or not call.queue_s:
        return success("Meter Recharged", data)
    return {"status": "waiting", "message": "Recharge request is pending", "data": data}


def recharge_status(call: Call) -> Body:
    """Operation 4."""
    credit = call.world.kept.credit(call.site.site_id, call.params.get("transaction_id", ""))
    if credit is None:
        return error("No such record found", word="error")
    meter = call.site.meters.get(credit.meter_no)
    data: Body = {
        "unit_no": meter.unit_no if meter else "",
        "meter_no": credit.meter_no,
        "transaction_id": credit.transaction_id,
        "remarks": "",
    }
    if credit.credited:
        return success("Recharge success", data)
    return {"status": "waiting", "message": "Recharge request is pending", "data": data}
