"""The languages our pages speak: a person's own choice, else what their browser asks for."""

from flask import has_request_context, request, session
from flask_login import current_user

LANGUAGES = {"en": "English", "hi": "हिन्दी"}
_LOCALES = {"en": "en_IN", "hi": "hi_IN"}


def language() -> str:
    """The reader's language, one of LANGUAGES."""
    if not has_request_context():
        return "en"
    chosen = getattr(current_user, "language", None) or session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES, default="en") or "en"


def locale() -> str:
    """The reader's locale as Babel names it: the country's own grouping of digits, in both languages."""
    return _LOCALES[language()]
