"""A chart as its page draws it: words for its bars, numbers for the canvas, lines for a file."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from webapp.looks import local
from webapp.meters.charts import Bar, Chart
from webapp.quantities import MILLI_PLACES, PAISE_PLACES, plain

PATTERNS = {"24h": "HH:mm", "30d": "d MMM", "14d": "d MMM", "12m": "MMM y"}


@dataclass(frozen=True)
class Drawn:
    """What a chart's template needs. ``href`` is its file's address, ``spans`` the way to others."""

    id: str
    title: str
    chart: Chart
    csv: str
    spans: tuple[tuple[str, str, str], ...] = ()  # span, words, address
    has_balance: bool = True

    @property
    def data(self) -> str:
        """For the canvas: whole Wh and paise, null for what is not known."""
        bars = self.chart.bars
        return json.dumps(
            {
                "labels": [self.label(bar) for bar in bars],
                "grid": [bar.grid_wh for bar in bars],
                "dg": [bar.dg_wh for bar in bars],
                "balance": [bar.balance_paise for bar in bars] if self.has_balance else None,
                "estimated": [int(bar.is_estimated) for bar in bars],
            }
        )

    def label(self, bar: Bar) -> str:
        """When the bar is, in the society's zone."""
        return local(bar.at, PATTERNS[self.chart.span])


def span_words() -> dict[str, str]:
    return {"24h": _("24 hours"), "30d": _("30 days"), "12m": _("12 months")}


def lines(chart: Chart, has_balance: bool = True) -> Iterator[str]:
    """As a file: ISO 8601 with the zone's offset, kWh and money as plain decimals, blank for unknown."""
    yield _line(
        ["from", "grid_kwh", "dg_kwh", *(["balance"] if has_balance else []), "estimated", "complete"]
    )
    for bar in chart.bars:
        yield _line(
            [
                local(bar.at, "yyyy-MM-dd'T'HH:mm:ssXXX"),
                plain(bar.grid_wh, MILLI_PLACES),
                plain(bar.dg_wh, MILLI_PLACES),
                *([plain(bar.balance_paise, PAISE_PLACES)] if has_balance else []),
                "yes" if bar.is_estimated else "no",
                "no" if bar.is_open else "yes",
            ]
        )


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
