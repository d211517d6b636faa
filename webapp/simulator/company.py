"""A meter company: how its server is asked and answers, as data beside its profile."""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from types import MappingProxyType

from webapp.contract.operations import Operation
from webapp.contract.profile import Profile
from webapp.quantities import MILLI_PLACES, plain

NUMBERS = frozenset(
    (
        *("dg", "grid", "balance", "amount", "reading", "fuel_balance"),
        *("old_start_dg", "old_end_dg", "old_start_grid", "old_end_grid", "new_start_dg", "new_start_grid"),
    )
)

Row = Mapping[str, object]


@dataclass(frozen=True, eq=False)
class Company:
    """How a company's server is asked and answers, beyond what a profile can say of it."""

    prefix: str = ""  # under which it answers; its profile's paths follow
    profile: Profile = field(default_factory=Profile)
    is_plain: bool = False  # speaks as the document does, and takes inputs from form, JSON and query alike
    refuses_with: int = 200  # a refusal may come under 200 or a 4xx (contract, reading 2)
    queue_s: float = 0  # how long each recharge waits before it is credited
    time_format: str = "%Y-%m-%d %H:%M:%S"
    # The document's words → theirs.
    words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    numbers_are_text: bool = True

    def path(self, operation: Operation) -> str:
        """Where it answers the operation, without the first slash."""
        spelling = self.profile.spelling(operation.name)
        return f"{self.prefix}/{spelling.path if spelling else operation.path}".lstrip("/")

    def understood(self, operation: Operation, given: Mapping[str, str]) -> dict[str, str]:
        """Inputs under their names as inputs under ours; what it does not know is left as it is."""
        ours = {their: our for our, their in self.params(operation).items()}
        known = ours.keys() | (given.keys() - set(operation.params))
        return {ours.get(name, name): value for name, value in given.items() if name in known}

    def said(self, operation: Operation, body: dict[str, object]) -> dict[str, object]:
        """A reply in the document's spelling as one in theirs."""
        data = body.get("data")
        if self.is_plain or not data:
            return body
        names = self.fields(operation)
        if isinstance(data, list):
            return {**body, "data": [self._row(names, row) for row in data]}
        return {**body, "data": self._row(names, data)} if isinstance(data, dict) else body

    def params(self, operation: Operation) -> Mapping[str, str]:
        """Each of the operation's inputs → what this company calls it."""
        spelling = self.profile.spelling(operation.name)
        return spelling.asked(operation) if spelling else {}

    def fields(self, operation: Operation) -> Mapping[str, str]:
        """Each of the operation's fields → what this company calls it."""
        spelling = self.profile.spelling(operation.name)
        return spelling.answered(operation) if spelling else {}

    def status_of(self, body: Row) -> int:
        """The HTTP status of a reply."""
        return 200 if body.get("status") in ("success", "waiting") else self.refuses_with

    def kilowatts(self, load: str) -> str:
        """A load in the profile's unit, as kW."""
        if self.profile.load_unit == "kW":
            return load
        return plain(int(load), MILLI_PLACES).rstrip("0").rstrip(".")

    @property
    def challenge(self) -> dict[str, str]:
        """The headers of a 401."""
        return (
            {"WWW-Authenticate": f'Basic realm="{self.prefix}"'} if self.profile.auth.kind == "basic" else {}
        )

    def admits(self, headers: Message, secrets: Mapping[str, str]) -> bool:
        """Whether a caller shows what the profile's ``auth`` asks for."""
        auth = self.profile.auth
        if auth.kind == "none":
            return True
        secret = secrets[auth.secret_env]
        name, shown = auth.name, secret
        if auth.kind == "basic":
            name, shown = "Authorization", f"Basic {b64encode(f'{auth.username}:{secret}'.encode()).decode()}"
        # The library reads headers as Latin-1, whatever they were written in.
        return hmac.compare_digest(headers.get(name, "").encode("latin-1"), shown.encode())

    def _row(self, names: Mapping[str, str], row: Row) -> dict[str, object]:
        return {names.get(our, our): self._value(our, value) for our, value in row.items()}

    def _value(self, name: str, value: object) -> object:
        if not isinstance(value, str):
            return value
        # Two decimals: the shortest spelling of such a float is the same number.
        return float(value) if name in NUMBERS and not self.numbers_are_text else self.words.get(value, value)
