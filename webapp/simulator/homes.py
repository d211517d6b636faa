"""Who lives in the box: units, their meters, habits and purses, drawn from the seed."""

from dataclasses import dataclass

from webapp.simulator.draws import between, draws
from webapp.simulator.grid import EPOCH
from webapp.simulator.habits import AT_HOME, COMMON, COUPLE, FAMILY, PENSIONERS, SHOP, STUDENTS, VACANT
from webapp.simulator.purses import Purse

_FLATS, _FLOORS = 6, 10  # on a floor, in a tower
_TOWER_NUMBERS = 2_000  # meter numbers set aside for each tower, more than its highest flat number
_ORDINARY = 3  # the first three flats are always plain homes with supply and money: the pages speak of them
_KINDS = (
    (0.34, FAMILY),
    (0.56, COUPLE),
    (0.70, PENSIONERS),
    (0.80, STUDENTS),
    (0.93, AT_HOME),
    (0.955, SHOP),
    (0.97, COMMON),
    (1.0, VACANT),
)
_OFF_SHARE = 0.016
_POSTPAID_SHARE = 0.007


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A meter's state at a moment (Unix seconds), from which it goes on by its habit.

    ``anchor_grid`` and ``anchor_dg`` are what its habit had drawn till then (Wh, scale 1).
    """

    at: float
    grid_wh: float
    dg_wh: float
    balance_paise: int | None  # None: postpaid
    supply_on: bool
    anchor_grid: float = 0.0
    anchor_dg: float = 0.0


@dataclass(frozen=True, slots=True)
class State:
    """A meter at a moment: registers in Wh, the balance in paise (None: postpaid)."""

    grid_wh: float
    dg_wh: float
    balance_paise: int | None
    supply_on: bool


class Meter:
    """A meter and its unit. ``checkpoints`` is in order of time and never empty."""

    __slots__ = ("checkpoints", "habit", "meter_no", "purse", "scale", "unit_no")

    def __init__(self, unit_no: str, meter_no: str, habit: int, scale: float, purse: Purse) -> None:
        self.unit_no = unit_no
        self.meter_no = meter_no
        self.habit = habit
        self.scale = scale
        self.purse = purse
        self.checkpoints: list[Checkpoint] = []

    def state(self, at: float, grid_wh: tuple[float, ...], dg_wh: tuple[float, ...]) -> State:
        """The meter at ``at``, given what each habit has drawn till then (Wh, scale 1)."""
        point = self.checkpoints[-1]
        if point.at > at:
            point = next((one for one in reversed(self.checkpoints) if one.at <= at), self.checkpoints[0])
        if not point.supply_on:
            return State(point.grid_wh, point.dg_wh, point.balance_paise, False)
        grid = self.scale * (grid_wh[self.habit] - point.anchor_grid)
        dg = self.scale * (dg_wh[self.habit] - point.anchor_dg)
        balance = point.balance_paise
        if balance is not None:
            balance = self.purse.balance_paise(balance, grid, dg)
        return State(point.grid_wh + grid, point.dg_wh + dg, balance, True)


def built(seed: int, site_id: str, units: int, letter: str) -> list[Meter]:
    """The site's meters in the order of its units; ``letter`` begins every meter number."""
    return [_meter(seed, site_id, index, letter) for index in range(units)]


def _meter(seed: int, site_id: str, index: int, letter: str) -> Meter:
    tower, in_tower = divmod(index, _FLATS * _FLOORS)
    number = (in_tower // _FLATS + 1) * 100 + in_tower % _FLATS + 1
    chances = draws(seed, site_id, "unit", index)
    ordinary = index < _ORDINARY
    habit = FAMILY if ordinary else next(kind for limit, kind in _KINDS if chances[0] < limit)
    purse = Purse(33_000, 15_000) if ordinary else _purse(habit, *chances[1:4])
    meter = Meter(
        f"{_tower_name(tower)}-{number}",
        f"{letter}{tower * _TOWER_NUMBERS + number:06d}",
        habit,
        between(chances[4], 0.5, 1.0),
        purse,
    )
    meter.checkpoints.append(_beginning(purse, *chances[5:10], ordinary=ordinary))
    return meter


def _tower_name(tower: int) -> str:
    """A … Z, AA, AB …: as spreadsheets count columns."""
    head, last = divmod(tower, 26)
    return (_tower_name(head - 1) if head else "") + chr(ord("A") + last)


def _purse(habit: int, kind: float, threshold: float, amount: float) -> Purse:
    """Most keep a cushion, some run low, a few pay only when below zero."""
    if habit == COMMON:
        return Purse(1_000_000, 2_500_000)
    if kind < 0.04:
        return Purse(round(between(threshold, -12_000, -7_000)), 20_000)
    if kind < 0.15:
        return Purse(round(between(threshold, 5_000, 15_000)), 100_000)
    return Purse(round(between(threshold, 21_000, 70_000)), (50_000, 100_000, 200_000)[int(amount * 3)])


def _beginning(
    purse: Purse, balance: float, grid: float, dg: float, off: float, postpaid: float, *, ordinary: bool
) -> Checkpoint:
    """The meter at the epoch. One that is off then was cut with its money gone, and waits for someone."""
    supply_on = ordinary or off >= _OFF_SHARE
    paise = purse.threshold_paise + int(balance * purse.amount_paise)
    if not supply_on:
        paise = -round(between(balance, 500, 30_000))
    elif postpaid < _POSTPAID_SHARE and not ordinary:
        return Checkpoint(EPOCH, between(grid, 2e5, 9e6), between(dg, 1e4, 4e5), None, True)
    return Checkpoint(EPOCH, between(grid, 2e5, 9e6), between(dg, 1e4, 4e5), paise, supply_on)
