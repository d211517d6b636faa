"""HTTP as meter servers speak it: which operation, which inputs, and the way to its answer."""

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from urllib.parse import SplitResult, parse_qsl, urlsplit

from webapp.contract.operations import OPERATIONS, Operation
from webapp.simulator.answers import REFUSALS
from webapp.simulator.backdoor import BackDoorError
from webapp.simulator.box import Box
from webapp.simulator.exchange import Connection, Exchange, encoded
from webapp.simulator.loopback import is_loopback
from webapp.simulator.wire import error

_BY_PATH: Mapping[str, Operation] = {operation.path: operation for operation in OPERATIONS.values()}
_LARGEST_BODY = 64 * 1024
_LOGIN_PAGE = b"<!doctype html><title>Sign in</title><h1>Sign in</h1><form method=post></form>"


class Handler(BaseHTTPRequestHandler):
    """One caller's connection, kept alive between requests."""

    box: Box  # given by the server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 65  # idle keep-alive connections are let go; longer than callers keep theirs

    def do_GET(self) -> None:
        """Operations that ask, and what the back door shows."""
        self._serve()

    def do_POST(self) -> None:
        """Operations that act, and what the back door does."""
        self._serve()

    def do_DELETE(self) -> None:
        """Switch the faults off."""
        self._serve()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: a poll every few seconds would drown what matters."""

    def _serve(self) -> None:
        body = self._body()
        line = urlsplit(self.path)
        wire = Connection(self.connection, self.box.stopping.wait)
        if body is None:
            self.close_connection = True  # what was not read would pass for the next request
            wire.send(413, b"", more={"Connection": "close"})
        elif line.path.startswith("/_"):
            self._back_door(wire, line.path, body)
        elif line.path == "/login":
            wire.send(200, _LOGIN_PAGE, "text/html; charset=utf-8")
        else:
            wire = self._operation(wire, line, body)
        self.close_connection = self.close_connection or wire.over

    def _body(self) -> bytes | None:
        """The request's body; None where it is too long or its length is not told."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdigit() or int(length) > _LARGEST_BODY:
            return None
        return self.rfile.read(int(length))

    def _operation(self, wire: Connection, line: SplitResult, body: bytes) -> Connection:
        operation = _BY_PATH.get(line.path.strip("/"))
        if operation is None:
            wire.send(404, encoded(error("Not Found")))
            return wire
        if operation.method != self.command:
            wire.send(405, encoded(error("Method Not Allowed")), more={"Allow": operation.method})
            return wire
        try:
            params = {**dict(parse_qsl(line.query, keep_blank_values=True)), **self._fields(body)}
        except ValueError:
            wire.send(400, encoded(error("Bad Request")))
            return wire
        return self._received(wire, operation, params)

    def _received(self, wire: Connection, operation: Operation, params: dict[str, str]) -> Connection:
        """Count the call, then let a fault have it or answer it."""
        site = self.box.site(
            params.get("site_id"), params.get("meter_no", "") if operation.clause == 2 else ""
        )
        if site is None:
            wire.send(200, encoded(REFUSALS[operation.name]))
            return wire
        box = self.box
        box.world.kept.count_call(site.site_id, operation.name)
        exchange = Exchange(
            self.connection,
            wire.pause,
            box.world,
            site,
            operation.name,
            params,
            box.replies,
            box.clock,
        )
        if not box.board.spoil(exchange):
            exchange.reply()
        return exchange

    def _fields(self, body: bytes) -> dict[str, str]:
        """A form or a JSON object as texts. Raises ValueError."""
        if not body.strip():
            return {}
        text = body.decode()
        if "json" not in self.headers.get("Content-Type", "") and not text.lstrip().startswith("{"):
            return dict(parse_qsl(text, keep_blank_values=True))
        decoded = json.loads(text, parse_float=str, parse_int=str)
        if not isinstance(decoded, dict):
            raise ValueError("not an object")
        return {str(name): str(value) for name, value in decoded.items() if value is not None}

    def _back_door(self, wire: Connection, path: str, body: bytes) -> None:
        if not is_loopback(str(self.client_address[0])):
            wire.send(403, encoded({"error": "only from this machine"}))
            return
        try:
            decoded = json.loads(body) if body.strip() else None
            wire.send(200, encoded(self.box.back_door.answer(self.command, path, decoded)))
        except BackDoorError as wrong:
            wire.send(wrong.status, encoded({"error": str(wrong)}))
        except ValueError:
            wire.send(400, encoded({"error": "the body is not JSON"}))
