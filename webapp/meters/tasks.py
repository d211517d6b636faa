"""Polls as work."""

from datetime import UTC, date, datetime

from webapp.meters import changes, live, polling
from webapp.work import Job, task


@task("polls")
def poll_server(server_id: int) -> None:
    polling.poll(server_id)


@task("looks")
def read_live(meter_id: int) -> None:
    live.answer(meter_id)


def nudge_due() -> None:
    for server_id in polling.due(datetime.now(UTC)):
        poll_server.nudge(server_id)


@task("polls")
def ask_changes(server_id: int) -> None:
    changes.ask_lately(server_id)


@task("polls")
def ask_changes_between(server_id: int, first: str, last: str) -> None:
    """Days in ISO 8601: a message carries plain values."""
    changes.ask_between(server_id, date.fromisoformat(first), date.fromisoformat(last))


def nudge_changes() -> None:
    for server_id in changes.due(datetime.now(UTC)):
        ask_changes.nudge(server_id)


JOBS = (Job("polls", 1, nudge_due), Job("meter changes", 600, nudge_changes))
