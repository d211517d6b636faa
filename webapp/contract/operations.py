"""The document's thirteen operations as a table, each clause by its number."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from webapp.sentences import Sentence


@dataclass(frozen=True)
class Operation:
    """One clause: our name, how it is asked, and what its ``data`` holds."""

    clause: int
    name: str
    method: str
    path: str
    params: tuple[str, ...]
    fields: tuple[str, ...]
    command: bool = False  # it acts on a meter: never repeated, and a 5xx is not a refusal

    @property
    def what(self) -> Sentence:
        """The operation in words, for a sentence to a person."""
        return _WORDS[self.name]


_READING = ("unit_no", "meter_no", "dg", "grid", "date_time", "balance", "status")
_SWITCHED = ("unit_no", "meter_no", "status")
_SITE_METER = ("site_id", "meter_no")
_SITE_DG = ("site_id", "dg_number")

_TABLE = (
    Operation(1, "latest_readings", "GET", "latest-readings", ("site_id",), _READING),
    Operation(2, "meter_reading", "GET", "meter-reading", ("meter_no",), _READING),
    Operation(
        3,
        "recharge",
        "POST",
        "recharge",
        ("site_id", "meter_no", "amount"),
        ("unit_no", "meter_no", "amount", "transaction_id", "token", "date_time", "balance", "remarks"),
        command=True,
    ),
    Operation(
        4,
        "recharge_status",
        "GET",
        "recharge-status",
        ("site_id", "transaction_id"),
        ("unit_no", "meter_no", "transaction_id", "remarks"),
    ),
    Operation(
        5,
        "meter_changes",
        "GET",
        "meter-changes",
        ("site_id", "from_date", "to_date"),
        (
            "unit_no",
            "old_meter_no",
            "old_start_dg",
            "old_end_dg",
            "old_start_grid",
            "old_end_grid",
            "new_meter_no",
            "new_start_dg",
            "new_start_grid",
            "meter_change_date",
            "reading_start_date",
        ),
    ),
    Operation(6, "start_meter", "POST", "start-meter", _SITE_METER, _SWITCHED, command=True),
    Operation(7, "stop_meter", "POST", "stop-meter", _SITE_METER, _SWITCHED, command=True),
    Operation(8, "meter_status", "GET", "meter-status", _SITE_METER, (*_SWITCHED, "remarks")),
    Operation(
        9,
        "update_load",
        "POST",
        "update-load",
        (*_SITE_METER, "load_dg", "load_grid"),
        _SWITCHED,
        command=True,
    ),
    Operation(10, "dg_reading", "GET", "dg-reading", _SITE_DG, ("dg_no", "meter_no", "reading", "date_time")),
    Operation(11, "dg_sensing", "POST", "dg-sensing", (*_SITE_DG, "url"), ("dg_no", "url")),
    Operation(12, "dg_status", "GET", "dg-status", _SITE_DG, ("dg_no", "status")),
    Operation(13, "dg_fuel", "GET", "dg-fuel", _SITE_DG, ("dg_no", "fuel_balance", "datetime")),
)

_WORDS = {
    "latest_readings": Sentence("latest readings"),
    "meter_reading": Sentence("meter reading"),
    "recharge": Sentence("recharge"),
    "recharge_status": Sentence("recharge status"),
    "meter_changes": Sentence("meter changes"),
    "start_meter": Sentence("start meter"),
    "stop_meter": Sentence("stop meter"),
    "meter_status": Sentence("meter status"),
    "update_load": Sentence("update load"),
    "dg_reading": Sentence("dg reading"),
    "dg_sensing": Sentence("dg sensing"),
    "dg_status": Sentence("dg status"),
    "dg_fuel": Sentence("dg fuel"),
}
OPERATIONS: Mapping[str, Operation] = MappingProxyType({operation.name: operation for operation in _TABLE})


def may_have_acted(operation: Operation, says: str) -> str:
    """What went wrong, for a person: after a command that is not all of it."""
    return Sentence("%(says)s It may have acted all the same.", says=says) if operation.command else says
