"""The generators that a society file names."""

from collections.abc import Iterable

from sqlalchemy import select, update

from webapp.extensions import db
from webapp.generators.models import Generator
from webapp.societies.models import MeterServer


def join(server: MeterServer, dg_nos: Iterable[str]) -> list[Generator]:
    """Make them known; commits nothing. One that the file no longer names stays, with its runs."""
    known = {g.dg_no for g in db.session.scalars(select(Generator).filter_by(server_id=server.id))}
    taken = set(db.session.scalars(select(Generator.key).filter_by(society_id=server.society_id)))
    made = []
    for dg_no in dict.fromkeys(dg_nos):
        if dg_no not in known:
            key = _free(dg_no, taken)
            taken.add(key)
            made.append(Generator(society_id=server.society_id, server_id=server.id, dg_no=dg_no, key=key))
    db.session.add_all(made)
    db.session.flush()
    # The server may be another one now: all are given our callback address, and asked, at once.
    afresh = {"next_sensing_at": None, "next_state_at": None, "next_fuel_at": None, "next_register_at": None}
    db.session.execute(update(Generator).where(Generator.server_id == server.id).values(afresh))
    return made


def _free(dg_no: str, taken: set[str]) -> str:
    """Its name in addresses: two servers of a society may each have a DG1."""
    key, n = dg_no, 1
    while key in taken:
        n += 1
        key = f"{dg_no}-{n}"
    return key
