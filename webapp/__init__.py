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

    from webapp import assets, cli, errors, extensions, headers, languages, looks, probes, script_words
    from webapp.alerts import letters as _letters  # noqa: F401 - it listens to the people's room
    from webapp.alerts import news
    from webapp.alerts import tasks as alerts_tasks
    from webapp.alerts import views as alerts
    from webapp.desk import import_views as imports
    from webapp.desk import usage_views as usage
    from webapp.desk import views as desk
    from webapp.generators import tasks as generators_tasks
    from webapp.generators import views as generators
    from webapp.meters import tasks as meters_tasks
    from webapp.meters import views as meters
    from webapp.orders import tasks as orders_tasks
    from webapp.orders import views as orders
    from webapp.people import account_views as account
    from webapp.people import gate
    from webapp.people import person_views as person
    from webapp.people import register_views as register
    from webapp.people import tasks as people_tasks
    from webapp.people import views as people
    from webapp.settings import settings_from
    from webapp.work import Engine, jobs_of

    settings = settings or settings_from()
    top = Path(__file__).resolve().parent.parent
    app = Flask("webapp", root_path=str(top), static_folder=None)
    app.config.update(
        METERDESK=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SESSION_COOKIE_NAME="meterdesk",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https:"),
        WTF_CSRF_TIME_LIMIT=None,  # a desk stays open all day; the token ends with the session
        MAX_CONTENT_LENGTH=64 * 1024,
        RATELIMIT_HEADERS_ENABLED=True,
        BABEL_DEFAULT_LOCALE="en_IN",
        BABEL_TRANSLATION_DIRECTORIES="webapp/translations",
    )
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
    for room in (assets, languages, looks, script_words, headers, errors, probes, gate, news, cli):
        room.init_app(app)
    for views in (
        people,
        account,
        register,
        person,
        imports,
        desk,
        usage,
        meters,
        orders,
        generators,
        alerts,
    ):
        app.register_blueprint(views.pages)
    for room_tasks in (people_tasks, alerts_tasks, generators_tasks, meters_tasks, orders_tasks):
        app.extensions.setdefault("jobs", []).extend(jobs_of(room_tasks))
    app.extensions["work"] = Engine(app)
    return app
