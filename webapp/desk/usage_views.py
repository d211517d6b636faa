"""What was used: by the society as a page, by anybody as a file."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import gettext as _

from webapp.desk.charts import Drawn, lines, span_words
from webapp.extensions import db
from webapp.meters import charts, counting
from webapp.meters.charts import Chart, Window
from webapp.meters.list_rules import SPANS, Span
from webapp.meters.loading import unit_of
from webapp.meters.models import Unit
from webapp.people.gate import Visit, society_page, wants_fragment
from webapp.people.models import WATCHERS, Residence, Role

pages = Blueprint("usage", __name__)
SOCIETY_SPANS = ("30d", "12m")


@pages.get("/s/<society>/usage")
@society_page(*WATCHERS)
def society(visit: Visit) -> str:
    span = asked_span(SOCIETY_SPANS, "30d")
    template = "desk/_usage.html" if wants_fragment() else "desk/usage.html"
    chart = charts.of_society(visit.society, span, visit.now)
    words = span_words()
    drawn = Drawn(
        id="chart-society",
        title=_("Use of all homes"),
        chart=chart,
        csv=url_for("usage.society_csv", society=visit.society.slug, span=span),
        spans=tuple(
            (name, words[name], url_for("usage.society", society=visit.society.slug, span=name))
            for name in SOCIETY_SPANS
        ),
        has_balance=False,
    )
    return render_template(
        template, drawn=drawn, began=charts.began(visit.society), bands=bands(visit), visit=visit
    )


@pages.get("/s/<society>/usage.csv")
@society_page(*WATCHERS)
def society_csv(visit: Visit) -> Response:
    span = asked_span(SOCIETY_SPANS, "30d")
    return as_file(charts.of_society(visit.society, span, visit.now), visit.society.slug, has_balance=False)


@pages.get("/s/<society>/units/<unit_id>/usage.csv")
@society_page(*WATCHERS)
def unit_csv(visit: Visit, unit_id: str) -> Response:
    unit = unit_of(visit, unit_id)
    chart = charts.of_meters(unit.meters, asked_span(charts.SPANS, "24h"), visit.society.zone, visit.now)
    return as_file(chart, f"{visit.society.slug}-{unit.key}")


@pages.get("/s/<society>/home/<unit_id>/usage.csv")
@society_page(*Role)
def home_csv(visit: Visit, unit_id: str) -> Response:
    """Of one's own home, and of the time one has lived there."""
    homes = [(db.session.get_one(Unit, each.unit_id), each) for each in visit.residences]
    found = next(((unit, each) for unit, each in homes if unit.key == unit_id), None)
    if found is None:
        abort(404)
    unit, residence = found
    span = asked_span((charts.HOME_SPAN, *charts.SPANS), charts.HOME_SPAN)
    chart = charts.of_meters(unit.meters, span, visit.society.zone, visit.now, window_of(residence))
    return as_file(chart, f"{visit.society.slug}-{unit.key}")


def window_of(residence: Residence) -> Window:
    return Window(residence.since, residence.until)


def asked_span(spans: tuple[str, ...], otherwise: str) -> str:
    said = request.args.get("span", "")
    return said if said in spans else otherwise


def as_file(chart: Chart, name: str, has_balance: bool = True) -> Response:
    answer = Response("".join(lines(chart, has_balance)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-usage-{chart.span}.csv"'
    return answer


def bands(visit: Visit) -> list[dict[str, Any]]:
    """How many meters have a balance from ``low`` up to ``high`` (paise; None: no end on that side).

    Where both are None no balance is known. ``href`` lists them.
    """
    of = counting.known(visit.society, visit.now).everything.of
    spans: dict[str, Span] = {"below0": (None, 0), **SPANS, "none": (None, None)}
    counts = {word: of.get(("balance", word), 0) for word in spans}
    most = max([*counts.values(), 1])
    return [
        {
            "low": low,
            "high": high,
            "count": counts[word],
            "share": round(100 * counts[word] / most),
            "href": url_for("desk.units", society=visit.society.slug, balance=word),
        }
        for word, (low, high) in spans.items()
        if word != "none" or counts[word]
    ]


def unit_chart(visit: Visit, unit: Unit) -> Drawn:
    """The chart of a unit's page; its span is in the page's address."""
    span = asked_span(charts.SPANS, "24h")
    slug, words = visit.society.slug, span_words()
    return Drawn(
        id=f"chart-{unit.id}",
        title=_("Use"),
        chart=charts.of_meters(unit.meters, span, visit.society.zone, visit.now),
        csv=url_for("usage.unit_csv", society=slug, unit_id=unit.key, span=span),
        spans=tuple(
            (name, words[name], url_for("desk.unit", society=slug, unit_id=unit.key, span=name))
            for name in charts.SPANS
        ),
    )


def home_chart(visit: Visit, unit: Unit, residence: Residence) -> Drawn:
    """Fourteen days of one's own home."""
    window, zone = window_of(residence), visit.society.zone
    return Drawn(
        id=f"chart-{unit.id}",
        title=_("The last 14 days"),
        chart=charts.of_meters(unit.meters, charts.HOME_SPAN, zone, visit.now, window),
        csv=url_for("usage.home_csv", society=visit.society.slug, unit_id=unit.key),
        has_balance=False,
    )


def month_chart(visit: Visit, unit: Unit, residence: Residence) -> Chart:
    """This month so far, in its last bar."""
    return charts.of_meters(unit.meters, "12m", visit.society.zone, visit.now, window_of(residence))


def month_start(visit: Visit) -> datetime:
    local = visit.now.astimezone(visit.society.zone)
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
