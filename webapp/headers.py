"""What every answer says about itself, and transactions that only read where a request only reads."""

from contextlib import ExitStack

from flask import Flask, g, request
from werkzeug.wrappers import Response

from webapp.extensions import reading

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
EVERYWHERE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
WRITES_ON_GET = frozenset({"generators.hook"})  # meter companies call back as they like


def init_app(app: Flask) -> None:
    app.before_request(_begin)
    app.teardown_request(_end)
    app.after_request(_headers)


def _begin() -> None:
    if request.method in ("GET", "HEAD") and request.endpoint not in WRITES_ON_GET:
        g.reading = ExitStack()
        g.reading.enter_context(reading())


def _end(_error: BaseException | None) -> None:
    if "reading" in g:
        g.pop("reading").close()


def _headers(answer: Response) -> Response:
    for name, value in EVERYWHERE.items():
        answer.headers.setdefault(name, value)
    # Somebody's balance: no shared cache keeps it, and "back" after signing out asks again.
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.vary.update(("HX-Request-Type", "Cookie"))
    return answer
