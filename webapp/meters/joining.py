"""Units and meters that a reply names for the first time."""

from collections.abc import Collection, Iterable

from sqlalchemy import Select, insert, select, update

from webapp.contract.replies import Reading
from webapp.extensions import db
from webapp.meters.models import Meter, Unit
from webapp.meters.rules import key_of, rank_of, tower_of
from webapp.societies.models import MeterServer


def join(server: MeterServer, rows: Iterable[Reading], bare: Iterable[str] = ()) -> None:
    """Make the meters known, and their units where those are new; commits nothing.

    A meter whose unit_no is unknown (``bare``, or blank in its row) gets a unit of its own, called
    after the meter until the server says better: never one that is there already, since somebody
    may live in it.
    """
    wanted = {row.meter_no: row.unit_no for row in rows} | dict.fromkeys(bare)
    units = ensure_units(server.society_id, dict.fromkeys(filter(None, wanted.values())))
    homes = {no: (unit_no, units[unit_no]) for no, unit_no in wanted.items() if unit_no}
    homes |= _made_up(server.society_id, [no for no, unit_no in wanted.items() if not unit_no])
    keys = _free_keys(homes, select(Meter.key).filter_by(society_id=server.society_id))
    db.session.execute(
        insert(Meter),
        [
            {
                "society_id": server.society_id,
                "server_id": server.id,
                "unit_id": unit_id,
                "meter_no": meter_no,
                "key": keys[meter_no],
                "rank": rank_of(unit_no),
                "tower": tower_of(unit_no) if wanted[meter_no] else "",
            }
            for meter_no, (unit_no, unit_id) in homes.items()
        ],
    )


def ensure_units(society_id: int, names: Collection[str]) -> dict[str, int]:
    """The ids of the units with these unit_nos, made where new."""
    held = _named(society_id)
    fresh = [unit_no for unit_no in names if unit_no not in held]
    if fresh:
        _give_way(society_id, fresh)
        _insert(society_id, fresh, is_named=True)
        held = _named(society_id)
    return {unit_no: held[unit_no] for unit_no in names}


def _named(society_id: int) -> dict[str, int]:
    known = select(Unit.unit_no, Unit.id).filter_by(society_id=society_id, is_named=True)
    return {row.unit_no: row.id for row in db.session.execute(known)}


def _made_up(society_id: int, meter_nos: list[str]) -> dict[str, tuple[str, int]]:
    """A unit for each of these meters, new and its own: meter_no → (what it is called, its id)."""
    if not meter_nos:
        return {}
    taken = set(db.session.scalars(select(Unit.unit_no).filter_by(society_id=society_id)))
    names = {meter_no: _free(f"Meter {meter_no}"[:56], taken) for meter_no in meter_nos}
    _insert(society_id, names.values(), is_named=False)
    made = select(Unit.unit_no, Unit.id).filter_by(society_id=society_id, is_named=False)
    ids = {row.unit_no: row.id for row in db.session.execute(made)}
    return {meter_no: (name, ids[name]) for meter_no, name in names.items()}


def _give_way(society_id: int, fresh: list[str]) -> None:
    """A name that we made up is the server's to use: what we called so is called otherwise."""
    rows = select(Unit).filter_by(society_id=society_id, is_named=False)
    ours = [unit for unit in db.session.scalars(rows) if unit.unit_no in fresh]
    if ours:
        every = select(Unit.unit_no).filter_by(society_id=society_id)
        taken = {*db.session.scalars(every), *fresh}
        for unit in ours:
            unit.unit_no = _free(unit.unit_no, taken)
        db.session.flush()


def _insert(society_id: int, names: Collection[str], is_named: bool) -> None:
    keys = _free_keys(names, select(Unit.key).filter_by(society_id=society_id))
    rows = [
        {
            "society_id": society_id,
            "unit_no": unit_no,
            "key": keys[unit_no],
            "rank": rank_of(unit_no),
            "tower": tower_of(unit_no) if is_named else "",
            "is_named": is_named,
        }
        for unit_no in names
    ]
    db.session.execute(insert(Unit), rows)


def move(server: MeterServer, moves: Collection[tuple[int, str]]) -> None:
    """Meters that were known only by themselves get the unit that the server now names."""
    units = ensure_units(server.society_id, dict.fromkeys(unit_no for _, unit_no in moves)) if moves else {}
    for meter_id, unit_no in moves:
        home = {"unit_id": units[unit_no], "rank": rank_of(unit_no), "tower": tower_of(unit_no)}
        db.session.execute(update(Meter).filter_by(id=meter_id).values(home))


def _free(name: str, taken: set[str]) -> str:
    """The name, or the first of its kind that is free; taken from now on."""
    free, n = name, 1
    while free in taken:
        n += 1
        free = f"{name} ({n})"
    taken.add(free)
    return free


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
