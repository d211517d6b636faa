"""Polls as work."""

from datetime import UTC, datetime

from webapp.meters import polling
from webapp.work import Job, task


@task("polls")
def poll_server(server_id: int) -> None:
    polling.poll(server_id)


def nudge_due() -> None:
    for server_id in polling.due(datetime.now(UTC)):
        poll_server.nudge(server_id)


JOBS = (Job("polls", 1, nudge_due),)
