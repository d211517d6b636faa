"""Recording an order: once for each form, one open order in a lane, and nothing that cannot be meant."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.conftest import Desk, SignIn
from tests.orders.giving import change, change_server, order_of, press
from webapp.orders.models import Order
from webapp.societies.models import Society

OFFICE = "office@greenview.example"
AT_ONCE = 16


def at_once(desk: Desk, client: FlaskClient, presses: Iterable[Callable[[FlaskClient], Any]]) -> list[Any]:
    """Each press in a thread of its own, with the same person's session."""
    cookie = client.get_cookie("meterdesk")
    assert cookie is not None
    session, ready = cookie.value, Barrier(AT_ONCE)

    def one(button: Callable[[FlaskClient], Any]) -> Any:
        browser = desk.app.test_client()
        browser.set_cookie("meterdesk", session)
        ready.wait()
        return button(browser)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(one, presses))


def test_the_same_form_sent_again_is_the_same_order(desk: Desk, sign_in: SignIn) -> None:
    client = sign_in(OFFICE)
    first, again = press(client, amount="500"), press(client, amount="500.00")
    desk.work()
    late = press(client, amount="500")
    desk.work()
    assert first.status_code == again.status_code == late.status_code == 303
    assert first.location == again.location == late.location
    assert desk.calls("recharge") == 1


def test_sixteen_presses_of_one_form_at_once_are_one_order(desk: Desk, sign_in: SignIn) -> None:
    answers = at_once(desk, sign_in(OFFICE), [lambda browser: press(browser, amount="500")] * AT_ONCE)
    desk.work()
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert (len(desk.all(select(Order))), desk.calls("recharge")) == (1, 1)


def test_of_sixteen_forms_at_once_one_is_the_order_and_the_others_are_told(
    desk: Desk, sign_in: SignIn
) -> None:
    keys = [f"key of form {number}" for number in range(AT_ONCE)]
    presses = [lambda browser, key=key: press(browser, amount="500", client_key=key) for key in keys]
    answers = at_once(desk, sign_in(OFFICE), presses)
    desk.work()
    assert sorted(answer.status_code for answer in answers) == [303] + [409] * (AT_ONCE - 1)
    assert all("Do not pay again" in answer.text for answer in answers if answer.status_code == 409)
    assert (len(desk.all(select(Order))), desk.calls("recharge")) == (1, 1)


def test_a_form_that_comes_back_for_something_else_orders_nothing(desk: Desk, sign_in: SignIn) -> None:
    client = sign_in(OFFICE)
    press(client, amount="500")
    desk.work()
    others = [
        press(client, amount="600"),
        press(client, meter="M000102", amount="500"),
        press(client, "cut", reason="Wiring works"),
    ]
    assert [other.status_code for other in others] == [409] * 3
    assert len(desk.all(select(Order))) == 1


def test_an_order_is_on_record_before_a_byte_leaves(desk: Desk, sign_in: SignIn) -> None:
    press(sign_in(OFFICE), amount="1,234.50")
    order = order_of(desk, desk.one(select(Order)).id)
    assert (order.state.value, order.amount_paise, desk.calls("recharge")) == ("created", 1_234_50, 0)
    assert (order.balance_before_paise, order.events[0].by_id) == (
        desk.meter().balance_paise,
        order.asked_by_id,
    )


def test_the_societys_own_limits_hold_to_the_paisa(desk: Desk, sign_in: SignIn) -> None:
    change(desk, update(Society).values(smallest_recharge_paise=100_00, largest_recharge_paise=1_00_000_00))
    client = sign_in(OFFICE)
    answers = [
        press(client, amount=amount, client_key=f"key {amount}") for amount in ("99.99", "1,00,000.01")
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert "₹1,00,000.00" in answers[0].text
    assert press(client, amount="₹1,00,000.00").status_code == 303
    assert [order.amount_paise for order in desk.all(select(Order))] == [1_00_000_00]


def test_a_press_without_a_forms_key_orders_nothing(desk: Desk, sign_in: SignIn) -> None:
    client = sign_in(OFFICE)
    answers = [press(client, amount="500", client_key=key) for key in ("", "short", "k" * 65)]
    assert {answer.status_code for answer in answers} == {400}
    assert desk.all(select(Order)) == []


def test_what_was_typed_wrong_is_said_and_stays_in_the_form(desk: Desk, sign_in: SignIn) -> None:
    client = sign_in(OFFICE)
    wrong = {
        "recharge": {"amount": "five hundred"},
        "cut": {"reason": "  "},
        "load": {"load_grid_kw": "5", "load_dg_kw": "much"},
    }
    answers = {kind: press(client, kind, **typed) for kind, typed in wrong.items()}
    assert {answer.status_code for answer in answers.values()} == {422}
    assert 'value="five hundred"' in answers["recharge"].text
    assert desk.all(select(Order)) == []


def test_a_command_that_the_company_does_not_offer_is_not_there(desk: Desk, sign_in: SignIn) -> None:
    change_server(desk, profile_data={"operations": {"update_load": False}})
    client = sign_in(OFFICE)
    assert press(client, "load", load_grid_kw="5", load_dg_kw="1").status_code == 404
    assert desk.all(select(Order)) == []
