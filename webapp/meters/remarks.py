"""What was odd in a reply as a whole, in sentences for the strip above every page."""

from dataclasses import dataclass

from webapp.sentences import N_, Sentence

MISSING = N_(
    "%(missing)s of %(known)s meters were missing from the last reply; their last good values are shown."
)
ZEROED = Sentence("The last reply said ₹0 for nearly every meter at once; the last good balances are shown.")
FUTURE = N_(
    "The last reply had times in the future for %(meters)s; those rows were kept apart. "
    "The server's clock, or the time zone in its profile, is wrong."
)
OLD = N_("The last reply was older than what we hold for %(meters)s; it was not taken.")
NOTHING_NEW = Sentence("The last reply brought nothing new.")


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

    def remarks(self) -> list[Sentence]:
        said = []
        if self.named < self.known:
            said.append(Sentence(MISSING, missing=self.known - self.named, known=self.known))
        if self.zeroed:
            said.append(ZEROED)
        if self.future:
            said.append(Sentence(FUTURE, meters=_meters(self.future)))
        if self.old:
            said.append(Sentence(OLD, meters=_meters(self.old)))
        elif self.named and not self.newer and not self.is_first:
            said.append(NOTHING_NEW)
        return said


def _meters(count: int) -> Sentence:
    return Sentence("1 meter") if count == 1 else Sentence("%(n)s meters", n=count)
