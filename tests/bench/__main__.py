"""Prints a table, and the same as one line of JSON. Ends by itself in under two minutes."""

import json
import os
import platform

from tests.bench import hook, pages, poll
from tests.bench.pairs import HEAD
from tests.bench.society import bench_society
from webapp.extensions import db

ROOMS = (poll, pages, hook)


def main() -> None:
    found = []
    with bench_society() as society:
        print(_machine())
        print(HEAD)
        for room in ROOMS:
            for figure in room.figures(society):
                print(figure.line(), flush=True)
                found.append(figure.as_dict())
    print(json.dumps({"bench": found}))


def _machine() -> str:
    sqlite = db.engine.dialect.loaded_dbapi.sqlite_version
    versions = f"Python {platform.python_version()}, SQLite {sqlite}"
    return f"{versions}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main()
