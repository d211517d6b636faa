"""The engine: what happens behind the pages.

The row is the truth and the message is a nudge: a message carries an id, whoever takes it claims
the row, and a sweep finds rows whose message was lost.
"""

from webapp.work.broker import Engine
from webapp.work.registry import Job, Task, jobs_of, task

__all__ = ["Engine", "Job", "Task", "jobs_of", "task"]
