"""A fault as it is posted to the back door, believed only where every part makes sense."""

import math
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

from webapp.contract.operations import OPERATIONS
from webapp.simulator.fault_board import Fault
from webapp.simulator.faults import KINDS

ANY = "*"
_PARTS = frozenset(("operation", "kind", "times", "seconds", "site_id"))


def fault_from(body: object, site_ids: Collection[str]) -> Fault:
    """The fault to switch on. Raises ValueError, whose text says what makes no sense."""
    if not isinstance(body, dict) or not set(body) <= _PARTS:
        raise ValueError("a fault has operation, kind and perhaps times, seconds and site_id")
    given = {"operation": ANY, **{name: value for name, value in body.items() if value is not None}}
    for name, (is_good, words) in _RULES.items():
        if not is_good(given.get(name)):
            raise ValueError(words)
    if given.get("site_id") not in (None, *site_ids):
        raise ValueError("no such site")
    fault = Fault(**given)
    _check_together(fault)
    return fault


def _check_together(fault: Fault) -> None:
    """Raises ValueError where the operation's reply has nothing that the kind could change."""
    meant = KINDS[fault.kind].operations
    if fault.operation != ANY and fault.operation not in meant:
        names = ", ".join(name for name in OPERATIONS if name in meant)
        raise ValueError(f"{fault.kind} makes no sense for {fault.operation}: it is for {names}")


def _is_count(value: object) -> bool:
    return value is None or (type(value) is int and value >= 1)


def _is_a_while(value: Any) -> bool:
    return value is None or (type(value) in (int, float) and 0 <= value < math.inf)


_RULES: Mapping[str, tuple[Callable[[object], bool], str]] = MappingProxyType(
    {
        "operation": (
            lambda value: isinstance(value, str) and value in (*OPERATIONS, ANY),
            f"operation is {ANY} or one of {', '.join(OPERATIONS)}",
        ),
        "kind": (
            lambda value: isinstance(value, str) and value in KINDS,
            f"kind is one of {', '.join(KINDS)}",
        ),
        "times": (_is_count, "times is a whole number from 1, or left out"),
        "seconds": (_is_a_while, "seconds is a number from 0"),
    }
)
