"""A reply judged and written, over the database."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.meters.crafted import START, Site, row, second_server
from webapp.contract.replies import Doubt, Supply
from webapp.meters.models import Meter, Unit

TEN = [row(n) for n in range(1, 11)]


def test_a_reply_makes_its_meters_and_units_known(site: Site) -> None:
    assert site.says(row(1), row(2, unit_no="A-101")) == ""
    one, two = site.meter("M1"), site.meter("M2")
    assert one.unit.id == two.unit.id and one.unit.unit_no == "A-101"
    assert (one.grid_wh, one.balance_paise, one.supply, one.read_at) == (1_000_000, 500_00, "on", START)


def test_plain_rows_are_stored_with_their_times(site: Site) -> None:
    site.says(*TEN)
    assert site.says(*(row(n, 1, balance_paise=n, grid_wh=1_000_500) for n in range(1, 11)), minutes=1) == ""
    meter, at = site.meter("M7"), START + timedelta(minutes=1)
    assert (meter.balance_paise, meter.grid_wh, meter.dg_wh) == (7, 1_000_500, 20_000)
    assert {meter.read_at, meter.grid_at, meter.dg_at, meter.balance_at, meter.supply_at} == {at}
    assert meter.fetched_at == at + timedelta(seconds=5)


def test_odd_rows_among_plain_ones_are_judged_by_themselves(site: Site) -> None:
    site.says(*TEN)
    site.says(row(1, 1, grid_wh=5), *(row(n, 1, balance_paise=1) for n in range(2, 11)), minutes=1)
    assert site.meter("M1").grid_wh == 1_000_000 and site.doubts("M1") == [("grid", "fell", True)]
    assert site.meter("M2").balance_paise == 1 and site.doubts("M2") == []


def test_a_postpaid_meter_without_a_generator_stays_plain(site: Site) -> None:
    for minute in (0, 1):
        site.says(row(1, minute, balance_paise=None, dg_wh=None), row(2, minute), minutes=minute)
    meter = site.meter()
    assert (meter.balance_paise, meter.balance_at, meter.dg_wh, meter.dg_at) == (None, None, None, None)
    assert (meter.grid_at, meter.doubt) == (START + timedelta(minutes=1), None)


def test_a_meter_missing_from_a_reply_is_left_as_it_was(site: Site) -> None:
    site.says(*TEN)
    remark = site.says(*(row(n, 1) for n in range(1, 6)), minutes=1)
    meter = site.meter("M9")
    assert "5 of 10 meters were missing" in remark
    assert meter.is_missing and (meter.supply, meter.balance_paise) == ("on", 500_00)
    assert not site.meter("M1").is_missing


@pytest.mark.parametrize("named", [0, 1])
def test_a_reply_with_one_row_or_none_says_that_the_others_are_missing(site: Site, named: int) -> None:
    site.says(*TEN)
    assert f"{10 - named} of 10 meters were missing" in site.says(*TEN[:named], minutes=1)


def test_an_older_reply_changes_nothing_and_says_so(site: Site) -> None:
    site.says(*(row(n, 60, balance_paise=9_00) for n in (1, 2)), minutes=60)
    remark = site.says(row(1), row(2), minutes=61)
    assert remark == "The last reply was older than what we hold for 2 meters; it was not taken."
    meter = site.meter()
    assert (meter.balance_paise, meter.read_at) == (9_00, START + timedelta(hours=1))
    assert not meter.is_missing


def test_the_same_reply_again_brings_nothing_new(site: Site) -> None:
    site.says(*TEN)
    assert site.says(*TEN, minutes=1) == "The last reply brought nothing new."
    assert site.meter().read_at == START and site.doubts() == []


def test_every_balance_zero_at_once_is_not_believed(site: Site) -> None:
    site.says(*TEN)
    remark = site.says(*(row(n, 1, balance_paise=0, grid_wh=1_000_100) for n in range(1, 11)), minutes=1)
    meter = site.meter()
    assert "₹0 for nearly every meter" in remark
    assert (meter.balance_paise, meter.balance_at, meter.grid_wh) == (500_00, START, 1_000_100)
    assert (
        site.says(*(row(n, 2, balance_paise=499_00, grid_wh=1_000_200) for n in range(1, 11)), minutes=2)
        == ""
    )
    assert site.doubts() == [("balance", "zeroed", False)] and site.meter().balance_paise == 499_00


def test_one_balance_of_zero_is_believed(site: Site) -> None:
    site.says(*TEN)
    site.says(row(1, 1, balance_paise=0), *(row(n, 1) for n in range(2, 11)), minutes=1)
    assert site.meter().balance_paise == 0 and site.doubts() == []


def test_a_register_that_reads_zero_once_recovers(site: Site) -> None:
    for minute, wh in enumerate((1_000_000, 0, 1_000_300)):
        site.says(row(1, minute, grid_wh=wh), row(2, minute), minutes=minute)
    assert site.meter().grid_wh == 1_000_300 and site.meter().doubt is None
    assert site.doubts() == [("grid", "fell", False)]


def test_a_doubt_that_goes_on_is_one_row(site: Site) -> None:
    for minute, wh in enumerate((1_000_000, 5, 6, 7)):
        site.says(row(1, minute, grid_wh=wh), row(2, minute), minutes=minute)
    assert site.doubts() == [("grid", "fell", True)]
    assert site.meter().grid_at == START


def test_two_different_rows_for_a_meter_are_both_kept_apart(site: Site) -> None:
    site.says(row(1), row(2))
    site.says(row(1, 1, balance_paise=1), row(1, 1, balance_paise=2), row(2, 1), minutes=1)
    assert site.meter().balance_paise == 500_00 and site.doubts() == [("meter_no", "twice", True)]
    site.says(row(1, 2, balance_paise=3), row(2, 2), minutes=2)
    assert site.meter().balance_paise == 3 and site.doubts() == [("meter_no", "twice", False)]


def test_two_rows_apart_end_no_other_doubt(site: Site) -> None:
    site.says(row(1), row(2))
    for minute in (1, 2):
        site.says(row(1, minute, grid_wh=5), row(2, minute), minutes=minute)
    site.says(row(1, 3), row(1, 3, balance_paise=2), minutes=3)
    assert site.doubts() == [("grid", "fell", True), ("meter_no", "twice", True)]


def test_a_meter_first_seen_twice_is_known_without_values(site: Site) -> None:
    site.says(row(1), row(1, balance_paise=2), row(2))
    meter = site.meter()
    assert (meter.grid_wh, meter.balance_paise, meter.supply) == (None, None, "unknown")
    assert site.doubts() == [("meter_no", "twice", True)]


def test_two_rows_alike_count_as_one(site: Site) -> None:
    site.says(row(1), row(1), row(2))
    assert site.meter().balance_paise == 500_00 and site.doubts() == []


def test_times_in_the_future_are_kept_apart_and_the_strip_says_why(site: Site) -> None:
    site.says(row(1), row(2))
    remark = site.says(row(1, 330, balance_paise=1), row(2, 1), minutes=1)
    meter = site.meter()
    assert (meter.balance_paise, meter.read_at) == (500_00, START)
    assert "times in the future for 1 meter" in remark and site.doubts() == [("read_at", "future", True)]
    assert site.server().newest_read_at == START + timedelta(minutes=1)


def test_a_row_without_a_time_blocks_no_later_one(site: Site) -> None:
    site.says(row(1), row(2))
    site.says(row(1, read_at=None, balance_paise=3_00), row(2, 10), minutes=10)
    assert site.meter().read_at == START and site.doubts() == [("read_at", "missing", True)]
    assert site.says(row(1, 9, balance_paise=2_00), row(2, 11), minutes=11) == ""
    assert site.meter().balance_paise == 2_00 and site.doubts() == [("read_at", "missing", False)]


def test_a_year_of_one_digit_breaks_no_later_poll(site: Site) -> None:
    long_ago = START.replace(year=24)
    for minute in (0, 1):
        site.says(row(1, read_at=long_ago), row(2, minute), minutes=minute)
    assert site.doubts() == [("read_at", "unreadable", True)]
    assert site.says(row(1, 2), row(2, 2), minutes=2) == ""


def test_an_unknown_word_is_kept_as_it_was_spelled(site: Site) -> None:
    site.says(row(1), row(2))
    for minute, word in enumerate(("TRIPPED", "TRIPPED", "FAULT"), 1):
        said = row(1, minute, supply=Supply.UNKNOWN, supply_word=word, doubts=(Doubt("supply", "odd"),))
        site.says(said, row(2, minute), minutes=minute)
    assert (site.meter().supply, site.meter().supply_word) == ("unknown", "FAULT")
    assert site.doubts() == [("supply", "word", False), ("supply", "word", True)]


def test_a_meter_that_is_said_to_have_moved_stays_where_it_is(site: Site) -> None:
    site.says(row(1), row(2))
    for minute in (1, 2):
        site.says(row(1, minute, unit_no="A-102", balance_paise=7), row(2, minute), minutes=minute)
    assert site.meter().unit.unit_no == "A-101" and site.meter().balance_paise == 7
    assert site.doubts() == [("unit_no", "moved", True)]


def test_a_meter_without_a_unit_gets_one_when_it_is_named(site: Site) -> None:
    site.says(row(1, unit_no=None), row(2))
    assert site.meter().unit.unit_no == "Meter M1" and not site.meter().unit.is_named
    site.says(row(1, 1), row(2, 1), minutes=1)
    assert site.meter().unit.unit_no == "A-101" and site.meter().rank == "a-000000101"
    site.says(row(1, 2, unit_no=None), row(2, 2), minutes=2)
    assert site.meter().unit.unit_no == "A-101" and site.doubts() == []


def test_the_same_number_at_two_servers_is_two_meters(site: Site) -> None:
    other = second_server(site)
    site.says(row(1, balance_paise=1))
    other.says(row(1, unit_no="B-1", balance_paise=2))
    site.says(row(1, 1, balance_paise=3), minutes=1)
    assert (site.meter().balance_paise, other.meter().balance_paise) == (3, 2)
    assert site.meter().key != other.meter().key
    assert (site.server().remark, other.server().remark) == (None, None)


def test_numbers_that_differ_only_by_case_are_two_meters(site: Site) -> None:
    for minute in (0, 1):
        rows = (row(1, minute, meter_no=no, balance_paise=n) for n, no in enumerate(("ab", "AB")))
        assert site.says(*rows, minutes=minute) == ""
    assert (site.meter("ab").balance_paise, site.meter("AB").balance_paise) == (0, 1)


def test_what_was_odd_with_the_list_is_said_too(site: Site) -> None:
    said = "The meter server announced 3 rows and sent 1."
    assert site.says(row(1), deviations=(said,)) == said


def test_two_replies_at_the_same_moment_are_told_apart(site: Site) -> None:
    site.says(row(1), row(2))
    site.says(row(1, 1), row(2, 1), minutes=1)
    site.says(row(1, 2, grid_wh=5), row(2, 2), minutes=1)
    assert site.doubts() == [("grid", "fell", True)]
    assert site.meter("M2").read_at == START + timedelta(minutes=2)


def test_ten_thousand_new_meters_come_in_at_once(site: Site) -> None:
    site.says(*(row(n) for n in range(1, 10_001)))
    of_site = Meter.server_id == site.server_id
    assert site.desk.one(select(func.count(Meter.id)).where(of_site)) == 10_000
    assert site.desk.one(select(func.count(func.distinct(Meter.unit_id))).where(of_site)) == 10_000
    assert site.desk.one(select(func.count(Unit.id)).where(Unit.unit_no == "A-10100")) == 1
