"""Prepaid balances: what power costs, and when a household recharges elsewhere by itself."""

import math
from dataclasses import dataclass

# 1 ₹/kWh is 0.1 paisa/Wh.
GRID_PAISE_PER_WH = 0.72
DG_PAISE_PER_WH = 2.2
_STILL_TRUSTED_PAISE = 6_000


@dataclass(frozen=True, slots=True)
class Purse:
    """How a household pays: at ``threshold_paise`` it recharges ``amount_paise``, as often as needed."""

    threshold_paise: int
    amount_paise: int

    def balance_paise(self, then_paise: int, grid_wh: float, dg_wh: float) -> int:
        """The balance after using so much since it was ``then_paise``: own recharges included.

        A household whose balance someone put under its threshold lets ₹60 more go before it acts, so
        that what was set stays visible.
        """
        cost = math.floor(grid_wh * GRID_PAISE_PER_WH + dg_wh * DG_PAISE_PER_WH)
        threshold = self.threshold_paise
        if then_paise < threshold:
            threshold = then_paise - _STILL_TRUSTED_PAISE
        missing = threshold - (then_paise - cost)
        recharges = -(-missing // self.amount_paise) if missing > 0 else 0
        return then_paise - cost + recharges * self.amount_paise
