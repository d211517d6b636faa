"""For whoever watches the server: is it alive, is it ready."""

from flask import Flask, current_app
from sqlalchemy import func, select

from webapp.extensions import db
from webapp.societies.models import MeterServer


def init_app(app: Flask) -> None:
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)


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
