"""Compressed replies: we ask for none, and read those that come, within bounds."""

import zlib
from contextlib import suppress

LARGEST_REPLY = 32 * 1024 * 1024  # ten thousand meters are 2 MB

_GZIP_BEGINS = b"\x1f\x8b"
_JSON_BEGINS = (b"{", b"[")
_GZIP = 31
_DEFLATES = (15, -15)  # zlib's, and the bare stream that some servers call deflate


def unpacked(body: bytes, coding: str) -> bytes | None:
    """The whole body, or None where it is larger than LARGEST_REPLY, or broken.

    Servers and what stands before them lie about Content-Encoding, so gzip is known by its first
    bytes, and what is not packed after all is taken as it is.
    """
    if body.startswith(_GZIP_BEGINS):
        return _opened(body, _GZIP)
    if coding.strip().casefold() == "deflate" and not body.lstrip().startswith(_JSON_BEGINS):
        for window in _DEFLATES:
            with suppress(zlib.error):
                return _opened(body, window, strict=True)
    return body


def _opened(body: bytes, window: int, *, strict: bool = False) -> bytes | None:
    """Raises zlib.error where it is broken and ``strict``."""
    packed = zlib.decompressobj(window)
    try:
        whole = packed.decompress(body, LARGEST_REPLY + 1)
    except zlib.error:
        if strict:
            raise
        return None
    return whole if packed.eof and len(whole) <= LARGEST_REPLY else None
