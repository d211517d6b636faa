"""A resident's home: what they may see of their unit, since they moved in."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from webapp.desk import usage_views
from webapp.extensions import db
from webapp.generators.models import Generator, Run
from webapp.meters import charts
from webapp.meters.models import Unit
from webapp.orders.models import Order
from webapp.orders.rules import Kind, State
from webapp.people.gate import Visit
from webapp.people.models import Residence


def home_of(visit: Visit, residence: Residence) -> dict[str, Any]:
    """What a resident may see: of their unit, and since they moved in."""
    lived = db.session.get_one(Unit, residence.unit_id)
    recharges = (
        select(Order)
        .filter_by(unit_id=lived.id, kind_name=Kind.RECHARGE.value)
        .where(Order.created_at >= residence.since)
        .order_by(Order.id.desc())
    )
    drawn = usage_views.home_chart(visit, lived, residence)
    window = usage_views.window_of(residence)
    return {
        "unit": lived,
        "meters": [(meter, charts.lasting(meter, visit.now, window)) for meter in lived.live_meters],
        "drawn": drawn,
        "usual_wh": charts.usual_wh(drawn.chart),
        "month": usage_views.month_chart(visit, lived, residence).bars[-1],
        "recharged_paise": _recharged(recharges, usage_views.month_start(visit)),
        "recharges": list(db.session.scalars(recharges.limit(20))),
    }


def _recharged(recharges: Select[Order], since: datetime) -> int:
    """What the office credited since then; what is not known to have arrived is not in it."""
    done = recharges.where(Order.state_name == State.DONE.value, Order.created_at >= since)
    return sum(order.amount_paise or 0 for order in db.session.scalars(done))


def running(visit: Visit) -> list[tuple[Generator, Run]]:
    rows = (
        select(Generator, Run)
        .join(Run, Run.generator_id == Generator.id)
        .where(Generator.society_id == visit.society.id, Run.ended_at.is_(None))
        .order_by(Generator.dg_no)
    )
    return [(generator, run) for generator, run in db.session.execute(rows)]
