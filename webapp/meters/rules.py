"""What to believe of a reading. Pure: values and ``now`` in, a judgement out."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from babel.numbers import format_decimal

from webapp.contract.replies import Reading, Supply
from webapp.meters.judgement import Judged, Known
from webapp.quantities import MILLI_PLACES, decimal_of
from webapp.sentences import Sentence

CLOCK_SLACK = timedelta(minutes=10)  # a server's clock may be this far ahead of ours
CLOCK_SET = datetime(2000, 1, 1, tzinfo=UTC)  # a time before is no time: a clock that lost its battery
STEADY_W = 200_000  # no meter of a home or shop draws more on the average …
STEADY_WH = 20_000  # … and less than this at once is not worth a doubt
ZEROED_FROM = 5  # so many balances falling to exactly 0 in one reply are the server's mistake
ZEROED_SHARE = 0.8
HISTORY_GRAIN = timedelta(minutes=15)

NAMES = {"grid": Sentence("grid register"), "dg": Sentence("generator register")}
SUPPLY = {"on": Sentence("on"), "off": Sentence("off"), "unknown": Sentence("unknown")}
ZEROED = Sentence("the last reply said ₹0 for nearly every meter at once")
FUTURE = Sentence("the reading's time lies in the future, so it is kept apart")


def judge(known: Known, row: Reading, now: datetime, zeroed: bool = False) -> Judged:
    """One row against what we hold (contract, readings 3, 5, 7 and 15).

    What cannot be understood is unknown, with its reason; what is readable but implausible is
    kept apart; in both cases the last good value stays with its own, old, time.
    """
    held = Judged.of(known)
    unreadable = {doubt.field: doubt.reason for doubt in row.doubts}
    said = row.read_at
    if said and said < CLOCK_SET:
        day = said.date().isoformat()
        unreadable["read_at"] = Sentence("the reading's time says %(day)s: a clock that is not set", day=day)
        said = None
    if said and said > now + CLOCK_SLACK:
        return kept_apart(known, "read_at", "future", FUTURE)
    if said and known.read_at and known.is_dated and said < known.read_at:
        held.is_old = True
        return held
    moment = said or now
    _time(held, known, said, now, unreadable)
    _register(held, "grid", row.grid_wh, moment, unreadable)
    _register(held, "dg", row.dg_wh, moment, unreadable)
    _balance(held, row.balance_paise, moment, unreadable, zeroed)
    _supply(held, row, moment)
    _unit(held, known, row, unreadable)
    return held


def kept_apart(known: Known, field_name: str, kind: str, reason: str) -> Judged:
    """A row of which nothing is taken."""
    held = Judged.of(known)
    held.is_apart = True
    held.doubts[field_name] = (kind, reason)
    return held


def _time(
    held: Judged, known: Known, said: datetime | None, now: datetime, unreadable: Mapping[str, str]
) -> None:
    """Ours never stands in for one that the server said before: what it says next may lie between."""
    if "read_at" in unreadable:
        held.doubts["read_at"] = ("unreadable", unreadable["read_at"])
    elif said is None and known.is_dated:
        held.doubts["read_at"] = ("missing", Sentence("the last reply did not say when this was read"))
    if said or not known.is_dated:
        held.read_at = said or now


def _register(
    held: Judged, name: str, value: int | None, moment: datetime, unreadable: Mapping[str, str]
) -> None:
    last: int | None = getattr(held, f"{name}_wh")
    last_at: datetime | None = getattr(held, f"{name}_at")
    doubt = _register_doubt(name, value, last, last_at, moment, unreadable)
    if doubt:
        held.doubts[name] = doubt
    elif value is not None:
        setattr(held, f"{name}_wh", value)
        setattr(held, f"{name}_at", moment)


def _register_doubt(
    name: str,
    value: int | None,
    last: int | None,
    last_at: datetime | None,
    moment: datetime,
    unreadable: Mapping[str, str],
) -> tuple[str, str] | None:
    what = NAMES[name]
    if name in unreadable:
        return "unreadable", unreadable[name]
    if value is None:
        return None if last is None else ("missing", Sentence("the last reply had no %(what)s", what=what))
    if value < 0:
        return "negative", Sentence("the %(what)s is below zero (%(kwh)s kWh)", what=what, kwh=kwh(value))
    if last is None or last_at is None:
        return None
    if value < last:
        return "fell", Sentence("the %(what)s fell by %(kwh)s kWh", what=what, kwh=kwh(last - value))
    hours = max(0.0, (moment - last_at).total_seconds() / 3600)
    if value - last > STEADY_WH + STEADY_W * hours:
        return "jumped", Sentence("the %(what)s jumped by %(kwh)s kWh", what=what, kwh=kwh(value - last))
    return None


def _balance(
    held: Judged, value: int | None, moment: datetime, unreadable: Mapping[str, str], zeroed: bool
) -> None:
    if "balance" in unreadable:
        held.doubts["balance"] = ("unreadable", unreadable["balance"])
    elif value is None:
        if held.balance_paise is not None:
            held.doubts["balance"] = ("missing", Sentence("the last reply had no balance"))
    elif zeroed and value == 0 and held.balance_paise != 0:
        held.doubts["balance"] = ("zeroed", ZEROED)
    else:
        held.balance_paise, held.balance_at = value, moment


def _supply(held: Judged, row: Reading, moment: datetime) -> None:
    """Supply is never carried on: an unknown word makes it unknown, and the doubt says what it was."""
    if row.supply in (Supply.ON, Supply.OFF):
        held.supply, held.supply_word, held.supply_at = row.supply.value, row.supply_word, moment
        return
    was = SUPPLY[held.supply] if held.supply != Supply.UNKNOWN else None
    if row.supply_word:
        said = Sentence("the server wrote “%(word)s” for supply", word=row.supply_word)
        held.doubts["supply"] = ("word", _as_it_was(said, was))
    elif held.supply_at:
        said = Sentence("the last reply did not say whether supply is on")
        held.doubts["supply"] = ("missing", _as_it_was(said, was))
    held.supply, held.supply_word = Supply.UNKNOWN.value, row.supply_word


def _as_it_was(said: Sentence, was: Sentence | None) -> Sentence:
    return Sentence("%(said)s; it was %(supply)s", said=said, supply=was) if was else said


def _unit(held: Judged, known: Known, row: Reading, unreadable: Mapping[str, str]) -> None:
    """A meter never changes homes on one reply's word: somebody else would see its numbers."""
    if "unit_no" in unreadable:
        held.doubts["unit_no"] = ("unreadable", unreadable["unit_no"])
    elif row.unit_no is None or row.unit_no == known.unit_no or known.unit_no is None:
        return
    elif not known.unit_is_named:
        held.moves_to = row.unit_no
    else:
        said = Sentence(
            "the server now says unit %(said)s; it stays with %(known)s until that is sorted out",
            said=row.unit_no,
            known=known.unit_no,
        )
        held.doubts["unit_no"] = ("moved", said)


