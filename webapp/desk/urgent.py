"""What needs a person now, the most urgent first."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from webapp.alerts.models import Alert
from webapp.extensions import db
from webapp.generators.models import Generator
from webapp.looks import rupees
from webapp.meters.list_rules import Totals
from webapp.meters.models import MeterChange
from webapp.orders.models import Order
from webapp.orders.rules import State
from webapp.orders.telling import sentence
from webapp.people.gate import Visit
from webapp.sentences import N_, Sentence
from webapp.societies.models import MeterServer

LOOKS = {
    "unknown": ("help-hexagon", "text-unknown"),
    "danger": ("alert-triangle", "text-danger"),
    "warning": ("alert-triangle", "text-amber"),
    "purse": ("wallet", "text-amber"),
    "bell": ("bell", "text-amber"),
    "server": ("server-2", "text-danger"),
}
OPEN_QUESTIONS = and_(
    Order.state_name.in_((State.UNKNOWN.value, State.REVIEW.value)), Order.closed_at.is_(None)
)


LOOK, SHOW, ACKNOWLEDGE = Sentence("Look"), Sentence("Show"), Sentence("Acknowledge")
OLD = N_("%(trouble)s What is shown is old, and orders may not go through.")
BELOW_ONE = N_("1 home is below %(limit)s and still has supply.")
BELOW_MANY = N_("%(n)s homes are below %(limit)s and still have supply.")


@dataclass(frozen=True)
class Matter:
    """One thing: how it looks, what it says, since when, where to go (or what to press)."""

    id: str
    look: str
    head: str
    rest: str
    since: datetime | None
    href: str
    verb: str = LOOK
    acknowledges: int | None = None


def matters(visit: Visit, totals: Totals) -> list[Matter]:
    return [
        *_servers(visit),
        *_orders(visit),
        *_alerts(visit),
        *_generators(visit),
        *_changes(visit),
        *_homes(visit, totals),
    ]


def _servers(visit: Visit) -> list[Matter]:
    """A dead server makes all else old, so it comes first."""
    found = []
    for server in visit.society.meter_servers:
        if server.failures:
            head = Sentence("The meter server “%(name)s” does not answer.", name=server.name)
            found.append(_server(visit, server, head, Sentence(OLD, trouble=server.trouble or "")))
        elif server.remark:
            head = Sentence("The meter server “%(name)s” sent something odd.", name=server.name)
            found.append(_server(visit, server, head, server.remark))
    return found


def _server(visit: Visit, server: MeterServer, head: str, rest: str) -> Matter:
    look = "server" if server.failures else "warning"
    href = url_for("desk.units", society=visit.society.slug)
    return Matter(f"server-{server.id}", look, head, rest, server.failing_since, href, SHOW)


def _orders(visit: Visit) -> list[Matter]:
    """Recharges that a person must settle, and switching that did not take."""
    rows = (
        select(Order)
        .where(Order.society_id == visit.society.id)
        .where(or_(OPEN_QUESTIONS, Order.state_name == State.DISPUTED.value))
        .order_by(Order.id.desc())
        .limit(20)
        .options(joinedload(Order.unit), joinedload(Order.meter))
    )
    return [
        Matter(
            f"order-{order.id}",
            "unknown",
            *sentence(order),
            order.created_at,
            url_for("orders.order", society=visit.society.slug, order_id=order.id),
        )
        for order in db.session.scalars(rows)
    ]


def _alerts(visit: Visit) -> list[Matter]:
    rows = (
        select(Alert)
        .filter_by(society_id=visit.society.id, acknowledged_at=None, cleared_at=None)
        .order_by(Alert.id.desc())
        .limit(5)
    )
    href = url_for("alerts.alerts", society=visit.society.slug)
    return [
        Matter(
            f"alert-{row.id}",
            "bell",
            Sentence("%(title)s.", title=row.title),
            row.detail,
            row.raised_at,
            href,
            ACKNOWLEDGE if visit.is_staff else LOOK,
            row.id if visit.is_staff else None,
        )
        for row in db.session.scalars(rows)
    ]


def _generators(visit: Visit) -> list[Matter]:
    """A tank under a fifth."""
    rows = select(Generator).filter_by(society_id=visit.society.id).order_by(Generator.dg_no)
    found = []
    for generator in db.session.scalars(rows):
        percent = generator.fuel_percent
        if percent is not None and percent < 20:
            href = url_for("generators.generator", society=visit.society.slug, dg_no=generator.key)
            head = Sentence("%(dg)s is low on fuel:", dg=generator.dg_no)
            rest = Sentence("%(percent)s %% of the tank.", percent=f"{percent:.0f}")
            found.append(Matter(f"fuel-{generator.id}", "danger", head, rest, generator.fuel_at, href))
    return found


def _changes(visit: Visit) -> list[Matter]:
    """A meter that was changed, told in a way that does not fit what was read."""
    rows = select(MeterChange).filter_by(society_id=visit.society.id, state="waiting")
    href = url_for("meters.meter_changes", society=visit.society.slug)
    return [
        Matter(
            f"change-{row.id}",
            "unknown",
            Sentence("Meter %(meter)s is said to be replaced.", meter=row.old_meter_no),
            row.why,
            row.seen_at,
            href,
        )
        for row in db.session.scalars(rows.order_by(MeterChange.id).limit(5))
    ]


def _homes(visit: Visit, totals: Totals) -> list[Matter]:
    if not totals.below0_on:
        return []
    href = url_for("desk.units", society=visit.society.slug, balance="below0", supply="on")
    limit, several = rupees(0, visit.society.currency), totals.below0_on > 1
    head = (
        Sentence(BELOW_MANY, n=totals.below0_on, limit=limit) if several else Sentence(BELOW_ONE, limit=limit)
    )
    return [Matter("below0", "purse", head, "", None, href, SHOW)]
