"""How long a balance lasts, from the falls of the balance alone."""

from datetime import UTC, datetime, timedelta

from webapp.meters.pace_rules import DaysLeft, Left, days_left, paise_a_day

START = datetime(2026, 11, 15, tzinfo=UTC)


def hourly(*balances: int | None, gap_h: int = 1) -> list[tuple[datetime, int | None]]:
    return [(START + timedelta(hours=gap_h * n), balance) for n, balance in enumerate(balances)]


def test_the_pace_is_what_the_balance_falls_by_in_a_day() -> None:
    assert paise_a_day(hourly(*range(100_00, 0, -100))) == 2400


def test_a_recharge_neither_slows_nor_hurries_the_pace() -> None:
    falling = [100_00 - 100 * n for n in range(60)]
    recharged = [*falling[:30], *(balance + 500_00 for balance in falling[30:])]
    assert paise_a_day(hourly(*recharged)) == 2400


def test_too_little_history_is_unknown() -> None:
    assert paise_a_day(hourly(*range(1000, 960, -1))) is None
    assert paise_a_day([]) is None


def test_what_was_not_believed_is_left_out() -> None:
    balances: list[int | None] = [100_00 - 100 * n for n in range(80)]
    balances[10] = balances[40] = None
    assert paise_a_day(hourly(*balances)) == 2400


def test_a_gap_in_which_a_recharge_may_hide_says_nothing() -> None:
    assert paise_a_day(hourly(*range(100_00, 0, -700), gap_h=7)) is None


def test_days_left_are_whole_days_at_that_pace() -> None:
    assert days_left(100_00, 2400) == DaysLeft(Left.DAYS, 4, 2400)
    assert days_left(1_000_000_00, 1).days == 365


def test_what_cannot_be_counted_is_said_in_words() -> None:
    assert days_left(100_00, None).left is Left.UNKNOWN
    assert days_left(100_00, 0).left is Left.NO_USE
    assert days_left(0, 2400).left is days_left(-1, None).left is Left.GONE
    assert days_left(None, 2400).left is Left.UNKNOWN
    assert days_left(None, None, is_prepaid=False).left is Left.POSTPAID
