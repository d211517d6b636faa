"""Meterdesk: each package here is a room, named for a noun of the field."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from webapp.settings import Settings


def create_app(settings: "Settings | None" = None) -> "Flask":
    """Assemble the application, nothing else. Raises SettingsError.

    The imports are within, so that the contract and the simulator stay light to import alone.
    """
    from pathlib import Path

    from flask import Flask

    from webapp import (
        assets,
        cli,
        compressing,
        errors,
        extensions,
        headers,
        languages,
        looks,
        probes,
        rooms,
        script_words,
    )
    from webapp.alerts import news
    from webapp.people import gate
    from webapp.settings import settings_from
    from webapp.work import Engine, jobs_of

    settings = settings or settings_from()
    top = Path(__file__).resolve().parent.parent
    app = Flask("webapp", root_path=str(top), static_folder=None)
    app.config.update(_config(settings))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    extensions.bind_database(app)
    extensions.migrate.init_app(app, extensions.db, directory=str(top / "migrations"), render_as_batch=True)
    for extension in (
        extensions.login,
        extensions.htmx,
        extensions.csrf,
        extensions.limiter,
    ):
        extension.init_app(app)
    extensions.babel.init_app(app, locale_selector=languages.locale)
    for room in (
        assets,
        compressing,
        languages,
        looks,
        script_words,
        headers,
        errors,
        probes,
        gate,
        news,
        cli,
    ):
        room.init_app(app)
    for views in rooms.VIEWS:
        app.register_blueprint(views.pages)
    for tasks in rooms.TASKS:
        app.extensions.setdefault("jobs", []).extend(jobs_of(tasks))
    app.extensions["work"] = Engine(app)
    return app


def _config(settings: "Settings") -> "dict[str, object]":
    return {
        "METERDESK": settings,
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SESSION_COOKIE_NAME": "meterdesk",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.public_url.startswith("https:"),
        "WTF_CSRF_TIME_LIMIT": None,  # a desk stays open all day; the token ends with the session
        "MAX_CONTENT_LENGTH": 64 * 1024,
        "RATELIMIT_HEADERS_ENABLED": True,
        "BABEL_DEFAULT_LOCALE": "en_IN",
        "BABEL_TRANSLATION_DIRECTORIES": "webapp/translations",
    }
