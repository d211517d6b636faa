"""What browsers load: hashed and compressed at set-up, served with addresses that never change.

``python -m webapp.assets`` fills ``static/vendor/`` from ``node_modules`` and our own ``static/``.
"""

import gzip
import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

TOP = Path(__file__).resolve().parent.parent
STATIC = TOP / "static"
MADE = STATIC / "vendor"
PACKAGES = TOP / "node_modules"

FROM_PACKAGES = {
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "hx-sse.js": "htmx.org/dist/ext/hx-sse.min.js",
    "uplot.js": "uplot/dist/uPlot.iife.min.js",
    "uplot.css": "uplot/dist/uPlot.min.css",
}
ICONS = (
    "alert-triangle", "arrow-left", "arrows-diff", "ban", "bell", "bolt", "building-factory-2",
    "chart-bar", "check", "chevron-down", "circle-check", "circle-x", "clock", "cloud-off", "copy",
    "door-enter", "door-exit", "download", "eye-check", "gas-station", "gauge", "help-hexagon",
    "history", "home", "hourglass", "key", "list", "logout", "mail", "moon", "pencil", "plug-connected",
    "plug-connected-x", "printer", "receipt", "refresh", "replace", "search", "send", "server-2",
    "upload", "user", "user-plus", "users", "wallet", "x",
)  # fmt: skip


def build() -> None:
    """Make every file that a browser loads, with its hash in its name, and compressed beside it."""
    import brotli

    shutil.rmtree(MADE, ignore_errors=True)
    MADE.mkdir(parents=True)
    manifest = {}
    for name, content in sorted(_sources().items()):
        digest = hashlib.sha256(content).hexdigest()[:10]
        stem, dot, ending = name.rpartition(".")
        hashed = f"{stem}.{digest}{dot}{ending}"
        (MADE / hashed).write_bytes(content)
        (MADE / f"{hashed}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
        (MADE / f"{hashed}.br").write_bytes(brotli.compress(content))
        manifest[name] = hashed
    (MADE / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def _sources() -> dict[str, bytes]:
    ours = {path.name: path.read_bytes() for path in STATIC.iterdir() if path.is_file()}
    theirs = {name: _without_map((PACKAGES / path).read_bytes()) for name, path in FROM_PACKAGES.items()}
    return {**theirs, **ours, "icons.svg": _sprite()}


def _without_map(content: bytes) -> bytes:
    """A source map is not shipped, so nothing should ask for it."""
    return re.sub(rb"(?m)^(//|/\*)# sourceMappingURL=.*$", b"", content)


def _sprite() -> bytes:
    """The few icons we use, of five thousand, as one file."""
    symbols = []
    for name in ICONS:
        svg = (PACKAGES / "@tabler/icons/icons/outline" / f"{name}.svg").read_text(encoding="utf-8")
        inner = re.sub(r"(?s)^.*?<svg[^>]*>|</svg>\s*$", "", svg)
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{" ".join(inner.split())}</symbol>')
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'.encode()


def init_app(app: "Flask") -> None:
    """Serve what ``build`` made, straight from the WSGI layer. Refuses to start without it."""
    from wsgiref.headers import Headers

    from whitenoise import WhiteNoise

    from webapp.headers import EVERYWHERE

    try:
        manifest = json.loads((MADE / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RuntimeError("The pages' files are not there yet: run `make setup`.") from error

    def headers(served: Headers, _path: str, _url: str) -> None:
        for name, value in EVERYWHERE.items():
            served[name] = value

    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(MADE),
        prefix="static/",
        immutable_file_test=lambda _path, url: "manifest" not in url,
        add_headers_function=headers,
        charset="utf-8",
    )
    app.jinja_env.globals["asset"] = lambda name: f"/static/{manifest[name]}"


if __name__ == "__main__":
    build()
