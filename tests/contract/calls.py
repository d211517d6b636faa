"""All thirteen operations, each called once."""

from datetime import date
from typing import Any

CALLBACK = "https://desk.example/hook/ab%20c?dg=1&who=x y+z#é₹"
CALLS: dict[str, Any] = {
    "latest_readings": lambda c: c.latest_readings(),
    "meter_reading": lambda c: c.meter_reading("M1"),
    "recharge": lambda c: c.recharge("M1", 100),
    "recharge_status": lambda c: c.recharge_status("T1"),
    "meter_changes": lambda c: c.meter_changes(date(2026, 11, 1), date(2026, 11, 2)),
    "start_meter": lambda c: c.start_meter("M1"),
    "stop_meter": lambda c: c.stop_meter("M1"),
    "meter_status": lambda c: c.meter_status("M1"),
    "update_load": lambda c: c.update_load("M1", 5_000, 2_000),
    "dg_reading": lambda c: c.dg_reading("DG1"),
    "dg_sensing": lambda c: c.dg_sensing("DG1", CALLBACK),
    "dg_status": lambda c: c.dg_status("DG1"),
    "dg_fuel": lambda c: c.dg_fuel("DG1"),
}
