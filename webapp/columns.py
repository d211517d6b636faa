"""Our quantities as database column types. Amounts are whole numbers of the smallest unit."""

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Integer, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

from webapp.sentences import kept, recalled

LARGEST_ID = 2**63 - 1  # that a database takes
LIKE_ESCAPE = "\\"
TIME_FORMAT = "%Y-%m-%d %H:%M:%S.%f"  # as SQLite holds a UtcTime; sorts as text


class UtcTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; refuses a naive one."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class SentenceText(TypeDecorator[str]):
    """A sentence of ours, to be read in anybody's language, or anybody's words, as they are."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else kept(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else recalled(value)


def like_part(text: str) -> str:
    """For LIKE with LIKE_ESCAPE: what has the text somewhere in it, its own % and _ taken as letters."""
    for char in (LIKE_ESCAPE, "%", "_"):
        text = text.replace(char, LIKE_ESCAPE + char)
    return f"%{text}%"


def time_text(moment: datetime) -> str:
    """A moment as the database's driver holds it, for statements that bypass column types."""
    return moment.astimezone(UTC).strftime(TIME_FORMAT)


def time_from_text(text: str) -> datetime:
    """The inverse of ``time_text``."""
    return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=UTC)


Key = Annotated[int, mapped_column(Integer, primary_key=True)]
SocietyId = Annotated[int, mapped_column(ForeignKey("society.id", ondelete="CASCADE"), index=True)]
Time = Annotated[datetime, mapped_column(UtcTime)]
Paise = Annotated[int, mapped_column(BigInteger)]
WattHours = Annotated[int, mapped_column(BigInteger)]
Watts = Annotated[int, mapped_column(BigInteger)]
Millilitres = Annotated[int, mapped_column(BigInteger)]
Name = Annotated[str, mapped_column(String(120))]
Word = Annotated[str, mapped_column(String(64))]
Words = Annotated[str, mapped_column(Text)]
Said = Annotated[str, mapped_column(SentenceText)]
