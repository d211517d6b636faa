"""What a list would change: row by row, before anything is done. Pure.

Whoever is named in the list is somebody known where the name and the address, the name and the phone,
or the name and the unit are theirs; else where the address is, or the phone in this very unit (then the
name is what changed); else they are new. Names of people who sign in themselves stay theirs.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from webapp.people.lists.plans import Home, Person, Plan, Step
from webapp.people.lists.rows import Row
from webapp.people.rules import NotSoError, Problem, check_span


def plan(
    rows: Sequence[Row], people: Iterable[Person], units: Iterable[str], today: date, is_complete: bool
) -> Plan:
    """What the list would change today. ``is_complete``: who is missing in a unit it names has left it."""
    units = list(units)
    rows = _as_spelled(rows, units)
    planner = _Planner(people, units, today)
    planner.take(rows)
    if is_complete:
        planner.clear_out(rows)
    return planner.plan


def _as_spelled(rows: Iterable[Row], units: Iterable[str]) -> list[Row]:
    """“a - 101” is the unit that is called “A-101” already; but a unit called just so comes first, and
    what could be one unit or another is neither."""
    known, alike = set(units), defaultdict[str, list[str]](list)
    for unit in known:
        alike[_folded(unit)].append(unit)
    return [_spelled(row, known, alike) for row in rows]


def _spelled(row: Row, known: set[str], alike: dict[str, list[str]]) -> Row:
    if row.unit in known:
        return row
    found = alike[_folded(row.unit)]
    if not found:
        found.append(row.unit)
    if len(found) == 1:
        return replace(row, unit=found[0])
    one, other, *_ = sorted(found)
    return replace(row, problem=row.problem or Problem("row_unit_alike", {"one": one, "other": other}))


def _folded(unit: str) -> str:
    """Without case, and without blanks but between two digits or two letters: “11 1” is not “1 11”."""
    bare = re.sub(r"\s*([^\w\s])\s*", r"\1", " ".join(unit.casefold().split()))
    return re.sub(r"(?<=\d) (?=[^\W\d])|(?<=[^\W\d]) (?=\d)", "", bare)


class _Planner:
    def __init__(self, people: Iterable[Person], units: Iterable[str], today: date) -> None:
        self.plan, self.today = Plan(), today
        self.people = list(people)
        self.units = set(units)
        self.said: dict[tuple[object, ...], int] = {}  # rows already seen, and their line
        self.claims: dict[int, Row] = {}  # by the place of a person, the first row that named them
        self.stays: dict[tuple[int, str], Row] = {}  # the first row of a person in a unit
        self.places: dict[tuple[str, str, str], int] = {}
        self.loosely: dict[tuple[str, str, str], int] = {}
        self.in_unit: dict[str, set[int]] = defaultdict(set)
        for place, person in enumerate(self.people):
            self._index(place, person)

    def _index(self, place: int, person: Person) -> None:
        name = person.name.casefold()
        units = {home.unit for home in person.homes}
        for unit in units:
            self.in_unit[unit].add(place)
        exact = [("email", email, name) for email in person.emails]
        exact += [("phone", person.phone, name)] if person.phone else []
        for key in [*exact, *(("unit", unit, name) for unit in units)]:
            self.places.setdefault(key, place)
        if person.id is not None:
            for email in person.emails:
                self.loosely.setdefault(("email", email, ""), place)
            for unit in units if person.phone else ():
                self.loosely.setdefault(("phone", person.phone, unit), place)

    def take(self, rows: Sequence[Row]) -> None:
        """Exact matches claim their person first, so that a new name is no theft of somebody's row."""
        exact = {row.line: self._exactly(row) for row in rows if not row.problem and row.name}
        taken = {place for place in exact.values() if place is not None}
        for row in rows:
            self.plan.steps.append(self._step(row, taken))

    def _exactly(self, row: Row) -> int | None:
        name = row.name.casefold()
        for key in (("email", row.email, name), ("phone", row.phone, name)):
            if key[1] and key in self.places:
                return self.places[key]
        place = self.places.get(("unit", row.unit, name))
        return place if place is not None and not self._is_another(self.people[place], row) else None

    def _is_another(self, person: Person, row: Row) -> bool:
        """Somebody of the same name came into a home that the one we know has left."""
        stays = [home for home in person.homes if home.unit == row.unit]
        if any(home.until is None or home.until > self.today for home in stays):
            return False
        if row.since and any(home.overlaps(row.since, row.until) for home in stays):
            return False
        other_phone = bool(row.phone and person.phone and row.phone != person.phone)
        return other_phone or bool(row.email and person.emails and row.email not in person.emails)

    def _roughly(self, row: Row, taken: set[int]) -> int | None:
        for key in (("email", row.email, ""), ("phone", row.phone, row.unit)):
            place = self.loosely.get(key) if key[1] else None
            if place is not None and place not in taken and place not in self.claims:
                return place
        return None

    def _step(self, row: Row, taken: set[int]) -> Step:
        step = Step(row.line, row.unit, row.name, problem=row.problem)
        if row.problem:
            return step
        if row.says in self.said:
            return replace(step, does=("repeat",), was=str(self.said[row.says]))
        self.said[row.says] = row.line
        try:
            return self._unit_step(step, row) if not row.name else self._person_step(step, row, taken)
        except NotSoError as error:
            return replace(step, problem=error.problem)

    def _unit_step(self, step: Step, row: Row) -> Step:
        return replace(step, does=self._unit(row.unit) or ("unit_there",))

    def _unit(self, unit: str) -> tuple[str, ...]:
        if unit in self.units:
            return ()
        self.units.add(unit)
        self.plan.units.append(unit)
        return ("new_unit",)

    def _person_step(self, step: Step, row: Row, taken: set[int]) -> Step:
        """Raises NotSoError, and has changed nothing then."""
        self._check_days(row)
        place = self._exactly(row)
        place = self._roughly(row, taken) if place is None else place
        if place is None:
            home = Home(row.unit, row.since or self.today, row.until)
            self._newcomer(row, home)
            return replace(step, does=(*self._unit(row.unit), "new_resident"), on=home.since)
        person, first = self.people[place], self.claims.get(place)
        if first and (first.name.casefold(), first.phone, first.email) != (
            row.name.casefold(), row.phone, row.email,
        ):  # fmt: skip
            raise NotSoError("row_contradicts", line=first.line)
        stay = self.stays.setdefault((place, row.unit), row)
        if stay is not row and not (stay.since and row.since):  # two stretches of one home need their days
            raise NotSoError("row_contradicts", line=stay.line)
        moves, on = self._moves(place, row)
        self.claims.setdefault(place, row)
        changes, was = self._details(person, row) if first is None else ((), "")
        if changes and not person.signs_in:  # further rows of the list call them so, too
            emails = (row.email, *person.emails) if row.email else person.emails
            self._index(place, replace(person, name=row.name, phone=row.phone or person.phone, emails=emails))
        new_unit = self._unit(row.unit)
        return replace(step, does=(*new_unit, *moves, *changes) or ("there",), was=was, on=on)

    def _check_days(self, row: Row) -> None:
        if row.since:
            check_span(row.since, row.until, self.today)

    def _newcomer(self, row: Row, home: Home) -> None:
        check_span(home.since, home.until, self.today)
        person = Person(None, row.name, row.phone, (row.email,) if row.email else (), homes=[home])
        self.people.append(person)
        self.plan.newcomers.append(person)
        place = len(self.people) - 1
        self.claims[place] = self.stays[place, home.unit] = row
        self._index(place, person)

    def _moves(self, place: int, row: Row) -> tuple[tuple[str, ...], date | None]:
        """Where the row says that they live, beside where they do. Raises NotSoError."""
        person = self.people[place]
        there = [home for home in person.homes if home.unit == row.unit]
        if row.until and any(home.until == row.until for home in there):
            return (), None
        since = row.since or self.today
        if row.until and row.since is None:
            meeting = [home for home in there if home.until is None]
        else:
            meeting = [home for home in there if home.overlaps(since, row.until)]
        if not meeting:
            return self._arrive(place, row, since)
        home = meeting[0]
        if row.until is None:
            return (), None
        if home.until is not None or home.id is None or person.id is None:
            raise NotSoError("row_overlaps", since=str(home.since), until=str(home.until or "…"))
        check_span(home.since, row.until, self.today)
        person.homes[person.homes.index(home)] = replace(home, until=row.until)
        self.plan.departures.append((home.id, person.id, row.until))
        return ("moves_out",), row.until

    def _arrive(self, place: int, row: Row, since: date) -> tuple[tuple[str, ...], date | None]:
        if row.since is None and row.until is not None and row.until <= self.today:
            raise NotSoError("until_without_since")
        check_span(since, row.until, self.today)
        person, home = self.people[place], Home(row.unit, since, row.until)
        person.homes.append(home)
        self.in_unit[row.unit].add(place)
        if person.id is not None:
            self.plan.arrivals.append((person.id, home))
        return ("moves_in",), since

    def _details(self, person: Person, row: Row) -> tuple[tuple[str, ...], str]:
        renamed = bool(row.name) and row.name != person.name
        rephoned = bool(row.phone) and row.phone != person.phone
        readdressed = bool(row.email) and row.email not in person.emails
        if person.id is None or not (renamed or rephoned or readdressed):
            return (), ""
        if person.signs_in:
            return ("keeps_own",), person.name
        does = {"renamed": renamed, "rephoned": rephoned, "readdressed": readdressed}
        was = person.name if renamed else person.phone if rephoned else ""
        self.plan.details.append((person.id, row.name, row.phone or person.phone, row.email))
        return tuple(name for name, is_so in does.items() if is_so), was

    def clear_out(self, rows: Sequence[Row]) -> None:
        """Who lives in a unit that the list names, and is not in the list, leaves; where a row of the
        unit has a problem nobody does: it may be theirs."""
        if any(row.problem and not row.unit_is_read for row in rows):
            return
        named = {row.unit for row in rows if row.name}
        doubtful = {step.unit for step in self.plan.steps if step.problem}
        for unit in sorted(named - doubtful):
            claimed = {place for place in self.in_unit[unit] if place in self.claims}
            comings = [
                home.since
                for place in self.in_unit[unit]
                for home in self.people[place].homes
                if home.unit == unit and home.id is None
            ]
            for place in sorted(self.in_unit[unit] - claimed):
                self._leave(self.people[place], unit, comings)

    def _leave(self, person: Person, unit: str, comings: Sequence[date]) -> None:
        for home in person.homes:
            on = min((day for day in comings if day > home.since), default=self.today)
            if home.unit == unit and home.until is None and home.id and person.id and home.since < on:
                self.plan.departures.append((home.id, person.id, on))
                self.plan.steps.append(Step(0, unit, person.name, ("leaves",), on=on))
