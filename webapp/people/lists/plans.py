"""A plan: who somebody is, where they live, what a row does, and all of it together. Pure values."""

import hashlib
from dataclasses import dataclass, field
from datetime import date

import msgspec

from webapp.people.rules import Problem


@dataclass(frozen=True)
class Home:
    """A stretch of living in a unit; ``id`` where it is known already."""

    unit: str
    since: date
    until: date | None = None
    id: int | None = None

    def overlaps(self, since: date, until: date | None) -> bool:
        return (until is None or self.since < until) and (self.until is None or since < self.until)


@dataclass
class Person:
    """Somebody of the society, or somebody new: without an id."""

    id: int | None
    name: str
    phone: str
    emails: tuple[str, ...]
    signs_in: bool = False
    homes: list[Home] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """What a row does: kinds of DOES, or its problem. ``line`` is 0 for who is not in the list."""

    line: int
    unit: str
    name: str
    does: tuple[str, ...] = ()
    was: str = ""  # the name or phone that changes
    on: date | None = None
    problem: Problem | None = None

    @property
    def kind(self) -> str:
        """problem, new, change or same."""
        if self.problem:
            return "problem"
        found = {DOES[each] for each in self.does}
        return next(kind for kind in ("new", "change", "same") if kind in found)


DOES = {
    "new_unit": "new", "new_resident": "new", "moves_in": "change", "moves_out": "change", "leaves": "change",
    "renamed": "change", "rephoned": "change", "readdressed": "change", "keeps_own": "same", "there": "same",
    "unit_there": "same", "repeat": "same",
}  # fmt: skip


@dataclass
class Plan:
    """The steps as they are shown, and the same as it is done."""

    steps: list[Step] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    newcomers: list[Person] = field(default_factory=list)
    arrivals: list[tuple[int, Home]] = field(default_factory=list)
    departures: list[tuple[int, int, date]] = field(default_factory=list)  # home id, user id, until
    details: list[tuple[int, str, str, str]] = field(default_factory=list)  # user id, name, phone, address

    @property
    def hash(self) -> str:
        """The same for the same doings: what was looked at is what is done."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()

    @property
    def effective(self) -> int:
        """Rows that change something."""
        return sum(step.kind in ("new", "change") for step in self.steps)

    def count(self, kind: str) -> int:
        return sum(step.kind == kind for step in self.steps)
