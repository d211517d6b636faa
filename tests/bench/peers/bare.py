"""The floors: the same work by Flask, Jinja and the driver, with nobody signed in and nothing checked."""

import os
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask, Response, render_template, request
from jinja2 import DictLoader

from webapp.extensions import journal_mode, sqlite_module  # type: ignore[attr-defined]

FOLDER = Path(os.environ["BENCH_FOLDER"])
SELECT = """
SELECT m.id, m.meter_no, m.key, u.unit_no, u.key AS unit_key, m.supply, m.balance_paise, m.grid_wh, m.dg_wh,
       m.read_at, m.fetched_at, m.doubt
FROM meter m JOIN unit u ON u.id = m.unit_id WHERE m.society_id = 1 ORDER BY m.rank, m.id LIMIT 51
"""
TABLE = """
<!doctype html><title>Units</title><table>{% for row in rows %}<tr id="meter-{{ row.id }}">
<td>{{ row.unit_no }}<td>{{ row.meter_no }}<td>{{ row.supply }}
<td>{{ row.balance_paise / 100 }}<td>{{ row.grid_wh / 1000 }}
<td>{{ row.dg_wh / 1000 }}<td>{{ row.read_at }}<td>{{ row.doubt or "" }}</tr>{% endfor %}</table>
"""

app = Flask("bare")
app.jinja_loader = DictLoader({"units.html": TABLE})
_here = threading.local()
_open: set["queue.Queue[bytes]"] = set()


def _driver(name: str) -> Any:
    """This thread's connection, as durable as ours."""
    if not hasattr(_here, name):
        connection = sqlite_module.connect(FOLDER / name, isolation_level=None)
        for pragma in (f"journal_mode={journal_mode()}", "synchronous=FULL", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}").close()
        connection.row_factory = sqlite_module.Row
        setattr(_here, name, connection)
    return getattr(_here, name)


@app.get("/ready")
def ready() -> str:
    _driver("calls.sqlite").execute("CREATE TABLE IF NOT EXISTS call (id INTEGER PRIMARY KEY, body, at)")
    return "ready\n"


@app.get("/units")
def units() -> str:
    rows = [dict(row) for row in _driver("meterdesk.sqlite").execute(SELECT)]
    return render_template("units.html", rows=rows)


@app.post("/hook")
def hook() -> str:
    values = (request.get_data(as_text=True), "now")
    _driver("calls.sqlite").execute("INSERT INTO call (body, at) VALUES (?, ?)", values)
    return "thank you\n"


@app.get("/events")
def events() -> Response:
    mine: queue.Queue[bytes] = queue.Queue()
    _open.add(mine)
    return Response(_frames(mine), mimetype="text/event-stream")


def _frames(mine: "queue.Queue[bytes]") -> Iterator[bytes]:
    yield b": welcome\n\n"
    while True:
        yield mine.get()


@app.post("/tell")
def tell() -> str:
    frame = request.get_data()
    for each in _open:
        each.put(frame)
    return "told\n"
