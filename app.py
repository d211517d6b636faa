"""The way in: ``app:app`` for a WSGI server, ``python app.py`` for everything on one machine."""

from webapp import create_app

app = create_app()

if __name__ == "__main__":
    from webapp.serving import serve

    serve(app)
