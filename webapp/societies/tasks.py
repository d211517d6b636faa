"""Trials of meter servers as work."""

from webapp.societies import trials
from webapp.work import Job, task


@task("looks")
def try_server(trial_id: int) -> None:
    trials.run(trial_id)


JOBS = (Job("old trials", 6 * 3600, trials.forget_old),)
