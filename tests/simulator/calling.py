"""A caller of the box over a real socket, and a clock that a test sets."""

import json
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from webapp.simulator.server import SimulatorServer

Body = dict[str, Any]
A_101 = "M000101"


class Clock:
    """Unix seconds, as the test says."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Caller:
    """Calls operations by their default paths, at site GV01 unless told otherwise."""

    def __init__(self, server: SimulatorServer) -> None:
        self.server = server

    def raw(
        self,
        method: str,
        path: str,
        body: str | bytes | None = None,
        kind: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        with closing(HTTPConnection(self.server.host, self.server.port, timeout=10)) as connection:
            told = {"Content-Type": kind} if kind else {}
            connection.request(method, path, body, told | dict(headers or {}))
            reply = connection.getresponse()
            return reply.status, reply.read()

    def ask_raw(self, path: str, **params: str) -> tuple[int, bytes]:
        return self.raw("GET", f"/{path}?{urlencode({'site_id': 'GV01', **params})}")

    def ask(self, path: str, **params: str) -> Body:
        return self.body(self.ask_raw(path, **params))

    def order_raw(self, path: str, **fields: str) -> tuple[int, bytes]:
        form = urlencode({"site_id": "GV01", "meter_no": A_101, **fields})
        return self.raw("POST", f"/{path}", form, "application/x-www-form-urlencoded")

    def order(self, path: str, **fields: str) -> Body:
        return self.body(self.order_raw(path, **fields))

    def fault(self, operation: str, kind: str, **more: object) -> None:
        body = json.dumps({"operation": operation, "kind": kind, **more})
        assert self.raw("POST", "/_faults", body)[0] == 200

    def force(self, dg_no: str, status: str | None) -> Body:
        return self.body(self.raw("POST", f"/_world/GV01/generators/{dg_no}", json.dumps({"status": status})))

    def world(self, site_id: str = "GV01") -> Body:
        return self.body(self.raw("GET", f"/_world/{site_id}"))

    def balance(self, meter_no: str = A_101) -> str:
        return str(self.world()["meters"][meter_no]["balance"])

    @staticmethod
    def body(reply: tuple[int, bytes]) -> Body:
        decoded = json.loads(reply[1])
        assert isinstance(decoded, dict)
        return decoded
