"""``python -m webapp.simulator``: the box by itself."""

import argparse

from webapp.simulator.server import main

parser = argparse.ArgumentParser(prog="simulator", description="A society in a box, on this machine only.")
parser.add_argument("--port", type=int, default=8010)
parser.add_argument("--units", type=int, default=240)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--state", dest="state_path", help="file that keeps what people change")
parser.add_argument("--with-parent", action="store_true", help="end when the process that started it ends")
main(**vars(parser.parse_args()))
