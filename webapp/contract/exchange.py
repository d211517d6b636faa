"""One request and its reply over HTTP: the only module that uses ``requests``.

It goes through requests' adapter and not through a Session, which would add what a command must
not have: redirects, cookies, proxies and passwords from the environment. Every exchange has a
connection of its own, so no server can close an idle one under a command.
"""

import logging
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import closing
from typing import Any

from msgspec import Struct, field
from requests import PreparedRequest, Request, RequestException, Response
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import NameResolutionError, SSLError

from webapp.contract.attempt import Attempt, GivenUp, HttpPool, HttpsPool, ticks
from webapp.contract.packing import LARGEST_REPLY, unpacked
from webapp.sentences import Sentence

_log = logging.getLogger(__name__)
_CHUNK = 64 * 1024
# A gap for the sockets' own time-outs, so that it is always the deadline that ends an exchange.
_GRACE_S = 1.0
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": "Meterdesk",
}


class Question(Struct, frozen=True):
    """What to ask. Has no repr of its values: headers, query and password may be secrets."""

    method: str
    url: str
    query: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] | None = None
    json: dict[str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    basic: tuple[str, str] | None = None

    def __repr__(self) -> str:
        return f"<{self.method} to a meter server>"

    def prepared(self) -> PreparedRequest:
        """Raises ValueError or RequestException where address or headers cannot be sent."""
        # As bytes, for requests would write the password in Latin-1 or fail.
        basic = tuple(part.encode() for part in self.basic) if self.basic else None
        return Request(
            self.method,
            self.url,
            params=self.query,
            data=self.form,
            json=self.json,
            headers=_HEADERS | {name: value.encode() for name, value in self.headers.items()},
            auth=basic,
        ).prepare()


class Reply(Struct, frozen=True):
    """What came back. ``body`` is None where it is larger than LARGEST_REPLY or badly packed."""

    http_status: int
    body: bytes | None
    content_type: str = ""


class Lost(Exception):  # noqa: N818
    """No reply. ``str()`` is a sentence for people.

    ``may_have_left``: bytes of the request may have reached the server.
    """

    def __init__(self, why: str, *, may_have_left: bool = False) -> None:
        super().__init__(why)
        self.may_have_left = may_have_left


class _OneExchange(HTTPAdapter):
    """A fresh connection, observed by its attempt, and no retry."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(max_retries=0)
        self._attempt = attempt

    def get_connection_with_tls_context(
        self, request: PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> HTTPConnectionPool:
        host, tls = self.build_connection_pool_key_attributes(request, verify, cert)
        if host["scheme"] == "https":
            return HttpsPool(host["host"], host["port"], attempt=self._attempt, **tls)
        return HttpPool(host["host"], host["port"], attempt=self._attempt)


def exchange(question: Question, timeout_s: float) -> Reply:
    """Ask once and wait ``timeout_s`` seconds in all for the whole reply. Raises Lost.

    The deadline also bounds the moment in which the first byte may leave.
    """
    leave_by = ticks() + timeout_s
    try:
        request = question.prepared()
    except (ValueError, RequestException):
        raise Lost(Sentence("The meter server's address, or a value for it, cannot be used.")) from None
    attempt, outcome = Attempt(leave_by), Future[Reply]()
    _start(request, timeout_s, attempt, outcome)
    error = _awaited(outcome, attempt, timeout_s)
    if error is None:
        return outcome.result()
    # Names of kinds only, and from None: a text quotes the address, which may hold a secret.
    _log.info("No reply: %s", ", ".join(kind.__name__ for kind in _kinds(error)))
    raise Lost(_why(error, timeout_s, attempt), may_have_left=attempt.may_have_left) from None


def _start(request: PreparedRequest, timeout_s: float, attempt: Attempt, outcome: Future[Reply]) -> None:
    # A thread, because no socket time-out bounds a name server, a handshake or a dripped header.
    sender = threading.Thread(target=_send, args=(request, timeout_s, attempt, outcome), daemon=True)
    try:
        sender.start()
    except RuntimeError:
        raise Lost(Sentence("This machine has too much to do to ask the meter server.")) from None


def _awaited(outcome: Future[Reply], attempt: Attempt, timeout_s: float) -> BaseException | None:
    try:
        return outcome.exception(timeout_s)
    except TimeoutError as late:
        return late
    finally:
        # Also where this thread itself is told to stop: nothing is sent behind its back.
        if not outcome.done():
            attempt.give_up()


def _send(request: PreparedRequest, timeout_s: float, attempt: Attempt, outcome: Future[Reply]) -> None:
    try:
        with closing(attempt), closing(_OneExchange(attempt)) as adapter:
            response = adapter.send(request, stream=True, timeout=timeout_s + _GRACE_S)
            with closing(response):
                content_type = response.headers.get("Content-Type", "")
                reply = Reply(response.status_code, _body(response), content_type)
        outcome.set_result(reply)
    except Exception as error:  # noqa: BLE001 - whatever broke, the attempt knows how far it came
        outcome.set_exception(error)


def _body(response: Response) -> bytes | None:
    body = bytearray()
    for chunk in response.raw.stream(_CHUNK, decode_content=False):
        body += chunk
        if len(body) > LARGEST_REPLY:
            return None
    return unpacked(bytes(body), response.headers.get("Content-Encoding", ""))


def _why(error: BaseException, timeout_s: float, attempt: Attempt) -> Sentence:
    kinds, seconds = _kinds(error), f"{timeout_s:g}"
    late = isinstance(error, TimeoutError) or GivenUp in kinds
    if attempt.may_have_left:
        if late:
            return Sentence("The meter server did not answer within %(n)s seconds.", n=seconds)
        return Sentence("The connection to the meter server broke before its answer was complete.")
    if late:
        return Sentence("The meter server could not be reached within %(n)s seconds.", n=seconds)
    return next((why for kind, why in _REASONS.items() if kind in kinds), _UNREACHED)


_UNREACHED = Sentence("The meter server could not be reached.")
_REASONS: Mapping[type[BaseException], Sentence] = {
    NameResolutionError: Sentence("The meter server could not be reached: its name is not known."),
    SSLError: Sentence("The meter server could not be reached: no secure connection could be made."),
}


def _kinds(error: BaseException | None) -> list[type[BaseException]]:
    kinds = []
    while error is not None:
        kinds.append(type(error))
        error = error.__cause__ or error.__context__
    return kinds
