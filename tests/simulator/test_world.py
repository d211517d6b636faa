"""The box as a function of seed and time."""

from itertools import pairwise

from webapp.simulator.grid import EPOCH, STARTS_AFTER_S, STOPS_AFTER_S, Fed, Outage, outages
from webapp.simulator.habits import DAY_S
from webapp.simulator.homes import State
from webapp.simulator.site import Site
from webapp.simulator.world import World

from .conftest import NOON


def states(seed: int, at: float) -> list[State]:
    return [state for _, state in World(seed).sites["GV01"].states(at)]


def an_outage(site: Site, *, evening: bool) -> Outage:
    days = range(500, 600)
    return next(one for day in days for one in site.timeline.outages(day) if one.in_the_evening is evening)


def test_the_same_seed_and_time_give_the_same_society() -> None:
    assert states(7, NOON) == states(7, NOON)


def test_another_seed_gives_another_society() -> None:
    assert states(7, NOON) != states(8, NOON)


def test_what_was_asked_before_does_not_change_the_answer() -> None:
    world = World(7)
    list(world.sites["GV01"].states(NOON + 40 * DAY_S))
    list(world.sites["GV01"].states(NOON - 40 * DAY_S))
    assert [state for _, state in world.sites["GV01"].states(NOON)] == states(7, NOON)


def test_registers_never_fall_in_sixty_days() -> None:
    site = World(1).sites["GV01"]
    before = [(0.0, 0.0)] * 240
    for step in range(60 * 8):
        now = [(state.grid_wh, state.dg_wh) for _, state in site.states(NOON + step * DAY_S / 8)]
        assert all(new[0] >= old[0] and new[1] >= old[1] for old, new in zip(before, now, strict=True))
        before = now


def test_homes_use_three_to_twelve_units_a_day() -> None:
    past = World(1).history("GV01", "M000101", NOON - 60 * DAY_S, NOON, 60 * DAY_S)
    (_, first), (_, last) = past
    assert 3_000 < (last.grid_wh + last.dg_wh - first.grid_wh - first.dg_wh) / 60 < 12_000


def test_meter_and_unit_numbers_are_unique() -> None:
    world = World(1, units=2_000)
    everyone = [meter for site in world.sites.values() for meter in site.meters.values()]
    assert len({meter.meter_no for meter in everyone}) == len(everyone) > 2_060
    assert len({meter.unit_no for meter in world.sites["GV01"].meters.values()}) == 2_000
    assert world.sites["GV01"].meters["M000101"].unit_no == "A-101"


def test_a_few_homes_are_poor_some_are_off_and_the_first_three_are_neither() -> None:
    for day in range(0, 300, 30):
        now = states(1, NOON + day * DAY_S)
        balances = [state.balance_paise for state in now if state.balance_paise is not None]
        below_200 = sum(balance < 20_000 for balance in balances)
        assert sum(balance < 0 for balance in balances) > 0
        assert 5 <= below_200 <= 36
        assert 1 <= len(now) - len(balances) <= 4
        assert all(state.supply_on and (state.balance_paise or 0) >= 33_000 for state in now[:3])


def test_outages_are_few_short_and_apart() -> None:
    for day in range(400):
        dark = outages(1, "GV01", day)
        assert len(dark) <= 3
        assert all(300 <= one.end - one.start <= 5_400 for one in dark)
        assert all(one.end + 60 > one.start for one in dark)
        assert all(EPOCH + day * DAY_S <= one.start and one.end < EPOCH + (day + 1) * DAY_S for one in dark)
        assert all(first.end + STOPS_AFTER_S < then.start for first, then in pairwise(dark))


def test_an_outage_starts_the_generator_after_ten_seconds() -> None:
    site = World(1).sites["GV01"]
    dark = an_outage(site, evening=False)
    first_moments = [site.timeline.fed(dark.start + second) for second in (-1, 1, STARTS_AFTER_S - 1)]
    assert first_moments == [Fed.GRID, Fed.DARK, Fed.DARK]
    assert not site.runs("DG1", dark.start + STARTS_AFTER_S - 1)
    assert site.runs("DG1", dark.start + STARTS_AFTER_S)
    assert site.timeline.fed(dark.start + STARTS_AFTER_S) is Fed.DG


def test_the_generator_stops_a_while_after_the_grid_is_back() -> None:
    site = World(1).sites["GV01"]
    dark = an_outage(site, evening=False)
    assert site.timeline.fed(dark.end + 1) is Fed.GRID
    assert site.runs("DG1", dark.end + STOPS_AFTER_S - 1)
    assert not site.runs("DG1", dark.end + STOPS_AFTER_S)


def test_the_second_generator_joins_in_the_evening() -> None:
    site = World(1).sites["GV01"]
    for evening in (True, False):
        dark = an_outage(site, evening=evening)
        assert site.runs("DG2", (dark.start + dark.end) / 2) is evening


def test_a_running_generator_makes_energy_and_burns_fuel() -> None:
    site = World(1).sites["GV01"]
    dark = an_outage(site, evening=True)
    begin, end = dark.start + STARTS_AFTER_S, dark.start + 290
    assert site.energy_wh("DG1", end) > site.energy_wh("DG1", begin)
    assert site.fuel_ml("DG1", end) < site.fuel_ml("DG1", begin)
    assert site.energy_wh("DG1", dark.start) == site.energy_wh("DG1", dark.start - 60)


def test_a_tank_is_refilled_before_it_is_empty() -> None:
    site = World(1).sites["GV01"]
    for hour in range(24 * 120):
        for generator in site.generators.values():
            fuel = site.fuel_ml(generator.dg_no, NOON + hour * 3_600)
            assert 0.14 * generator.tank_ml < fuel <= generator.tank_ml


def test_generators_make_what_the_homes_are_billed_and_the_losses() -> None:
    world = World(1)
    site = world.sites["GV01"]
    off = site.meters["M000104"]
    world.switch(site, off, on=False, now=NOON - 20 * DAY_S)
    first, last = NOON - 30 * DAY_S, NOON
    billed = sum(state.dg_wh for _, state in site.states(last)) - sum(
        state.dg_wh for _, state in site.states(first)
    )
    delivered = sum(site.energy_wh(dg_no, last) - site.energy_wh(dg_no, first) for dg_no in site.generators)
    assert abs(delivered / billed - 1.04) < 1e-9
