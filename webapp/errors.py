"""When something is wrong: what happened, what it means, what to do now."""

from flask import Flask, current_app, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

SAID = {
    400: (
        "We could not read that",
        "Something in the request was not as it should be.",
        "Go back and try again.",
    ),
    403: (
        "This page is not for your role",
        "You are signed in, but your role in this society may not do or see this.",
        "If you should be able to, ask a manager of your society.",
    ),
    404: (
        "There is nothing here",
        "The address leads nowhere, or to something that is not yours to see.",
        "Check the address, or start again from your first page.",
    ),
    405: (
        "That is not done this way",
        "The page does not take this kind of request.",
        "Use its own buttons.",
    ),
    413: ("That was too large", "What was sent is larger than anything we take.", "Send less."),
    429: (
        "Too many tries",
        "There were too many failed tries in a short time, so we wait a little.",
        "Try again in five minutes.",
    ),
    500: (
        "Something broke on our side",
        "It was written down for us. Nothing was sent to a meter because of this page.",
        "Try again; if it goes on, tell whoever runs Meterdesk the time it happened.",
    ),
    503: ("Too much at once", "The server has as much to do as it can carry.", "Try again in a minute."),
}
EXPIRED = (
    "This form is too old",
    "You were signed out, or signed in anew, since the form was opened. Nothing was done.",
    "Go back, reload the page and press again.",
)


def init_app(app: Flask) -> None:
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(HTTPException, _error)


def _expired(error: CSRFError) -> tuple[str | Response, int]:
    current_app.logger.info("form refused: %s", error.description)
    return _page(400, EXPIRED), 400


def _error(error: HTTPException) -> tuple[str | Response, int] | HTTPException:
    code = error.code or 500
    if code not in SAID:
        return error
    return _page(code, SAID[code]), code


def _page(code: int, said: tuple[str, str, str]) -> str | Response:
    if request.accept_mimetypes.best == "application/json":
        return jsonify({"error": said[0], "status": code})
    what, meaning, now = said
    partial = request.headers.get("HX-Request-Type") == "partial"
    template = "errors/_error.html" if partial else "errors/error.html"
    return render_template(template, code=code, what=what, meaning=meaning, now=now)
