"""The generators' pages, and the callback that hints at their turns."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, current_app, render_template, request
from sqlalchemy import or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import joinedload

from webapp.extensions import csrf, db
from webapp.generators import sensing, tasks
from webapp.generators.models import Generator, Run, SensingCall
from webapp.people.gate import Visit, society_page, wants_fragment
from webapp.people.models import WATCHERS

pages = Blueprint("generators", __name__)
LARGEST_CALL = 16 * 1024
RUNS_SHOWN = 50
CALLS_SHOWN = 10
BAND = timedelta(hours=24)
NARROWEST = 12.0  # minutes of the band: a run of seconds must be seen, too


@pages.route("/hooks/dg/<token>", methods=["GET", "POST"])
@csrf.exempt  # type: ignore[untyped-decorator]
def hook(token: str) -> tuple[str, int]:
    """A call of a meter server (contract, reading 12): commit one row, answer, ask operation 12."""
    request.max_content_length = LARGEST_CALL
    body = request.get_data(cache=False, parse_form_data=False)
    said = body or request.query_string
    try:
        kept = sensing.keep(token, request.method, request.content_type or "", said)
    except SQLAlchemyError:
        # Said here: what Flask would log of it has the address, and so the token.
        current_app.logger.exception("a generator's call could not be kept")
        abort(503)
    if kept is None:
        abort(404)
    if kept.may_ask:  # else whoever asks now, or the sweep, finds the call
        tasks.look.nudge(kept.generator_id)
    return "thank you\n", 200


@pages.get("/s/<society>/generators")
@society_page(*WATCHERS)
def generators(visit: Visit) -> str:
    rows = select(Generator).filter_by(society_id=visit.society.id).order_by(Generator.dg_no)
    found = list(db.session.scalars(rows.options(joinedload(Generator.server))))
    fragment = wants_fragment()
    return render_template(
        "generators/_cards.html" if fragment else "generators/generators.html",
        cards=[(generator, _band(visit, generator)) for generator in found],
        visit=visit,
    )


@pages.get("/s/<society>/generators/<dg_no>")
@society_page(*WATCHERS)
def generator(visit: Visit, dg_no: str) -> str:
    found = db.session.scalar(select(Generator).filter_by(society_id=visit.society.id, key=dg_no))
    if found is None:
        abort(404)
    runs = select(Run).filter_by(generator_id=found.id).order_by(Run.started_at.desc()).limit(RUNS_SHOWN)
    calls = select(SensingCall).filter_by(generator_id=found.id).order_by(SensingCall.id.desc())
    fragment = wants_fragment()
    return render_template(
        "generators/_generator.html" if fragment else "generators/generator.html",
        generator=found,
        band=_band(visit, found),
        runs=list(db.session.scalars(runs)),
        calls=list(db.session.scalars(calls.limit(CALLS_SHOWN))),
        visit=visit,
    )


def _band(visit: Visit, found: Generator) -> dict[str, Any]:
    """The last 24 hours as pieces of a band: where each run begins and how long it is, in minutes."""
    begin = visit.now - BAND
    rows = (
        select(Run)
        .filter_by(generator_id=found.id)
        .where(or_(Run.ended_at.is_(None), Run.ended_at > begin))
        .order_by(Run.started_at)
    )
    runs = list(db.session.scalars(rows))
    return {
        "begin": begin,
        "pieces": [_piece(begin, run, visit.now) for run in runs],
        "run": next((run for run in runs if run.ended_at is None), None),
    }


def _piece(begin: datetime, run: Run, now: datetime) -> dict[str, Any]:
    start, end = max(begin, run.started_at), run.ended_at or now
    whole = BAND.total_seconds() / 60
    width = max(NARROWEST, (end - start).total_seconds() / 60)
    return {"run": run, "x": min((start - begin).total_seconds() / 60, whole - width), "width": width}
