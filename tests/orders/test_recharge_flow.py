"""A recharge from the form to the meter server's word, over a real socket."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Desk, SignIn
from webapp.orders.models import Order

FORM = "/s/greenview/meters/M000101/recharge"


def press(client: FlaskClient, amount: str = "500", key: str = "key-of-the-form") -> Any:
    return client.post(FORM, data={"amount": amount, "client_key": key})


def test_a_recharge_is_done_and_the_balance_rises_by_the_servers_own_reading(
    desk: Desk, sign_in: SignIn
) -> None:
    before = desk.meter().balance_paise or 0
    answer = press(sign_in("office@greenview.example"))
    assert answer.status_code == 303
    desk.work()
    order = desk.one(select(Order))
    assert (order.state.value, order.amount_paise) == ("done", 500_00)
    assert 499_00 < (desk.meter().balance_paise or 0) - before <= 500_00


def test_a_lost_reply_leaves_the_recharge_unknown_and_nothing_sends_it_twice(
    desk: Desk, sign_in: SignIn
) -> None:
    desk.fault("recharge", "drop_reply", times=1)
    client = sign_in("office@greenview.example")
    press(client)
    desk.work()
    assert desk.one(select(Order)).state.value == "unknown"
    press(client)
    again = press(client, key="another form, opened anew")
    desk.work()
    assert again.status_code == 409
    assert "Do not pay again" in again.text
    assert (desk.one(select(Order)).state.value, desk.calls("recharge")) == ("unknown", 1)


def test_the_form_says_that_one_is_not_settled_before_anybody_takes_the_cash(
    desk: Desk, sign_in: SignIn
) -> None:
    desk.fault("recharge", "drop_reply", times=1)
    client = sign_in("office@greenview.example")
    press(client)
    desk.work()
    form = client.get(FORM)
    assert "Do not pay again" in form.text
    assert 'name="amount"' not in form.text
