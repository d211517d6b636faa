"""Deliveries as work, and old news swept out."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete

from webapp.alerts import deliveries
from webapp.alerts.models import News
from webapp.extensions import db
from webapp.work import Job, task

KEEP_NEWS = timedelta(days=2)
KEEP_ALERTS = timedelta(days=30)  # a page that slept for a holiday misses none


@task("mail")
def deliver(delivery_id: int) -> None:
    deliveries.deliver(delivery_id)


def nudge_due() -> None:
    for delivery_id in deliveries.due(datetime.now(UTC)):
        deliver.nudge(delivery_id)


def forget_old_news() -> None:
    now = datetime.now(UTC)
    is_alert = News.kind == "alert"
    db.session.execute(delete(News).where(News.at < now - KEEP_NEWS, ~is_alert))
    db.session.execute(delete(News).where(News.at < now - KEEP_ALERTS, is_alert))
    db.session.commit()


JOBS = (Job("deliveries", 1, nudge_due), Job("old news", 3600, forget_old_news))
