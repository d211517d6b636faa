"""How the one process is served."""

from flask import Flask

from webapp.serving import Server


def test_no_time_out_kills_the_worker_of_a_machine_that_slept(app: Flask) -> None:
    assert Server(app, "127.0.0.1:0").cfg.timeout == 0
