"""In what a reply deviates from the contract, and how we read it all the same, for whoever tries a server."""

from collections import Counter
from collections.abc import Mapping

from webapp.contract.wording import LONGEST_QUOTE, sentence
from webapp.quantities import spelled

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

    def _sentence(self, kind: str, rows: int) -> str:
        example = f" ({self._examples[kind]})" if self._examples[kind] else ""
        share = f", in {self._counts[kind]} of {rows} rows" if rows and kind not in OF_THE_WHOLE else ""
        return f"{kind}{example}{share}."


# Kinds that are of the whole reply and of none of its rows.
HTTP_STATUS = "It answered with another HTTP status than 200"
CONTENT_TYPE = "It does not call its answer JSON; we read it as JSON"
BYTE_ORDER_MARK = "Its answer begins with a byte-order mark"
NOT_UTF8 = "Its answer is not written in UTF-8"
COMMENTS = "Its answer is JSON with comments, trailing commas or leading noughts"
NEARLY_JSON = "Its answer is JavaScript rather than JSON"
ENVELOPE_KEY = "A key around its data is spelled otherwise than in the contract"
ONE_OBJECT = "It sent a single object where a list belongs"
ONE_IN_A_LIST = "It sent a list where a single object belongs"
DEEPER = "Its data lies one level deeper than in the contract"
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
SWAPPED = "“reading” and “date_time” stand in each other’s place; we put them right"


def quoted(value: object) -> str:
    """An example as the server spelled it."""
    return sentence(f"“{spelled(value)}”", LONGEST_QUOTE)


def missing(field: str) -> str:
    return f"“{field}” is missing"


def other_key(field: str) -> str:
    return f"“{field}” has another key"


def other_time(field: str) -> str:
    return f"“{field}” is not written as YYYY-MM-DD HH:mm:ss"


def with_unit(field: str) -> str:
    return f"“{field}” is written with its unit"


def doubted(quantity: str) -> str:
    return f"“{quantity}” cannot be read"
