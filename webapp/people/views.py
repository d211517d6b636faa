"""Sign in, sign out, and the way from there to where one belongs."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_login import current_user, login_user, logout_user
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from webapp.extensions import db, limiter, reading
from webapp.languages import LANGUAGES, language
from webapp.people.gate import safe_next, signed_in_page
from webapp.people.models import REGISTRARS, Role, User, authenticate
from webapp.societies.models import Society

pages = Blueprint("people", __name__)
FAILURES_PER_PLACE = "30 per 5 minutes"
FAILURES_PER_ADDRESS = "8 per 5 minutes"


def _failed(response: Response) -> bool:
    return response.status_code == 401


def _address_tried() -> str:
    """From where, too: else anybody could lock somebody out."""
    return f"{request.remote_addr} {request.form.get('email', '').strip().lower()[:254]}"


@pages.route("/login", methods=["GET", "POST"], endpoint="sign_in")
@limiter.limit(FAILURES_PER_PLACE, methods=["POST"], deduct_when=_failed)
@limiter.limit(FAILURES_PER_ADDRESS, methods=["POST"], deduct_when=_failed, key_func=_address_tried)
def sign_in() -> AnyResponse | tuple[str, int] | str:
    onward = safe_next(request.values.get("next"))
    if request.method == "GET":
        if current_user.is_authenticated:
            return redirect(onward or url_for("people.start"))
        return render_template("people/sign_in.html", next=onward)
    with reading():  # hashing takes long: nobody who writes waits for it
        user = authenticate(request.form.get("email", ""), request.form.get("password", ""))
        db.session.rollback()
    if user is None:
        return render_template("people/sign_in.html", next=onward, wrong=True), 401
    user.signed_in_at = datetime.now(UTC)
    db.session.commit()
    login_user(user)
    return redirect(onward or url_for("people.start"))


@pages.route("/logout", methods=["GET", "POST"])
def sign_out() -> AnyResponse | str:
    if request.method == "GET":  # a link or a prefetch must not sign anybody out
        return render_template("people/sign_out.html")
    logout_user()
    answer = make_response(redirect(url_for("people.sign_in")))
    answer.headers["Clear-Site-Data"] = '"cache"'  # pages of a shared office computer
    return answer


@pages.get("/")
@signed_in_page
def start() -> AnyResponse | str:
    """Where one belongs: one's only society at once, else a choice."""
    societies = societies_of(current_user)
    if len(societies) == 1:
        return redirect(front_door(current_user, societies[0]))
    return render_template("people/societies.html", societies=societies)


def societies_of(user: Any) -> list[Society]:
    if user.is_operator:
        return list(db.session.scalars(select(Society).order_by(Society.name)))
    return sorted((m.society for m in user.memberships), key=lambda society: society.name)


def front_door(user: User, society: Society) -> str:
    page = "desk.home" if user.role_in(society) is Role.RESIDENT else "desk.desk"
    return url_for(page, society=society.slug)


@pages.app_context_processor
def _for_templates() -> dict[str, Any]:
    return {
        "societies_of": societies_of,
        "front_door": front_door,
        "Role": Role,
        "REGISTRARS": REGISTRARS,
        "language": language,
        "LANGUAGES": LANGUAGES,
    }
