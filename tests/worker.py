"""The workers' work, done here and now, so that a test sees its end."""

from queue import Empty

from dramatiq import Message
from flask import Flask

from webapp.work.registry import TASKS


def run_pending(app: Flask) -> int:
    """Run every message that waits, and those that they cause; how many there were."""
    done = 0
    while messages := _taken(app):
        for message in messages:
            with app.app_context():
                TASKS[message.actor_name].run(*message.args)
            done += 1
    return done


def _taken(app: Flask) -> list[Message[object]]:
    taken: list[Message[object]] = []
    for broker in app.extensions["work"].brokers.values():
        for queue in broker.queues.values():
            while True:
                try:
                    taken.append(Message.decode(queue.get_nowait()))
                except Empty:
                    break
                queue.task_done()
    return taken
