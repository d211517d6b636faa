"""One's own: profile, language, password; and the links that let somebody in."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import refresh
from flask_login import current_user, login_user
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from webapp.extensions import db, limiter
from webapp.languages import LANGUAGES
from webapp.people import inviting, passwords, resetting, tasks
from webapp.people.gate import safe_next, signed_in_page
from webapp.people.inviting import Accepted
from webapp.people.models import User, authenticate
from webapp.people.papers import Invitation
from webapp.people.rules import NotSoError, email_of, name_of, password_problem, phone_of
from webapp.people.sentences import said

pages = Blueprint("account", __name__)
Answer = AnyResponse | str | tuple[str, int]
TRIES_PER_PLACE = "30 per 5 minutes"
LETTERS_PER_PLACE = "20 per hour"
LETTERS_PER_ADDRESS = "10 per hour"


def _failed(response: Response) -> bool:
    return response.status_code in (401, 410)


def _address_asked() -> str:
    return f"{request.remote_addr} {request.form.get('email', '').strip().lower()[:254]}"


@pages.route("/me", methods=["GET", "POST"])
@signed_in_page
def me() -> Answer:
    if request.method == "GET":
        return _me()
    try:
        name, phone = name_of(request.form.get("name", "")), phone_of(request.form.get("phone", ""))
    except NotSoError as error:
        return _me(at="profile", problem=said(error)), 422
    current_user.name, current_user.phone, current_user.language = name, phone, _language()
    db.session.commit()
    return redirect(url_for("account.me", done="profile"), 303)


@pages.post("/me/password")
@limiter.limit(TRIES_PER_PLACE, deduct_when=_failed)
@signed_in_page
def password() -> Answer:
    """The present password is asked for: a desk that was left open must not be taken over."""
    user: User = current_user._get_current_object()
    if not passwords.is_right(user.password_hash, request.form.get("present", "")):
        return _me(at="password", problem=said("password_present")), 401
    if problem := _password_problem(user.email or ""):
        return _me(at="password", problem=said(problem)), 422
    resetting.change(user, request.form["password"])
    db.session.commit()
    login_user(user)  # this session goes on; those begun with the old password end
    return redirect(url_for("account.me", done="password"), 303)


def _me(**more: Any) -> str:
    return render_template("people/me.html", typed=request.form, **more)


def _password_problem(email: str) -> str | None:
    new = request.form.get("password", "")
    if problem := password_problem(new, email):
        return problem
    return None if new == request.form.get("again", "") else "password_twice"


def _language() -> str:
    chosen = request.form.get("language", "")
    return chosen if chosen in LANGUAGES else ""


@pages.post("/language")
def language() -> AnyResponse:
    """For whoever looks at the page, signed in or not."""
    if chosen := _language():
        session["language"] = chosen
        if current_user.is_authenticated:
            current_user.language = chosen
            db.session.commit()
        refresh()
    return redirect(safe_next(request.form.get("next")) or url_for("people.start"), 303)


@pages.route("/forgot", methods=["GET", "POST"])
@limiter.limit(LETTERS_PER_PLACE, methods=["POST"])
@limiter.limit(LETTERS_PER_ADDRESS, methods=["POST"], key_func=_address_asked)
def forgot() -> Answer:
    """One answer for every address, known or not."""
    mails = bool(current_app.config["METERDESK"].mail_url)
    if request.method == "GET" or not mails:
        return render_template("people/forgot.html", mails=mails)
    try:
        email = email_of(request.form.get("email", ""))
    except NotSoError as error:
        return render_template("people/forgot.html", mails=mails, problem=said(error)), 422
    tasks.forgotten.nudge(email)
    return render_template("people/forgot.html", mails=mails, asked=email)


@pages.route("/reset/<token>", methods=["GET", "POST"])
@limiter.limit(TRIES_PER_PLACE, deduct_when=_failed)
def reset(token: str) -> Answer:
    found = resetting.open_by(token)
    if found is None:
        return _ended("reset")
    if request.method == "GET":
        return render_template("people/reset.html", email=found.user.email)
    if problem := _password_problem(found.user.email or ""):
        return render_template("people/reset.html", email=found.user.email, problem=said(problem)), 422
    if not resetting.use(found, request.form["password"]):
        return _ended("reset")
    db.session.commit()
    return redirect(url_for("people.sign_in", done="password"), 303)


def _ended(what: str) -> tuple[str, int]:
    db.session.rollback()
    return render_template("people/ended.html", what=what), 410


@pages.route("/invitation/<token>", methods=["GET", "POST"])
@limiter.limit(TRIES_PER_PLACE, deduct_when=_failed)
def invitation(token: str) -> Answer:
    """Three ways in: as who is signed in, with a known password, or as somebody new."""
    found = inviting.open_by(token)
    if found is None:
        return _ended("invitation")
    if request.method == "GET":
        return _invitation(found)
    if current_user.is_authenticated:
        user: User = current_user._get_current_object()
        return _invitation(found, 409) if user.email != found.email else _enter(found, user, None)
    if request.form.get("way") == "known":
        known = authenticate(found.email, request.form.get("password", ""))
        return _enter(found, known, None) if known else _invitation(found, 401, at="known")
    return _as_new(found)


def _as_new(found: Invitation) -> Answer:
    form = request.form
    try:
        name, phone = name_of(form.get("name", "")), phone_of(form.get("phone", ""))
    except NotSoError as error:
        return _invitation(found, 422, at="new", problem=said(error))
    problem = _password_problem(found.email) or (None if name else "name_missing")
    if problem:
        return _invitation(found, 422, at="new", problem=said(problem))
    if db.session.scalar(select(User.id).filter_by(email=found.email)) is not None:
        return _invitation(found, 401, at="known")
    return _enter(found, None, Accepted(name, phone, _language(), form["password"]))


def _enter(found: Invitation, known: User | None, new: Accepted | None) -> Answer:
    society = found.society
    user = inviting.accept(found, known, new)
    if user is None:
        return _ended("invitation")
    slug = society.slug
    db.session.commit()
    login_user(user)
    return redirect(url_for("desk.desk", society=slug), 303)


def _invitation(found: Invitation, status: int = 200, **more: Any) -> tuple[str, int]:
    return render_template("people/invitation.html", invitation=found, typed=request.form, **more), status
