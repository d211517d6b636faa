"""The thirteen operations as a table: what answers each, and how each says no."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from webapp.simulator.generator_answers import dg_fuel, dg_reading, dg_sensing, dg_status
from webapp.simulator.reading_answers import latest_readings, meter_changes, meter_reading
from webapp.simulator.recharge_answers import recharge, recharge_status
from webapp.simulator.switching_answers import meter_status, start_meter, stop_meter, update_load
from webapp.simulator.wire import Body, Call, error, not_done

ANSWERS: Mapping[str, Callable[[Call], Body]] = MappingProxyType(
    {
        "latest_readings": latest_readings,
        "meter_reading": meter_reading,
        "recharge": recharge,
        "recharge_status": recharge_status,
        "meter_changes": meter_changes,
        "start_meter": start_meter,
        "stop_meter": stop_meter,
        "meter_status": meter_status,
        "update_load": update_load,
        "dg_reading": dg_reading,
        "dg_sensing": dg_sensing,
        "dg_status": dg_status,
        "dg_fuel": dg_fuel,
    }
)

REFUSALS: Mapping[str, Body] = MappingProxyType(
    {
        "latest_readings": error("Not Found", counted=True, word="error"),
        "meter_reading": error("Not Found", counted=True),
        "recharge": error("Not Recharged", counted=True),
        "recharge_status": error("Recharge was not successful due to a fault at the meter", word="error"),
        "meter_changes": error("Not Details", counted=True),
        "start_meter": not_done("Meter not Accessible"),
        "stop_meter": not_done("Meter not Accessible"),
        "meter_status": error("Not able to connect to Meter", word="error"),
        "update_load": not_done("Meter Load was not updated"),
        "dg_reading": error("Not Found"),
        "dg_sensing": error("Not Configured"),
        "dg_status": error("Not Found"),
        "dg_fuel": error("Not Found"),
    }
)
