"""The alerts' page, acknowledging, and the event stream."""

import queue
import time
from collections.abc import Iterator

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as AnyResponse

from webapp.alerts import raising
from webapp.alerts.models import Alert
from webapp.alerts.news import Item, Listener, Newsroom, missed, newest_id, newsroom
from webapp.columns import LARGEST_ID
from webapp.extensions import db
from webapp.languages import language
from webapp.people.gate import Visit, society_page, wants_fragment
from webapp.people.models import STAFF, WATCHERS, Role

pages = Blueprint("alerts", __name__)
A_PAGE = 50
HEARTBEAT_S = 15
A_STREAM_S = 600  # then it is opened anew, and permission asked anew
STREAMS_EACH = 12  # of one person: a window left open everywhere must not shut the others out


@pages.get("/s/<society>/alerts")
@society_page(*WATCHERS)
def alerts(visit: Visit) -> str:
    before = request.args.get("before", type=int)
    rows = select(Alert).filter_by(society_id=visit.society.id).order_by(Alert.id.desc()).limit(A_PAGE + 1)
    if before and before <= LARGEST_ID:
        rows = rows.where(Alert.id < before)
    found = list(db.session.scalars(rows.options(joinedload(Alert.acknowledged_by))))
    fragment = wants_fragment()
    template = "alerts/_list.html" if fragment else "alerts/alerts.html"
    return render_template(template, alerts=found[:A_PAGE], more=len(found) > A_PAGE, visit=visit)


@pages.post(f"/s/<society>/alerts/<int(max={LARGEST_ID}):alert_id>/acknowledge")
@society_page(*STAFF)
def acknowledge(visit: Visit, alert_id: int) -> AnyResponse | str:
    alert = db.session.get(Alert, alert_id)
    if alert is None or alert.society_id != visit.society.id:
        abort(404)
    raising.acknowledge(alert, visit.user, visit.now)
    db.session.commit()
    if wants_fragment():
        return render_template("alerts/_alert.html", alert=alert, visit=visit)
    return redirect(url_for("alerts.alerts", society=visit.society.slug))


@pages.get("/s/<society>/events")
@society_page(*Role)
def events(visit: Visit) -> Response:
    """The stream, resumed after ``Last-Event-ID`` (or ``?after=``, as the page was rendered)."""
    room, at_most = newsroom(), current_app.config["METERDESK"].streams
    listener = room.listen(visit.society.id, visit.user.id, at_most, STREAMS_EACH)
    if listener is None:
        abort(503)
    try:
        # What the gate read from is older than the listener: news between the two would be lost.
        db.session.rollback()
        role = visit.user.role_in(visit.society)
        visit.role = role if role is not None else abort(404)
        after = _after()
        backlog, hears = missed(after, visit.society.id), Hearing(visit)
    except BaseException:
        room.leave(listener)
        raise
    db.session.remove()  # a stream waits for hours: it must not hold a connection
    answer = Response(_frames(room, listener, backlog, hears, after), mimetype="text/event-stream")
    answer.call_on_close(lambda: room.leave(listener))
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _after() -> int:
    """Never beyond the newest: ids of a database that was restored since would silence the stream."""
    given = request.headers.get("Last-Event-ID") or request.args.get("after", "")
    newest = newest_id()
    return min(int(given), newest) if given.isdecimal() and len(given) < 16 else newest


class Hearing:
    """What of the news this visitor may hear: staff all; a resident that their own home changed.

    It is over when somebody changed what is theirs, or a home's last moment has come: the page looks
    afresh, and whoever may still listen asks again.
    """

    def __init__(self, visit: Visit) -> None:
        self.user_id, self.society_id, self.language = visit.user.id, visit.society.id, language()
        self.all = visit.role in WATCHERS
        self.units = {home.unit_id for home in visit.residences}
        ends = [(home.until - visit.now).total_seconds() for home in visit.residences if home.until]
        self.holds_for_s = min([A_STREAM_S, *ends])
        self.is_over = False

    def __call__(self, item: Item) -> bytes | None:
        if item.kind == "people":
            self.is_over = self.user_id in item.what.get("users", [self.user_id])
            return self.afresh(item.id) if self.is_over else None
        if self.all:
            return item.frame(self.language)
        return self.afresh(item.id) if item.kind == "generators" or self._is_theirs(item) else None

    def afresh(self, id: int) -> bytes:
        return Item(id, self.society_id, "home", {}).frame()

    def _is_theirs(self, item: Item) -> bool:
        if item.kind not in ("meters", "orders"):
            return False
        units = item.what.get("units")
        return units is None or bool(self.units.intersection(units))


def _frames(
    room: Newsroom, listener: Listener, backlog: list[Item], hears: Hearing, after: int
) -> Iterator[bytes]:
    yield b": welcome\n\n"
    until = time.monotonic() + hears.holds_for_s
    for item in backlog:
        after = item.id
        if frame := hears(item):
            yield frame
    hears.is_over = False  # what came before was asked for just now
    while (rest_s := until - time.monotonic()) > 0 and not room.closing.is_set():
        try:
            item_or_end = listener.items.get(timeout=min(HEARTBEAT_S, rest_s))
        except queue.Empty:
            yield b": still here\n\n"
            continue
        if item_or_end is None or listener.is_ended:
            return
        if item_or_end.id > after and (frame := hears(item_or_end)):
            after = item_or_end.id
            yield frame
        if hears.is_over:
            return
    if hears.holds_for_s < A_STREAM_S:
        yield hears.afresh(after)


@pages.app_context_processor
def _for_templates() -> dict[str, object]:
    return {"newest_news": newest_id, "unseen_alerts": unseen_alerts}


def unseen_alerts(visit: Visit) -> int:
    """How many alerts nobody has acknowledged and nothing has cleared."""
    return (
        db.session.scalar(
            select(func.count(Alert.id)).filter_by(
                society_id=visit.society.id, acknowledged_at=None, cleared_at=None
            )
        )
        or 0
    )
