"""When a meter server is asked again."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.societies.rules import SLOWEST_S, next_try

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def waits(every_s: float, failures: int, jitter: float = 0.5) -> float:
    return (next_try(NOW, every_s, failures, jitter) - NOW) / timedelta(seconds=1)


def test_a_server_that_answers_is_asked_at_its_pace() -> None:
    assert waits(900, 0) == 900


@pytest.mark.parametrize(("failures", "seconds"), [(1, 10), (2, 20), (3, 900), (4, 900)])
def test_the_first_failures_are_tried_again_soon(failures: int, seconds: int) -> None:
    assert waits(900, failures) == seconds


def test_a_server_that_stays_dead_is_asked_less_and_less_often_but_always_again() -> None:
    found = [waits(30, failures) for failures in range(3, 40)]
    assert found == sorted(found)
    assert (found[0], found[1], found[-1]) == (30, 60, SLOWEST_S)


def test_a_slow_pace_is_never_quickened_by_failing_long() -> None:
    assert waits(3600, 30) == 3600


def test_servers_of_one_pace_are_spread_by_a_twentieth() -> None:
    assert (waits(100, 0, 0), waits(100, 0, 1)) == (97.5, 102.5)
