"""Forms that are orders, an order's page, its receipt, and settling it by hand."""

import secrets
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.sansio.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response as AnyResponse

from webapp.columns import LARGEST_ID
from webapp.extensions import db
from webapp.meters.loading import meter_of
from webapp.meters.models import Meter
from webapp.orders import rules, settling, tasks
from webapp.orders.models import Order, OrderEvent
from webapp.orders.recording import (
    FormUsedError,
    NewerRechargeError,
    StillOpenError,
    Wish,
    newest_recharge,
    open_in_lane,
    record,
)
from webapp.orders.rules import KINDS, Kind, NotAllowedError, State
from webapp.orders.telling import STATES, telling, what
from webapp.people.gate import Visit, society_page, wants_fragment
from webapp.people.models import STAFF, WATCHERS, Role
from webapp.quantities import PAISE_PLACES, plain

pages = Blueprint("orders", __name__)
FORM = "/s/<society>/meters/<meter_id>/<any(recharge, cut, restore, load):kind>"
REASON_AT_MOST = 300
LATELY = timedelta(hours=1)  # so long a recharge is said again to whoever would recharge the home


@pages.get(FORM)
@society_page(*STAFF)
def form(visit: Visit, meter_id: str, kind: str) -> str:
    """Whom and how much in words, before the button. Every opening is a new key, so a new order."""
    meter = _meter(visit, meter_id, kind)
    still_open = open_in_lane(meter, Kind(kind))  # said before the cash is taken, not after
    return _form(visit, meter, Kind(kind), secrets.token_urlsafe(16), still_open=still_open)


@pages.post(FORM)
@society_page(*STAFF)
def ask(visit: Visit, meter_id: str, kind: str) -> AnyResponse | str | tuple[str, int]:
    """The confirmed act: record, nudge a worker, answer at once."""
    meter = _meter(visit, meter_id, kind)
    key = request.form.get("client_key", "")
    if not 8 <= len(key) <= 64:
        abort(400)
    try:
        order, is_new = record(meter, _wish(visit, Kind(kind), key), visit.user, visit.now)
    except NotAllowedError as error:
        return _form(visit, meter, Kind(kind), key, problem=str(error)), 422
    except StillOpenError as still:
        return _form(visit, meter_of(visit, meter_id), Kind(kind), key, still_open=still.order), 409
    except NewerRechargeError:  # the form shows it now: pressed again, it is another payment
        return _form(visit, meter_of(visit, meter_id), Kind(kind), key, is_news=True), 409
    except FormUsedError:
        used = _("This form was already used for something else. Nothing was sent; open it anew.")
        return _form(visit, meter, Kind(kind), secrets.token_urlsafe(16), problem=used), 409
    if is_new:
        tasks.send.nudge(order.id)
    if wants_fragment():
        return _fragment(visit, order)
    return redirect(_address(visit, order), 303)


def _meter(visit: Visit, meter_id: str, kind: str) -> Meter:
    meter = meter_of(visit, meter_id)
    if not meter.server.profile.offers(KINDS[Kind(kind)].operation):
        abort(404)  # this company does not do it; its buttons are not shown either
    return meter


def _wish(visit: Visit, kind: Kind, key: str) -> Wish:
    """What was typed, checked. Raises NotAllowedError."""
    typed, society = request.form, visit.society
    if kind is Kind.RECHARGE:
        low, high = society.smallest_recharge_paise, society.largest_recharge_paise
        amount = rules.amount_of(typed.get("amount", ""), low, high)
        return Wish(kind, key, amount_paise=amount, seen_order=_seen_order())
    if kind is Kind.LOAD:
        grid, dg = (rules.load_of(typed.get(f"load_{name}_kw", ""), name) for name in ("grid", "dg"))
        if grid == 0:
            raise NotAllowedError(_("A grid load of 0 would cut the home. To cut it, use Cut supply."))
        return Wish(kind, key, load_grid_w=grid, load_dg_w=dg)
    reason = typed.get("reason", "").strip()[:REASON_AT_MOST]
    if kind is Kind.CUT and not reason:
        raise NotAllowedError(_("Say why: it is written beside the cut, and the home may ask."))
    return Wish(kind, key, reason=reason)


def _seen_order() -> int | None:
    """Return the newest recharge that the form showed; None where a program left the field out."""
    seen = request.form.get("seen_order")
    if seen is None:
        return None
    if not (seen.isascii() and seen.isdecimal() and int(seen) <= LARGEST_ID):
        abort(400)
    return int(seen)


