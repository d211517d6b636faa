"""The receipt: only for a recharge that is done, and only for whose it is."""

from sqlalchemy import select

from tests.conftest import Desk, SignIn
from tests.orders.giving import given
from webapp.orders.models import Order
from webapp.orders.rules import Kind


def test_a_recharge_that_is_done_has_a_receipt_with_its_token(desk: Desk, sign_in: SignIn) -> None:
    order = given(desk)
    page = sign_in("office@greenview.example").get(f"/s/greenview/orders/{order.id}/receipt")
    assert page.status_code == 200
    assert order.token
    for said in ("₹500.00", "M000101", order.transaction_id or "–", f"greenview-{order.id}", "Manager"):
        assert said in page.text
    assert "".join(order.token.split()) in "".join(page.text.split())


def test_what_is_not_a_recharge_that_is_done_has_none(desk: Desk, sign_in: SignIn) -> None:
    desk.fault("recharge", "drop_reply", times=1)
    orders = [given(desk), given(desk, Kind.LOAD)]
    client = sign_in("office@greenview.example")
    answers = [client.get(f"/s/greenview/orders/{order.id}/receipt").status_code for order in orders]
    assert [order.state.value for order in desk.all(select(Order))] == ["unknown", "done"]
    assert answers == [404, 404]


def test_a_resident_has_the_receipt_of_their_own_home_only(desk: Desk, sign_in: SignIn) -> None:
    other = next(
        no for no, meter in desk.world()["meters"].items() if no != "M000101" and meter["balance"] is not None
    )
    resident = sign_in("resident@greenview.example")
    own, theirs = given(desk), given(desk, meter_no=other)
    assert theirs.state.value == "done"
    page = resident.get(f"/s/greenview/orders/{own.id}/receipt")
    assert (page.status_code, "Taken by" in page.text) == (200, False)
    assert resident.get(f"/s/greenview/orders/{theirs.id}/receipt").status_code == 404
