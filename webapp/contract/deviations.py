"""In what a reply deviates from the contract, and how we read it all the same, for whoever tries a server."""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from webapp.contract.wording import LONGEST_QUOTE, sentence
from webapp.quantities import spelled
from webapp.sentences import Sentence

MOST_KINDS = 30


class Deviations:
    """One reply's, each kind once: how many rows have it, and the first example of it.

    ``losses`` are those by which rows were lost or not as announced; the others only say how this
    company spells the contract, and cost nothing.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._examples: dict[str, str] = {}
        self.losses: tuple[str, ...] = ()

    def of_a_row(self, found: Mapping[str, str]) -> None:
        """What one row deviates in: kind → example."""
        for kind, example in found.items():
            self.note(kind, example)

    def note(self, kind: str, example: str = "", rows: int = 1) -> None:
        """``kind`` is a sentence without its end; a hostile reply has endless ones."""
        if kind in self._counts or len(self._counts) < MOST_KINDS:
            self._counts[kind] += rows
            self._examples.setdefault(kind, example)

    def sentences(self, rows: int = 0) -> tuple[str, ...]:
        """Losses first. ``rows`` is how many a list has; 0 for the reply of one row."""
        return (*self.losses, *(self._sentence(kind, rows) for kind in self._counts))

    def _sentence(self, kind: str, rows: int) -> Sentence:
        said, example = kind, self._examples[kind]
        if example:
            said = Sentence("%(kind)s (%(example)s)", kind=kind, example=example)
        if not rows or kind in OF_THE_WHOLE:
            return Sentence("%(said)s.", said=said)
        return Sentence("%(said)s, in %(n)s of %(rows)s rows.", said=said, n=self._counts[kind], rows=rows)


# Kinds that are of the whole reply and of none of its rows.
HTTP_STATUS = Sentence("It answered with another HTTP status than 200")
CONTENT_TYPE = Sentence("It does not call its answer JSON; we read it as JSON")
BYTE_ORDER_MARK = Sentence("Its answer begins with a byte-order mark")
NOT_UTF8 = Sentence("Its answer is not written in UTF-8")
COMMENTS = Sentence("Its answer is JSON with comments, trailing commas or leading noughts")
NEARLY_JSON = Sentence("Its answer is JavaScript rather than JSON")
ENVELOPE_KEY = Sentence("A key around its data is spelled otherwise than in the contract")
ONE_OBJECT = Sentence("It sent a single object where a list belongs")
ONE_IN_A_LIST = Sentence("It sent a list where a single object belongs")
DEEPER = Sentence("Its data lies one level deeper than in the contract")
OF_THE_WHOLE = frozenset(
    (
        HTTP_STATUS,
        CONTENT_TYPE,
        BYTE_ORDER_MARK,
        NOT_UTF8,
        COMMENTS,
        NEARLY_JSON,
        ENVELOPE_KEY,
        ONE_OBJECT,
        ONE_IN_A_LIST,
        DEEPER,
    )
)
SWAPPED = Sentence("“reading” and “date_time” stand in each other’s place; we put them right")


def quoted(value: object) -> str:
    """An example as the server spelled it."""
    return sentence(f"“{spelled(value)}”", LONGEST_QUOTE)


# A kind is made once for all the rows that deviate so.
@lru_cache(maxsize=256)
def missing(field: str) -> Sentence:
    return Sentence("“%(field)s” is missing", field=field)


@lru_cache(maxsize=256)
def other_key(field: str) -> Sentence:
    return Sentence("“%(field)s” has another key", field=field)


@lru_cache(maxsize=256)
def other_time(field: str) -> Sentence:
    return Sentence("“%(field)s” is not written as YYYY-MM-DD HH:mm:ss", field=field)


@lru_cache(maxsize=256)
def with_unit(field: str) -> Sentence:
    return Sentence("“%(field)s” is written with its unit", field=field)


@lru_cache(maxsize=256)
def doubted(quantity: str) -> Sentence:
    return Sentence("“%(field)s” cannot be read", field=quantity)
