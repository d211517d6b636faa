"""The commands, as somebody types them beside a running server."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from tests.conftest import Desk
from tests.contract.tiny_server import TinyServer, answer
from webapp.extensions import db
from webapp.generators.models import Generator
from webapp.meters.models import Meter, Unit
from webapp.people.models import Residence, Role, User, authenticate
from webapp.simulator.server import SimulatorServer
from webapp.societies.models import Society

DEAD = "http://127.0.0.1:1/"  # nobody listens on port 1
ADD = ("user", "add", "new@x.example", "--society", "greenview", "--role")
Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=[str(word) for word in words])


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(base_url: str, slug: str = "greenview", more: str = "") -> Path:
        path = tmp_path / f"{slug}.toml"
        path.write_text(
            f'[society]\nslug = "{slug}"\nname = "Green View"\n[[meter_servers]]\nname = "main"\n'
            f'base_url = "{base_url}"\nsite_id = "GV01"\ntimeout_s = 5\ngenerators = ["DG1"]\n{more}'
        )
        return path

    return write


Write = Callable[..., Path]


def test_a_society_is_loaded_by_its_file(
    app: Flask, run: Run, file: Write, fresh_box: SimulatorServer
) -> None:
    result = run("society", "load", file(fresh_box.url))
    assert (result.exit_code, result.output) == (
        0, "Green View: 1 meter server(s). A running server polls them now.\n",
    )  # fmt: skip
    with app.app_context():
        assert db.session.scalars(select(Society.slug)).one() == "greenview"
        assert db.session.scalars(select(Generator.dg_no)).one() == "DG1"


def test_a_file_that_says_nonsense_changes_nothing(app: Flask, run: Run, file: Write) -> None:
    result = run("society", "load", file(DEAD, more="poll_every_s = 1\n"))
    assert result.exit_code == 1
    assert result.output == ("Meter server “main”: nothing may be asked more often than every 5 seconds.\n")
    with app.app_context():
        assert db.session.scalars(select(Society)).all() == []


def test_a_file_that_is_not_there_is_said(run: Run, tmp_path: Path) -> None:
    result = run("society", "load", tmp_path / "nowhere.toml")
    assert result.exit_code == 2
    assert "does not exist" in result.output


def test_a_poll_waits_for_the_end_and_says_how_it_went(desk: Desk, run: Run) -> None:
    before = desk.calls("latest_readings")
    assert run("poll").output == "greenview/main: polled\n"
    assert run("poll", "greenview").exit_code == 0
    assert desk.calls("latest_readings") == before + 2
    assert len(desk.all(select(Meter))) == 24


def test_a_poll_that_fails_says_why_and_is_a_failure(run: Run, file: Write) -> None:
    run("society", "load", file(DEAD))
    result = run("poll")
    assert result.exit_code == 1
    assert result.output.startswith("greenview/main: ")
    assert "polled" not in result.output


def test_a_society_that_does_not_exist_cannot_be_polled(run: Run) -> None:
    for words in (("poll",), ("poll", "seaside")):
        result = run(*words)
        assert (result.exit_code, result.output) == (
            1, "There is no such society, or it has no meter server.\n",
        )  # fmt: skip


@pytest.mark.parametrize("role", ["manager", "office"])
def test_staff_are_added_with_the_password_that_was_given(desk: Desk, run: Run, role: str) -> None:
    words = (*ADD, role, "--password", "given one")
    assert run(*words).output == f"new@x.example is {role} of greenview.\n"
    with desk.app.app_context():
        user = authenticate("new@x.example", "given one")
        assert user
        assert [each.role for each in user.memberships] == [Role(role)]


def test_who_is_given_no_password_is_told_one_that_works(desk: Desk, run: Run) -> None:
    said = run("user", "add", "op@x.example", "--role", "operator", "--name", "Olga").output
    password = said.rpartition("Password: ")[2].strip()
    with desk.app.app_context():
        user = authenticate("op@x.example", password)
        assert user
        assert (user.is_operator, user.name) == (True, "Olga")


def test_a_resident_is_added_to_their_unit(desk: Desk, run: Run) -> None:
    words = (*ADD, "resident", "--unit", "A-103")
    assert run(*words).exit_code == 0
    user_id = desk.one(select(User).filter_by(email="new@x.example")).id
    assert desk.one(select(Residence).filter_by(user_id=user_id)).unit_id == desk.meter("A-103").unit_id


def test_a_unit_that_no_server_has_named_waits_for_its_meter(
    app: Flask, run: Run, file: Write, fresh_box: SimulatorServer
) -> None:
    run("society", "load", file(fresh_box.url))
    words = (*ADD, "resident", "--unit", "A-101")
    assert "No meter server has named unit A-101 yet; it waits for its meter." in run(*words).output
    assert run("poll").exit_code == 0
    with app.app_context():
        unit = db.session.scalars(select(Unit).filter_by(unit_no="A-101")).one()
        assert [meter.meter_no for meter in unit.meters] == ["M000101"]
        assert db.session.scalars(select(Residence)).one().unit_id == unit.id


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--role", "office"), "Say of which society."),
        (("--role", "office", "--society", "seaside"), "There is no society “seaside”."),
        (("--role", "resident", "--society", "greenview"), "A resident needs a unit."),
        (("--role", "resident", "--society", "seaside", "--unit", "Z"), "There is no society “seaside”."),
    ],
)
def test_who_cannot_be_added_is_said_and_nothing_is_kept(
    desk: Desk, run: Run, words: tuple[str, ...], said: str
) -> None:
    result = run("user", "add", "new@x.example", *words)
    assert (result.exit_code, result.output) == (1, f"{said}\n")
    assert desk.all(select(User).filter_by(email="new@x.example")) == []


def test_a_known_person_gets_a_new_password_only_when_that_is_said(desk: Desk, run: Run) -> None:
    words = ("user", "add", "office@greenview.example", "--society", "greenview", "--role", "manager")
    assert "Password" not in run(*words).output
    refused = run(*words, "--password", "another")
    assert refused.exit_code and "keeps their password" in refused.output
    run(*words, "--password", "another", "--reset-password")
    with desk.app.app_context():
        assert authenticate("office@greenview.example", "another")


def test_a_good_meter_server_passes_the_check(desk: Desk, run: Run) -> None:
    result = run("meter-server", "check", "main")
    assert result.exit_code == 0, result.output
    for operation in ("latest_readings", "meter_reading", "meter_status", "meter_changes", "dg_fuel"):
        assert f"  {operation}" in result.output
    assert "We can work with it." in result.output


def test_a_check_changes_nothing_at_the_meter_server(desk: Desk, run: Run) -> None:
    before = desk.world()["calls"]
    run("meter-server", "check", "main")
    changing = ("recharge", "start_meter", "stop_meter", "update_load", "dg_sensing")
    after = desk.world()["calls"]
    assert [after.get(name) for name in changing] == [before.get(name) for name in changing]


def test_a_server_is_checked_by_its_file_before_it_is_loaded(
    app: Flask, run: Run, file: Write, fresh_box: SimulatorServer
) -> None:
    result = run("meter-server", "check", "--file", file(fresh_box.url))
    assert result.exit_code == 0, result.output
    with app.app_context():
        assert db.session.scalars(select(Society)).all() == []


def test_a_dead_meter_server_fails_the_check(run: Run, file: Write) -> None:
    result = run("meter-server", "check", "--file", file(DEAD))
    assert result.exit_code == 1
    assert "notsent" in result.output
    assert "We cannot work with it: its readings cannot be read." in result.output


def test_a_secret_that_is_not_set_is_said_and_fails_the_check(
    run: Run, file: Write, fresh_box: SimulatorServer
) -> None:
    auth = '[meter_servers.profile]\nauth = { kind = "bearer", secret_env = "NOBODY_SET_THIS" }\n'
    result = run("meter-server", "check", "--file", file(fresh_box.url, more=auth))
    assert result.exit_code == 1
    assert "The variable NOBODY_SET_THIS" in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Name a meter server, or give a society file with --file."),
        (("main",), "There is no meter server “main”."),
    ],
)
def test_a_check_of_nothing_says_so(run: Run, words: tuple[str, ...], said: str) -> None:
    result = run("meter-server", "check", *words)
    assert (result.exit_code, result.output) == (1, f"{said}\n")


def test_while_a_slow_server_is_checked_ours_can_write(app: Flask, run: Run, file: Write) -> None:
    wrote = []
    with app.app_context():
        sqlite = db.engine.dialect.loaded_dbapi  # another SQLite in this process would see no lock of ours

    def write_meanwhile(wire: object) -> None:
        database = sqlite.connect(app.config["METERDESK"].data / "meterdesk.sqlite", timeout=0)
        try:
            database.execute("BEGIN IMMEDIATE")
            wrote.append(True)
        finally:
            database.close()
        answer({"status": "success", "count": "0", "data": []})(wire)  # type: ignore[arg-type]

    with TinyServer() as company:
        company.behaviour = write_meanwhile
        run("society", "load", file(company.base_url))
        assert run("meter-server", "check", "main").exit_code == 0
    assert wrote
