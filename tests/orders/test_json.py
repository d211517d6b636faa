"""An order's outcome for programs: its shape stays as scripts rely on it (design §5)."""

from datetime import datetime
from typing import Any

from flask.testing import FlaskClient

from tests.conftest import Desk, SignIn
from tests.orders.giving import given
from webapp.orders.models import Order
from webapp.orders.rules import Kind

AS_JSON = {"Accept": "application/json"}
KEYS = ["id", "kind", "state", "meter_no", "amount", "transaction_id", "token", "words", "history"]


def asked(client: FlaskClient, order: Order) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/s/greenview/orders/{order.id}", headers=AS_JSON).get_json()
    return found


def test_a_recharge_as_json_has_what_scripts_rely_on(desk: Desk, sign_in: SignIn) -> None:
    order = given(desk)
    found = asked(sign_in("office@greenview.example"), order)
    assert sorted(found) == sorted(KEYS)
    assert (found["id"], found["kind"], found["state"]) == (order.id, "recharge", "done")
    assert (found["meter_no"], found["amount"], found["words"]) == ("M000101", "500.00", "Meter Recharged")
    assert (found["transaction_id"], found["token"]) == (order.transaction_id, order.token)
    assert [step["state"] for step in found["history"]] == ["created", "sending", "done"]
    assert all(datetime.fromisoformat(step["at"]).tzinfo for step in found["history"])


def test_what_an_order_does_not_have_is_null(desk: Desk, sign_in: SignIn) -> None:
    found = asked(sign_in("office@greenview.example"), given(desk, Kind.CUT))
    assert (found["amount"], found["transaction_id"], found["token"]) == (None, None, None)


def test_a_resident_is_told_the_outcome_without_the_offices_words(desk: Desk, sign_in: SignIn) -> None:
    resident = sign_in("resident@greenview.example")
    found = asked(resident, given(desk))
    assert (found["state"], found["words"]) == ("done", None)
    assert {step["note"] for step in found["history"]} == {None}
    cut = given(desk, Kind.CUT)
    assert resident.get(f"/s/greenview/orders/{cut.id}", headers=AS_JSON).status_code == 404


def test_a_browser_is_given_the_page(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in("office@greenview.example").get(f"/s/greenview/orders/{given(desk).id}")
    assert page.mimetype == "text/html"
    assert 'data-state="done"' in page.text
