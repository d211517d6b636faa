"""How a company wants to be convinced that it is us who ask."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from webapp.contract.tables import ProfileError, only_keys, table, text

# Which keys each kind needs beside ``kind`` itself: all of them, and no others.
KINDS: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "header": ("name", "secret_env"),
    "query": ("name", "secret_env"),
    "basic": ("username", "secret_env"),
    "bearer": ("secret_env",),
}
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


class SecretMissing(LookupError):  # noqa: N818
    """The environment does not hold the secret; ``str()`` is a sentence that names the variable."""


@dataclass(frozen=True)
class Auth:
    """Holds only the *name* of the environment variable: the secret is read at each call."""

    kind: str = "none"
    name: str = ""  # of the header or of the query's parameter
    username: str = ""
    secret_env: str = ""

    @classmethod
    def from_mapping(cls, value: object) -> Self:
        """The profile's ``auth`` table. Raises ProfileError."""
        given = table(value, "auth")
        kind = given.get("kind", "none")
        if not isinstance(kind, str) or kind not in KINDS:
            raise ProfileError(f"“auth.kind” in the profile must be one of {', '.join(KINDS)}.")
        only_keys(given, ("kind", *KINDS[kind]), f"auth of kind {kind}")
        auth = cls(kind, **{key: text(given.get(key), f"auth.{key}") for key in KINDS[kind]})
        if kind == "header" and not _HEADER_NAME.fullmatch(auth.name):
            raise ProfileError("“auth.name” in the profile must be the name of an HTTP header.")
        return auth

    def secret(self, secrets: Mapping[str, str] = os.environ) -> str:
        """What the named variable holds now, without the line end that files leave on it.

        '' for kind none. Raises SecretMissing where it is unset, blank or not a line of text.
        """
        if self.kind == "none":
            return ""
        secret = secrets.get(self.secret_env, "").strip()
        if not secret or not secret.isprintable():
            raise SecretMissing(
                f"The variable {self.secret_env}, which should hold this meter server's secret, is not set."
            )
        return secret
