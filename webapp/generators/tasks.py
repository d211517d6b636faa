"""Watching generators as work."""

from datetime import UTC, datetime

from webapp.generators import measuring, sensing, watching
from webapp.generators.models import Generator
from webapp.work import Job, task


@task("news")
def look(generator_id: int) -> None:
    """A call came: ask, and ask once more where another came while we asked."""
    if watching.look(generator_id):
        look.nudge(generator_id)


@task("polls")
def ask_in_turn(generator_id: int) -> None:
    if watching.ask_in_turn(generator_id):
        look.nudge(generator_id)


@task("polls")
def ask(generator_id: int, name: str) -> None:
    measuring.ask(generator_id, name)


@task("polls")
def register_sensing(generator_id: int) -> None:
    sensing.register(generator_id)


def nudge_hinted() -> None:
    for generator_id in watching.hinted(datetime.now(UTC)):
        look.nudge(generator_id)


def nudge_due() -> None:
    now = datetime.now(UTC)
    for generator_id in measuring.due(Generator.next_state_at, now):
        ask_in_turn.nudge(generator_id)
    for name, question in measuring.QUESTIONS.items():
        for generator_id in measuring.due(question.next_at, now):
            ask.nudge(generator_id, name)
    for generator_id in sensing.due(now):
        register_sensing.nudge(generator_id)


JOBS = (Job("generators", 1, nudge_due), Job("old calls", 3600, sensing.forget_old_calls))
SWEEPS = (Job("calls not looked into", 0.5, nudge_hinted),)
