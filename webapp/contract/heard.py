"""A whole reply as HTTP brought it, before it is read."""

import codecs
import re

from msgspec import Struct

from webapp.contract.deviations import BYTE_ORDER_MARK, CONTENT_TYPE, HTTP_STATUS, Deviations
from webapp.contract.wording import LONGEST_QUOTE, sentence

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE | re.ASCII)


class Heard(Struct, frozen=True):
    """``body`` is as the server wrote it, unpacked."""

    http_status: int
    body: bytes
    content_type: str = ""

    @property
    def charset(self) -> str:
        """The one that its content type names, in small letters; '' where it names none."""
        found = _CHARSET.search(self.content_type)
        return found[1].casefold() if found else ""

    def noted(self) -> Deviations:
        """In what the reply deviates as HTTP has it."""
        noted = Deviations()
        if self.http_status != 200:
            noted.note(HTTP_STATUS, f"{self.http_status}")
        if self.content_type and "json" not in self.content_type.casefold():
            noted.note(CONTENT_TYPE, sentence(self.content_type, LONGEST_QUOTE))
        if self.body.startswith(codecs.BOM_UTF8):
            noted.note(BYTE_ORDER_MARK)
        return noted
