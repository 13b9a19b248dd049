"""What several commands of `spire` take."""

import argparse
from typing import Any

from .machine import TIMEOUT_S, Machine


def machine_of(options: argparse.Namespace, out: Any = None, **more: Any) -> Machine:
    """Steps are printed as they are done; beside the result when that is for another program."""
    timeout = getattr(options, "timeout", TIMEOUT_S)
    return Machine(
        options.home, timeout=timeout, tell=lambda step: print(step, file=out, flush=True), **more
    )


def add_timeout(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--timeout", type=_seconds, default=TIMEOUT_S, metavar="SECONDS", help="(%(default)g)"
    )


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 600:
        raise argparse.ArgumentTypeError("more than 0 and at most 600 seconds")
    return seconds
