"""A row of history for each meter and quarter of an hour, and none twice."""

from datetime import timedelta

from tests.meters.crafted import START, Site, row
from webapp.contract.replies import Supply


def read(site: Site) -> list[float]:
    """Minutes after START of the rows that were kept of M1."""
    return [(kept.read_at - START) / timedelta(minutes=1) for kept in site.history()]


def test_the_first_reading_is_kept_whole(site: Site) -> None:
    site.says(row(1), row(2))
    (kept,) = site.history()
    assert (kept.read_at, kept.fetched_at) == (START, START + timedelta(seconds=5))
    assert (kept.grid_wh, kept.dg_wh, kept.balance_paise, kept.supply) == (1_000_000, 20_000, 500_00, "on")


def test_a_row_is_kept_when_a_quarter_of_an_hour_has_passed(site: Site) -> None:
    for minute in range(0, 46, 5):
        site.says(row(1, minute), row(2, minute), minutes=minute)
    assert read(site) == [0, 15, 30, 45]


def test_the_grain_is_counted_from_the_row_that_was_kept(site: Site) -> None:
    for minute in (0, 14, 22, 30, 37):
        site.says(row(1, minute), row(2, minute), minutes=minute)
    assert read(site) == [0, 22, 37]


def test_the_latest_value_is_always_the_latest(site: Site) -> None:
    site.says(row(1), row(2))
    site.says(row(1, 1, balance_paise=499_00), row(2, 1), minutes=1)
    assert read(site) == [0] and site.meter().balance_paise == 499_00


def test_a_reply_stored_again_adds_nothing(site: Site) -> None:
    for minute in (0, 1, 2, 20, 21):
        at = 20 if minute >= 20 else 0
        site.says(row(1, at), row(2, at), minutes=minute)
    assert read(site) == [0, 20]


def test_an_older_reply_adds_nothing(site: Site) -> None:
    for at, minute in ((0, 0), (40, 40), (20, 41)):
        site.says(row(1, at), row(2, at), minutes=minute)
    assert read(site) == [0, 40]


def test_what_was_not_believed_is_unknown_in_the_history(site: Site) -> None:
    site.says(row(1), row(2))
    site.says(row(1, 15, grid_wh=5, balance_paise=None, dg_wh=20_100), row(2, 15), minutes=15)
    kept = site.history()[1]
    assert (kept.grid_wh, kept.dg_wh, kept.balance_paise) == (None, 20_100, None)


def test_a_row_that_was_kept_apart_is_no_history(site: Site) -> None:
    site.says(row(1), row(2))
    site.says(row(1, 300), row(2, 15), minutes=15)
    site.says(row(1, 16), row(1, 16, balance_paise=1), row(2, 16), minutes=16)
    assert read(site) == [0]


def test_a_reading_without_a_time_is_no_history(site: Site) -> None:
    site.says(row(1), row(2))
    site.says(row(1, read_at=None), row(2, 30), minutes=30)
    assert read(site) == [0]


def test_a_company_that_never_says_a_time_has_a_history_by_ours(site: Site) -> None:
    for minute in (0, 1, 15, 30):
        site.says(row(1, read_at=None), row(2, read_at=None), minutes=minute)
    five_seconds = 5 / 60
    assert read(site) == [five_seconds, 15 + five_seconds, 30 + five_seconds]
    assert site.meter().doubt is None


def test_a_cut_is_in_the_history(site: Site) -> None:
    site.says(row(1), row(2))
    site.says(row(1, 15, supply=Supply.OFF, supply_word="OFF"), row(2, 15), minutes=15)
    assert [kept.supply for kept in site.history()] == ["on", "off"]
