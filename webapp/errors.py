"""When something is wrong: what happened, what it means, what to do now."""

from flask import Flask, current_app, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from webapp.sentences import Sentence

SAID = {
    400: (
        Sentence("We could not read that"),
        Sentence("Something in the request was not as it should be."),
        Sentence("Go back and try again."),
    ),
    403: (
        Sentence("This page is not for your role"),
        Sentence("You are signed in, but your role in this society may not do or see this."),
        Sentence("If you should be able to, ask a manager of your society."),
    ),
    404: (
        Sentence("There is nothing here"),
        Sentence("The address leads nowhere, or to something that is not yours to see."),
        Sentence("Check the address, or start again from your first page."),
    ),
    405: (
        Sentence("That is not done this way"),
        Sentence("The page does not take this kind of request."),
        Sentence("Use its own buttons."),
    ),
    413: (
        Sentence("That was too large"),
        Sentence("What was sent is larger than anything we take."),
        Sentence("Send less."),
    ),
    429: (
        Sentence("Too many tries"),
        Sentence("There were too many failed tries in a short time, so we wait a little."),
        Sentence("Try again in five minutes."),
    ),
    500: (
        Sentence("Something broke on our side"),
        Sentence("It was written down for us. Nothing was sent to a meter because of this page."),
        Sentence("Try again; if it goes on, tell whoever runs Meterdesk the time it happened."),
    ),
    503: (
        Sentence("Too much at once"),
        Sentence("The server has as much to do as it can carry."),
        Sentence("Try again in a minute."),
    ),
}
EXPIRED = (
    Sentence("This form is too old"),
    Sentence("You were signed out, or signed in anew, since the form was opened. Nothing was done."),
    Sentence("Go back, reload the page and press again."),
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


def _page(code: int, said: tuple[Sentence, Sentence, Sentence]) -> str | Response:
    if request.accept_mimetypes.best == "application/json":
        return jsonify({"error": said[0], "status": code})
    what, meaning, now = said
    partial = request.headers.get("HX-Request-Type") == "partial"
    template = "errors/_error.html" if partial else "errors/error.html"
    return render_template(template, code=code, what=what, meaning=meaning, now=now)
