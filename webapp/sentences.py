"""A sentence that is written down once and read in anybody's language. Knows no Flask and no database."""

import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, ClassVar, Self

from markupsafe import Markup, escape


def N_(sentence: str) -> str:  # noqa: N802 - the name by which the catalogue finds its sentences
    """The same sentence, found by ``make messages``: for tables of templates."""
    return sentence


class Sentence(str):
    """English that still knows its template and what was put into it: ``Sentence("%(n)s meters", n=3)``.

    It is a plain English string in logs, JSON, CSV and comparisons. A page, where what it shows is
    escaped, says it in the reader's language, whoever wrote it down and when. Values are text, whole
    numbers and other sentences; the template is a literal, so that the catalogue finds it by our name.
    """

    __slots__ = ("_kept", "template", "values")
    translator: ClassVar[Callable[[str], str]] = staticmethod(str)  # into the reader's; set at assembly

    template: str
    values: dict[str, Any]
    _kept: str  # a doubt that goes on is kept again at each poll

    def __new__(cls, template: str, /, **values: str | int) -> Self:
        made = super().__new__(cls, template % values if values else template)
        made.template, made.values = template, values
        return made

    def __str__(self) -> str:
        return self  # so that an exception made with it gives it back by str()

    def told(self) -> str:
        """In the reader's language."""
        words = Sentence.translator(self.template)
        return words % {name: told(value) for name, value in self.values.items()} if self.values else words

    def __html__(self) -> Markup:
        return escape(self.told())


def told(text: Any) -> Any:
    """A sentence in the reader's language; anything else, such as a server's words, as it is."""
    return text.told() if isinstance(text, Sentence) else text


def together(sentences: Iterable[str], between: str = " ") -> str:
    """Several as one text, each in the reader's language; '' where there is none."""
    each = {f"n{n}": sentence for n, sentence in enumerate(sentences)}
    if len(each) < 2:
        return next(iter(each.values()), "")
    return Sentence(between.join(f"%({name})s" for name in each), **each)


def kept(text: str) -> str:
    """As a database column holds it: a sentence as ``["template", {values}]``, other text as it is."""
    if isinstance(text, Sentence):
        if not hasattr(text, "_kept"):
            text._kept = json.dumps(_packed(text), ensure_ascii=False)
        return text._kept
    return json.dumps(_packed(text), ensure_ascii=False) if text.startswith("[") else text


def _packed(text: str | int) -> list[Any]:
    if isinstance(text, Sentence):
        return [text.template, {name: _packed(value) for name, value in text.values.items()}]
    return [text]


def recalled(kept: str) -> str:
    """The inverse of ``kept``; text that was written before there were sentences is text."""
    return _recalled(kept) if kept.startswith("[") else kept


@lru_cache(maxsize=4096)  # the meters of a society mostly have the same doubt
def _recalled(kept: str) -> str:
    try:
        return str(_unpacked(json.loads(kept)))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return kept


def _unpacked(packed: list[Any]) -> Any:
    if len(packed) == 1:
        return packed[0]
    template, values = packed
    return Sentence(template, **{name: _unpacked(value) for name, value in values.items()})
