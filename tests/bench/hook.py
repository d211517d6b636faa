"""A generator's callback stored and answered, beside a bare Flask POST with one durable INSERT.

In process, by Flask's test client, both of them.
"""

from typing import Any

from flask import Flask, request

from tests.bench.pairs import Figure, measured
from tests.bench.society import BenchSociety
from webapp.extensions import db, journal_mode
from webapp.generators import joining, sensing
from webapp.generators.models import Generator, Sensing
from webapp.societies.models import MeterServer

ROUNDS = 200
GOAL = "≤ 2"  # at least half of the bare one's calls a second
TOKEN = "a-token-of-the-bench"
SENT = {"dg_no": "DG1", "status": "ON"}


def figures(society: BenchSociety) -> list[Figure]:
    _register(society)
    ours, bare = society.app.test_client(), _bare(society).test_client()

    def call() -> None:
        assert ours.post(f"/hooks/dg/{TOKEN}", json=SENT).status_code == 200

    def floor() -> None:
        assert bare.post("/", json=SENT).status_code == 200

    return [measured("DG webhook stored and answered, in process", GOAL, ROUNDS, lambda _: (call, floor))]


def _register(society: BenchSociety) -> None:
    joining.join(db.session.get_one(MeterServer, society.server_id), ["DG1"])
    generator = db.session.query(Generator).one()
    token = sensing.hashed(TOKEN)
    db.session.add(Sensing(generator_id=generator.id, token_hash=token, made_at=society.now))
    db.session.commit()


def _bare(society: BenchSociety) -> Flask:
    app = Flask("bare")
    driver: Any = db.engine.dialect.loaded_dbapi
    connection = driver.connect(society.file.with_name("hook.sqlite"), isolation_level=None)
    for pragma in (f"journal_mode={journal_mode()}", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}").close()
    connection.execute("CREATE TABLE call (id INTEGER PRIMARY KEY, body TEXT, at TEXT)")

    @app.post("/")
    def kept() -> str:
        connection.execute("INSERT INTO call (body, at) VALUES (?, ?)", (request.get_data(True, True), "now"))
        return "thank you\n"

    return app
