"""Society files: what they may say, and what loading one changes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.societies.conftest import EXAMPLE, Written
from webapp.extensions import db
from webapp.generators.joining import join
from webapp.generators.models import Generator
from webapp.societies import files
from webapp.societies.models import MeterServer, Society

SMALLEST = """
[society]
slug = "s"
name = "S"
[[meter_servers]]
name = "main"
base_url = "https://meters.example/api/"
site_id = "1"
"""


def load(app: Flask, path: Path) -> None:
    with app.app_context():
        said = files.read(path)
        society = files.store(said)
        for server, part in zip(society.meter_servers, said.meter_servers, strict=True):
            join(server, part.generators)
        db.session.commit()


def refusal(path: Path) -> str:
    with pytest.raises(files.SocietyFileError) as refused:
        files.read(path)
    return str(refused.value)


def test_the_designs_example_loads(app: Flask, written: Written) -> None:
    load(app, written())
    with app.app_context():
        society = db.session.scalars(select(Society)).one()
        (server,) = society.meter_servers
        spelled = server.profile.spelling("latest_readings")
        generators = list(db.session.scalars(select(Generator.dg_no)))
    assert (society.slug, society.name, str(society.zone)) == (
        "greenview", "Green View Residency", "Asia/Kolkata",
    )  # fmt: skip
    assert (server.site_id, server.poll_every_s, server.recharge_queue_s) == ("GV01", 900, 900)
    assert spelled
    assert (spelled.path, spelled.params["site_id"]) == ("GetReadings.php", "siteid")
    assert (server.profile.auth.secret_env, generators) == ("GV_METER_KEY", ["DG1", "DG2"])


def test_only_a_few_keys_are_required_and_the_rest_have_the_designs_defaults(written: Written) -> None:
    (server,) = files.read(written(SMALLEST)).meter_servers
    assert (server.poll_every_s, server.timeout_s, server.recharge_queue_s) == (900, 10, 900)
    assert (server.generators, server.generator_status_every_s, server.generator_fuel_every_s) == (
        [],
        30,
        300,
    )


def test_a_file_loaded_again_as_it_was_changes_nothing(app: Flask, written: Written) -> None:
    load(app, written())
    polled = datetime(2026, 1, 1, tzinfo=UTC)
    with app.app_context():
        db.session.scalars(select(MeterServer)).one().next_poll_at = polled
        db.session.commit()
        files.store(files.read(written()))
        assert not db.session.dirty
        db.session.commit()
        assert db.session.scalars(select(MeterServer)).one().next_poll_at == polled
        assert len(list(db.session.scalars(select(Generator)))) == 2


def test_a_file_loaded_again_changes_what_differs_and_nothing_else(app: Flask, written: Written) -> None:
    load(app, written())
    with app.app_context():
        server = db.session.scalars(select(MeterServer)).one()
        server.answered_at = server.next_poll_at = datetime(2026, 1, 1, tzinfo=UTC)
        server.society.low_balance_paise = 500_00
        db.session.commit()
    load(app, written(EXAMPLE, ("timeout_s = 10", "timeout_s = 20"), ("Residency", "Homes")))
    with app.app_context():
        server = db.session.scalars(select(MeterServer)).one()
        assert (server.timeout_s, server.society.name) == (20, "Green View Homes")
        assert (server.poll_every_s, server.society.low_balance_paise) == (900, 500_00)
        assert server.answered_at
        assert server.next_poll_at is None  # the new settings are tried at once


def test_another_meter_server_joins_and_none_leaves_by_a_file(app: Flask, written: Written) -> None:
    load(app, written())
    second = EXAMPLE[EXAMPLE.index("[[meter_servers]]") :].replace('"main"', '"second"')
    load(app, written(EXAMPLE + second))
    with app.app_context():
        assert len(db.session.scalars(select(Society)).one().meter_servers) == 2
        with pytest.raises(files.SocietyFileError, match="leaves out second"):
            files.store(files.read(written()))


def test_a_generator_that_the_file_leaves_out_stays_with_its_runs(app: Flask, written: Written) -> None:
    load(app, written())
    load(app, written(EXAMPLE, ('"DG1", "DG2"', '"DG3"')))
    with app.app_context():
        assert set(db.session.scalars(select(Generator.key))) == {"DG1", "DG2", "DG3"}


def test_the_same_generator_number_at_two_servers_has_two_addresses(app: Flask, written: Written) -> None:
    second = EXAMPLE[EXAMPLE.index("[[meter_servers]]") :].replace('"main"', '"second"')
    load(app, written(EXAMPLE + second))
    with app.app_context():
        keys = list(db.session.scalars(select(Generator.key).order_by(Generator.id)))
    assert keys[:2] == ["DG1", "DG2"]
    assert len(set(keys)) == 4


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('currency = "INR"', "colour = 1", "Object contains unknown field `colour` - at `$.society`."),
        ("timeout_s = 10", "time_out = 10", "unknown field `time_out`"),
        ("poll_every_s = 900", 'poll_every_s = "often"', "Expected `int`, got `str`"),
        ("poll_every_s = 900", "poll_every_s = 1", "asked more often than every 5"),
        ("poll_every_s = 900", "generator_register_every_s = 0", "asked more often than every 5"),
        ("timeout_s = 10", "timeout_s = nan", "timeout_s must be above 0 and at most 120"),
        ("timeout_s = 10", "timeout_s = 0", "timeout_s must be above 0 and at most 120"),
        ('"greenview"', '"Green View"', "slug “Green View”: small letters, digits and hyphens only"),
        ('"greenview"', '"-x"', "slug “-x”"),
        ('"greenview"', '"../x"', "slug “../x”"),
        ('name = "Green View Residency"\ntimezone = "Asia/Kolkata"', 'name = "G"\ntimezone = "Asia/Poona"',
         "timezone “Asia/Poona” is not known"),
        ('name = "Green View Residency"\ntimezone = "Asia/Kolkata"', 'name = "G"\ntimezone = "../etc/passwd"',
         "timezone “../etc/passwd” is not known"),
        ('name = "Green View Residency"\ntimezone = "Asia/Kolkata"', 'name = "G"\ntimezone = ""',
         "timezone “” is not known"),
        ("http://127.0.0.1:8010/", "127.0.0.1:8010", "base_url takes an address like"),
        ("http://127.0.0.1:8010/", "file:///etc/passwd", "base_url takes an address like"),
        ("http://127.0.0.1:8010/", "http://", "base_url takes an address like"),
        ('"DG1"', '"DG/1"', "a generator's number takes letters, digits, dot and hyphen"),
        ('encoding = "form"', 'encoding = "xml"', "must be one of form, json, query"),
        ('encoding = "form"', 'codec = "xml"', "codec"),
        ('load_unit = "kW"', 'load_unit = "MW"', "“load_unit” in the profile must be one of kW, W"),
        ('kind = "header"', 'kind = "magic"', "“auth.kind” in the profile must be one of"),
        ("operations.latest_readings", "operations.make_coffee", "make_coffee"),
        ('{ site_id = "siteid" }', '{ sight = "siteid" }', "sight"),
        ("[society]", "[society", "is not TOML"),
    ],
)  # fmt: skip
def test_what_a_file_may_not_say_is_refused_in_one_sentence(
    written: Written, old: str, new: str, said: str
) -> None:
    found = refusal(written(EXAMPLE, (old, new)))
    assert said in found
    assert found.endswith((".", ")"))
    assert "\n" not in found


def test_a_file_that_is_not_there_or_no_text_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "picture.toml").write_bytes(b"\xff\xd8\xff")
    assert "cannot be read: No such file" in refusal(tmp_path / "nowhere.toml")
    assert "is not TOML" in refusal(tmp_path / "picture.toml")


def test_two_servers_of_one_name_are_refused(written: Written) -> None:
    second = EXAMPLE[EXAMPLE.index("[[meter_servers]]") :]
    assert refusal(written(EXAMPLE + second)) == "Two meter servers have the same name."


def test_an_operation_that_a_company_does_not_offer_has_no_button(written: Written) -> None:
    more = "\n[meter_servers.profile.operations]\nupdate_load = false\n"
    (server,) = files.read(written(SMALLEST + more)).meter_servers
    assert not files.server_of(server).profile.offers("update_load")
