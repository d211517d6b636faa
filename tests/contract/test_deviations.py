"""What a reply says that the contract does not, in sentences for whoever tries a meter server."""

import json
from pathlib import Path
from typing import Any

import pytest

from webapp.contract.client import MeterServerClient
from webapp.contract.deviations import MOST_KINDS, Deviations

from .tiny_server import TinyServer, answer

ROW = {
    "unit_no": "A-101",
    "meter_no": "M1",
    "dg": "12.50",
    "grid": "4312.75",
    "date_time": "2026-11-22 10:00:00",
    "balance": "412.50",
    "status": "On",
}
JSON = "Content-Type: application/json"


@pytest.fixture
def read(server: TinyServer, client: MeterServerClient) -> Any:
    def read(*rows: Any, status: str = "200 OK", header: str = JSON) -> tuple[str, ...]:
        reply = {"status": "success", "message": "", "count": str(len(rows)), "data": rows}
        server.behaviour = answer(reply, status, header)
        return client.latest_readings().deviations

    return read


def test_the_contracts_own_reply_has_none(read: Any, server: TinyServer, client: MeterServerClient) -> None:
    assert read(ROW, {**ROW, "date_time": "2026- 11-22 10:00:01", "balance": "", "grid": 5}) == ()
    server.behaviour = answer({"status": "success", "message": "", "data": ROW}, "200 OK", JSON)
    assert client.meter_reading("M1").deviations == client.meter_status("M1").deviations == ()


ROWS: list[tuple[dict[str, object], str]] = [
    (
        {"date_time": "22-11-2026 10:00:00"},
        "“date_time” is not written as YYYY-MM-DD HH:mm:ss (“22-11-2026 10:00:00”)",
    ),
    (
        {"date_time": "2026-11-22T10:00:00"},
        "“date_time” is not written as YYYY-MM-DD HH:mm:ss (“2026-11-22T10:00:00”)",
    ),
    ({"date_time": "soon"}, "“read_at” cannot be read (“soon” is not a time)"),
    ({"balance": "₹ 500"}, "“balance” is written with its unit (“₹ 500”)"),
    ({"balance": "500 CR"}, "“balance” cannot be read (“500 CR” is not a number)"),
    ({"status": "Tripped"}, "“supply” cannot be read (“Tripped” is neither on nor off)"),
]


@pytest.mark.parametrize(("odd", "said"), ROWS)
def test_each_kind_is_counted_once_on_either_road(read: Any, odd: dict[str, object], said: str) -> None:
    rows = [{**ROW, "meter_no": f"M{n}"} | (odd if n % 2 else {}) for n in range(1, 6)]
    assert read(*rows) == (f"{said}, in 3 of 5 rows.",)
    carefully = read({key: value for key, value in ROW.items() if key != "grid"}, *rows[1:])
    assert f"{said}, in 2 of 5 rows." in carefully
    assert "“grid” is missing, in 1 of 5 rows." in carefully


def test_the_same_minute_may_be_written_in_two_ways(read: Any) -> None:
    times = ("2026-11-22 10:00:05", "2026-11-22 10:00", "2026-11-22 10:00:06")
    rows = [{**ROW, "meter_no": f"M{n}", "date_time": time} for n, time in enumerate(times)]
    (said,) = read(*rows)
    assert said.endswith("(“2026-11-22 10:00”), in 1 of 3 rows.")


def test_other_keys_are_said_by_field(read: Any) -> None:
    said = read({key.title(): value for key, value in ROW.items()})
    assert "“balance” has another key, in 1 of 1 rows." in said and len(said) == len(ROW)


def test_a_postpaid_meter_misses_nothing(read: Any) -> None:
    assert read({key: value for key, value in ROW.items() if key != "balance"}) == ()


HTTP: list[tuple[dict[str, str], str]] = [
    ({"status": "201 Created"}, "It answered with another HTTP status than 200 (201)."),
    (
        {"header": "Content-Type: text/html"},
        "It does not call its answer JSON; we read it as JSON (text/html).",
    ),
]


@pytest.mark.parametrize(("how", "said"), HTTP)
def test_the_way_it_came_is_said(read: Any, how: dict[str, str], said: str) -> None:
    assert read(ROW, **how) == (said,)


def test_losses_come_first_and_stand_alone(server: TinyServer, client: MeterServerClient) -> None:
    reply = {"status": "success", "count": "9", "data": [{**ROW, "status": "?"}]}
    server.behaviour = answer(reply)
    readings = client.latest_readings()
    assert readings.losses == ("The meter server announced 9 rows and sent 1.",)
    assert readings.deviations == (
        *readings.losses,
        "“supply” cannot be read (“?” is neither on nor off), in 1 of 1 rows.",
    )


FILES = [
    ("utf8_with_a_mark.json", "begins with a byte-order mark"),
    ("utf16.json", "not written in UTF-8 (utf-16)"),
    ("latin1.json", "not written in UTF-8"),
    ("as_in_the_document.txt", "with comments, trailing commas"),
    ("a_single_object.json", "a single object where a list belongs"),
    ("data_within_data.json", "one level deeper"),
    ("as_the_field_bends_it.json", "A key around its data"),
]


@pytest.mark.parametrize(("name", "said"), FILES)
def test_a_recorded_reply_says_how_it_was_read(
    server: TinyServer, client: MeterServerClient, recorded: Path, name: str, said: str
) -> None:
    server.behaviour = answer((recorded / name).read_bytes())
    assert any(said in sentence for sentence in client.latest_readings().deviations)


def test_a_single_reply_has_sentences_without_counts(server: TinyServer, client: MeterServerClient) -> None:
    server.behaviour = answer(json.dumps({"status": "success", "data": [{"Meter No": "M1", "status": "?"}]}))
    assert client.meter_status("M1").deviations == (
        "It sent a list where a single object belongs.",
        "“supply” cannot be read (“?” is neither on nor off).",
        "“meter_no” has another key.",
        "“unit_no” is missing.",
    )


def test_a_hostile_reply_has_few() -> None:
    deviations = Deviations()
    for number in range(1000):
        deviations.note(f"kind {number}")
    assert len(deviations.sentences()) == MOST_KINDS
