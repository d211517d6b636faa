"""An alert as the piece of page that comes by itself."""

from datetime import UTC, datetime
from types import SimpleNamespace

from flask import current_app, g, render_template

from webapp.alerts.models import Alert
from webapp.extensions import db
from webapp.languages import speaking


def toast(alert_id: int, language: str) -> str:
    """The toast of an alert, rendered once for all who may hear it in a language; '' where it is gone."""
    # In a context of its own: a request that renders it keeps its visit and its session.
    with current_app.app_context(), speaking(language):
        alert = db.session.get(Alert, alert_id)
        if alert is None:
            return ""
        g.visit = SimpleNamespace(society=alert.society, now=datetime.now(UTC))
        return render_template("alerts/_toast.html", alert=alert, society=alert.society)
