"""Passwords, kept as argon2 has them."""

import secrets
from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

_hasher = PasswordHasher()


def _nobodys() -> str:
    """A hash that no password has, of the same cost; made of chance, since hashing takes a sign-in's time."""

    def chance(bytes_: int) -> str:
        return b64encode(secrets.token_bytes(bytes_)).decode().rstrip("=")

    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v=19${cost}${chance(_hasher.salt_len)}${chance(_hasher.hash_len)}"


NOBODYS = _nobodys()


def hashed(password: str) -> str:
    return _hasher.hash(password)


def is_right(password_hash: str, password: str) -> bool:
    """Where there is no hash ('' for nobody), a wrong password takes as long as it always does."""
    try:
        return _hasher.verify(password_hash or NOBODYS, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
