"""Deliveries as work, and old news swept out."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete

from webapp.alerts import deliveries
from webapp.alerts.models import News
from webapp.extensions import db
from webapp.work import Job, task

KEEP_NEWS = timedelta(days=2)


@task("news")
def deliver(delivery_id: int) -> None:
    deliveries.deliver(delivery_id)


def nudge_due() -> None:
    for delivery_id in deliveries.due(datetime.now(UTC)):
        deliver.nudge(delivery_id)


def forget_old_news() -> None:
    db.session.execute(delete(News).where(News.at < datetime.now(UTC) - KEEP_NEWS))
    db.session.commit()


JOBS = (Job("deliveries", 1, nudge_due), Job("old news", 3600, forget_old_news))
