"""One operation as one company spells it: a path, and our names → theirs."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self

from webapp.contract.envelope import folded
from webapp.contract.operations import Operation
from webapp.contract.tables import ProfileError, only_keys, table, text
from webapp.sentences import N_, Sentence

_INTO_AN_OBJECT = re.compile(r"\w\.\w|[\[\]]")


@dataclass(frozen=True)
class Spelling:
    """``path`` is under the base URL; ``params`` are asked for, ``fields`` are answered."""

    path: str
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def from_mapping(cls, operation: Operation, value: object) -> Self:
        """``operations.<name>`` of a society file. Raises ProfileError."""
        where = f"operations.{operation.name}"
        given = table(value, where)
        only_keys(given, ("path", "params", "fields"), where)
        spelling = cls(
            path=_path(given.get("path", operation.path), f"{where}.path"),
            params=_names(given.get("params", {}), operation.params, f"{where}.params"),
            fields=_names(given.get("fields", {}), operation.fields, f"{where}.fields"),
        )
        _each_its_own(spelling.asked(operation), f"{where}.params")
        # A reply's keys are read tolerant of case, spaces and underscores.
        _each_its_own(
            {our: folded(their) for our, their in spelling.answered(operation).items()}, f"{where}.fields"
        )
        for our, their in spelling.fields.items():
            if _INTO_AN_OBJECT.search(their):
                key = f"{where}.fields.{our}"
                said = Sentence("“%(key)s” in the profile must be one key, no path of keys.", key=key)
                raise ProfileError(said)
        return spelling

    def asked(self, operation: Operation) -> dict[str, str]:
        """Each of the operation's inputs → what this company calls it."""
        return {our: self.params.get(our, our) for our in operation.params}

    def answered(self, operation: Operation) -> dict[str, str]:
        """Each of the operation's fields → what this company calls it."""
        return {our: self.fields.get(our, our) for our in operation.fields}

    def to_mapping(self, operation: Operation) -> dict[str, object]:
        """What ``from_mapping`` takes, without what the contract says already."""
        path = {"path": self.path} if self.path != operation.path else {}
        return path | {
            key: dict(names) for key, names in (("params", self.params), ("fields", self.fields)) if names
        }


def _path(value: object, where: str) -> str:
    path = text(value, where)
    if "#" in path or "://" in path:
        raise ProfileError(Sentence("“%(key)s” in the profile must be a path under the base URL.", key=where))
    return path


def _names(value: object, ours: Collection[str], where: str) -> Mapping[str, str]:
    given = table(value, where)
    only_keys(given, ours, where)
    return MappingProxyType({our: text(theirs, f"{where}.{our}") for our, theirs in given.items()})


def _each_its_own(names: Mapping[str, str], where: str) -> None:
    """Raises ProfileError where two of our names are one of theirs: one value cannot be both."""
    owners: dict[str, str] = {}
    for our, their in names.items():
        if their in owners:
            said = N_("“%(key)s” in the profile has “%(one)s” and “%(other)s” under one name.")
            raise ProfileError(Sentence(said, key=where, one=owners[their], other=our))
        owners[their] = our
