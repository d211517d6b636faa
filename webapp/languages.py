"""The languages our pages speak: a person's own choice, else what their browser asks for."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations

from flask import Flask, current_app, has_request_context, request, session
from flask_babel import force_locale, get_locale, get_translations
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from webapp.sentences import Sentence

LANGUAGES = {"en": "English", "hi": "हिन्दी"}
_LOCALES = {"en": "en_IN", "hi": "hi_IN"}
_catalogues: dict[str, NullTranslations] = {}
_now: ContextVar[str | None] = ContextVar("locale", default=None)  # a list asks for it at every number


def language() -> str:
    """The reader's language, one of LANGUAGES."""
    if not has_request_context():
        return "en"
    chosen = _own() or session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES, default="en") or "en"


def _own() -> str | None:
    try:
        own: str = current_user.language
    except (AttributeError, SQLAlchemyError):  # nobody signed in; or the page says that the database broke
        return None
    return own


def locale() -> str:
    """The reader's locale as Babel names it: the country's own grouping of digits, in both languages."""
    return _LOCALES[language()]


def locale_of(chosen: str) -> str:
    """The locale of a language that somebody chose; English where they chose none."""
    return _LOCALES.get(chosen, _LOCALES["en"])


def locale_now() -> str:
    """The locale in force, also where it is somebody else's (a mail to a person)."""
    found = _now.get()
    if found is None:
        locale = get_locale()
        found = locale_of(locale.language if locale else "")
        if has_request_context():
            _now.set(found)
    return found


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """In somebody's language, for what is written to them and not asked by them.

    In a request of its own: without one the forced locale would be the whole application's, for every
    worker's thread at once.
    """
    base_url = current_app.config["METERDESK"].public_url
    with current_app.test_request_context(base_url=base_url), force_locale(locale_of(chosen)):
        token = _now.set(locale_of(chosen))
        try:
            yield
        finally:
            _now.reset(token)


def _spoken() -> NullTranslations:
    """The catalogue of the locale in force: looked up once for each, as a page asks for it at every word."""
    name = locale_now()
    found = _catalogues.get(name)
    if found is None:
        found = _catalogues[name] = get_translations()
    return found


def _word(text: str) -> str:
    return _spoken().gettext(text)


def _counted(one: str, several: str, n: int) -> str:
    return _spoken().ngettext(one, several, n)


def init_app(app: Flask) -> None:
    Sentence.translator = staticmethod(_word)
    app.jinja_env.install_gettext_callables(_word, _counted, newstyle=True)  # type: ignore[attr-defined]
    app.before_request(_forget)
    app.teardown_request(_forget)


def _forget(_error: BaseException | None = None) -> None:
    _now.set(None)
