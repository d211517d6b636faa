"""Which home a meter joins: never one that somebody else may live in."""

from tests.conftest import Desk
from tests.meters.crafted import another_site, row, second_server


def test_two_servers_with_the_same_meter_and_no_unit_share_no_home(desk: Desk) -> None:
    first = another_site(desk, "hillside")
    second = second_server(first)
    first.says(row(meter_no="77", unit_no=None))
    second.says(row(meter_no="77", unit_no=None))
    assert first.meter("77").unit_id != second.meter("77").unit_id
    assert second.meter("77").unit.unit_no == "Meter 77 (2)"


def test_a_unit_that_is_really_called_so_is_not_the_one_we_made_up(desk: Desk) -> None:
    first = another_site(desk, "hillside")
    second = second_server(first)
    first.says(row(meter_no="77", unit_no=None))
    second.says(row(meter_no="12", unit_no="Meter 77"))
    assert first.meter("77").unit_id != second.meter("12").unit_id
    assert second.meter("12").unit.unit_no == "Meter 77"


def test_many_meters_get_their_units_in_one_later_reply(desk: Desk) -> None:
    site = another_site(desk, "hillside")
    site.says(*(row(number, unit_no=None) for number in range(1, 6)))
    site.says(*(row(number, minutes=20) for number in range(1, 6)), minutes=20)
    assert [site.meter(f"M{number}").unit.unit_no for number in (1, 5)] == ["A-101", "A-105"]
