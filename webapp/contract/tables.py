"""Reading the tables of a profile strictly, with sentences that name the key."""

from collections.abc import Collection, Mapping

from webapp.sentences import N_, Sentence

LONGEST = 200


class ProfileError(ValueError):
    """The profile cannot be used; ``str()`` is one sentence for whoever wrote it."""


def table(value: object, where: str) -> Mapping[str, object]:
    """The value as a table with text keys. Raises ProfileError."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ProfileError(Sentence("“%(key)s” in the profile must be a table.", key=where))
    return value


def only_keys(given: Collection[str], known: Collection[str], where: str) -> None:
    """Raises ProfileError for the first key that is not a known one."""
    for key in given:
        if key not in known:
            said = N_("“%(key)s” is unknown in “%(table)s”; known are %(known)s.")
            raise ProfileError(Sentence(said, key=key, table=where, known=", ".join(known)))


def text(value: object, where: str) -> str:
    """The value as a line of printable text. Raises ProfileError."""
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST or not value.isprintable():
        raise ProfileError(Sentence("“%(key)s” in the profile must be a short text.", key=where))
    return value.strip()