def _form(visit: Visit, meter: Meter, kind: Kind, key: str, **said: Any) -> str:
    template = "orders/_form.html" if wants_fragment() else "orders/form.html"
    typed = request.form if request.method == "POST" else {}
    if kind is Kind.RECHARGE:
        newest = newest_recharge(meter.unit_id)
        said["seen_order"] = newest.id if newest else 0
        if newest and (said.get("is_news") or visit.now - newest.created_at < LATELY):
            said["lately"] = newest
    return render_template(
        template, visit=visit, meter=meter, kind=kind, what=KINDS[kind], client_key=key, typed=typed, **said
    )


@pages.get(f"/s/<society>/orders/<int(max={LARGEST_ID}):order_id>")
@society_page(*Role)
def order(visit: Visit, order_id: int) -> Response | str:
    found = order_of(visit, order_id)
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return jsonify(_as_json(found, with_words=visit.role in WATCHERS))
    if wants_fragment():
        return _fragment(visit, found)
    return render_template("orders/order.html", visit=visit, order=found)


@pages.get(f"/s/<society>/orders/<int(max={LARGEST_ID}):order_id>/receipt")
@society_page(*Role)
def receipt(visit: Visit, order_id: int) -> str:
    """Of a recharge that is done."""
    found = order_of(visit, order_id)
    if found.kind is not Kind.RECHARGE or found.state is not State.DONE:
        abort(404)
    return render_template("orders/receipt.html", visit=visit, order=found)


@pages.post(f"/s/<society>/orders/<int(max={LARGEST_ID}):order_id>/settle")
@society_page(Role.MANAGER)
def settle(visit: Visit, order_id: int) -> AnyResponse | str | tuple[str, int]:
    found = order_of(visit, order_id)
    outcome = request.form.get("outcome", "")
    if outcome not in ("credited", "not_credited"):
        return _unsettled(visit, found, _("Choose whether it was credited."))
    reason, reference = request.form.get("reason", ""), request.form.get("reference", "")
    try:
        settling.settle_by_hand(found, outcome == "credited", reason, reference, visit.user, visit.now)
    except settling.CannotSettleError as error:
        return _unsettled(visit, order_of(visit, order_id), str(error))
    tasks.read_again.nudge(found.meter_id)
    if wants_fragment():
        return _fragment(visit, order_of(visit, order_id))
    return redirect(_address(visit, found), 303)


def _unsettled(visit: Visit, found: Order, problem: str) -> tuple[str, int]:
    template = "orders/_order.html" if wants_fragment() else "orders/order.html"
    return render_template(template, visit=visit, order=found, problem=problem, typed=request.form), 422


def order_of(visit: Visit, order_id: int) -> Order:
    """Or 404. A resident sees the recharges of their own home since they moved in."""
    found: Order | None = db.session.scalar(
        select(Order)
        .filter_by(id=order_id, society_id=visit.society.id)
        .options(
            joinedload(Order.unit),
            joinedload(Order.meter),
            joinedload(Order.asked_by),
            selectinload(Order.events).joinedload(OrderEvent.by),
        )
        .execution_options(populate_existing=True)
    )
    if found is None or not (visit.role in WATCHERS or _is_theirs(visit, found)):
        abort(404)
    return found


def _is_theirs(visit: Visit, found: Order) -> bool:
    home = visit.residence_of(found.unit_id)
    return home is not None and found.kind is Kind.RECHARGE and found.created_at >= home.since


def _fragment(visit: Visit, found: Order) -> str:
    return render_template("orders/_order.html", visit=visit, order=order_of(visit, found.id))


def _address(visit: Visit, found: Order) -> str:
    return url_for("orders.order", society=visit.society.slug, order_id=found.id)


def _as_json(found: Order, with_words: bool) -> dict[str, Any]:
    """Words and notes are the staff's, as on the page: they may name another home's meter."""
    return {
        "id": found.id,
        "kind": found.kind.value,
        "state": found.state.value,
        "meter_no": found.meter.meter_no,
        "amount": plain(found.amount_paise, PAISE_PLACES) or None,
        "transaction_id": found.transaction_id,
        "token": found.token,
        "words": found.words if with_words else None,
        "history": [_step(event, with_words) for event in found.events],
    }


def _step(event: OrderEvent, with_words: bool) -> dict[str, Any]:
    said = (event.note, event.words) if with_words else (None, None)
    return {"at": event.at.isoformat(), "state": event.state.value, "note": said[0], "words": said[1]}


@pages.record_once
def _for_templates(state: BlueprintSetupState) -> None:
    words = {
        "telling": telling,
        "what_of": what,
        "KINDS": KINDS,
        "Kind": Kind,
        "State": State,
        "STATES": STATES,
    }
    state.app.jinja_env.globals.update(words)
