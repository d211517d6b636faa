"""Everything that happened to a unit, as one list, newest first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.extensions import db
from webapp.meters.models import Meter, MeterChange, MeterDoubt, Unit
from webapp.orders.models import Order

AT_MOST = 40


KINDS = ("orders", "doubts", "changes")


@dataclass(frozen=True)
class Happening:
    """One entry: an order, a doubt with its end, or a meter that was changed."""

    at: datetime
    kind: str  # order, doubt, change
    order: Order | None = None
    doubt: MeterDoubt | None = None
    change: MeterChange | None = None


def timeline(unit: Unit, only: str = "") -> list[Happening]:
    """The newest of what happened to the unit; ``only`` is one of KINDS, or all."""
    wanted = [find for kind, find in _FINDERS.items() if only in ("", kind)]
    found = [each for find in wanted for each in find(unit)]
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


def _changes(unit: Unit) -> list[Happening]:
    rows = select(MeterChange).filter_by(unit_id=unit.id).where(MeterChange.state != "dismissed")
    return [
        Happening(change.settled_at or change.seen_at, "change", change=change)
        for change in db.session.scalars(rows.order_by(MeterChange.id.desc()).limit(AT_MOST))
    ]


_FINDERS = {"orders": _orders, "doubts": _doubts, "changes": _changes}
