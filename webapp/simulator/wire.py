"""How the document spells calls and replies: the pieces that all thirteen operations share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from webapp.simulator.homes import Meter
from webapp.simulator.site import Site
from webapp.simulator.world import World

Body = dict[str, object]


@dataclass(frozen=True)
class Call:
    """One call of an operation at a site: its inputs as text, and when it came (Unix seconds)."""

    world: World
    site: Site
    params: Mapping[str, str]
    now: float
    queue_s: float = 0  # how long a recharge waits in the server's queue
    idle: bool = False  # the server says yes and does nothing

    @property
    def meter(self) -> Meter | None:
        """The meter named by ``meter_no``, if the site has it."""
        return self.site.meters.get(self.params.get("meter_no", ""))

    @property
    def stamp(self) -> str:
        """Now, as the company spells a time."""
        return self.local(self.now).strftime(self.site.company.time_format)

    def local(self, at: float) -> datetime:
        """A moment by the company's clock."""
        return datetime.fromtimestamp(at, UTC).astimezone(self.site.company.profile.timezone)


def error(message: str, *, counted: bool = False, word: str = "Error") -> Body:
    """A refusal; ``word`` because the document writes Error for some operations and error for others."""
    count: Body = {"count": "0"} if counted else {}
    return {"status": word, "message": message, **count, "data": None}


def not_done(remarks: str) -> Body:
    """A refusal of operations 6, 7 and 9: the reason, with the document's leading space."""
    return {"status": "Error", "message": "Operation Not Successful", "Remarks": f" {remarks}"}


def success(message: str, data: Body) -> Body:
    """One success; operations 1 and 5, which count their rows, write their own."""
    return {"status": "success", "message": message, "data": data}


def kwh(energy_wh: float) -> str:
    """A register as the wire has it. Cut, not rounded: a register must not run ahead and fall back."""
    return f"{energy_wh // 10 / 100:.2f}"


def rupees(paise: int | None) -> str | None:
    """A balance as the wire has it; a postpaid meter has none (contract §7)."""
    return None if paise is None else f"{paise / 100:.2f}"
