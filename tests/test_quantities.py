"""Numbers and times are read exactly or not at all."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.quantities import (
    LARGEST,
    MILLI_PLACES,
    PAISE_PLACES,
    NotAQuantity,
    decimal_of,
    plain,
    scaled,
    site_day,
    site_text,
    site_time,
    typed_by_a_person,
)

KOLKATA = ZoneInfo("Asia/Kolkata")
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize("blank", [None, "", " ", "\t\n", "\u00a0"])
def test_blank_is_unknown_and_never_zero(blank: str | None) -> None:
    assert scaled(blank, PAISE_PLACES) is None
    assert site_time(blank, KOLKATA) is None


@pytest.mark.parametrize(
    ("text", "paise"),
    [
        ("412.50", 41_250),
        ("412", 41_200),
        ("412.", 41_200),
        (".5", 50),
        ("-.5", -50),
        ("-412.5", -41_250),
        ("+5", 500),
        ("0", 0),
        ("-0.00", 0),
        (" 7 ", 700),
        ("007", 700),
        ("1,23,456.5", 12_345_650),
        ("123,456", 12_345_600),
        ("1,234", 123_400),
        ("1.23456789E7", 1_234_567_890),
        ("१,२३,४५६.५", 12_345_650),
        ("１２.５", 1_250),
        ("0.0149999999999999999999999999999999", 1),
        ("0.005", 0),
        ("0.015", 2),
        (412.5, 41_250),
        (0.1 + 0.2, 30),
        (5, 500),
        (Decimal("1.10"), 110),
        (Decimal("1E-9999999"), 0),
    ],
)
def test_a_servers_number_becomes_an_integer(text: object, paise: int) -> None:
    assert scaled(text, PAISE_PLACES) == paise


NO_NUMBERS = ["N/A", "412,50", "1,2", "1.2.3", "--5", ".-5", ".", "-", "1_0", "²", "1e99", "NaN", "inf", "₹5"]
NO_NUMBERS += [
    "9" * 14,
    "1" * 10_000,
    "5\x00",
    "0,500",
    "-0,500",
    "०,५००",
    "1.234,56",
    "0x1E",
    "1,23,45",
    "5²",
]
NO_NUMBERS_EITHER = [True, [], {}, float("nan"), float("inf"), Decimal("1E9999999")]


@pytest.mark.parametrize("value", [*NO_NUMBERS, *NO_NUMBERS_EITHER])
def test_what_is_no_number_says_so_in_words(value: object) -> None:
    with pytest.raises(NotAQuantity, match=r"“.*” is (not a number|no possible quantity)") as mistake:
        scaled(value, PAISE_PLACES)
    assert len(str(mistake.value)) < 80


def test_a_number_without_end_is_neither_number_nor_time() -> None:
    with pytest.raises(NotAQuantity, match="endless"):
        scaled(10**5000, PAISE_PLACES)
    with pytest.raises(NotAQuantity, match="endless"):
        site_time(10**5000, KOLKATA)


@given(st.integers(-LARGEST // 10 + 1, LARGEST // 10 - 1), st.sampled_from([PAISE_PLACES, MILLI_PLACES]))
def test_what_is_written_is_read_back(value: int, places: int) -> None:
    assert scaled(plain(value, places), places) == value
    assert scaled(f"{decimal_of(value, places):,}", places) == value


@given(st.text() | st.floats() | st.integers() | st.none() | st.booleans())
def test_anything_is_a_bounded_number_or_none(value: object) -> None:
    try:
        read = scaled(value, MILLI_PLACES)
    except NotAQuantity:
        return
    assert read is None or abs(read) <= LARGEST


@pytest.mark.parametrize(("text", "paise"), [("₹ 1,500.5", 150_050), ("500", 50_000), (" .50 ", 50)])
def test_a_person_may_write_rupees_as_people_do(text: str, paise: int) -> None:
    assert typed_by_a_person(text, PAISE_PLACES) == paise


@pytest.mark.parametrize("text", ["", "five", "500,50", "1.005", "1e3", "5 00", "9" * 20])
def test_a_person_is_never_rounded_or_guessed(text: str) -> None:
    with pytest.raises(NotAQuantity):
        typed_by_a_person(text, PAISE_PLACES)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22 10:00:00",
        "2026- 11-22 10:00:00",
        " 2026 -11- 22  10:00:00 ",
        "2026-11-22T10:00:00",
        "2026-11-22T10:00:00.0000000",
        "2026-11-22 10:00",
        "22-11-2026 10:00:00",
        "22-11-2026 10:00",
        "2026-11-22T04:30:00Z",
        "2026-11-22T06:30:00+02:00",
        "2026-11-22 10:00:00 +05:30",
        "2026-11-22 10:00:00.000+0530",
        "2026-11-22 10:00:00 AM",
        "22-11-2026 10:00 am",
    ],
)
def test_a_servers_time_becomes_utc(text: str) -> None:
    assert site_time(text, KOLKATA) == datetime(2026, 11, 22, 4, 30, tzinfo=UTC)


def test_a_day_begins_at_the_sites_midnight() -> None:
    assert site_time("22-11-2026", KOLKATA) == datetime(2026, 11, 21, 18, 30, tzinfo=UTC)


def test_noon_and_midnight_are_told_apart() -> None:
    assert site_time("22-11-2026 12:30 PM", KOLKATA) == datetime(2026, 11, 22, 7, tzinfo=UTC)
    assert site_time("22-11-2026 12:30 AM", KOLKATA) == datetime(2026, 11, 21, 19, tzinfo=UTC)


def test_an_hour_that_the_clock_shows_twice_is_the_earlier_one() -> None:
    assert site_time("2026-11-01 01:30:00", NEW_YORK) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_an_hour_that_the_clock_leaps_over_is_no_time() -> None:
    with pytest.raises(NotAQuantity):
        site_time("2026-03-08 02:30:00", NEW_YORK)
    assert site_time("2026-03-08T02:30:00-05:00", NEW_YORK) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


def test_a_day_is_the_sites_even_where_its_midnight_is_leapt_over() -> None:
    beirut = ZoneInfo("Asia/Beirut")
    assert site_day("2026-03-29", beirut) == site_day("29-03-2026 10:00", beirut) == date(2026, 3, 29)
    assert site_day("2026-11-22T20:00:00Z", KOLKATA) == date(2026, 11, 23)
    assert site_day("", KOLKATA) is None


def test_the_sites_summer_time_counts() -> None:
    assert site_time("2026-07-01 12:00:00", NEW_YORK) == datetime(2026, 7, 1, 16, tzinfo=UTC)
    assert site_time("2026-12-01 12:00:00", NEW_YORK) == datetime(2026, 12, 1, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "0000-00-00 00:00:00",
        "2026-02-30 10:00:00",
        "2026-11-22 25:00:00",
        "0001-01-01 00:00:00",
        "20261122",
        "11/22/2026",
        "22:00 PM",
        "2026-11-22 22:00:00 PM",
        "2026-11-22 00:30 AM",
        "29-02-2026",
        "1763784000",
        "22-11-26 10:00",
        "\ud800",
        20261122,
        812.25,
        True,
        [],
        {},
    ],
)
def test_what_is_no_time_says_so_in_words(text: object) -> None:
    with pytest.raises(NotAQuantity, match=r"“.*” is not a time") as mistake:
        site_time(text, KOLKATA)
    assert len(str(mistake.value)) < 80


@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 - made aware below
def test_a_time_in_the_contracts_spelling_is_read_back(moment: datetime) -> None:
    aware = moment.replace(microsecond=0, tzinfo=UTC)
    assert site_time(site_text(aware, KOLKATA), KOLKATA) == aware


@given(st.text())
def test_any_text_is_a_time_or_none(text: str) -> None:
    try:
        read = site_time(text, KOLKATA)
    except NotAQuantity:
        return
    assert read is None or read.tzinfo is UTC
