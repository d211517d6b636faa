"""A profile: how one meter company spells the contract. Data, not code (contract, reading 1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, Self, cast
from zoneinfo import ZoneInfo

from webapp.contract.auth import Auth
from webapp.contract.operations import OPERATIONS
from webapp.contract.spelling import Spelling
from webapp.contract.tables import ProfileError, only_keys, table, text
from webapp.sentences import Sentence

__all__ = ["Auth", "Profile", "ProfileError", "Spelling"]

Encoding = Literal["form", "json", "query"]
LoadUnit = Literal["kW", "W"]
FuelUnit = Literal["litre", "percent"]

# What frames or describes the request itself; “Authorization” may be a company's own.
OUR_HEADERS = frozenset(
    (
        "accept",
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "transfer-encoding",
    )
)


@dataclass(frozen=True)
class Profile:
    """``Profile()`` is the default one: the contract's own spelling, form bodies, no authentication."""

    encoding: Encoding = "form"  # of a POST's inputs
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Kolkata"))
    load_unit: LoadUnit = "kW"
    fuel_unit: FuelUnit = "litre"
    auth: Auth = field(default_factory=Auth)
    recharge_success_is_final: bool = True
    operations: Mapping[str, Spelling | None] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object]) -> Self:
        """The table ``[meter_servers.profile]`` of a society file, every key optional.

        Raises ProfileError, one sentence that names the key, for an unknown key or a bad value.
        """
        given = table(mapping, "profile")
        only_keys(given, cls.__dataclass_fields__, "profile")
        profile = cls(
            encoding=cast(Encoding, _one_of(given, "encoding", ("form", "json", "query"))),
            timezone=_zone(given.get("timezone", "Asia/Kolkata")),
            load_unit=cast(LoadUnit, _one_of(given, "load_unit", ("kW", "W"))),
            fuel_unit=cast(FuelUnit, _one_of(given, "fuel_unit", ("litre", "percent"))),
            auth=Auth.from_mapping(given.get("auth", {})),
            recharge_success_is_final=_switch(given, "recharge_success_is_final", default=True),
            operations=_operations(given.get("operations", {})),
        )
        profile._check_auth()
        return profile

    def to_mapping(self) -> dict[str, object]:
        """What ``from_mapping`` takes to make this profile, without what is the default's; fit for JSON."""
        settings: dict[str, object] = {
            name: getattr(self, name)
            for name in ("encoding", "load_unit", "fuel_unit", "recharge_success_is_final")
            if getattr(self, name) != getattr(DEFAULT, name)
        }
        if self.timezone != DEFAULT.timezone:
            settings["timezone"] = self.timezone.key
        if self.auth != DEFAULT.auth:
            settings["auth"] = self.auth.to_mapping()
        operations = {
            name: spelling.to_mapping(OPERATIONS[name]) if spelling else False
            for name, spelling in self.operations.items()
        }
        changed = {name: value for name, value in operations.items() if value != {}}
        return settings | ({"operations": changed} if changed else {})

    def _check_auth(self) -> None:
        """Raises ProfileError where the secret would take the place of something else."""
        if self.auth.kind == "header" and self.auth.name.casefold() in OUR_HEADERS:
            said = Sentence("“auth.name” in the profile is a header that every request has already.")
            raise ProfileError(said)
        for name, operation in OPERATIONS.items():
            spelling = self.spelling(name)
            if (
                self.auth.kind == "query"
                and spelling
                and self.auth.name in spelling.asked(operation).values()
            ):
                said = Sentence("“auth.name” in the profile is also an input of “%(name)s”.", name=name)
                raise ProfileError(said)

    def offers(self, operation_name: str) -> bool:
        """Whether this company answers the operation; its buttons are shown only then."""
        return self.spelling(operation_name) is not None

    def spelling(self, operation_name: str) -> Spelling | None:
        """How this company spells the operation; None where it does not offer it."""
        if operation_name in self.operations:
            return self.operations[operation_name]
        return Spelling(OPERATIONS[operation_name].path)


DEFAULT = Profile()


def _operations(value: object) -> Mapping[str, Spelling | None]:
    given = table(value, "operations")
    only_keys(given, OPERATIONS, "operations")
    return MappingProxyType(
        {
            name: None if spelled is False else Spelling.from_mapping(OPERATIONS[name], spelled)
            for name, spelled in given.items()
            if spelled is not True
        }
    )


def _one_of(given: Mapping[str, object], key: str, choices: tuple[str, ...]) -> str:
    value = given.get(key, choices[0])
    if value not in choices:
        known = ", ".join(choices)
        raise ProfileError(
            Sentence("“%(key)s” in the profile must be one of %(known)s.", key=key, known=known)
        )
    return str(value)


def _switch(given: Mapping[str, object], key: str, *, default: bool) -> bool:
    value = given.get(key, default)
    if not isinstance(value, bool):
        raise ProfileError(Sentence("“%(key)s” in the profile must be true or false.", key=key))
    return value


def _zone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(text(value, "timezone"))
    except (KeyError, OSError, ValueError) as error:
        said = Sentence("“timezone” in the profile must name a zone such as Asia/Kolkata.")
        raise ProfileError(said) from error
