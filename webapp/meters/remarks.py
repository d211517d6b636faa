"""What was odd in a reply as a whole, in sentences for the strip above every page."""

from dataclasses import dataclass

MISSING = "{} of {} meters were missing from the last reply; their last good values are shown."
ZEROED = "The last reply said ₹0 for nearly every meter at once; the last good balances are shown."
FUTURE = (
    "The last reply had times in the future for {}; those rows were kept apart. "
    "The server's clock, or the time zone in its profile, is wrong."
)
OLD = "The last reply was older than what we hold for {}; it was not taken."
NOTHING_NEW = "The last reply brought nothing new."


@dataclass(frozen=True)
class Reply:
    """A stored reply in numbers of meters."""

    named: int
    known: int  # of the server, named or not
    newer: int
    old: int = 0
    future: int = 0
    zeroed: bool = False
    is_first: bool = False

    def remarks(self) -> list[str]:
        said = []
        if self.named < self.known:
            said.append(MISSING.format(self.known - self.named, self.known))
        if self.zeroed:
            said.append(ZEROED)
        if self.future:
            said.append(FUTURE.format(_meters(self.future)))
        if self.old:
            said.append(OLD.format(_meters(self.old)))
        elif self.named and not self.newer and not self.is_first:
            said.append(NOTHING_NEW)
        return said


def _meters(count: int) -> str:
    return "1 meter" if count == 1 else f"{count} meters"
