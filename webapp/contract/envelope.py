"""What every reply has around its data: did the meter server say yes, no, or not yet?"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from msgspec import Struct, field
from msgspec.structs import replace

from webapp.contract.deviations import ENVELOPE_KEY, Deviations
from webapp.contract.errors import Refused, Unanswered, Unreadable
from webapp.contract.heard import Heard
from webapp.contract.operations import Operation, may_have_acted
from webapp.contract.outcome import NO, PENDING, YES, outcome_of, speaks_of_an_act
from webapp.contract.parsing import NotJson, Twice, parsed
from webapp.contract.wording import identifier, joined, sentence
from webapp.sentences import Sentence

_OTHER: str = Sentence("something that is not the contract's")
SUCCESS = YES
WAITING = PENDING
_LONGEST_KEY = 100
_LONGEST_NUMBER = 300
_NO_NUMBERS: tuple[object, ...] = (None, "", 0, "0", "null", "NA", "N/A", "-", [])
_AS_WRITTEN: Mapping[str, str] = MappingProxyType({})
_SPACING = dict.fromkeys(map(ord, " _-\t\ufeff"))
_MAY_WAIT = frozenset({"recharge", "recharge_status", "start_meter", "stop_meter", "update_load"})


class Envelope(Struct, frozen=True):
    """A reply that was legible as the contract's: ``status`` is lower case, '' where there is none."""

    status: str
    words: str
    data: object = None
    count: object = None
    noted: Deviations = field(default_factory=Deviations)


@lru_cache(maxsize=2048)
def folded(key: str) -> str:
    """A key without what servers vary: case, spaces, underscores. ``Meter No`` is ``meter_no``."""
    return key[:_LONGEST_KEY].casefold().translate(_SPACING)


def without_spelling(pairs: Mapping[str, object]) -> dict[str, object]:
    """By folded key. What differs under two spellings of one key is Twice."""
    found: dict[str, object] = {}
    for key, value in pairs.items():
        known = found.setdefault(folded(key), value)
        if known is not value and known != value:
            found[folded(key)] = Twice(known, value)
    return found


def opened(operation: Operation, heard: Heard, spellings: Mapping[str, str] = _AS_WRITTEN) -> Envelope:
    """Return the envelope of a reply that says yes, or not yet where the contract knows it.

    ``spellings``: how the company calls our fields, where it differs.
    Raises Refused, Unanswered or Unreadable (contract, readings 2 and 15).
    """
    http_status, noted = heard.http_status, heard.noted()
    try:
        reply = parsed(heard.body, heard.charset, noted)
        envelope, what = _envelope(reply, noted), _OTHER
    except NotJson as error:
        envelope, what = Envelope("", ""), str(error)
    words = envelope.words
    if http_status >= 500 or (operation.command and 300 <= http_status < 400):
        raise Unanswered(operation.name, _failed(operation, http_status), words)
    if 300 <= http_status < 400:
        raise Unreadable(operation.name, Sentence("The meter server sent us to another address."), words)
    if not envelope.status:
        raise Unreadable(operation.name, _unreadable(operation, what, http_status), words)
    return _judged(operation, http_status, envelope, spellings)


def _judged(
    operation: Operation, http_status: int, envelope: Envelope, spellings: Mapping[str, str]
) -> Envelope:
    name, words, outcome = operation.name, envelope.words, outcome_of(envelope.status)
    positive = outcome in (YES, PENDING)
    if positive and not 200 <= http_status < 300:
        # It contradicts itself: a recharge taken for refused here could be made twice.
        both = Sentence("yes and no at once")
        raise Unreadable(name, _unreadable(operation, both, http_status), words)
    if operation.command and outcome is None:
        word = Sentence("“%(word)s”, a word we don't know", word=envelope.status)
        raise Unreadable(name, _unreadable(operation, word, http_status), words)
    if operation.command and outcome == NO:
        evidence = _evidence(operation, envelope, spellings)
        if evidence or speaks_of_an_act(words):
            raise Unanswered(name, may_have_acted(operation, _refused(words)), words, **evidence)
    if outcome not in (YES, PENDING):
        raise Refused(name, _refused(words), words)
    if outcome == PENDING and name not in _MAY_WAIT:
        raise Refused(name, Sentence("The meter server has no answer yet and asks to wait."), words)
    return replace(envelope, status=outcome)


def _evidence(operation: Operation, envelope: Envelope, spellings: Mapping[str, str]) -> dict[str, str]:
    """Return the transaction id and the token that stand beside a recharge's “no”, where they do."""
    data = envelope.data[0] if isinstance(envelope.data, list) and len(envelope.data) == 1 else envelope.data
    if operation.name != "recharge" or not isinstance(data, dict):
        return {}
    row = without_spelling(data)
    found = {name: row.get(folded(spellings.get(name, name))) for name in ("transaction_id", "token")}
    return {
        name: identifier(value, _LONGEST_NUMBER) or ""
        for name, value in found.items()
        if value not in _NO_NUMBERS
    }


def _envelope(reply: object, noted: Deviations) -> Envelope:
    if not isinstance(reply, dict):
        return Envelope("", "")
    keys = without_spelling(reply)
    for key in ("status", "data"):
        if key in keys and key not in reply:
            noted.note(ENVELOPE_KEY, f"“{key}”")
    data = keys.get("data")
    if not isinstance(data, Twice):
        data = reply.get("data", data)
    return Envelope(
        # Only a word is an outcome: a number or a missing one may come from any machine on the way,
        # and two outcomes in one reply are none.
        status=sentence(keys.get("status")).casefold(),
        words=joined([*_spoken(reply), *(_spoken(data) if isinstance(data, dict) else [])]),
        data=data,
        count=reply.get("count", keys.get("count")),
        noted=noted,
    )


def _spoken(row: dict[str, object]) -> list[object]:
    """Message, Remarks and remarks together: one reply may hold several, spelled apart."""
    return [row[key] for key in row if folded(key) in ("message", "remarks")]


def _refused(words: str) -> Sentence:
    if words:
        return Sentence("The meter server refused: “%(words)s”.", words=words)
    return Sentence("The meter server refused.")


def _failed(operation: Operation, http_status: int) -> str:
    says = Sentence("The meter server answered with an error of its own (HTTP %(code)s).", code=http_status)
    return may_have_acted(operation, says)


def _unreadable(operation: Operation, what: str, http_status: int) -> str:
    if not 200 <= http_status < 300:
        what = Sentence("%(what)s (HTTP %(code)s)", what=what, code=http_status)
    return may_have_acted(operation, Sentence("The meter server answered with %(what)s.", what=what))
