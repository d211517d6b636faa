"""What a list may be asked for, and its counts: each chip says what a click on it would show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.meters.list_rules import FACETS, SPANS, Filter, Kind, counted, span_of, totalled

KINDS = st.builds(
    Kind,
    supply=st.sampled_from(FACETS["supply"]),
    band=st.sampled_from(["below0", "low", "none", "fine"]),
    doubt=st.booleans(),
    missing=st.booleans(),
    stale=st.booleans(),
    tower=st.sampled_from(["", "A", "B"]),
    count=st.integers(1, 50),
    balance_paise=st.integers(-10_000, 10_000),
    used_wh=st.none() | st.integers(0, 9_000),
    span=st.sampled_from(["", *SPANS]),
)
WORDS = {**FACETS, "tower": ("A", "B", "nowhere")}
FILTERS = st.builds(
    Filter,
    **{name: st.sampled_from(("", *words)) for name, words in WORDS.items()},
)


@given(st.lists(KINDS), FILTERS)
def test_a_chip_says_how_many_a_click_on_it_shows(kinds: list[Kind], wanted: Filter) -> None:
    found = counted(kinds, wanted)
    for name, words in WORDS.items():
        for word in words:
            clicked = Filter(**{**wanted.words(), name: word})
            assert found.of.get((name, word), 0) == counted(kinds, clicked).count


@given(st.lists(KINDS))
def test_without_a_filter_everything_is_shown(kinds: list[Kind]) -> None:
    found = counted(kinds, Filter())
    assert found.count == sum(kind.count for kind in kinds) == totalled(kinds).all
    assert found.balance_paise == sum(kind.balance_paise for kind in kinds)


@given(st.lists(KINDS))
def test_low_holds_those_below_zero_too(kinds: list[Kind]) -> None:
    low = counted(kinds, Filter(balance="low"))
    assert low.count == sum(kind.count for kind in kinds if kind.band in ("low", "below0"))


@pytest.mark.parametrize("bands", [("low", "fine"), ("below0", *SPANS)])
@given(paise=st.integers(-(10**9), 10**9), low_paise=st.integers(0, 10**6))
def test_every_balance_is_in_exactly_one_band(bands: tuple[str, ...], paise: int, low_paise: int) -> None:
    ends = [span_of(band, low_paise) for band in bands]
    within = [(low is None or paise >= low) and (high is None or paise < high) for low, high in ends]
    assert within.count(True) == 1


def test_what_nobody_knows_of_is_unknown_and_not_zero() -> None:
    kind = Kind("on", "none", False, False, False, "A", 3, 0, None)
    assert counted([kind], Filter()).used_wh is None
    known = Kind("on", "fine", False, False, False, "A", 1, 5_00, 0)
    assert counted([kind, known], Filter()).used_wh == 0


@given(FILTERS)
def test_an_address_says_the_filter_again(wanted: Filter) -> None:
    assert Filter.of(wanted.words()) == wanted


@pytest.mark.parametrize(
    "said",
    [{"supply": "maybe"}, {"balance": "rich"}, {"doubt": "2"}, {"sort": "; DROP TABLE"}, {"stale": "0"}],
)
def test_words_that_are_not_known_are_taken_as_not_said(said: dict[str, str]) -> None:
    assert Filter.of(said) == Filter()
    assert not Filter.of(said).is_narrow
