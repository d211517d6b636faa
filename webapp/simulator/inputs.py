"""What callers ask with: the inputs of a request as texts, and what each may look like."""

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl

from webapp.contract.operations import Operation
from webapp.simulator.company import Company

DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
AMOUNT = r"[0-9]{1,9}(\.[0-9]{1,2})?"  # rupees
_AS_WRITTEN = json.JSONDecoder(parse_float=str, parse_int=str)
LOADS: Mapping[str, str] = {"kW": r"[0-9]{1,6}(\.[0-9]{1,3})?", "W": r"[0-9]{1,9}"}


def inputs(company: Company, operation: Operation, query: str, kind: str, body: bytes) -> dict[str, str]:
    """A request's inputs under our names; ``kind`` is its content type. Raises ValueError."""
    asked = _fields(query)
    if company.is_plain:
        given = asked | _any_body(kind, body)
    elif operation.method == "GET":
        given = asked
    else:
        is_json = company.profile.encoding == "json"
        given = _texts(company, operation, kind, body) if is_json else _fields(body.decode())
    for text in given.values():
        text.encode()  # JSON may hold halves of letters, which nothing can keep or send
    return company.understood(operation, given)


def _fields(text: str) -> dict[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True))


def _any_body(kind: str, body: bytes) -> dict[str, str]:
    text = body.decode()
    if not text.strip() or ("json" not in kind and not text.lstrip().startswith("{")):
        return _fields(text)
    found = _object(text, _AS_WRITTEN)
    return {name: str(value) for name, value in found.items() if value is not None}


def _texts(company: Company, operation: Operation, kind: str, body: bytes) -> dict[str, str]:
    """The operation's inputs from JSON, each of which must be a text; what else is there is nobody's."""
    found = _object(body.decode(), json.JSONDecoder())
    names = company.params(operation).values()
    given = {name: value for name, value in found.items() if name in names}
    if "json" not in kind or not all(isinstance(value, str) for value in given.values()):
        raise ValueError("not an object of texts")
    return {name: str(value) for name, value in given.items()}


def _object(text: str, reader: json.JSONDecoder) -> dict[str, object]:
    try:
        found = reader.decode(text)
    except RecursionError:
        raise ValueError("nested without end") from None
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found
