"""The desk, the units, one unit, and the resident's home."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    render_template,
    request,
    stream_template,
    stream_with_context,
)
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.desk import usage_views
from webapp.desk.homes import home_of, running
from webapp.desk.listed import Address, in_words, listed, order_in_words
from webapp.desk.timeline import KINDS, timeline
from webapp.desk.urgent import LOOKS, matters
from webapp.extensions import db
from webapp.generators.models import Generator
from webapp.meters import charts, counting, csv, live, xlsx
from webapp.meters.list_rules import Filter
from webapp.meters.listing import Listing
from webapp.meters.loading import unit_of
from webapp.meters.models import Meter, Reading, Unit
from webapp.people.gate import Visit, society_page, wants_fragment
from webapp.people.models import WATCHERS, Role

pages = Blueprint("desk", __name__)
READINGS_SHOWN = 12


@pages.get("/s/<society>/")
@society_page(*Role)
def desk(visit: Visit) -> Any:
    if visit.role is Role.RESIDENT:
        return home_page(visit)
    return render_template("desk/desk.html", **_list(visit), **_strip(visit), visit=visit)


@pages.get("/s/<society>/now")
@society_page(*WATCHERS)
def now(visit: Visit) -> str:
    """The strip and what needs a person, as the stream makes the page ask for them."""
    totals = counting.known(visit.society, visit.now).totals
    return render_template(
        "desk/_now.html",
        **_strip(visit),
        matters=matters(visit, totals),
        totals=totals,
        LOOKS=LOOKS,
        visit=visit,
    )


@pages.get("/s/<society>/units")
@society_page(*WATCHERS)
def units(visit: Visit) -> Any:
    if request.args.get("print"):
        return _on_paper(visit)
    template = "desk/_units.html" if wants_fragment() else "desk/units.html"
    if wants_fragment():
        return render_template(template, listed=listed(visit), visit=visit)
    return render_template(template, **_list(visit), **_strip(visit), visit=visit)


def _list(visit: Visit) -> dict[str, Any]:
    found = listed(visit)
    matters_now = matters(visit, found.totals)
    return {"listed": found, "totals": found.totals, "matters": matters_now, "LOOKS": LOOKS}


def _on_paper(visit: Visit) -> Any:
    """Everything that is wanted, on as many sheets as it takes."""
    wanted = Filter.of(request.args)
    return stream_template(
        "desk/units_print.html",
        rows=Listing(visit.society, wanted, visit.now).everything(),
        counts=counting.counts(visit.society, wanted, visit.now),
        what=in_words(wanted, visit.society),
        order=order_in_words(wanted.sort),
        back=Address.of_list(visit).of(wanted),
        visit=visit,
    )


def _strip(visit: Visit) -> dict[str, Any]:
    generators = select(Generator).filter_by(society_id=visit.society.id).order_by(Generator.dg_no)
    return {
        "generators": list(db.session.scalars(generators.options(joinedload(Generator.server)))),
        "servers": visit.society.meter_servers,
    }


@pages.get("/s/<society>/units.csv")
@society_page(*WATCHERS)
def units_csv(visit: Visit) -> Response:
    by_unit = replace(Filter.of(request.args), sort="unit")  # scripts rely on it
    lines = csv.lines(Listing(visit.society, by_unit, visit.now).everything())
    return _file(visit, stream_with_context(lines), "text/csv", "csv")


@pages.get("/s/<society>/units.xlsx")
@society_page(*WATCHERS)
def units_xlsx(visit: Visit) -> Response:
    rows = Listing(visit.society, Filter.of(request.args), visit.now).everything()
    return _file(visit, xlsx.workbook(rows, visit.society), xlsx.MIMETYPE, "xlsx")


def _file(visit: Visit, content: Any, mimetype: str, ending: str) -> Response:
    answer = Response(content, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{visit.society.slug}-units.{ending}"'
    return answer


@pages.get("/s/<society>/units/<unit_id>")
@society_page(*WATCHERS)
def unit(visit: Visit, unit_id: str) -> str:
    found = unit_of(visit, unit_id)
    said = request.args.get("show", "")
    only = said if said in KINDS else ""
    template = "desk/_unit.html" if wants_fragment() else "desk/unit.html"
    asked = live.last_asked(found.live_meters)
    return render_template(
        template,
        unit=found,
        meters=[(meter, _readings(meter), charts.lasting(meter, visit.now)) for meter in found.live_meters],
        asked=asked,
        is_asked=any(each.is_open(visit.now) for each in asked.values()),
        drawn=usage_views.unit_chart(visit, found),
        usual_wh=_usual_wh(visit, found),
        happenings=timeline(found, only),
        only=only,
        visit=visit,
    )


def _usual_wh(visit: Visit, unit: Unit) -> int | None:
    return charts.usual_wh(charts.of_meters(unit.meters, charts.HOME_SPAN, visit.society.zone, visit.now))


def _readings(meter: Meter) -> Sequence[Reading]:
    rows = select(Reading).filter_by(meter_id=meter.id).order_by(Reading.read_at.desc())
    return db.session.scalars(rows.limit(READINGS_SHOWN)).all()


@pages.get("/s/<society>/home")
@society_page(*Role)
def home(visit: Visit) -> Any:
    """One's own home: also for staff who live here."""
    return home_page(visit)


def home_page(visit: Visit) -> Any:
    if not visit.residences and visit.role is not Role.RESIDENT:
        abort(403)
    homes = [home_of(visit, residence) for residence in visit.residences]
    template = "desk/_home.html" if wants_fragment() else "desk/home.html"
    return render_template(template, homes=homes, running=running(visit), visit=visit)
