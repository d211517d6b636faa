"""The word by which a reply says yes, not yet or no (contract, reading 2)."""

import re
from collections.abc import Mapping

YES = "success"
PENDING = "waiting"
NO = "error"

_WORDS = {
    YES: "success successful succeeded ok done completed",
    PENDING: "waiting pending queued processing inprogress accepted submitted",
    NO: "error fail failed failure refused rejected declined denied invalid notfound",
}
_OUTCOMES: Mapping[str, str] = {word: outcome for outcome, words in _WORDS.items() for word in words.split()}
_BETWEEN = re.compile(r"[\W_]+")
# A refusal in such words speaks of an act that may have happened, or has.
_MAY_HAVE_ACTED = re.compile(
    r"\btim(?:ed?|ing)[ -]?out\b"
    r"|\b(?:may|might|could|will|shall)\s+(?:\w+\s+){0,2}be\s+(?:\w+\s+)?(?:credited|recharged|updated|processed)\b"
    r"|\balready\s+(?:\w+\s+)?(?:credited|recharged)\b",
    re.IGNORECASE,
)


def outcome_of(word: str) -> str | None:
    """Return YES, PENDING or NO; None for a word that is none of those we know.

    Case, spaces and punctuation are not compared.
    """
    return _OUTCOMES.get(_BETWEEN.sub("", word).casefold())


def speaks_of_an_act(words: str) -> bool:
    """Return whether a refusal's own words leave open that the command was carried out all the same."""
    return bool(_MAY_HAVE_ACTED.search(words))
