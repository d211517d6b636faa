"""For whoever watches the server: is it alive, is it ready."""

from flask import Flask, Response, abort, current_app, request
from sqlalchemy import func, select

from webapp.alerts.news import newsroom
from webapp.extensions import db
from webapp.meters.models import Meter
from webapp.orders.models import Order
from webapp.societies.models import MeterServer

LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


def init_app(app: Flask) -> None:
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)
    app.add_url_rule("/metrics", "metrics", metrics)


def healthz() -> tuple[str, int]:
    """200 while the process and its database answer."""
    db.session.execute(select(1))
    return "alive\n", 200


def readyz() -> tuple[str, int]:
    """200 once every society of a demo had its first poll; elsewhere once the database answers."""
    servers = db.session.scalar(select(func.count(MeterServer.id))) or 0
    polled = db.session.scalar(select(func.count(MeterServer.answered_at))) or 0
    if current_app.config["METERDESK"].demo and (not servers or polled < servers):
        return "waiting for the first poll\n", 503
    return "ready\n", 200


def metrics() -> Response:
    """Figures in Prometheus' text form, for this machine only: a proxied call is from elsewhere."""
    if request.remote_addr not in LOOPBACK or any(name in request.headers for name in FORWARDED):
        abort(403)
    orders = select(Order.state_name, func.count()).group_by(Order.state_name)
    figures = {
        "meterdesk_meters": db.session.scalar(select(func.count(Meter.id))) or 0,
        "meterdesk_meters_doubtful": db.session.scalar(select(func.count(Meter.doubt))) or 0,
        "meterdesk_meter_servers": db.session.scalar(select(func.count(MeterServer.id))) or 0,
        "meterdesk_meter_servers_failing": db.session.scalar(
            select(func.count(MeterServer.id)).where(MeterServer.failures > 0)
        )
        or 0,
        "meterdesk_streams_open": newsroom().listeners,
    }
    figures |= {f'meterdesk_orders{{state="{state}"}}': count for state, count in db.session.execute(orders)}
    return Response("".join(f"{name} {value}\n" for name, value in figures.items()), mimetype="text/plain")
