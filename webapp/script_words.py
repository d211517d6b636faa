"""What our script says, given to it with the page in the reader's language."""

from flask import Flask
from flask_babel import gettext

from webapp.looks import AGO
from webapp.sentences import N_

SAYS = {
    "signed_out": N_("You were signed out."),
    "sign_in": N_("Sign in again to go on."),
    "go": N_("Go there"),
    "dismiss": N_("Dismiss"),
    "failed": N_("That did not work."),
    "403": N_("Your role may not do this."),
    "404": N_("It is not there any more."),
    "413": N_("That was too large."),
    "429": N_("Too many tries; wait a little."),
    "5xx": N_("The server could not answer. Reload the page to see what is true."),
    "offline": N_("You are offline."),
    "old": N_("What you see may be old."),
}


def script_words() -> dict[str, str]:
    """By the names that ``static/app.js`` knows them by; ``%(n)s`` is a number."""
    return {name: gettext(words) for name, words in {**SAYS, **AGO}.items()}


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(script_words=script_words)
