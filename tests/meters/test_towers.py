"""Which tower a unit is in, by its number alone, and that a database of before comes to know it."""

from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import text

from webapp import create_app
from webapp.extensions import db
from webapp.meters.rules import tower_of
from webapp.settings import settings_from

OF_BEFORE = (
    "INSERT INTO society (id, slug, name, timezone, currency, smallest_recharge_paise, "
    "largest_recharge_paise, low_balance_paise) VALUES (1, 's', 'S', 'Asia/Kolkata', 'INR', 1, 2, 3)",
    "INSERT INTO meter_server (id, society_id, name, base_url, site_id, poll_every_s, timeout_s, "
    "generator_status_every_s, generator_fuel_every_s, generator_register_every_s, recharge_queue_s, "
    "profile_data, failures) VALUES (1, 1, 'main', 'x', 'x', 1, 1, 1, 1, 1, 1, '{}', 0)",
    "INSERT INTO unit (id, society_id, unit_no, key, rank, is_named) VALUES "
    "(1, 1, 'T2/1203', 'a', 'a', 1), (2, 1, '101', 'b', 'b', 1), (3, 1, 'Meter 7', 'c', 'c', 0)",
    "INSERT INTO meter (society_id, server_id, unit_id, meter_no, key, rank, supply, supply_word) VALUES "
    "(1, 1, 1, 'M1', 'm1', '', 'on', ''), (1, 1, 2, 'M2', 'm2', '', 'on', ''), "
    "(1, 1, 3, '7', '7', '', 'on', '')",
)


@pytest.mark.parametrize(
    ("unit_no", "tower"),
    [
        ("A-101", "A"), ("T2/1203", "T2"), ("Shop 3", "Shop"), ("101", ""), ("A101", "A"), ("1-101", "1"),
        ("Tower 2 / 1203", "Tower 2"), ("A-1-101", "A-1"), ("B–PH1", "B"), ("C - 12A", "C"),
        ("Club house", ""), ("Pump-room", ""), ("", ""), ("-5", ""), ("12A", ""),
        ("ब-101", "ब"), ("  A -  7 ", "A"),
    ],
)  # fmt: skip
def test_the_tower_is_what_stands_before_the_flats_number(unit_no: str, tower: str) -> None:
    assert tower_of(unit_no) == tower


def test_units_and_meters_of_before_get_their_tower(tmp_path: Path) -> None:
    app = create_app(
        settings_from({"METERDESK_DATA": str(tmp_path), "METERDESK_SECRET_KEY": "for tests only"})
    )
    with app.app_context():
        flask_migrate.upgrade(revision="meter_changes")
        for statement in OF_BEFORE:
            db.session.execute(text(statement))
        db.session.commit()
        flask_migrate.upgrade(revision="towers")
        for table in ("unit", "meter"):
            found = db.session.execute(text(f"SELECT tower FROM {table} ORDER BY id")).scalars()  # noqa: S608
            assert list(found) == ["T2", "", ""]
        db.session.remove()
        db.engine.dispose()
