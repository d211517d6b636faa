"""What the values of a reply look like, as JSON Schema: the fields of all thirteen operations."""

from collections.abc import Mapping

from webapp.contract.operations import Operation
from webapp.simulator.company import NUMBERS, Company

Schema = dict[str, object]

TEXT: Schema = {"type": "string"}
_A_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TIME_PARTS = {"%Y": "[0-9]{4}", "%m": "[0-9]{2}", "%d": "[0-9]{2}", "%H": "[0-9]{2}", "%M": "[0-9]{2}"}
_SIGNED = frozenset(("balance",))  # a purse may be below zero, a register never
_NULLABLE = frozenset(("balance",))  # a postpaid meter has none (contract, reading 7)
_MOMENTS = frozenset(("date_time", "datetime"))
_DAYS = frozenset(("meter_change_date", "reading_start_date"))
_SUPPLY = ("On", "Off")
_WORDS: Mapping[str, tuple[str, ...]] = {
    "latest_readings": _SUPPLY,
    "meter_reading": _SUPPLY,
    "meter_status": _SUPPLY,
    "start_meter": ("STARTED",),
    "stop_meter": ("STOPPED",),
    "update_load": ("Load Updated",),
    "dg_status": ("ON", "OFF"),
}


def row(company: Company, operation: Operation) -> Schema:
    """One object of the operation's ``data``: every field, in the company's spelling, and no other."""
    names = company.fields(operation)
    fields = {names[our]: _field(company, operation, our) for our in operation.fields}
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def _field(company: Company, operation: Operation, name: str) -> Schema:
    if name == "status":
        return {"enum": [company.words.get(word, word) for word in _WORDS[operation.name]]}
    if name in NUMBERS:
        return _number(company, name)
    if name in _MOMENTS:
        return {"type": "string", "pattern": f"^{_moment(company.time_format)}$"}
    if name in _DAYS:
        return {"type": "string", "pattern": _A_DAY, "format": "date"}
    return TEXT


def _number(company: Company, name: str) -> Schema:
    """Two decimals: kWh, rupees, litres or per cent."""
    kind = "string" if company.numbers_are_text else "number"
    types = [kind, "null"] if name in _NULLABLE else kind
    if company.numbers_are_text:
        return {"type": types, "pattern": f"^{'-?' if name in _SIGNED else ''}[0-9]+\\.[0-9]{{2}}$"}
    return {"type": types} if name in _SIGNED else {"type": types, "minimum": 0}


def _moment(time_format: str) -> str:
    pattern = time_format.replace("%S", "[0-9]{2}")
    for part, digits in _TIME_PARTS.items():
        pattern = pattern.replace(part, digits)
    return pattern
