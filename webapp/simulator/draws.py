"""Chance that is a function: the same key always draws the same numbers."""

import hashlib
import struct

COUNT = 16


def draws(*key: object) -> tuple[float, ...]:
    """COUNT numbers in [0, 1) that depend on the key alone, on every machine and in every run."""
    digest = hashlib.blake2b(repr(key).encode(), digest_size=4 * COUNT).digest()
    return tuple(number / 2**32 for number in struct.unpack(f"<{COUNT}I", digest))


def between(draw: float, low: float, high: float) -> float:
    """A draw stretched over [low, high)."""
    return low + draw * (high - low)
