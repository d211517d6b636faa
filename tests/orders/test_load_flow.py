"""Setting a load: what the server says is set is what is known, for nothing reads it back."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from tests.conftest import Desk, SignIn
from tests.orders.giving import change, change_server, given, order_of, press
from webapp.extensions import db
from webapp.meters.models import Meter
from webapp.orders.advancing import advance
from webapp.orders.models import Order
from webapp.orders.rules import Kind, Move, State


def loads(desk: Desk) -> tuple[int | None, int | None]:
    meter = desk.meter()
    return meter.load_grid_w, meter.load_dg_w


def test_a_load_that_the_server_says_is_set_stands_on_the_meter_with_its_time(
    desk: Desk, sign_in: SignIn
) -> None:
    client = sign_in("office@greenview.example")
    press(client, "load", load_grid_kw="5", load_dg_kw="1.5")
    assert loads(desk) == (None, None)
    desk.work()
    order = desk.one(select(Order))
    assert (order.state.value, loads(desk)) == ("done", (5_000, 1_500))
    assert desk.meter().load_set_at == order.changed_at
    assert desk.world()["loads"]["M000101"] == {"load_dg": "1.5", "load_grid": "5"}
    assert "grid 5 kW" in client.get("/s/greenview/meters/M000101/load").text


def test_a_load_in_watts_goes_out_in_watts(desk: Desk) -> None:
    change_server(desk, profile_data={"load_unit": "W"})
    given(desk, Kind.LOAD)
    assert desk.world()["loads"]["M000101"] == {"load_dg": "1500", "load_grid": "5000"}


def test_a_refused_load_changes_nothing(desk: Desk) -> None:
    desk.fault("update_load", "refuse", times=1)
    assert given(desk, Kind.LOAD).state.value == "refused"
    assert loads(desk) == (None, None)


def test_an_unknown_load_is_over_and_may_be_set_again(desk: Desk) -> None:
    desk.fault("update_load", "drop_reply", times=1)
    first = given(desk, Kind.LOAD)
    assert (first.state.value, first.is_open, first.next_look_at, loads(desk)) == (
        "unknown",
        False,
        None,
        (None, None),
    )
    assert given(desk, Kind.LOAD).state.value == "done"
    assert loads(desk) == (5_000, 1_500)


def test_an_answer_that_comes_late_does_not_hide_the_load_that_was_set_since(desk: Desk) -> None:
    desk.fault("update_load", "drop_reply", times=1)
    first = given(desk, Kind.LOAD)
    given(desk, Kind.LOAD)
    change(desk, update(Meter).values(load_grid_w=7_000))
    with desk.app.app_context():
        order = db.session.get_one(Order, first.id)
        now = datetime.now(UTC) + timedelta(seconds=5)
        assert advance(order, {State.UNKNOWN}, Move(State.DONE, "A late reply."), now)
    assert order_of(desk, first.id).state.value == "done"
    assert loads(desk) == (7_000, 1_500)


def test_a_grid_load_of_nothing_is_a_cut_by_another_name_and_is_refused(desk: Desk, sign_in: SignIn) -> None:
    client = sign_in("office@greenview.example")
    typed = {"load_grid_kw": "0", "load_dg_kw": "0", "client_key": "key-of-the-form"}
    answer = client.post("/s/greenview/meters/M000101/load", data=typed)
    assert answer.status_code == 422
    assert desk.calls("update_load") == 0
