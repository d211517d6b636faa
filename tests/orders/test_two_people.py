"""Two people at two desks recharge one home: whoever comes second knows it before they press."""

import re
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update

from tests.conftest import Desk, SignIn
from tests.orders.giving import change, press
from webapp.orders.models import Order
from webapp.orders.rules import State

FORM = "/s/greenview/meters/M000101/recharge"
SAYS = "A-101 was recharged with ₹500.00"


def seen_in(page: str) -> str:
    found = re.search(r'name="seen_order" value="(\d+)"', page)
    assert found
    return found[1]


def orders(desk: Desk) -> int:
    return desk.one(select(func.count()).select_from(Order))


def test_the_second_persons_form_says_who_recharged_a_minute_ago(desk: Desk, sign_in: SignIn) -> None:
    first, second = sign_in("office@greenview.example"), sign_in("manager@greenview.example")
    assert SAYS not in second.get(FORM).text
    press(first, amount="500")
    desk.work()
    page = second.get(FORM).text
    assert SAYS in page and "by Office" in page


def test_after_an_hour_it_is_history(desk: Desk, sign_in: SignIn) -> None:
    client = sign_in("office@greenview.example")
    press(client, amount="500")
    desk.work()
    change(desk, update(Order).values(created_at=datetime.now(UTC) - timedelta(minutes=61)))
    assert SAYS not in client.get(FORM).text


def test_what_surely_charged_nothing_warns_nobody(desk: Desk, sign_in: SignIn) -> None:
    client = sign_in("office@greenview.example")
    desk.fault("recharge", "refuse", times=1)
    press(client, amount="500")
    desk.work()
    assert desk.one(select(Order)).state is State.REFUSED
    page = client.get(FORM).text
    assert SAYS not in page and seen_in(page) == "0"


def test_two_forms_opened_before_either_was_pressed_are_one_recharge(desk: Desk, sign_in: SignIn) -> None:
    first, second = sign_in("office@greenview.example"), sign_in("manager@greenview.example")
    opened = seen_in(first.get(FORM).text), seen_in(second.get(FORM).text)
    press(first, amount="500", seen_order=opened[0])
    desk.work()
    theirs = {"amount": "600", "client_key": "key of the second"}
    late = press(second, seen_order=opened[1], **theirs)
    assert late.status_code == 409
    assert SAYS in late.text and "nothing was sent" in late.text and 'value="600"' in late.text
    assert (orders(desk), desk.calls("recharge")) == (1, 1)
    again = press(second, seen_order=seen_in(late.text), **theirs)
    assert again.status_code == 303
    assert orders(desk) == 2


def test_the_same_form_sent_again_is_still_its_own_order(desk: Desk, sign_in: SignIn) -> None:
    client = sign_in("office@greenview.example")
    seen = seen_in(client.get(FORM).text)
    answers = [press(client, amount="500", seen_order=seen) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert orders(desk) == 1


def test_a_program_that_shows_no_form_need_not_say_what_it_saw(desk: Desk, sign_in: SignIn) -> None:
    client = sign_in("office@greenview.example")
    press(client, amount="500")
    desk.work()
    assert press(client, amount="500", client_key="another key").status_code == 303
    assert press(client, amount="500", client_key="a third key", seen_order="x").status_code == 400
