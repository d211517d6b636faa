"""How a company wants to be convinced that it is us who ask."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from webapp.contract.tables import ProfileError, only_keys, table, text
from webapp.sentences import Sentence

# Which keys each kind needs beside ``kind`` itself: all of them, and no others.
KINDS: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "header": ("name", "secret_env"),
    "query": ("name", "secret_env"),
    "basic": ("username", "secret_env"),
    "bearer": ("secret_env",),
}
SEALED = ""  # where ``secrets`` holds a secret that is kept sealed with the server: no variable is called so
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


class SecretMissing(LookupError):  # noqa: N818
    """The secret is not there; ``str()`` is a sentence that names the variable that should hold it."""


@dataclass(frozen=True)
class Auth:
    """Holds no secret, only where it is: in a variable of the environment, or sealed with the server.

    It is looked up at each call.
    """

    kind: str = "none"
    name: str = ""  # of the header or of the query's parameter
    username: str = ""
    secret_env: str = ""
    sealed: bool = False

    @classmethod
    def from_mapping(cls, value: object) -> Self:
        """The profile's ``auth`` table. Raises ProfileError."""
        given = table(value, "auth")
        kind = given.get("kind", "none")
        if not isinstance(kind, str) or kind not in KINDS:
            one_of = Sentence(
                "“%(key)s” in the profile must be one of %(known)s.", key="auth.kind", known=", ".join(KINDS)
            )
            raise ProfileError(one_of)
        sealed = given.get("sealed", False)
        if not isinstance(sealed, bool):
            raise ProfileError(Sentence("“%(key)s” in the profile must be true or false.", key="auth.sealed"))
        auth = cls._of_kind(kind, sealed, given)
        if kind == "header" and not _HEADER_NAME.fullmatch(auth.name):
            raise ProfileError(Sentence("“auth.name” in the profile must be the name of an HTTP header."))
        return auth

    @classmethod
    def _of_kind(cls, kind: str, sealed: bool, given: Mapping[str, object]) -> Self:
        needed = tuple(key for key in KINDS[kind] if not (sealed and key == "secret_env"))
        allowed = ("kind", *needed, "sealed") if kind != "none" else ("kind",)
        only_keys(given, allowed, f"auth of kind {kind}")
        return cls(kind, sealed=sealed, **{key: text(given.get(key), f"auth.{key}") for key in needed})

    def to_mapping(self) -> dict[str, object]:
        """What ``from_mapping`` takes to make it again."""
        said: dict[str, object] = {key: getattr(self, key) for key in ("kind", *KINDS[self.kind])}
        said |= {"sealed": self.sealed}
        return {key: value for key, value in said.items() if value}

    def secret(self, secrets: Mapping[str, str] = os.environ) -> str:
        """What the named variable holds now (or SEALED), without the line end that files leave on it.

        '' for kind none. Raises SecretMissing where it is unset, blank or not a line of text.
        """
        if self.kind == "none":
            return ""
        secret = secrets.get(SEALED if self.sealed else self.secret_env, "").strip()
        if not secret or not secret.isprintable():
            raise SecretMissing(self._missing())
        return secret

    def _missing(self) -> Sentence:
        if self.sealed:
            return Sentence("This meter server's secret is not known here: a manager enters it on its page.")
        return Sentence(
            "The variable %(name)s, which should hold this meter server's secret, is not set.",
            name=self.secret_env,
        )
