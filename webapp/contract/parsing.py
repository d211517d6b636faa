"""From the bytes of a reply to plain objects: JSON, and what servers take for JSON (reading 15)."""

import json
import re
from decimal import Decimal

import json5

REPAIRABLE = 8 * 1024 * 1024  # forty thousand meters, and at worst five seconds
SLOW_BYTES = 64 * 1024  # json5 reads 60 kB a second: enough for any single meter's reply
_LONGEST_NUMBER = 40

# Every alternative that opens also closes at the end of the text, so the pass stays linear.
_STRING = r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
_COMMENT = re.compile(_STRING + r"|//[^\r\n]*+|/\*.*?(?:\*/|\Z)", re.DOTALL)
_TRAILING_COMMA = re.compile(_STRING + r"|,(?=\s*+[}\]])", re.DOTALL)


class NotJson(ValueError):  # noqa: N818
    """No JSON by any reading; ``str()`` says in words what it is instead."""


def parsed(body: bytes) -> object:
    """The reply as dicts, lists, str, int, Decimal, bool and None, whatever its content type says.

    Takes a byte-order mark, bytes that are no UTF-8, comments, trailing commas and, in short
    replies, JSON5. NaN and infinities come as text, as do numbers too long to be one.
    Raises NotJson.
    """
    text = body.decode(json.detect_encoding(body), errors="replace").lstrip("\ufeff").strip()
    if not text:
        raise NotJson("an empty answer")
    if text.startswith("<"):
        raise NotJson("a web page")
    for read in (_strict, _repaired, _json5):
        try:
            return read(text)
        except RecursionError:
            break  # nested without end: the slower readers would only dig deeper
        except (ValueError, ArithmeticError):
            continue  # ArithmeticError: JSON5's “+0x1E”, which Decimal does not take
    raise NotJson("something that is not JSON")


def _strict(text: str) -> object:
    return json.loads(text, strict=False, parse_float=_decimal, parse_int=_integer, parse_constant=str)


def _repaired(text: str) -> object:
    if len(text) > REPAIRABLE:
        raise ValueError("too long to repair")
    without_comments = _COMMENT.sub(_keep_string, text)
    return _strict(_TRAILING_COMMA.sub(_keep_string, without_comments))


def _keep_string(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith('"') else " "


def _json5(text: str) -> object:
    if len(text) > SLOW_BYTES:
        raise ValueError("too long for the slow reader")
    return json5.loads(text, strict=False, parse_float=_decimal, parse_int=_integer, parse_constant=str)


def _decimal(spelling: str) -> object:
    # Not float: a balance keeps the digits the server wrote.
    return Decimal(spelling) if len(spelling) <= _LONGEST_NUMBER else spelling


def _integer(spelling: str, base: int = 10) -> object:
    # Beyond 4,300 digits int() raises, and one absurd field would cost the whole reply.
    return int(spelling, base) if len(spelling) <= _LONGEST_NUMBER else spelling
