"""One clock at a time: who holds the lease runs the jobs."""

import os
import secrets
import socket
from datetime import datetime, timedelta

from sqlalchemy import String, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from webapp.columns import Time
from webapp.extensions import Model, db, reading

LEASE_S = 15
_RUN = secrets.token_hex(4)  # tells this run from an earlier one that had our process id


class Lease(Model):
    """``epoch`` rises with every change of holder, so that an old holder can be told from a new one."""

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(200))
    epoch: Mapped[int]
    until: Mapped[Time]


def new_holder() -> str:
    """A name within this process that tells whether the process still lives."""
    return f"{socket.gethostname()}|{os.getpid()}|{_RUN}|{secrets.token_hex(4)}"


def hold(name: str, holder: str, now: datetime) -> int | None:
    """Take or renew the lease; its epoch, or None where somebody else holds it."""
    until = now + timedelta(seconds=LEASE_S)
    with db.session.begin():
        renewed = db.session.execute(
            update(Lease).where(Lease.name == name, Lease.holder == holder).values(until=until)
        )
        if renewed.rowcount or _take(name, holder, now, until):  # type: ignore[attr-defined]
            epoch: int | None = db.session.scalar(select(Lease.epoch).where(Lease.name == name))
            return epoch
    return None


def _take(name: str, holder: str, now: datetime, until: datetime) -> bool:
    row = db.session.get(Lease, name)
    if row is None:
        try:
            with db.session.begin_nested():
                db.session.execute(insert(Lease).values(name=name, holder=holder, epoch=1, until=until))
        except IntegrityError:
            return False
        return True
    if row.until > now and not is_dead(row.holder):
        return False
    taken = db.session.execute(
        update(Lease)
        .where(Lease.name == name, Lease.epoch == row.epoch)
        .values(holder=holder, epoch=row.epoch + 1, until=until)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def is_held(name: str, epoch: int, now: datetime) -> bool:
    """Whether the lease is still ours: a process that was frozen must ask before it acts."""
    with reading():
        row = db.session.get(Lease, name)
        held = row is not None and row.epoch == epoch and row.until > now
        db.session.rollback()
    return held


def release(name: str, holder: str, now: datetime) -> None:
    """Let the next one start at once."""
    with db.session.begin():
        db.session.execute(update(Lease).where(Lease.name == name, Lease.holder == holder).values(until=now))


def is_dead(holder: str) -> bool:
    """A holder on this very machine whose process is gone need not be waited for.

    False where in doubt: whoever asks has a time-out for that.
    """
    host, pid, run, *_ = [*holder.split("|"), "", "", ""]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    if int(pid) == os.getpid():
        return run != _RUN  # in a container each start has the same few process ids
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
