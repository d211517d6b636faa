"""The way in: ``app:app`` for a WSGI server, ``python app.py`` for everything on one machine."""

from webapp import create_app
from webapp.settings import SettingsError

try:
    app = create_app()
except SettingsError as error:
    raise SystemExit(str(error)) from None

if __name__ == "__main__":
    from webapp.serving import serve

    serve(app)
