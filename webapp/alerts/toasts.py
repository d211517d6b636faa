"""An alert as the piece of page that comes by itself."""

from datetime import UTC, datetime
from types import SimpleNamespace

from flask import current_app, g, render_template

from webapp.alerts.models import Alert
from webapp.extensions import db


def toast(alert_id: int) -> str:
    """The toast of an alert, rendered once for everybody who may hear it; '' where it is gone."""
    app, base_url = current_app, current_app.config["METERDESK"].public_url
    # In a context of its own: a request that renders it keeps its visit and its session.
    with app.app_context(), app.test_request_context(base_url=base_url):
        alert = db.session.get(Alert, alert_id)
        if alert is None:
            return ""
        g.visit = SimpleNamespace(society=alert.society, now=datetime.now(UTC))
        return render_template("alerts/_toast.html", alert=alert, society=alert.society)