def may_be_zeroed(said: Iterable[int | None]) -> bool:
    """Whether a reply has zeros enough to ask what was known (``all_zeroed``)."""
    return sum(1 for balance in said if balance == 0) >= ZEROED_SHARE * ZEROED_FROM


def all_zeroed(pairs: Iterable[tuple[int | None, int | None]]) -> bool:
    """Whether the balances of a reply (known, said) fell to exactly 0 together: not believable."""
    had = [said for known, said in pairs if known not in (None, 0) and said is not None]
    zeros = sum(1 for said in had if said == 0)
    return len(had) >= ZEROED_FROM and zeros >= ZEROED_SHARE * len(had)


def kwh(wh: int) -> str:
    """For a sentence that is kept: Indian grouping, which is the same in all our languages."""
    return str(format_decimal(decimal_of(wh, MILLI_PLACES), "#,##,##0.00", locale="en_IN"))


def key_of(spelled: str) -> str:
    """A number made safe for an address; two that become the same are told apart by the caller."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", spelled).strip("-.")[:48] or "unnamed"


def rank_of(unit_no: str) -> str:
    """Sorts as people count: A-2 before A-10."""
    return re.sub(r"\d+", lambda digits: digits[0].zfill(9), unit_no.casefold())[:200]


def tower_of(unit_no: str) -> str:
    """What stands before the flat's own number: A of A-101, T2 of T2/1203, Shop of Shop 3; or ''."""
    before = re.fullmatch(r"(.*?\w)[\s\-–/_.,:]+\w*\d\w*", unit_no.strip())
    joined = before or re.fullmatch(r"([^\W\d_]+)\d+", unit_no.strip())
    return " ".join(joined[1].split()) if joined else ""
