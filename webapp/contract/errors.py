"""The four ways in which asking a meter server can fail, named for what we know then."""


class MeterServerError(Exception):
    """``operation`` is our name for it; ``words`` are the server's own, cut and cleaned, or ''.

    ``str()`` is one plain sentence for a person; it never holds a secret or an address.
    """

    def __init__(self, operation: str, sentence: str, words: str = "") -> None:
        super().__init__(sentence)
        self.operation = operation
        self.words = words


class NotSent(MeterServerError):  # noqa: N818
    """The meter server cannot have seen the request: nothing happened there."""


class Unanswered(MeterServerError):  # noqa: N818
    """The meter server may have seen the request and acted on it; we do not know.

    ``transaction_id`` and ``token``: what stood beside a “no” to a recharge, which is why it is none.
    """

    def __init__(
        self,
        operation: str,
        sentence: str,
        words: str = "",
        transaction_id: str | None = None,
        token: str | None = None,
    ) -> None:
        super().__init__(operation, sentence, words)
        self.transaction_id = transaction_id
        self.token = token


class Refused(MeterServerError):  # noqa: N818
    """The meter server said no, with its words (contract, reading 2)."""


class Unreadable(MeterServerError):  # noqa: N818
    """The meter server said something that we cannot read. A command may have had its effect."""
