"""Prints a table, and the same as one line of JSON. Ends by itself in a few minutes.

``python -m tests.bench [PART …] [--json FILE]``; all parts, where none is named.
"""

import argparse
import json
import os
import platform
from pathlib import Path

from tests.bench import clicks, fanout, hook, pages, poll, starting, weight, whole
from tests.bench.pairs import HEAD, Figure
from tests.bench.served import Bench, Size
from webapp.extensions import sqlite_module  # type: ignore[attr-defined]

# In this order: the society of the poll is gone before the others' servers start.
PARTS = {
    "poll": poll.figures,
    "pages": pages.figures,
    "weight": weight.figures,
    "clicks": clicks.figures,
    "hook": hook.figures,
    "fanout": fanout.figures,
    "whole": whole.figures,
    "starting": starting.figures,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description="Each figure beside its floor, from this run.")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--json", type=Path, help="a file for what the last line says")
    asked = parser.parse_args()
    print(_machine())
    print(HEAD)
    found = json.dumps({"bench": [figure.as_dict() for figure in run(asked.parts or list(PARTS), Size())]})
    print(found)
    if asked.json:
        asked.json.write_text(found + "\n", encoding="utf-8")


def run(parts: list[str], size: Size) -> list[Figure]:
    """Measure and print those parts."""
    bench, found = Bench(size), []
    try:
        for part in (name for name in PARTS if name in parts):
            for figure in PARTS[part](bench):
                print(figure.line(), flush=True)
                found.append(figure)
    finally:
        bench.close()
    return found


def _machine() -> str:
    versions = f"Python {platform.python_version()}, SQLite {sqlite_module.sqlite_version}"
    return f"{versions}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main()
