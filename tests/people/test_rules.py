"""What passwords, phones, addresses and days may be; who may be what."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.people import rules
from webapp.people.models import Role
from webapp.people.rules import NotSoError
from webapp.people.sentences import SENTENCES

INDIA = ZoneInfo("Asia/Kolkata")
TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("1234567", "password_short"),
        ("x1y2" * 51, "password_long"),
        ("Asha@x.example", "password_email"),
        ("PassWord", "password_guessed"),
        ("aaaaaaaaaa", "password_guessed"),
        ("three plain words", None),
        ("चार शब्दों का रास्ता", None),
    ],
)
def test_a_password_is_long_enough_and_nothing_that_is_guessed_first(
    password: str, problem: str | None
) -> None:
    assert rules.password_problem(password, "asha@x.example") == problem


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("98765 43210", "9876543210"),
        ("+91-98765-43210", "+919876543210"),
        ("(022) 2345.6789", "02223456789"),
        (" ", ""),
    ],
)
def test_a_phone_is_kept_as_its_digits(typed: str, kept: str) -> None:
    assert rules.phone_of(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("9.87E+09", "phone_rounded"),
        ("9,87E+09", "phone_rounded"),
        ("98765/43210", "phone"),
        ("12345", "phone"),
        ("call me", "phone"),
        ("9876543210123456", "phone"),
    ],
)
def test_what_is_no_phone_says_why(typed: str, kind: str) -> None:
    with pytest.raises(NotSoError) as refused:
        rules.phone_of(typed)
    assert refused.value.problem.kind == kind


def test_an_address_is_kept_in_small_letters() -> None:
    assert rules.email_of(" Asha@X.example\n") == "asha@x.example"


@pytest.mark.parametrize(
    "typed", ["", "a", "a@", "@x.example", "a b@x.example", "a@x", "<a@x.example>", "a@x.e,b@x.e"]
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(NotSoError):
        rules.email_of(typed)


@pytest.mark.parametrize(
    "typed", ["2026-11-03", "03-11-2026", "3/11/2026", "03.11.2026", "2026-11-03 00:00:00"]
)
def test_a_day_is_read_as_people_write_it(typed: str) -> None:
    assert rules.day_of(typed) == date(2026, 11, 3)


@pytest.mark.parametrize(
    "typed", ["31-02-2026", "11/23/2026", "3-11-26", "03/11-2026", "46000", "tomorrow", ""]
)
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(NotSoError):
        rules.day_of(typed)


def test_a_day_begins_where_the_society_is() -> None:
    assert rules.moment_of(TODAY, INDIA) == datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
    assert rules.day_at(datetime(2026, 11, 22, 18, 29, tzinfo=UTC), INDIA) == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("since", "until", "kind"),
    [
        (TODAY, TODAY, "until_before_since"),
        (TODAY, TODAY - timedelta(days=1), "until_before_since"),
        (date(1900, 1, 1), None, "day_early"),
        (date(2126, 1, 1), None, "day_late"),
        (TODAY, date(2126, 1, 1), "day_late"),
    ],
)
def test_days_that_nobody_can_mean_are_refused(since: date, until: date | None, kind: str) -> None:
    with pytest.raises(NotSoError) as refused:
        rules.check_span(since, until, TODAY)
    assert refused.value.problem.kind == kind


MOMENTS = st.integers(0, 20).map(lambda hour: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour))
SPANS = st.tuples(MOMENTS, st.none() | MOMENTS).filter(lambda span: span[1] is None or span[0] < span[1])


@given(SPANS, SPANS)
def test_two_times_overlap_where_they_share_a_moment(
    one: tuple[datetime, datetime | None], other: tuple[datetime, datetime | None]
) -> None:
    def holds(span: tuple[datetime, datetime | None], at: datetime) -> bool:
        return span[0] <= at and (span[1] is None or at < span[1])

    hours = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(25)]
    assert rules.overlaps(one, [other]) == any(holds(one, at) and holds(other, at) for at in hours)


def test_nobody_becomes_less_by_an_invitation() -> None:
    assert rules.higher(Role.MANAGER, Role.RESIDENT) is Role.MANAGER
    assert rules.higher(Role.RESIDENT, Role.OFFICE) is Role.OFFICE


@pytest.mark.parametrize(
    ("managers", "was", "becomes", "refused"),
    [
        (1, Role.MANAGER, Role.OFFICE, True),
        (1, Role.MANAGER, None, True),
        (1, Role.MANAGER, Role.MANAGER, False),
        (2, Role.MANAGER, None, False),
        (1, Role.OFFICE, None, False),
    ],
)
def test_the_last_manager_stays(managers: int, was: Role, becomes: Role | None, refused: bool) -> None:
    assert rules.leaves_no_manager(managers, was, becomes) is refused


def test_every_problem_of_a_rule_has_a_sentence() -> None:
    import inspect
    import re

    from webapp.people import inviting, residing, roles
    from webapp.people.lists import planning, rows, sheets

    for room in (rules, inviting, residing, roles, planning, rows, sheets):
        kinds = set(re.findall(r'NotSoError\(\s*"(\w+)"', inspect.getsource(room)))
        assert kinds <= set(SENTENCES), room.__name__
