"""``flask --app app …``: commands that work beside a running server."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import select

from webapp import schema
from webapp.extensions import db, reading
from webapp.generators import joining as generators
from webapp.generators.models import Generator
from webapp.meters import polling
from webapp.meters.joining import ensure_units
from webapp.meters.models import Unit
from webapp.people.accounts import Account, AccountError
from webapp.people.accounts import add as add_account
from webapp.people.models import Role
from webapp.societies import files
from webapp.societies.checking import tried
from webapp.societies.models import MeterServer, Society
from webapp.societies.verdicts import Tried, verdict

society_commands = AppGroup("society", help="Societies.")
server_commands = AppGroup("meter-server", help="Meter servers.")
user_commands = AppGroup("user", help="People.")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def init_app(app: Flask) -> None:
    for group in (society_commands, server_commands, user_commands):
        app.cli.add_command(group)
    app.cli.add_command(poll)
    app.cli.add_command(simulator)


def _ready() -> None:
    schema.upgrade(current_app._get_current_object())  # type: ignore[attr-defined]


def _stop(sentence: object) -> NoReturn:
    click.echo(str(sentence), err=True)
    sys.exit(1)


@society_commands.command("load")
@click.argument("file", type=FILE)
def load(file: Path) -> None:
    """Make or change a society by its FILE.toml."""
    _ready()
    try:
        said = files.read(file)
        society = files.store(said)
    except files.SocietyFileError as error:
        db.session.rollback()
        _stop(error)
    servers = {server.name: server for server in society.meter_servers}
    for part in said.meter_servers:
        generators.join(servers[part.name], part.generators)
    db.session.commit()
    click.echo(
        f"{society.name}: {len(society.meter_servers)} meter server(s). A running server polls them now."
    )


@server_commands.command("check")
@click.argument("name", required=False)
@click.option("--file", "file", type=FILE, help="Check the servers of a society file, loading nothing.")
def check_server(name: str | None, file: Path | None) -> None:
    """Ask a meter server everything that only reads, and say how it answers."""
    _ready()
    if (name is None) == (file is None):
        _stop("Name a meter server, or give a society file with --file.")
    good = [_check(*each) for each in (_of_file(file) if file else _named(name))]
    if not all(good):
        sys.exit(1)


Checked = list[tuple[str, MeterServer, list[str]]]  # of which society, the server, its generators


def _of_file(file: Path) -> Checked:
    try:
        said = files.read(file)
    except files.SocietyFileError as error:
        _stop(error)
    return [(said.society.slug, files.server_of(part), part.generators) for part in said.meter_servers]


def _named(name: str | None) -> Checked:
    with reading():
        servers = list(db.session.scalars(select(MeterServer).filter_by(name=name)))
        found = [(server.society.slug, server, _dg_nos(server)) for server in servers]
        db.session.expunge_all()
        db.session.rollback()  # a server that is slow to answer must not keep ours from writing
    if not found:
        _stop(f"There is no meter server “{name}”.")
    return found


def _dg_nos(server: MeterServer) -> list[str]:
    return list(db.session.scalars(select(Generator.dg_no).filter_by(server_id=server.id)))


def _check(slug: str, server: MeterServer, dg_nos: list[str]) -> bool:
    click.echo(f"{slug}/{server.name}: {server.base_url}, site {server.site_id}")
    rows = []
    with server.client() as client:
        for row in tried(client, dg_nos):
            _show(row)
            rows.append(row)
    found = verdict(rows)
    for line in (found.head, *found.limits):
        click.echo(f"  {line}")
    return found.can_work


def _show(row: Tried) -> None:
    first, *rest = row.said or ("",)
    first = f"{row.about}: {first}" if row.about and first else row.about or first
    click.echo(f"  {row.operation:<16} {row.outcome:<12} {row.ms:>6} ms  {first}".rstrip())
    for line in rest:
        click.echo(f"{'':<44}{line}")


@click.command("poll")
@click.argument("society", required=False)
@with_appcontext
def poll(society: str | None) -> None:
    """Ask the meter servers (of SOCIETY, or of all) for their readings now, and wait for the end."""
    _ready()
    rows = select(MeterServer).join(Society).order_by(MeterServer.id)
    if society:
        rows = rows.where(Society.slug == society)
    servers = [(server.id, f"{server.society.slug}/{server.name}") for server in db.session.scalars(rows)]
    db.session.rollback()
    if not servers:
        _stop("There is no such society, or it has no meter server.")
    failed = False
    for server_id, title in servers:
        _wait_while_polled(server_id)
        trouble = polling.poll(server_id, even_if_early=True)
        _wait_while_polled(server_id)
        failed = failed or trouble is not None
        click.echo(f"{title}: {trouble or 'polled'}")
    if failed:
        sys.exit(1)


def _wait_while_polled(server_id: int) -> None:
    """A running server may be at it: two would only ask the same twice."""
    while polling.is_claimed(server_id, datetime.now(UTC)):
        time.sleep(0.1)


@user_commands.command("add")
@click.argument("email")
@click.option("--society", "slug")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--unit", "unit_no", help="A resident's unit.")
@click.option("--name", default="")
@click.option("--password", help="Made and printed where not given; a known person keeps theirs.")
@click.option("--reset-password", "resets", is_flag=True, help="Give a known person this --password.")
def add_user(
    email: str,
    slug: str | None,
    role: str,
    unit_no: str | None,
    name: str,
    password: str | None,
    resets: bool,
) -> None:
    """Add a person, or what a known one newly is."""
    _ready()
    _await_unit(slug, unit_no)
    try:
        made = add_account(Account(email, name, slug, Role(role), unit_no), password, resets)
    except AccountError as error:
        db.session.rollback()
        _stop(error)
    db.session.commit()
    click.echo(f"{email} is {role}{f' of {slug}' if slug else ''}.")
    if made and not password:
        click.echo(f"Password: {made}")


def _await_unit(slug: str | None, unit_no: str | None) -> None:
    """A unit that no meter server has named yet waits for its meter, and we say so."""
    society = db.session.scalar(select(Society).filter_by(slug=slug)) if unit_no else None
    if society is None or unit_no is None:
        return
    if db.session.scalar(select(Unit.id).filter_by(society_id=society.id, unit_no=unit_no)) is None:
        ensure_units(society.id, {unit_no})
        click.echo(f"No meter server has named unit {unit_no} yet; it waits for its meter.")


@click.command("simulator")
@click.option("--port", default=8010)
@click.option("--units", default=240)
@click.option("--seed", default=1)
@with_appcontext
def simulator(port: int, units: int, seed: int) -> None:
    """Run a society in a box: a meter server for sites GV01 and LS01, on this machine only."""
    from webapp.simulator.server import main

    main(port, units, seed, current_app.config["METERDESK"].data / "simulator.sqlite")
