"""The bench's pieces run and say what they measured: at next to no size, and never how fast."""

from collections.abc import Iterator

import pytest

from tests.bench.__main__ import PARTS
from tests.bench.pairs import Figure, Goal
from tests.bench.served import Bench, Size

TINY = Size(meters=40, open_pages=3, streams=3, rounds=1, seconds=0.1)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    made = Bench(TINY, with_peers=False)
    yield made
    made.close()


@pytest.mark.parametrize("part", [part for part in PARTS if part not in ("whole", "starting")])
def test_each_part_measures_something_of_ours(bench: Bench, part: str) -> None:
    found = list(PARTS[part](bench))
    assert found and all(figure.ours > 0 and figure.rounds > 0 for figure in found)
    assert all(len(figure.line()) > 60 and figure.as_dict()["name"] for figure in found)


def test_a_figure_says_whether_its_goal_holds() -> None:
    slow = Figure("a click", "ms", 40, 10, floor=20, goal=Goal("ratio", "≤", 2))
    assert (slow.verdict, slow.ratio, slow.more) == ("holds", 2, 20)
    slower = Figure("a click", "ms", 40, 10, floor=20, goal=Goal("more", "≤", 15))
    assert (slower.verdict, Figure("a start", "s", 2, 1).verdict) == ("FALLS SHORT", "")


def test_a_figure_taken_on_a_busy_machine_says_so() -> None:
    assert "the machine is busy: load 99.0" in Figure("a page", "ms", 1, 1, load=99).line()
    assert "busy" not in Figure("a page", "ms", 1, 1, load=0).line()
