"""Who may come in. Everything is closed but a short public list; every view says whom it is for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, wraps
from typing import Any, cast

from flask import Flask, Response, abort, current_app, g, make_response, redirect, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from webapp.extensions import db
from webapp.people.models import STAFF, Residence, Role, User, residences
from webapp.societies.models import Society

PUBLIC = frozenset(
    {"people.sign_in", "people.sign_out", "account.language", "account.forgot", "account.reset",
     "account.invitation", "generators.hook", "healthz", "readyz", "metrics"}
)  # fmt: skip
View = Callable[..., Any]


@dataclass
class Visit:
    """Somebody at one society's pages: who, in which role, when."""

    society: Society
    user: User
    role: Role
    now: datetime

    @property
    def is_staff(self) -> bool:
        """Office or manager: whoever may give orders."""
        return self.role in STAFF

    @property
    def is_manager(self) -> bool:
        return self.role is Role.MANAGER

    @cached_property
    def residences(self) -> list[Residence]:
        return residences(self.user, self.society, self.now)

    def residence_of(self, unit_id: int | None) -> Residence | None:
        return next((home for home in self.residences if home.unit_id == unit_id), None)


def society_page(*roles: Role) -> Callable[[View], View]:
    """A view under ``/s/<society>/`` for these roles; it is given the Visit.

    A society that is not theirs answers 404, as one that does not exist; their own, where the
    role may not, answers 403.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(society: str, **values: Any) -> Any:
            return view(enter(society, roles), **values)

        guarded.roles = frozenset(roles)  # type: ignore[attr-defined]
        return guarded

    return wrap


def signed_in_page(view: View) -> View:
    """A view that belongs to no society, for whoever is signed in."""
    view.roles = frozenset(Role)  # type: ignore[attr-defined]
    return view


def enter(slug: str, roles: tuple[Role, ...]) -> Visit:
    society = db.session.scalar(select(Society).filter_by(slug=slug))
    user = cast(User, current_user)
    role = user.role_in(society) if society else None
    if society is None or role is None:
        abort(404)
    g.visit = Visit(society, user, role, datetime.now(UTC))
    if role not in roles:
        abort(403)
    return g.visit  # type: ignore[no-any-return]


def wants_fragment() -> bool:
    """htmx asks for a piece; a boosted link, history and plain browsers want the page."""
    return request.headers.get("HX-Request-Type") == "partial"


def init_app(app: Flask) -> None:
    app.before_request(_gate)


def _gate() -> AnyResponse | None:
    if request.endpoint is None or request.endpoint in PUBLIC:
        return None  # no such address: Flask answers 404 by itself
    if not current_user.is_authenticated:
        return _to_sign_in()
    if not hasattr(current_app.view_functions[request.endpoint], "roles"):
        abort(403)  # nobody said whom it is for
    return None


def _to_sign_in() -> AnyResponse:
    """A page leads to sign-in; what a script asked for says so in the script's own way."""
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    if request.accept_mimetypes.best in ("text/event-stream", "application/json"):
        return Response("Sign in first.", 401, mimetype="text/plain")
    if wants_fragment():
        # fetch would follow a redirect and put the sign-in page inside the target
        answer = make_response("", 204)
        answer.headers["HX-Redirect"] = url_for("people.sign_in")
        return answer
    return redirect(url_for("people.sign_in", next=back))


def safe_next(address: str | None) -> str | None:
    """An address of ours to go on to, never one of somebody else's."""
    if not address or not address.startswith("/") or address.startswith("//"):
        return None
    # Browsers read \ as /, and leave out tabs and line breaks: “/<tab>/elsewhere” is “//elsewhere”.
    return None if "\\" in address or not address.isprintable() else address
