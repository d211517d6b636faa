"""From the bytes of a reply to plain objects: JSON, and what servers take for JSON (reading 15)."""

import json
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import json5

from webapp.contract.deviations import COMMENTS, NEARLY_JSON, NOT_UTF8, Deviations
from webapp.quantities import spelled
from webapp.sentences import Sentence

BYTE_ORDER_MARK = "\ufeff"
REPAIRABLE = 8 * 1024 * 1024  # forty thousand meters, and at worst five seconds
SLOW_BYTES = 32 * 1024  # at worst three seconds: enough for two hundred meters
MOST_SIGNS = 3_000_000  # eighty thousand meters; empty lists without end would fill the memory
_LONGEST_NUMBER = 40

# Every alternative that opens also closes at the end of the text, so the pass stays linear.
_STRING = r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
_COMMENT = re.compile(_STRING + r"|//[^\r\n]*+|/\*.*?(?:\*/|\Z)", re.DOTALL)
_TRAILING_COMMA = re.compile(_STRING + r"|,(?=\s*+[}\]])", re.DOTALL)
_LEADING_NOUGHT = re.compile(_STRING + r"|(?<![\w.+-])0\d++(?:\.\d++)?(?=\s*+[,}\]])", re.DOTALL | re.ASCII)

# What the web calls Latin-1 is Windows' own: codecs of other names are guesses, or no text at all.
_LATIN = frozenset(("iso-8859-1", "latin-1", "latin1", "windows-1252", "cp1252"))


class NotJson(ValueError):  # noqa: N818
    """No JSON by any reading; ``str()`` says in words what it is instead."""


class Twice:
    """Stands for a value that one object gives twice, and differently: it is neither text nor number."""

    def __init__(self, one: object, other: object) -> None:
        self._said = " and ".join(spelled(value)[:_LONGEST_NUMBER] for value in (one, other))

    def __str__(self) -> str:
        return self._said


def parsed(body: bytes, charset: str, noted: Deviations) -> object:
    """The reply as dicts, lists, str, int, float, Decimal, bool, Twice and None, whatever its content type.

    Takes a byte-order mark, bytes that are no UTF-8, comments, trailing commas, numbers with leading
    noughts (as text) and, in short replies, JSON5. NaN and infinities come as float, numbers too long
    to be one as text. Raises NotJson.
    """
    text = _text(body, charset, noted).lstrip(BYTE_ORDER_MARK).strip()
    if not text:
        raise NotJson(Sentence("an empty answer"))
    if text.startswith("<"):
        raise NotJson(Sentence("a web page"))
    if sum(map(text.count, '",[{')) > MOST_SIGNS:
        raise NotJson(Sentence("more than any site has to say"))
    for read, kind in ((_strict, ""), (_repaired, COMMENTS), (_json5, NEARLY_JSON)):
        try:
            found = read(text)
        except RecursionError:
            break  # nested without end: the slower readers would only dig deeper
        except (ValueError, ArithmeticError):
            continue  # ArithmeticError: JSON5's “+0x1E”, which Decimal does not take
        if kind:
            noted.note(kind)
        return found
    raise NotJson(Sentence("something that is not JSON"))


def _text(body: bytes, charset: str, noted: Deviations) -> str:
    detected = json.detect_encoding(body)
    if not detected.startswith("utf-8"):
        noted.note(NOT_UTF8, detected)
        return body.decode(detected, errors="replace")
    try:
        return body.decode()
    except UnicodeDecodeError:
        noted.note(NOT_UTF8, charset)
        return body.decode("cp1252" if charset in _LATIN else "utf-8", errors="replace")


def _strict(text: str) -> object:
    return json.loads(
        text,
        strict=False,
        parse_float=_decimal,
        parse_int=_integer,
        parse_constant=float,
        object_pairs_hook=_object,
    )


def _repaired(text: str) -> object:
    if len(text) > REPAIRABLE:
        raise ValueError("too long to repair")
    for pattern in (_COMMENT, _TRAILING_COMMA):
        text = pattern.sub(_keep_string, text)
    # As text: a meter's number keeps its noughts, and an amount is read from text as well.
    return _strict(_LEADING_NOUGHT.sub(_as_text, text))


def _keep_string(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith('"') else " "


def _as_text(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith('"') else f'"{match[0]}"'


def _json5(text: str) -> object:
    if len(text) > SLOW_BYTES:
        raise ValueError("too long for the slow reader")
    return json5.loads(
        text,
        strict=False,
        parse_float=_decimal,
        parse_int=_integer,
        parse_constant=float,
        object_pairs_hook=_object,
    )


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    pairs = list(pairs)
    found = dict(pairs)
    if len(found) < len(pairs):
        for key, value in pairs:
            if found[key] != value and not isinstance(found[key], Twice):
                found[key] = Twice(value, found[key])
    return found


def _decimal(spelling: str) -> object:
    # Not float: a balance keeps the digits the server wrote.
    return Decimal(spelling) if len(spelling) <= _LONGEST_NUMBER else spelling


def _integer(spelling: str, base: int = 10) -> object:
    # Beyond 4,300 digits int() raises, and one absurd field would cost the whole reply; and what
    # JSON5 takes for a hexadecimal number is a meter's number sooner than an amount.
    return int(spelling) if base == 10 and len(spelling) <= _LONGEST_NUMBER else spelling
