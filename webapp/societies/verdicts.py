"""What the trial of a meter server means for whoever wants to work with it. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from webapp.sentences import N_, Sentence, kept, recalled

OK, REFUSED, UNREACHED, NOT_OFFERED, NOT_TRIED = "ok", "refused", "notsent", "not offered", "not tried"
UNANSWERED, UNREADABLE = "unanswered", "unreadable"

# The operations that only read, in words, as people know them.
WHAT: Mapping[str, str] = {
    "latest_readings": N_("All readings"),
    "meter_reading": N_("One meter's reading"),
    "recharge_status": N_("What became of a recharge"),
    "meter_changes": N_("Replaced meters"),
    "meter_status": N_("One meter's supply"),
    "dg_status": N_("Whether a generator runs"),
    "dg_fuel": N_("A generator's fuel"),
    "dg_reading": N_("A generator's register"),
}
# What is lost where one of them has no good answer.
LOST: Mapping[str, str] = {
    "meter_reading": N_("One meter cannot be read on demand; it is read with all the others."),
    "recharge_status": N_("What became of a recharge that waits cannot be asked: a person has to look."),
    "meter_changes": N_("Replaced meters are not told by themselves."),
    "meter_status": N_("A cut or a restore cannot be confirmed: a person has to look."),
    "dg_status": N_("Whether a generator runs stays unknown."),
    "dg_fuel": N_("A generator's fuel stays unknown."),
    "dg_reading": N_("What a generator made stays unknown."),
}
# A refusal that is an answer: no such recharge; no meter was replaced.
NO_IS_AN_ANSWER = frozenset({"recharge_status", "meter_changes"})


@dataclass(frozen=True)
class Tried:
    """One operation: its ``outcome``, how long it took, and in sentences what it said or deviates in."""

    operation: str
    outcome: str
    ms: int
    said: tuple[str, ...]
    meters: tuple[str, ...] = ()  # whose readings came
    about: str = ""  # the meter or generator that was asked about

    @property
    def is_good(self) -> bool:
        """It answered, or was not to be asked."""
        if self.outcome in (OK, NOT_OFFERED, NOT_TRIED):
            return True
        return self.outcome == REFUSED and self.operation in NO_IS_AN_ANSWER

    def packed(self) -> dict[str, Any]:
        """Fit for JSON, its sentences to be told in anybody's language."""
        said = [kept(each) for each in self.said]
        return {"operation": self.operation, "outcome": self.outcome, "ms": self.ms, "said": said,
                "meters": list(self.meters[:1]), "about": self.about}  # fmt: skip

    @classmethod
    def unpacked(cls, data: Mapping[str, Any]) -> Self:
        said = tuple(recalled(each) for each in data["said"])
        meters = tuple(data["meters"])
        return cls(data["operation"], data["outcome"], data["ms"], said, meters, data["about"])


@dataclass(frozen=True)
class Verdict:
    """Whether Meterdesk can work with the server, and what it will have to do without."""

    can_work: bool
    head: Sentence
    limits: tuple[Sentence, ...]


def verdict(rows: Sequence[Tried]) -> Verdict:
    readings = next((row for row in rows if row.operation == "latest_readings"), None)
    if readings is None or readings.outcome != OK:
        return Verdict(False, Sentence("We cannot work with it: its readings cannot be read."), ())
    limits = _limits([row.operation for row in rows if not row.is_good])
    if not readings.meters:
        return Verdict(True, Sentence("It answers, but names no meter yet."), limits)
    if limits:
        return Verdict(True, Sentence("We can work with it, but not in everything."), limits)
    return Verdict(True, Sentence("We can work with it."), ())


def _limits(without: Collection[str]) -> tuple[Sentence, ...]:
    return tuple(Sentence(lost) for name, lost in LOST.items() if name in without)
