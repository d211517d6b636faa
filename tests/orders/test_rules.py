"""What becomes of an order: every branch, without a server and without a database."""

import pytest

from webapp.contract.errors import MeterServerError, NotSent, Refused, Unanswered, Unreadable
from webapp.contract.replies import (
    Doubt,
    LoadUpdated,
    MeterStatus,
    Recharge,
    RechargeStatus,
    Supply,
    Switched,
)
from webapp.orders import rules
from webapp.orders.rules import Kind, Move, State

NOT_SENT = NotSent("recharge", "It could not be reached.")
UNANSWERED = Unanswered("recharge", "It did not answer.")
UNREADABLE = Unreadable("recharge", "It sent a page.")
REFUSED = Refused("recharge", "It refused.", "Not Recharged")
DONE, WAITING, REVIEW, UNKNOWN = State.DONE, State.WAITING, State.REVIEW, State.UNKNOWN


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(
    ("error", "state"),
    [(NOT_SENT, State.NOT_SENT), (REFUSED, State.REFUSED), (UNANSWERED, UNKNOWN), (UNREADABLE, UNKNOWN)],
)
def test_in_doubt_a_command_that_failed_is_unknown(kind: Kind, error: MeterServerError, state: State) -> None:
    move = rules.after_failure(kind, error)
    assert (move.state, move.words) == (state, error.words)
    assert (move.look_in_s is not None) == (state is UNKNOWN and kind is not Kind.LOAD)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("state", State)
def test_only_an_order_of_which_nothing_more_is_expected_closes(kind: Kind, state: State) -> None:
    stays_open = {State.CREATED, State.SENDING, State.ACCEPTED, WAITING, REVIEW, UNKNOWN}
    if kind is Kind.LOAD:
        stays_open.remove(UNKNOWN)  # setting it again is harmless
    assert Move(state, "").closes(kind) == (state not in stays_open)


@pytest.mark.parametrize(
    ("reply", "is_final", "state"),
    [
        (Recharge("M1", amount_paise=500_00, transaction_id="T1", balance_paise=900_00), True, DONE),
        (Recharge(), True, DONE),
        (Recharge("M1", transaction_id="T1"), False, WAITING),
        (Recharge("M1", transaction_id="T1", pending=True), True, WAITING),
        (Recharge("M1", pending=True), True, UNKNOWN),
        (Recharge("M1"), False, UNKNOWN),
        (Recharge("M2", amount_paise=500_00), True, UNKNOWN),
        (Recharge("M2", pending=True, transaction_id="T1"), True, UNKNOWN),
        (Recharge("M1", amount_paise=50_00), True, UNKNOWN),
        (Recharge("M1", doubts=(Doubt("amount", "“five” is not a number"),)), True, UNKNOWN),
        (Recharge(None, doubts=(Doubt("meter_no", "it is a list"),)), True, UNKNOWN),
        (Recharge("M1", doubts=(Doubt("balance", "“?” is not a number"),)), True, DONE),
    ],
)
def test_a_recharge_is_done_only_by_a_reply_about_it(reply: Recharge, is_final: bool, state: State) -> None:
    assert rules.after_recharge("M1", 500_00, reply, is_final).state is state


def test_nothing_of_another_homes_recharge_is_kept() -> None:
    reply = Recharge("M2", transaction_id="T2", token="1234", balance_paise=900_00)
    assert rules.after_recharge("M1", 500_00, reply, is_final=True).facts == {}


def test_the_balance_in_a_waiting_reply_is_not_the_one_after() -> None:
    reply = Recharge("M1", transaction_id="T1", token="1234", balance_paise=900_00, pending=True)
    facts = rules.after_recharge("M1", 500_00, reply, is_final=True).facts
    assert facts == {"transaction_id": "T1", "token": "1234"}


