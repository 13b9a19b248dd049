"""An acceptor without a slot, for `spire cash-in --acceptor "devkit acceptor"`: it says at once
that one note went in, worth all that may be inserted."""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--count", type=Path, help="a file that gets a line each time it runs")
    parser.add_argument("verb_of_slot", choices=("check", "accept"), metavar="check|accept")
    parser.add_argument("sats", type=int)


def run(options: Namespace) -> None:
    if options.verb_of_slot == "check":
        return
    if options.count:
        with options.count.open("a") as stream:
            stream.write(f"{options.sats}\n")
    print(json.dumps({"notes": 1, "sats": options.sats}), flush=True)  # noqa: T201 - its report
