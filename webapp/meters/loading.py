"""A visitor's way to a unit or a meter: 404 for what is not of their society or their home."""

from flask import abort
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.extensions import db
from webapp.meters.models import Meter, Unit
from webapp.people.gate import Visit


def unit_of(visit: Visit, key: str) -> Unit:
    """Or 404. Staff only: a resident's home is loaded by their residence."""
    unit: Unit | None = db.session.scalar(select(Unit).filter_by(society_id=visit.society.id, key=key))
    if unit is None:
        abort(404)
    return unit


def meter_of(visit: Visit, key: str) -> Meter:
    """Or 404, also for one that was taken away. Its unit and server come with it."""
    meter: Meter | None = db.session.scalar(
        select(Meter)
        .filter_by(society_id=visit.society.id, key=key, retired_at=None)
        .options(joinedload(Meter.unit), joinedload(Meter.server))
    )
    if meter is None:
        abort(404)
    return meter