@pytest.mark.parametrize(
    ("answer", "is_late", "state"),
    [
        (RechargeStatus("M1", transaction_id="T1"), False, DONE),
        (RechargeStatus(), True, DONE),
        (RechargeStatus("M1", transaction_id="T2"), False, REVIEW),
        (RechargeStatus("M2", transaction_id="T1"), False, REVIEW),
        (REFUSED, False, REVIEW),
        (RechargeStatus("M1", pending=True), False, WAITING),
        (RechargeStatus("M1", pending=True), True, REVIEW),
        (UNANSWERED, False, WAITING),
        (UNANSWERED, True, REVIEW),
        (NOT_SENT, False, WAITING),
        (UNREADABLE, True, REVIEW),
    ],
)
def test_a_queued_recharge_waits_until_it_is_credited_or_late(
    answer: RechargeStatus | MeterServerError, is_late: bool, state: State
) -> None:
    move = rules.after_recharge_status("M1", "T1", answer, 3, is_late)
    assert (move.state, move.look_in_s) == (state, 10 if state is WAITING else None)


def test_a_queue_is_asked_ever_more_seldom() -> None:
    waits = [
        rules.after_recharge_status("M1", "T1", UNANSWERED, looks, is_late=False).look_in_s
        for looks in range(1, 40)
    ]
    assert waits[:3] == [2, 5, 10]
    assert waits[-1] == 60


def test_a_meter_server_that_cannot_be_asked_is_not_said_to_have_it_in_its_queue() -> None:
    assert "did not answer" in rules.after_recharge_status("M1", "T1", UNANSWERED, 1, is_late=False).note


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (Switched("M1", supply=Supply.OFF), State.ACCEPTED),
        (Switched(pending=True), State.ACCEPTED),
        (Switched("M2", supply=Supply.OFF), UNKNOWN),
    ],
)
def test_switching_is_accepted_but_never_done_by_its_own_reply(reply: Switched, state: State) -> None:
    move = rules.after_switching("M1", reply)
    assert (move.state, move.look_in_s) == (state, rules.SWITCH_LOOKS_S[0])


@pytest.mark.parametrize(
    ("words", "answer", "state"),
    [
        ("Meter was already STARTED", MeterStatus("M1", supply=Supply.ON), DONE),
        ("Meter not Accessible", MeterStatus("M1", supply=Supply.ON), DONE),
        ("Meter was already STARTED", MeterStatus("M1", supply=Supply.OFF), State.REFUSED),
        ("Meter was already STARTED", UNANSWERED, UNKNOWN),
        ("Meter was already STARTED", MeterStatus("M1", supply=Supply.UNKNOWN), UNKNOWN),
        ("Meter was already STARTED", MeterStatus("M2", supply=Supply.ON), UNKNOWN),
        ("Meter not Accessible", UNANSWERED, State.REFUSED),
        ("Meter not Accessible", MeterStatus("M1", supply=None), State.REFUSED),
    ],
)
def test_a_refused_restore_is_judged_by_the_read_back(
    words: str, answer: MeterStatus | MeterServerError, state: State
) -> None:
    refused = Refused("start_meter", "It refused.", words)
    move = rules.after_refused_switching(Supply.ON, refused, "M1", answer)
    assert (move.state, move.words) == (state, words)


