"""Pages made small on their way: fifty units in a list are a tenth of their size then.

Nothing can be learnt from how small: a form's token is signed anew every second, and a page that somebody
else's site asks for comes without its reader's cookie.
"""

import gzip
from collections.abc import Callable, Mapping

import brotli
from flask import Flask, request
from werkzeug.wrappers import Response

SMALLEST = 1000  # bytes: below it a packet is not saved
KINDS = frozenset({"text/html", "application/json"})
# As the web names them, the better first; at levels that cost less than sending the page would.
ENCODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=3),
    "gzip": lambda body: gzip.compress(body, compresslevel=1, mtime=0),
}


def init_app(app: Flask) -> None:
    app.after_request(_compress)


def _compress(answer: Response) -> Response:
    if answer.mimetype not in KINDS or answer.is_streamed or "Content-Encoding" in answer.headers:
        return answer
    answer.vary.add("Accept-Encoding")
    name = next((name for name in ENCODINGS if request.accept_encodings[name] > 0), None)
    body = answer.get_data()
    if name is not None and len(body) >= SMALLEST:
        answer.set_data(ENCODINGS[name](body))
        answer.headers["Content-Encoding"] = name
    return answer
