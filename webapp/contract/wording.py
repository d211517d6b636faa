"""A meter server's text, made safe to keep and to show."""

import re
from collections.abc import Iterable

from webapp.sentences import Sentence

LONGEST_IDENTIFIER = 64
LONGEST_WORDS = 300
LONGEST_QUOTE = 40

# Controls, the marks that turn writing around, and what no database or JSON takes.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
LOST_LETTER = re.compile(r"[\ufffd\ud800-\udfff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def identifier(value: object, longest: int = LONGEST_IDENTIFIER) -> str | None:
    """A meter_no, unit_no, transaction id …: trimmed, without control characters; '' where blank.

    None where it is illegible: absurdly long, neither text nor a whole number, or with a letter that
    was lost on the way: two meters must not become one.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**longest else None
    if not isinstance(value, str):
        return "" if value is None else None
    bare = value.strip() if value.isprintable() else _CONTROL.sub("", value).strip()
    return bare if len(bare) <= longest and not LOST_LETTER.search(bare) else None


def sentence(value: object, longest: int = LONGEST_WORDS) -> str:
    """A server's free text on one line, cut; '' where it is not text."""
    if not isinstance(value, str):
        return ""
    # Cut twice: first so that a huge text costs nothing, then to length.
    bare = " ".join(_CONTROL.sub(" ", value[: longest * 20]).split())
    bare = _SURROGATE.sub("\ufffd", bare)
    return bare if len(bare) <= longest else bare[: longest - 1].rstrip() + "…"


def legible(said: Sentence) -> Sentence:
    """A sentence of ours into which a server's text was put as it came."""
    values = {
        name: sentence(value) if type(value) is str else value  # those of other kinds are ours
        for name, value in said.values.items()
    }
    return said if values == said.values else Sentence(said.template, **values)


def joined(texts: Iterable[object]) -> str:
    """The server's words as one line: what it repeats is said once."""
    said = dict.fromkeys(sentence(text) for text in texts)
    return sentence("; ".join(words for words in said if words))
