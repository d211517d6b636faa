"""Everything that happened to a unit, as one list, newest first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.extensions import db
from webapp.meters.models import Meter, MeterDoubt, Unit
from webapp.orders.models import Order

AT_MOST = 40


KINDS = ("orders", "doubts")


@dataclass(frozen=True)
class Happening:
    """One entry: an order, or a doubt with its end."""

    at: datetime
    kind: str  # order, doubt
    order: Order | None = None
    doubt: MeterDoubt | None = None


def timeline(unit: Unit, only: str = "") -> list[Happening]:
    """The newest of the unit's orders and doubts; ``only`` is one of KINDS, or all."""
    found: list[Happening] = []
    if only != "doubts":
        found += _orders(unit)
    if only != "orders":
        found += _doubts(unit)
    return sorted(found, key=lambda each: each.at, reverse=True)[:AT_MOST]


def _orders(unit: Unit) -> list[Happening]:
    rows = (
        select(Order)
        .filter_by(unit_id=unit.id)
        .order_by(Order.id.desc())
        .limit(AT_MOST)
        .options(joinedload(Order.asked_by), joinedload(Order.meter), joinedload(Order.unit))
    )
    return [Happening(order.created_at, "order", order=order) for order in db.session.scalars(rows)]


def _doubts(unit: Unit) -> list[Happening]:
    rows = (
        select(MeterDoubt)
        .join(Meter, Meter.id == MeterDoubt.meter_id)
        .where(Meter.unit_id == unit.id)
        .order_by(MeterDoubt.since.desc())
        .limit(AT_MOST)
    )
    return [Happening(doubt.since, "doubt", doubt=doubt) for doubt in db.session.scalars(rows)]
