"""What to believe of a reading, branch by branch."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.meters.crafted import START, row
from webapp.contract.replies import Doubt, Supply
from webapp.meters.judgement import Judged, Known, doubts_after
from webapp.meters.rules import (
    CLOCK_SLACK,
    all_zeroed,
    judge,
    kept_apart,
    key_of,
    may_be_zeroed,
    rank_of,
)

LATER = timedelta(minutes=15)
NOW = START + LATER
KNOWN = Known(
    id=1,
    unit_no="A-101",
    grid_wh=1_000_000,
    grid_at=START,
    dg_wh=20_000,
    dg_at=START,
    balance_paise=500_00,
    balance_at=START,
    supply="on",
    supply_word="On",
    supply_at=START,
    read_at=START,
    fetched_at=START + timedelta(seconds=5),
)


def judged(known: Known = KNOWN, now: datetime = NOW, zeroed: bool = False, **said: Any) -> Judged:
    return judge(known, row(minutes=15, **said) if "read_at" not in said else row(**said), now, zeroed)


def kinds(found: Judged) -> dict[str, str]:
    return {name: kind for name, (kind, _) in found.doubts.items()}


def test_a_plausible_row_is_taken_whole() -> None:
    found = judged(grid_wh=1_001_000, dg_wh=20_500, balance_paise=-5_00, supply=Supply.OFF, supply_word="OFF")
    assert (found.grid_wh, found.dg_wh, found.balance_paise) == (1_001_000, 20_500, -5_00)
    assert (found.supply, found.supply_word) == ("off", "OFF")
    assert {found.grid_at, found.dg_at, found.balance_at, found.supply_at, found.read_at} == {NOW}
    assert not found.doubts and not found.is_old


@pytest.mark.parametrize("name", ["grid", "dg"])
def test_a_blank_register_is_unknown_and_the_last_good_one_keeps_its_age(name: str) -> None:
    blank: dict[str, Any] = {f"{name}_wh": None}
    found = judged(**blank)
    assert getattr(found, f"{name}_wh") == getattr(KNOWN, f"{name}_wh")
    assert getattr(found, f"{name}_at") == START
    assert kinds(found) == {name: "missing"}
    assert found.balance_at == NOW


def test_a_blank_balance_is_never_zero() -> None:
    found = judged(balance_paise=None)
    assert (found.balance_paise, found.balance_at) == (500_00, START)
    assert kinds(found) == {"balance": "missing"}


def test_a_postpaid_meter_has_no_balance_and_no_doubt() -> None:
    found = judged(replace(KNOWN, balance_paise=None, balance_at=None), balance_paise=None)
    assert found.balance_paise is None and not found.doubts


def test_a_meter_without_a_generator_register_has_no_doubt() -> None:
    assert not judged(replace(KNOWN, dg_wh=None, dg_at=None), dg_wh=None).doubts


@pytest.mark.parametrize("name", ["grid", "dg", "balance"])
def test_what_cannot_be_read_is_doubted_with_its_reason(name: str) -> None:
    key = "balance_paise" if name == "balance" else f"{name}_wh"
    blank: dict[str, Any] = {key: None}
    found = judged(**blank, doubts=(Doubt(name, "“n/a” is not a number"),))
    assert found.doubts == {name: ("unreadable", "“n/a” is not a number")}
    assert getattr(found, key) == getattr(KNOWN, key)


@pytest.mark.parametrize(
    ("wh", "kind"), [(-1, "negative"), (999_999, "fell"), (0, "fell"), (1_000_000 + 70_001, "jumped")]
)
def test_an_implausible_register_is_kept_apart(wh: int, kind: str) -> None:
    found = judged(grid_wh=wh)
    assert kinds(found) == {"grid": kind}
    assert (found.grid_wh, found.grid_at, found.balance_at) == (1_000_000, START, NOW)


def test_a_register_may_rise_by_what_the_time_allows() -> None:
    assert not judged(grid_wh=1_000_000 + 70_000).doubts
    months = START + timedelta(days=60)
    assert not judged(now=months, read_at=months, grid_wh=9_000_000).doubts


def test_a_first_negative_register_is_not_believed() -> None:
    found = judged(replace(KNOWN, grid_wh=None, grid_at=None), grid_wh=-5)
    assert found.grid_wh is None and kinds(found) == {"grid": "negative"}


def test_a_fall_names_what_was_lost_in_kwh() -> None:
    assert judged(grid_wh=0).doubts["grid"][1] == "the grid register fell by 1,000.00 kWh"


def test_an_older_row_changes_nothing_and_says_so() -> None:
    found = judged(read_at=START - LATER, grid_wh=5, balance_paise=1, supply=Supply.OFF)
    assert found == replace(Judged.of(KNOWN), is_old=True)


def test_the_same_time_again_is_taken() -> None:
    found = judged(read_at=START, balance_paise=700_00)
    assert (found.balance_paise, found.is_old) == (700_00, False)


def test_a_row_from_the_future_is_kept_apart_whole() -> None:
    found = judged(read_at=NOW + CLOCK_SLACK + timedelta(seconds=1), balance_paise=1)
    assert (found.balance_paise, found.read_at) == (500_00, START)
    assert kinds(found) == {"read_at": "future"} and found.is_apart


def test_a_server_whose_clock_is_a_little_ahead_is_believed() -> None:
    assert judged(read_at=NOW + CLOCK_SLACK).read_at == NOW + CLOCK_SLACK


def test_a_blank_time_leaves_the_last_one_and_the_values_stand() -> None:
    found = judged(read_at=None, balance_paise=1_00)
    assert (found.read_at, found.balance_paise, found.balance_at) == (START, 1_00, NOW)
    assert kinds(found) == {"read_at": "missing"}


def test_an_unreadable_time_leaves_the_last_one_and_the_values_stand() -> None:
    found = judged(read_at=None, balance_paise=1_00, doubts=(Doubt("read_at", "“soon” is not a time"),))
    assert (found.read_at, found.balance_paise) == (START, 1_00)
    assert found.doubts == {"read_at": ("unreadable", "“soon” is not a time")}


def test_a_clock_that_was_never_set_says_no_time() -> None:
    found = judged(read_at=datetime(1970, 1, 1, tzinfo=START.tzinfo), balance_paise=1_00)
    assert (found.read_at, found.balance_paise) == (START, 1_00)
    assert "1970-01-01" in found.doubts["read_at"][1]


def test_where_the_server_never_says_a_time_ours_stands_in() -> None:
    found = judged(Known(unit_no="A-101"), read_at=None)
    assert (found.read_at, found.doubts) == (NOW, {})
    undated = replace(KNOWN, read_at=START, fetched_at=START)
    assert judged(undated, read_at=None).read_at == NOW


def test_our_own_time_never_makes_a_servers_time_old() -> None:
    undated = replace(KNOWN, read_at=NOW, fetched_at=NOW)
    found = judged(undated, read_at=START + timedelta(minutes=14), balance_paise=1_00)
    assert (found.balance_paise, found.read_at) == (1_00, START + timedelta(minutes=14))


def test_a_word_we_do_not_know_makes_supply_unknown_and_is_kept() -> None:
    found = judged(supply=Supply.UNKNOWN, supply_word="TRIPPED")
    assert (found.supply, found.supply_word, found.supply_at) == ("unknown", "TRIPPED", START)
    assert found.doubts["supply"] == ("word", "the server wrote “TRIPPED” for supply; it was on")


def test_a_blank_supply_is_unknown_never_off() -> None:
    found = judged(supply=None, supply_word="")
    assert (found.supply, kinds(found)) == ("unknown", {"supply": "missing"})


def test_a_meter_that_never_told_its_supply_has_no_doubt() -> None:
    never = replace(KNOWN, supply="unknown", supply_word="", supply_at=None)
    assert not judged(never, supply=None, supply_word="").doubts


def test_a_meter_never_changes_homes_on_a_replys_word() -> None:
    found = judged(unit_no="B-202")
    assert found.moves_to is None and kinds(found) == {"unit_no": "moved"}
    assert found.balance_at == NOW


def test_a_meter_known_only_by_itself_gets_the_unit_that_is_named() -> None:
    assert judged(replace(KNOWN, unit_is_named=False), unit_no="B-202").moves_to == "B-202"


def test_a_blank_unit_leaves_the_meter_where_it_is() -> None:
    found = judged(unit_no=None)
    assert found.moves_to is None and not found.doubts


def test_an_unreadable_unit_is_doubted() -> None:
    found = judged(unit_no=None, doubts=(Doubt("unit_no", "“{…}” is not a legible unit_no"),))
    assert kinds(found) == {"unit_no": "unreadable"}


def test_a_zero_among_zeros_is_not_believed_but_other_balances_are() -> None:
    assert kinds(judged(zeroed=True, balance_paise=0)) == {"balance": "zeroed"}
    assert judged(zeroed=True, balance_paise=7_00).balance_paise == 7_00
    had_none = replace(KNOWN, balance_paise=0)
    assert not judged(had_none, zeroed=True, balance_paise=0).doubts


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([(500, 0)] * 5, True),
        ([(500, 0)] * 4, False),
        ([(-500, 0)] * 4 + [(500, 500)], True),
        ([(500, 0)] * 4 + [(500, 500)] * 2, False),
        ([(0, 0)] * 50 + [(None, 0)] * 50, False),
        ([(500, None)] * 5, False),
        ([(500, 0)] * 5 + [(500, None)] * 50, True),
    ],
)
def test_balances_that_fall_to_zero_together(
    pairs: list[tuple[int | None, int | None]], expected: bool
) -> None:
    assert all_zeroed(pairs) is expected
    assert may_be_zeroed(said for _, said in pairs) or not expected


def test_a_doubt_that_goes_on_keeps_its_first_reason() -> None:
    first = judged(grid_wh=10).doubts
    assert doubts_after(first, judged(grid_wh=20)) == first


def test_another_kind_of_doubt_or_another_word_is_another_doubt() -> None:
    fell = judged(grid_wh=10).doubts
    assert kinds_of(doubts_after(fell, judged(grid_wh=None))) == {"grid": "missing"}
    tripped = judged(supply=Supply.UNKNOWN, supply_word="TRIPPED")
    fault = judged(supply=Supply.UNKNOWN, supply_word="FAULT")
    assert "FAULT" in doubts_after(tripped.doubts, fault)["supply"][1]


def test_the_same_word_is_the_same_doubt_though_what_it_was_is_forgotten() -> None:
    first = judged(supply=Supply.UNKNOWN, supply_word="TRIPPED").doubts
    again = judged(replace(KNOWN, supply="unknown"), supply=Supply.UNKNOWN, supply_word="TRIPPED")
    assert doubts_after(first, again) == first


def test_a_row_kept_apart_leaves_the_older_doubts_beside_its_own() -> None:
    before = judged(grid_wh=10).doubts
    after = doubts_after(before, kept_apart(KNOWN, "meter_no", "twice", "two rows"))
    assert kinds_of(after) == {"grid": "fell", "meter_no": "twice"}


def test_an_old_row_ends_no_doubt() -> None:
    before = judged(grid_wh=10).doubts
    assert doubts_after(before, judged(read_at=START - LATER)) == before


def kinds_of(doubts: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {name: kind for name, (kind, _) in doubts.items()}


def test_units_sort_as_people_count() -> None:
    assert sorted(["A-10", "a-2", "A-1"], key=rank_of) == ["A-1", "a-2", "A-10"]


@pytest.mark.parametrize(("spelled", "key"), [("A-101", "A-101"), ("A 1/2", "A-1-2"), ("फ्लैट", "unnamed")])
def test_a_number_is_made_safe_for_an_address(spelled: str, key: str) -> None:
    assert key_of(spelled) == key
