"""Units and meters that a reply names for the first time."""

from collections.abc import Iterable

from sqlalchemy import Select, insert, select, update

from webapp.contract.replies import Reading
from webapp.extensions import db
from webapp.meters.models import Meter, Unit
from webapp.meters.rules import key_of, rank_of
from webapp.societies.models import MeterServer


def join(server: MeterServer, rows: Iterable[Reading], bare: Iterable[str] = ()) -> None:
    """Make the meters known, and their units where those are new; commits nothing.

    A meter whose unit_no is unknown (``bare``, or blank in its row) gets a unit of its own, named
    after the meter until the server says better.
    """
    wanted = {row.meter_no: row.unit_no for row in rows} | dict.fromkeys(bare)
    names = {
        no: (unit_no, True) if unit_no else (f"Meter {no}"[:64], False) for no, unit_no in wanted.items()
    }
    units = ensure_units(server.society_id, dict(names.values()))
    keys = _free_keys(names, select(Meter.key).filter_by(society_id=server.society_id))
    db.session.execute(
        insert(Meter),
        [
            {
                "society_id": server.society_id,
                "server_id": server.id,
                "unit_id": units[name],
                "meter_no": meter_no,
                "key": keys[meter_no],
                "rank": rank_of(name),
            }
            for meter_no, (name, _) in names.items()
        ],
    )


def ensure_units(society_id: int, names: dict[str, bool]) -> dict[str, int]:
    """The ids of these units (unit_no → whether that is its true name), made where new."""
    known = select(Unit.unit_no, Unit.id).filter_by(society_id=society_id)
    held = {row.unit_no: row.id for row in db.session.execute(known)}
    fresh = [unit_no for unit_no in names if unit_no not in held]
    if fresh:
        keys = _free_keys(fresh, select(Unit.key).filter_by(society_id=society_id))
        db.session.execute(
            insert(Unit),
            [
                {
                    "society_id": society_id,
                    "unit_no": unit_no,
                    "key": keys[unit_no],
                    "rank": rank_of(unit_no),
                    "is_named": names[unit_no],
                }
                for unit_no in fresh
            ],
        )
        held = {row.unit_no: row.id for row in db.session.execute(known)}
    return {unit_no: held[unit_no] for unit_no in names}


def move(server: MeterServer, moves: Iterable[tuple[int, str]]) -> None:
    """Meters that were known only by themselves get the unit that the server now names."""
    for meter_id, unit_no in moves:
        unit_id = ensure_units(server.society_id, {unit_no: True})[unit_no]
        db.session.execute(
            update(Meter).filter_by(id=meter_id).values(unit_id=unit_id, rank=rank_of(unit_no))
        )


def _free_keys(numbers: Iterable[str], taken_rows: Select[str]) -> dict[str, str]:
    """Keys safe in an address and unique in the society: the second of a kind gets ``-2``.

    A number that is safe as it stands keeps itself, though one that must be made so came before it.
    """
    taken, keys = set(db.session.scalars(taken_rows)), {}
    for number in sorted(numbers, key=lambda each: key_of(each) != each):
        base = free = key_of(number)
        n = 1
        while free in taken:
            n += 1
            free = f"{base}-{n}"
        taken.add(free)
        keys[number] = free
    return keys
