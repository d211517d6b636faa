"""What a trial means: whether we can work with a server, and without what."""

import pytest

from webapp.sentences import Sentence
from webapp.societies.verdicts import LOST, WHAT, Tried, verdict

READ = Tried("latest_readings", "ok", 12, (), ("M1",))
FAILED = ("notsent", "unanswered", "unreadable", "refused")


def test_who_answers_everything_can_be_worked_with() -> None:
    rows = [READ, *(Tried(name, "ok", 1, ()) for name in LOST)]
    assert verdict(rows).can_work and not verdict(rows).limits


@pytest.mark.parametrize("outcome", [*FAILED, "not offered"])
def test_without_readings_nobody_can_work(outcome: str) -> None:
    found = verdict([Tried("latest_readings", outcome, 1, ()), Tried("meter_status", "ok", 1, ())])
    assert (found.can_work, found.head) == (False, "We cannot work with it: its readings cannot be read.")


@pytest.mark.parametrize("outcome", FAILED)
@pytest.mark.parametrize("name", ["meter_reading", "meter_status", "dg_status", "dg_fuel", "dg_reading"])
def test_what_has_no_good_answer_is_said_to_be_lost(name: str, outcome: str) -> None:
    found = verdict([READ, Tried(name, outcome, 1, ())])
    assert found.can_work and list(found.limits) == [LOST[name]]


@pytest.mark.parametrize("name", ["recharge_status", "meter_changes"])
def test_a_no_to_what_never_was_is_an_answer(name: str) -> None:
    assert verdict([READ, Tried(name, "refused", 1, ())]).limits == ()
    assert list(verdict([READ, Tried(name, "unreadable", 1, ())]).limits) == [LOST[name]]


@pytest.mark.parametrize("outcome", ["not offered", "not tried"])
def test_what_was_not_asked_is_not_held_against_it(outcome: str) -> None:
    assert verdict([READ, Tried("dg_fuel", outcome, 0, ())]).limits == ()


def test_a_server_without_meters_is_said_to_have_none_yet() -> None:
    found = verdict([Tried("latest_readings", "ok", 1, ())])
    assert (found.can_work, found.head) == (True, "It answers, but names no meter yet.")


def test_what_was_tried_is_kept_and_told_in_anybodys_language() -> None:
    row = Tried("dg_fuel", "refused", 3, (Sentence("Rows: %(n)s.", n=2), "[its own words]"), ("M1", "M2"))
    again = Tried.unpacked(row.packed())
    assert again == Tried("dg_fuel", "refused", 3, row.said, ("M1",))
    assert isinstance(again.said[0], Sentence) and not isinstance(again.said[1], Sentence)


def test_every_operation_that_only_reads_has_its_words() -> None:
    assert set(WHAT) == {"latest_readings", *LOST}
