"""A meter as we hold it before a reply, and as we hold it after. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from webapp.contract.replies import Supply

QUOTING = ("word", "moved")  # kinds of doubt whose reason begins with what the server said

Doubts = dict[str, tuple[str, str]]  # field → (kind, reason)


@dataclass(frozen=True)
class Known:
    """What we hold of a meter before a reply: its last good values and its open doubts."""

    id: int = 0
    unit_no: str | None = None
    unit_is_named: bool = True  # False where the server never gave a unit_no
    grid_wh: int | None = None
    grid_at: datetime | None = None
    dg_wh: int | None = None
    dg_at: datetime | None = None
    balance_paise: int | None = None
    balance_at: datetime | None = None
    supply: str = Supply.UNKNOWN.value
    supply_word: str = ""
    supply_at: datetime | None = None
    read_at: datetime | None = None
    fetched_at: datetime | None = None

    @property
    def is_dated(self) -> bool:
        """Its time is the server's: where the server says none, the time of our asking stands in."""
        return self.read_at is not None and self.read_at != self.fetched_at


@dataclass
class Judged:
    """The values to hold from now on, and what is doubted."""

    grid_wh: int | None
    grid_at: datetime | None
    dg_wh: int | None
    dg_at: datetime | None
    balance_paise: int | None
    balance_at: datetime | None
    supply: str
    supply_word: str
    supply_at: datetime | None
    read_at: datetime | None
    moves_to: str | None = None
    is_old: bool = False  # older than what we hold: nothing of it was taken, and doubts stay
    is_apart: bool = False  # kept apart whole: nothing of it was taken, so older doubts stay beside its own
    doubts: Doubts = field(default_factory=dict)

    @classmethod
    def of(cls, known: Known) -> Self:
        """Everything as it is held."""
        return cls(
            known.grid_wh,
            known.grid_at,
            known.dg_wh,
            known.dg_at,
            known.balance_paise,
            known.balance_at,
            known.supply,
            known.supply_word,
            known.supply_at,
            known.read_at,
        )


def doubts_after(before: Doubts, judged: Judged) -> Doubts:
    """The doubts that are open after a reply: one that goes on keeps its first reason."""
    if judged.is_old:
        return before
    now = (before | judged.doubts) if judged.is_apart else judged.doubts
    return {
        name: before[name] if name in before and _is_same(before[name], doubt) else doubt
        for name, doubt in now.items()
    }


def _is_same(before: tuple[str, str], now: tuple[str, str]) -> bool:
    """A fall is the same fall by another figure; another unknown word is another doubt."""
    if before[0] != now[0]:
        return False
    return now[0] not in QUOTING or before[1].partition(";")[0] == now[1].partition(";")[0]
