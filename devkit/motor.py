"""A dispenser without notes, for `spire cash-out --dispenser "devkit motor"`: it always has enough,
and says that one note came out."""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--count", type=Path, help="a file that gets a line each time it runs")
    parser.add_argument("verb_of_motor", choices=("check", "dispense"), metavar="check|dispense")
    parser.add_argument("sats", type=int)
    parser.add_argument("fiat", nargs="*")


def run(options: Namespace) -> None:
    if options.verb_of_motor == "check":
        return
    if options.count:
        with options.count.open("a") as stream:
            stream.write(f"{options.sats}\n")
    print(json.dumps({"notes": 1, "sats": options.sats}), flush=True)  # noqa: T201 - its report
