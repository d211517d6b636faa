"""Links that are a key: 256 bits of chance, of which we keep the hash only."""

import hashlib
import secrets

AT_MOST = 64


def fresh() -> tuple[str, str]:
    """A token and its hash."""
    token = secrets.token_urlsafe(32)
    return token, hash_of(token)


def hash_of(token: str) -> str:
    return hashlib.sha256(token[:AT_MOST].encode("utf-8", "surrogateescape")).hexdigest()
