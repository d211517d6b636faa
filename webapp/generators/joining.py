"""The generators that a society file names."""

from collections.abc import Iterable

from sqlalchemy import select

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
            key = dg_no if dg_no not in taken else f"{dg_no}-{server.name}"
            taken.add(key)
            made.append(Generator(society_id=server.society_id, server_id=server.id, dg_no=dg_no, key=key))
    db.session.add_all(made)
    db.session.flush()
    return made
