"""What the database takes by itself, a judge would take whole."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from tests.meters.crafted import START, Site, row
from webapp.contract.replies import Doubt, Reading, Supply
from webapp.extensions import db
from webapp.meters import plain
from webapp.meters.judgement import Judged, Known
from webapp.meters.models import Meter, Unit
from webapp.meters.rules import CLOCK_SLACK, HISTORY_GRAIN, STEADY_WH, judge
from webapp.societies.models import MeterServer

NOW = START + timedelta(hours=1)
VALUES = ("grid_wh", "grid_at", "dg_wh", "dg_at", "balance_paise", "balance_at", "supply", "supply_word")


def mostly(usual: Any, *others: Any) -> Any:
    """One that is odd in one of eight, so that whole rows are often plain and often nearly so."""
    return st.integers(0, 7).flatmap(lambda n: st.just(usual) if n else st.sampled_from(others))


registers = mostly(5_000_000, None, 0)
steps = mostly(STEADY_WH, None, -1, 0, 1, STEADY_WH + 1, 60_000)
held_times = mostly(START, None, NOW - timedelta(seconds=1), NOW, NOW + CLOCK_SLACK)
times = mostly(
    NOW,
    None,
    START,
    START - timedelta(seconds=1),
    START + timedelta(seconds=1),
    NOW + CLOCK_SLACK,
    NOW + CLOCK_SLACK + timedelta(seconds=1),
    START.replace(year=24),
    START.replace(year=1999),
)


@st.composite
def meters(draw: Any) -> Known:
    grid, dg, balance, at = draw(registers), draw(registers), draw(mostly(100, None, 0)), draw(held_times)
    return Known(
        unit_no="A-101",
        unit_is_named=draw(mostly(True, False)),
        grid_wh=grid,
        grid_at=at if grid is not None else None,
        dg_wh=dg,
        dg_at=at if dg is not None else None,
        balance_paise=balance,
        balance_at=at if balance is not None else None,
        read_at=at,
        fetched_at=draw(mostly(START + timedelta(seconds=5), at)),
    )


@st.composite
def rows_for(draw: Any, known: Known) -> Reading:
    def moved(last: int | None, step: int | None) -> int | None:
        return None if step is None else (last or 0) + step

    supply = draw(mostly(Supply.ON, Supply.OFF, Supply.UNKNOWN, None))
    return row(
        unit_no=draw(mostly("A-101", "a-101", "B-1", None)),
        grid_wh=moved(known.grid_wh, draw(steps)),
        dg_wh=moved(known.dg_wh, draw(steps)),
        balance_paise=draw(mostly(draw(st.sampled_from([500_00, 0, -1])), None)),
        read_at=draw(times),
        supply=supply,
        supply_word=draw(mostly("On", "ON", "")) if supply else "",
        doubts=draw(mostly((), (Doubt("balance", "odd"),))),
    )


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), zeroed=st.booleans())
def test_a_plain_row_is_stored_as_the_judge_would_have_it(site: Site, data: Any, zeroed: bool) -> None:
    known = data.draw(meters())
    said = data.draw(rows_for(known))
    with site.desk.app.app_context():
        meter = _held(site, known)
        taken = plain.take(_driver(), site.server_id, [said], NOW, zeroed)
        db.session.refresh(meter)
        event(f"taken: {taken}")
        if taken:
            judged = judge(known, said, NOW, zeroed)
            assert (judged.doubts, judged.moves_to, judged.is_old) == ({}, None, False)
            assert _values(meter) == _values(judged) and meter.read_at == judged.read_at
            assert meter.fetched_at == NOW
        else:
            assert _values(meter) == _values(known)
        db.session.rollback()


def test_the_rows_of_most_polls_are_taken(site: Site) -> None:
    site.says(row(1), row(2))
    with site.desk.app.app_context():
        assert plain.take(_driver(), site.server_id, [row(1, 1), row(2, 1)], NOW) == 2
        db.session.rollback()


def test_a_meter_in_doubt_is_left_to_the_judge(site: Site) -> None:
    site.says(row(1), row(2))
    site.says(row(1, 1, grid_wh=5), row(2, 1), minutes=1)
    with site.desk.app.app_context():
        assert plain.take(_driver(), site.server_id, [row(1, 2), row(2, 2)], NOW) == 1
        db.session.rollback()


def _held(site: Site, known: Known) -> Meter:
    """A meter that is held as ``known``, until the transaction is rolled back."""
    society_id = db.session.get_one(MeterServer, site.server_id).society_id
    unit = Unit(society_id=society_id, unit_no="A-101", key="A-101", rank="a", is_named=known.unit_is_named)
    db.session.add(unit)
    db.session.flush()
    own = {"society_id": society_id, "server_id": site.server_id, "unit_id": unit.id, "meter_no": "M1"}
    more = {"key": "M1", "rank": "a", "read_at": known.read_at, "fetched_at": known.fetched_at}
    values = dict(zip(VALUES, _values(known), strict=True))
    db.session.execute(insert(Meter).values(**own, **more, **values, supply_at=known.supply_at))
    return db.session.scalars(select(Meter).filter_by(server_id=site.server_id)).one()


def _values(held: Meter | Judged | Known) -> tuple[int | str | datetime | None, ...]:
    return tuple(getattr(held, name) for name in VALUES)


def _driver() -> Any:
    return db.session.connection().connection.driver_connection


def test_the_grain_is_longer_than_the_slack() -> None:
    """Or a clock that is put right would leave a gap in the history."""
    assert HISTORY_GRAIN > CLOCK_SLACK
