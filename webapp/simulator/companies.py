"""The meter companies whose servers stand in the box: one world, and a spelling of the contract for each."""

from collections.abc import Mapping
from types import MappingProxyType

from webapp.contract.operations import OPERATIONS, Operation
from webapp.contract.profile import Profile
from webapp.simulator.company import Company


def _operations(
    paths: Mapping[str, str], params: Mapping[str, str], fields: Mapping[str, str]
) -> dict[str, object]:
    """A profile's ``operations`` of a company that calls a thing the same wherever it speaks of it."""
    return {
        name: {
            "path": paths[name],
            "params": {our: params[our] for our in operation.params if our in params},
            "fields": {our: fields[our] for our in operation.fields if our in fields},
        }
        for name, operation in OPERATIONS.items()
    }


PLAIN = Company(is_plain=True)

HARBOUR = Company(
    prefix="harbour",
    refuses_with=409,
    time_format="%d-%m-%Y %H:%M:%S",
    words=MappingProxyType({"On": "UP", "Off": "DOWN"}),
    numbers_are_text=False,
    profile=Profile.from_mapping(
        {
            "encoding": "json",
            "load_unit": "W",
            "fuel_unit": "percent",
            "auth": {"kind": "header", "name": "X-Api-Key", "secret_env": "HARBOUR_METER_KEY"},
            "operations": _operations(
                paths={
                    "latest_readings": "v2/meters",
                    "meter_reading": "v2/meter",
                    "recharge": "v2/recharges",
                    "recharge_status": "v2/recharges/state",
                    "meter_changes": "v2/meters/replaced",
                    "start_meter": "v2/supply/restore",
                    "stop_meter": "v2/supply/cut",
                    "meter_status": "v2/supply",
                    "update_load": "v2/loads",
                    "dg_reading": "v2/generators/energy",
                    "dg_sensing": "v2/generators/callback",
                    "dg_status": "v2/generators/state",
                    "dg_fuel": "v2/generators/fuel",
                },
                params={
                    "site_id": "site",
                    "meter_no": "meterNumber",
                    "transaction_id": "reference",
                    "from_date": "from",
                    "to_date": "to",
                    "load_dg": "dgWatts",
                    "load_grid": "gridWatts",
                    "dg_number": "generator",
                    "url": "callback",
                },
                fields={
                    "unit_no": "flat",
                    "meter_no": "meterNumber",
                    "dg": "dgEnergy",
                    "grid": "gridEnergy",
                    "date_time": "readAt",
                    "datetime": "readAt",
                    "balance": "walletBalance",
                    "status": "state",
                    "transaction_id": "reference",
                    "dg_no": "generator",
                    "reading": "energy",
                    "fuel_balance": "fuelLevel",
                    "url": "callback",
                },
            ),
        }
    ),
)

MAPLE = Company(
    prefix="maple",
    queue_s=3,
    profile=Profile.from_mapping(
        {
            "timezone": "UTC",
            "auth": {"kind": "basic", "username": "maple", "secret_env": "MAPLE_METER_PASSWORD"},
            "recharge_success_is_final": False,
            "operations": _operations(
                paths={
                    "latest_readings": "GetReadings.php",
                    "meter_reading": "GetReading.php",
                    "recharge": "Recharge.php",
                    "recharge_status": "RechargeStatus.php",
                    "meter_changes": "MeterChanges.php",
                    "start_meter": "Start.php",
                    "stop_meter": "Stop.php",
                    "meter_status": "Status.php",
                    "update_load": "SetLoad.php",
                    "dg_reading": "DgReading.php",
                    "dg_sensing": "DgSensing.php",
                    "dg_status": "DgStatus.php",
                    "dg_fuel": "DgFuel.php",
                },
                params={"site_id": "siteid", "meter_no": "mtr", "amount": "rs", "transaction_id": "txn"},
                fields={"meter_no": "mtr", "dg": "kwh_dg", "grid": "kwh_eb", "transaction_id": "txn"},
            ),
        }
    ),
)

COMPANIES = (PLAIN, HARBOUR, MAPLE)
DEMO_SECRETS = MappingProxyType(
    {"HARBOUR_METER_KEY": "harbour-demo-only", "MAPLE_METER_PASSWORD": "maple-demo-only"}
)
ROUTES: Mapping[str, tuple[Company, Operation]] = MappingProxyType(
    {
        company.path(operation): (company, operation)
        for company in COMPANIES
        for operation in OPERATIONS.values()
    }
)
