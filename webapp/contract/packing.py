"""Compressed replies: we ask for none, and read those that come, within bounds."""

import zlib
from contextlib import suppress

LARGEST_REPLY = 32 * 1024 * 1024  # ten thousand meters are 2 MB

# 47 is gzip or zlib, whichever it is; -15 the bare stream that some servers call deflate.
_WINDOWS = {"gzip": (47,), "x-gzip": (47,), "deflate": (47, -15)}


def unpacked(body: bytes, coding: str) -> bytes | None:
    """The body by its Content-Encoding; None where it is larger than LARGEST_REPLY, or broken."""
    coding = coding.strip().casefold()
    if coding in ("", "identity"):
        return body
    for window in _WINDOWS.get(coding, ()):
        with suppress(zlib.error):
            whole = zlib.decompressobj(window).decompress(body, LARGEST_REPLY + 1)
            return whole if len(whole) <= LARGEST_REPLY else None
    return None
