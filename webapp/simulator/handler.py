"""HTTP as meter servers speak it: which operation, which inputs, and the way to its answer."""

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from urllib.parse import SplitResult, parse_qsl, urlsplit

from webapp.contract.operations import Operation
from webapp.simulator.answers import REFUSALS
from webapp.simulator.backdoor import BackDoorError
from webapp.simulator.box import Box
from webapp.simulator.companies import ROUTES
from webapp.simulator.company import Company
from webapp.simulator.exchange import Connection, Exchange, encoded
from webapp.simulator.inputs import inputs
from webapp.simulator.loopback import is_loopback
from webapp.simulator.wire import error

_LARGEST_BODY = 64 * 1024
_LOGIN_PAGE = b"<!doctype html><title>Sign in</title><h1>Sign in</h1><form method=post></form>"


class Handler(BaseHTTPRequestHandler):
    """One caller's connection, kept alive between requests."""

    box: Box  # given by the server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 65  # idle keep-alive connections are let go; longer than callers keep theirs

    def do_GET(self) -> None:
        """Operations that ask or act, the back door, and methods that nothing here answers."""
        body = self._body()
        wire = Connection(self.connection, self.box.stopping.wait)
        if body is None:
            self.close_connection = True  # what was not read would pass for the next request
            wire.send(413, b"", more={"Connection": "close"})
        else:
            wire = self._served(wire, urlsplit(self.path), body)
        # A HEAD's caller would take the body for the next reply.
        self.close_connection = self.close_connection or wire.over or self.command == "HEAD"

    do_POST = do_DELETE = do_PUT = do_PATCH = do_GET  # noqa: N815 - the library's names
    do_HEAD = do_OPTIONS = do_TRACE = do_QUERY = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: a poll every few seconds would drown what matters."""

    def _served(self, wire: Connection, line: SplitResult, body: bytes) -> Connection:
        if line.path.startswith("/_"):
            self._back_door(wire, line, body)
        elif line.path == "/login":
            wire.send(200, _LOGIN_PAGE, "text/html; charset=utf-8")
        else:
            return self._operation(wire, line, body)
        return wire

    def _body(self) -> bytes | None:
        """The request's body; None where it is too long or its length is not told."""
        length = self.headers.get("Content-Length", "0")
        is_number = length.isascii() and length.isdecimal()
        if "Transfer-Encoding" in self.headers or not is_number or int(length) > _LARGEST_BODY:
            return None
        return self.rfile.read(int(length))

    def _operation(self, wire: Connection, line: SplitResult, body: bytes) -> Connection:
        company, operation = ROUTES.get(line.path.strip("/"), (None, None))
        if company is None or operation is None:
            wire.send(404, encoded(error("Not Found")))
        elif operation.method != self.command:
            wire.send(405, encoded(error("Method Not Allowed")), more={"Allow": operation.method})
        elif not company.admits(self.headers, self.box.secrets):
            wire.send(401, encoded(error("Unauthorized")), more=company.challenge)
        else:
            kind = self.headers.get("Content-Type", "")
            try:
                params = inputs(company, operation, line.query, kind, body)
            except ValueError:
                wire.send(400, encoded(error("Bad Request")))
                return wire
            return self._received(wire, company, operation, params)
        return wire

    def _received(
        self, wire: Connection, company: Company, operation: Operation, params: Mapping[str, str]
    ) -> Connection:
        """Count the call, then let a fault have it or answer it."""
        box, refusal = self.box, REFUSALS[operation.name]
        meter_no = params.get("meter_no", "") if operation.clause == 2 else ""
        site = box.site(company, params.get("site_id"), meter_no)
        if site is None:
            wire.send(company.status_of(refusal), encoded(refusal))
            return wire
        box.world.kept.count_call(site.site_id, operation.name)
        exchange = Exchange(
            self.connection, wire.pause, box.world, site, operation, params, box.replies, box.clock
        )
        if not box.board.spoil(exchange):
            exchange.reply()
        return exchange

    def _back_door(self, wire: Connection, line: SplitResult, body: bytes) -> None:
        if not is_loopback(str(self.client_address[0])):
            wire.send(403, encoded({"error": "only from this machine"}))
            return
        try:
            decoded = json.loads(body) if body.strip() else None
            query = dict(parse_qsl(line.query))
            answer = self.box.back_door.answer(self.command, line.path, decoded, query)
            wire.send(200, encoded(answer))
        except BackDoorError as wrong:
            wire.send(wrong.status, encoded({"error": str(wrong)}))
        except ValueError:
            wire.send(400, encoded({"error": "the body is not JSON"}))
