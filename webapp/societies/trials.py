"""A meter server tried before it is saved, or as it stands: recorded, asked behind the page, shown.

What is saved is the very draft that was tried.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import JSON, ForeignKey, String, Text, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.columns import Key, SocietyId, Time, UtcTime
from webapp.extensions import Model, db
from webapp.societies import files
from webapp.societies.checking import tried
from webapp.societies.files import ServerPart
from webapp.societies.models import MeterServer, Society
from webapp.societies.verdicts import Tried, Verdict, verdict

GIVEN_UP = timedelta(minutes=5)  # since its last sign of life: longer than the slowest operation may take
KEPT = timedelta(days=2)


class ServerChangedError(Exception):
    """Since the trial began somebody else changed the server, or saved it. Nothing was done."""


class ServerTrial(Model):
    """``part`` is the draft as a society file has it; ``basis`` the server as it was when it was drafted."""

    id: Mapped[Key]
    society_id: Mapped[SocietyId]
    server_id: Mapped[int | None] = mapped_column(
        ForeignKey("meter_server.id", ondelete="CASCADE"), index=True
    )
    part_data: Mapped[dict[str, Any]] = mapped_column(JSON)
    secret_sealed: Mapped[str] = mapped_column(Text)
    basis: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    is_check: Mapped[bool]  # of the server as it stands: there is nothing to save
    state: Mapped[str] = mapped_column(String(10))  # waiting, trying, ended, saved
    rows_data: Mapped[list[Any]] = mapped_column(JSON)
    made_at: Mapped[Time]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    lived_at: Mapped[datetime] = mapped_column(UtcTime)  # its last sign of life

    society: Mapped[Society] = relationship()
    server: Mapped[MeterServer | None] = relationship()

    @property
    def part(self) -> ServerPart:
        return msgspec.convert(self.part_data, ServerPart)

    @property
    def rows(self) -> list[Tried]:
        return [Tried.unpacked(row) for row in self.rows_data]

    @property
    def verdict(self) -> Verdict | None:
        return verdict(self.rows) if self.state in ("ended", "saved") else None

    def is_open(self, now: datetime) -> bool:
        return self.state in ("waiting", "trying") and now - self.lived_at < GIVEN_UP


def draft(
    society: Society,
    part: ServerPart,
    secret_sealed: str,
    server: MeterServer | None,
    dg_nos: Sequence[str],
    by_id: int,
    is_check: bool = False,
) -> ServerTrial:
    """Record what is to be tried; commits nothing. Whoever does nudges a worker then.

    ``dg_nos`` are the generators that the ``server`` has now.
    """
    now = datetime.now(UTC)
    trial = ServerTrial(
        society_id=society.id, server_id=server.id if server else None, part_data=msgspec.to_builtins(part),
        secret_sealed=secret_sealed, basis=_basis(server, dg_nos), is_check=is_check, state="waiting",
        rows_data=[], made_at=now, made_by_id=by_id, lived_at=now,
    )  # fmt: skip
    db.session.add(trial)
    db.session.flush()
    return trial


def _basis(server: MeterServer | None, dg_nos: Sequence[str]) -> dict[str, Any] | None:
    if server is None:
        return None
    return {"part": msgspec.to_builtins(files.part_of(server, dg_nos)), "secret": server.secret_sealed}


def run(trial_id: int) -> None:
    """Ask everything that only reads, and keep each answer as it comes."""
    if not _claim(trial_id):
        return
    trial = db.session.get_one(ServerTrial, trial_id)
    part, server = trial.part, files.server_of(trial.part)
    server.secret_sealed = trial.secret_sealed
    db.session.rollback()  # nothing is held open while the server is asked
    found: list[Tried] = []
    with server.client() as client:
        for row in tried(client, part.generators):
            found.append(row)
            _keep(trial_id, found, "trying")
    _keep(trial_id, found, "ended")


def _claim(trial_id: int) -> bool:
    claimed = db.session.execute(
        update(ServerTrial)
        .filter_by(id=trial_id, state="waiting")
        .values(state="trying", lived_at=datetime.now(UTC))
    )
    db.session.commit()
    return bool(claimed.rowcount)  # type: ignore[attr-defined]


def _keep(trial_id: int, rows: Sequence[Tried], state: str) -> None:
    packed = [row.packed() for row in rows]
    db.session.execute(
        update(ServerTrial)
        .filter_by(id=trial_id, state="trying")
        .values(rows_data=packed, state=state, lived_at=datetime.now(UTC))
    )
    db.session.commit()


def save(trial: ServerTrial, dg_nos: Sequence[str]) -> MeterServer:
    """Make the server what was tried; commits nothing. ``dg_nos`` are the generators it has now.

    Raises ServerChangedError, and SocietyFileError where its name is taken.
    """
    server = trial.server
    if not _saves(trial) or trial.basis != _basis(server, dg_nos):
        raise ServerChangedError
    society, part = trial.society, trial.part
    if any(other is not server and other.name == part.name for other in society.meter_servers):
        raise files.SocietyFileError("Two meter servers have the same name.")
    if server is None:
        server = MeterServer(name=part.name)
        society.meter_servers.append(server)
    files.store_server(server, part)
    server.secret_sealed = trial.secret_sealed
    server.next_poll_at = None
    db.session.flush()
    trial.server_id = server.id
    return server


def _saves(trial: ServerTrial) -> bool:
    """Two clicks at once save once."""
    saved = update(ServerTrial).filter_by(id=trial.id, state="ended", is_check=False).values(state="saved")
    return bool(db.session.execute(saved).rowcount)  # type: ignore[attr-defined]


def forget_old() -> None:
    """Drafts hold sealed secrets: they are not kept for long."""
    old = db.delete(ServerTrial).where(ServerTrial.made_at < datetime.now(UTC) - KEPT)
    db.session.execute(old)
    db.session.commit()
