"""Fifty units of ten thousand for somebody who is logged in, beside the same SELECT bare.

In process, by Flask's test client, both of them: no socket, no gunicorn. The floor is the page's
own list query through a Flask without extensions and a Jinja template of one plain table.
"""

from typing import Any

from flask import Flask, render_template_string
from flask.testing import FlaskClient

from tests.bench.pairs import Figure, measured
from tests.bench.society import PASSWORD, BenchSociety
from webapp.extensions import db

ROUNDS = 60
GOAL = "≤ 2.2"  # at least 0.45 of the bare one's pages a second
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


def figures(society: BenchSociety) -> list[Figure]:
    ours, bare = _signed_in(society.app), _bare(society).test_client()

    def page() -> None:
        answer = ours.get("/s/bench/units")
        assert answer.status_code == 200
        assert answer.text.count('id="meter-') == 50

    def floor() -> None:
        assert bare.get("/").text.count('id="meter-') == 51

    return [measured("units page, 50 of 10,000, in process", GOAL, ROUNDS, lambda _: (page, floor))]


def _signed_in(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    answer = client.post("/login", data={"email": "manager@bench.example", "password": PASSWORD})
    assert answer.status_code == 302
    return client


def _bare(society: BenchSociety) -> Flask:
    app = Flask("bare")
    driver: Any = db.engine.dialect.loaded_dbapi
    connection = driver.connect(society.file)
    connection.row_factory = driver.Row

    @app.get("/")
    def units() -> str:
        rows = [dict(row) for row in connection.execute(SELECT)]
        return render_template_string(TABLE, rows=rows)

    return app
