"""Whether a call is looked into at once."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.generators.rules import BETWEEN_HINTS, may_look

NOW = datetime(2026, 11, 23, tzinfo=UTC)
MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("last_asked", "asking_until", "may"),
    [
        (None, None, True),
        (NOW - BETWEEN_HINTS, None, True),
        (NOW - BETWEEN_HINTS + MOMENT, None, False),
        (None, NOW, True),
        (None, NOW + MOMENT, False),
        (NOW - BETWEEN_HINTS, NOW + MOMENT, False),
    ],
)
def test_a_call_is_looked_into_unless_somebody_asks_or_just_asked(
    last_asked: datetime | None, asking_until: datetime | None, may: bool
) -> None:
    assert may_look(last_asked, asking_until, NOW) is may