@pytest.mark.parametrize("before", [State.ACCEPTED, UNKNOWN])
@pytest.mark.parametrize(
    ("answer", "looks", "becomes"),
    [
        (MeterStatus("M1", supply=Supply.OFF), 1, DONE),
        (MeterStatus("M1", supply=Supply.OFF), len(rules.SWITCH_LOOKS_S), DONE),
        (MeterStatus("M1", supply=Supply.ON), 1, None),
        (MeterStatus("M2", supply=Supply.OFF), 1, None),
        (MeterStatus("M1", supply=Supply.UNKNOWN), 1, None),
        (UNANSWERED, 1, None),
        (MeterStatus("M1", supply=Supply.ON), len(rules.SWITCH_LOOKS_S), State.MISMATCH),
        (UNANSWERED, len(rules.SWITCH_LOOKS_S), State.MISMATCH),
    ],
)
def test_a_cut_is_read_back_until_it_shows_or_the_looks_end(
    before: State, answer: MeterStatus | MeterServerError, looks: int, becomes: State | None
) -> None:
    move = rules.after_read_back(before, Supply.OFF, "M1", answer, looks)
    assert move.state is (becomes or before)
    assert (move.look_in_s is None) == (becomes is not None)


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (LoadUpdated("M1"), DONE),
        (LoadUpdated(), DONE),
        (LoadUpdated("M1", pending=True), UNKNOWN),
        (LoadUpdated("M2"), UNKNOWN),
    ],
)
def test_a_load_is_done_when_the_server_says_so(reply: LoadUpdated, state: State) -> None:
    assert rules.after_load("M1", reply).state is state


@pytest.mark.parametrize(
    ("kind", "settled", "late", "becomes"),
    [
        (Kind.RECHARGE, State.CANCELLED, DONE, State.DISPUTED),
        (Kind.RECHARGE, State.CANCELLED, WAITING, State.DISPUTED),
        (Kind.RECHARGE, State.CANCELLED, State.REFUSED, State.CANCELLED),
        (Kind.RECHARGE, State.CANCELLED, UNKNOWN, State.CANCELLED),
        (Kind.RECHARGE, DONE, State.NOT_SENT, State.DISPUTED),
        (Kind.RECHARGE, DONE, State.REFUSED, State.DISPUTED),
        (Kind.RECHARGE, DONE, DONE, DONE),
        (Kind.CUT, DONE, State.REFUSED, DONE),
    ],
)
def test_a_late_reply_disputes_only_what_a_person_settled_the_other_way(
    kind: Kind, settled: State, late: State, becomes: State
) -> None:
    assert rules.after_late_reply(kind, settled, Move(late, "It says.")).state is becomes


@pytest.mark.parametrize(
    ("typed", "paise"),
    [
        ("500", 500_00),
        ("500.5", 500_50),
        (" ₹ 1,23,456.00 ", 1_23_456_00),
        ("123,456.05", 1_23_456_05),
        (".99", 99),
        ("1", 1_00),
        ("200000", 2_00_000_00),
    ],
)
def test_an_amount_is_taken_exactly_as_people_write_it(typed: str, paise: int) -> None:
    assert rules.amount_of(typed, 99, 2_00_000_00) == paise


def test_an_amount_may_be_typed_on_a_hindi_keyboard() -> None:
    assert rules.amount_of("₹ ५००.५०", 10_00, 1000_00) == 500_50


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Enter an amount"),
        ("   ", "Enter an amount"),
        ("0", "above zero"),
        ("0.00", "above zero"),
        ("-500", "above zero"),
        ("500.005", "At most 2 decimals"),
        ("9.99", "below the smallest"),
        ("1000.01", "above the largest"),
        ("1e3", "not an amount"),
        ("5,00", "not an amount"),
        ("500 rupees", "not an amount"),
        ("NaN", "not an amount"),
        ("9" * 400, "not an amount"),
        ("<script>", "not an amount"),
    ],
)
def test_an_amount_that_cannot_be_meant_is_refused_in_words(typed: str, says: str) -> None:
    with pytest.raises(rules.NotAllowedError, match=says):
        rules.amount_of(typed, 10_00, 1000_00)


def test_a_load_is_taken_in_kilowatts_to_the_watt() -> None:
    assert [rules.load_of(typed, "grid") for typed in ("5", "0", "1.125", "1,000")] == [5000, 0, 1125, 10**6]


@pytest.mark.parametrize("typed", ["", "-1", "1000.001", "1.0005", "five"])
def test_a_load_that_cannot_be_meant_is_refused(typed: str) -> None:
    with pytest.raises(rules.NotAllowedError, match="grid load"):
        rules.load_of(typed, "grid")
