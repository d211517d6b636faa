"""A reading for the asking; meters that took another's place, listed, and settled where they do not fit."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from webapp.alerts.news import tell
from webapp.columns import LARGEST_ID
from webapp.extensions import db
from webapp.meters import changes, live
from webapp.meters.loading import meter_of
from webapp.meters.models import Meter, MeterChange
from webapp.meters.tasks import ask_changes_between, read_live
from webapp.people.gate import Visit, society_page, wants_fragment
from webapp.people.models import STAFF, WATCHERS, Role
from webapp.societies.models import MeterServer

pages = Blueprint("meters", __name__)
LIVE = "/s/<society>/meters/<meter_id>/read"
AT_MOST = 200
LONGEST = timedelta(days=366)


@pages.post(LIVE)
@society_page(*STAFF)
def read(visit: Visit, meter_id: str) -> str | Response:
    """Ask the meter server for it now (contract §2), behind the page; once, however often it is pressed."""
    meter = _readable(visit, meter_id)
    if live.ask(meter, visit.user, visit.now):
        read_live.nudge(meter.id)
    return _live(visit, meter)


@pages.get(LIVE)
@society_page(*WATCHERS)
def reading(visit: Visit, meter_id: str) -> str | Response:
    """What came of the last time that somebody asked for it, as the page looks while it waits."""
    return _live(visit, _readable(visit, meter_id))


def _readable(visit: Visit, meter_id: str) -> Meter:
    meter = meter_of(visit, meter_id)
    if not meter.server.profile.offers("meter_reading"):
        abort(404)  # this company does not do it; there is no button either
    return meter


def _live(visit: Visit, meter: Meter) -> str | Response:
    if not wants_fragment():
        return redirect(url_for("desk.unit", society=visit.society.slug, unit_id=meter.unit.key), 303)
    asked = live.last_asked([meter])
    return render_template("meters/_live.html", meter=meter, asked=asked.get(meter.id), visit=visit)


@pages.get("/s/<society>/meter-changes")
@society_page(*WATCHERS)
def meter_changes(visit: Visit) -> str:
    template = "meters/_changes.html" if wants_fragment() else "meters/changes.html"
    return render_template(template, **_shown(visit), visit=visit)


@pages.post("/s/<society>/meter-changes")
@society_page(*STAFF)
def ask(visit: Visit) -> Any:
    """Ask every server that offers it for the changes between two days, behind the page."""
    first, last = _day("from"), _day("to")
    if first is None or last is None or not first <= last <= first + LONGEST:
        return render_template("meters/changes.html", **_shown(visit), visit=visit, wrong=True), 422
    for server in _asked(visit):
        ask_changes_between.nudge(server.id, first.isoformat(), last.isoformat())
    days: dict[str, Any] = {"from": first.isoformat(), "to": last.isoformat()}
    return redirect(url_for("meters.meter_changes", society=visit.society.slug, asked=1, **days), 303)


@pages.post(f"/s/<society>/meter-changes/<int(max={LARGEST_ID}):change_id>")
@society_page(Role.MANAGER)
def settle(visit: Visit, change_id: int) -> Response:
    """A manager says of a change that waits whether it is so."""
    change: MeterChange | None = db.session.scalar(
        select(MeterChange).filter_by(id=change_id, society_id=visit.society.id)
    )
    if change is None:
        abort(404)
    if change.state == "waiting":
        _settle(change, visit.user.id, visit.now, request.form.get("is_so") == "yes")
        db.session.commit()
    return redirect(url_for("meters.meter_changes", society=visit.society.slug), 303)


def _settle(change: MeterChange, user_id: int, now: datetime, is_so: bool) -> None:
    if is_so and change.changed_on is not None:
        changes.apply(change, db.session.get_one(MeterServer, change.server_id), now, user_id)
    else:
        changes.dismiss(change, user_id, now)
    tell(change.society_id, "meters", now)


def _shown(visit: Visit) -> dict[str, Any]:
    rows = (
        select(MeterChange)
        .filter_by(society_id=visit.society.id)
        .order_by(
            (MeterChange.state == "waiting").desc(), MeterChange.changed_on.desc(), MeterChange.id.desc()
        )
        .limit(AT_MOST)
        .options(joinedload(MeterChange.unit), joinedload(MeterChange.settled_by))
    )
    today = visit.now.astimezone(visit.society.zone).date()
    return {
        "changes": list(db.session.scalars(rows)),
        "first": _day("from") or today - timedelta(days=60),
        "last": _day("to") or today,
        "servers": _asked(visit),
    }


def _asked(visit: Visit) -> list[MeterServer]:
    return [server for server in visit.society.meter_servers if server.profile.offers("meter_changes")]


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.values.get(name, ""))
    except ValueError:
        return None
