"""A page as a person reads it, and the English on it that should not be there."""

import json
import re
from html.parser import HTMLParser

from webapp.contract.operations import OPERATIONS

NOT_READ = frozenset({"script", "style", "code", "q"})  # what machines wrote; and a server's own words
TOLD = ("aria-label", "title", "placeholder", "alt")
WORD = re.compile(r"(?<![\w-])[A-Za-z][A-Za-z'’]+(?![\w-])")
# Not ours to translate: what a server or a file calls something, and where something is.
QUOTED = re.compile(r"“[^”]*”")
ADDRESS = re.compile(r"https?://\S+|\S+@\S+|\w+/[\w/.-]+|\.(?:xlsx|csv)\b")
ENGLISH_BY_DESIGN = {
    "Meterdesk": "the product's name",
    "English": "a language is called as those call it who read it",
    "kWh": "a unit of measure",
    "kW": "a unit of measure",
    "MB": "a unit of measure",
    "ms": "a unit of measure",
    "DG": "as people say it",
    "ON": "the contract's word for a state, as the servers write it",
    "CSV": "a kind of file",
    "XLSX": "a kind of file",
    "Excel": "a program's name",
    "Enter": "it stands on the key",
    "Esc": "it stands on the key",
    "JSON": "a format's name",
    "GET": "HTTP's word",
    "POST": "HTTP's word",
    "HTTP": "a protocol's name",
    "basic": "HTTP's word for a way to sign in",
    "id": "the contract's word",
    "key": "a format's word, which whoever sets up a server knows",
    "path": "a format's word, which whoever sets up a server knows",
    "README": "a file's name",
    "main": "what the society calls its server",
    "unit": "a column of a file, as it must spell it",
    "name": "a column of a file",
    "phone": "a column of a file",
    "email": "a column of a file",
    "from": "a column of a file",
    "until": "a column of a file",
}
CONTRACTS = {
    *OPERATIONS,
    *(word for each in OPERATIONS.values() for word in (each.path, *each.params, *each.fields)),
}


class Page(HTMLParser):
    """``said``: what is read, or heard read. ``lang``: in which language a page says that it is."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.lang: str | None = None
        self.said: list[str] = []
        self._within: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.lang = given.get("lang", "")
        self.said += [given[name] for name in TOLD if name in given]
        if "data-words" in given:
            self.said += json.loads(given["data-words"]).values()
        if tag in NOT_READ:
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if not self._within and not any(word in data.split() for word in CONTRACTS):
            self.said.append(data)

    @property
    def english(self) -> set[str]:
        """Texts with an English word in them that is not meant to be."""
        return {" ".join(text.split()) for text in self.said if text not in CONTRACTS and left_english(text)}


def left_english(text: str) -> list[str]:
    bare = ADDRESS.sub(" ", QUOTED.sub(" ", text))
    return [word for word in WORD.findall(bare) if word not in ENGLISH_BY_DESIGN]
