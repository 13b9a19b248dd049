"""All figures, side by side in one run: `python benchmarks [NAME …] [--json FILE]`.

Relay, development bunker and LNbits run in processes of their own, on loopback. Ratios decide;
milliseconds depend on the machine. Ends with 1 when a target is missed.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
from importlib import import_module
from pathlib import Path

from report import Section

NAMES = (
    "floor",
    "pairing",
    "plain",
    "several_relays",
    "bulk",
    "machine_side",
    "cash",
    "cash_open",
    "noticing",
    "watching",
    "data_scale",
    "postgres_scale",
    "heard_elsewhere",
    "many_keys",
    "host_cost",
    "simulation",
)
"""The files beside this one, each with its `sections()`."""


sys.path.append(str(Path(__file__).parents[1] / "tests"))  # they share what is in `support`


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; else all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args()
    unknown = set(options.names) - set(NAMES)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    print(machine(), end="\n\n", flush=True)
    found: dict[str, list[Section]] = {}
    for name in options.names or NAMES:
        found[name] = asyncio.run(import_module(name).sections())
        for section in found[name]:
            print(section.text(), end="\n\n", flush=True)
    if options.json:
        options.json.write_text(json.dumps(_as_json(found), indent=1))
    missed = [s.title for sections in found.values() for s in sections if not s.met]
    print(f"missed: {'; '.join(missed)}" if missed else "every target is met")
    return 1 if missed else 0


def machine() -> str:
    """What it was measured on."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return (
        f"{os.cpu_count()} cores of {_processor()}, Python {platform.python_version()}, "
        f"{platform.system()} {platform.release().split('-')[0]}; load before: {load}"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _as_json(found: dict[str, list[Section]]) -> dict[str, object]:
    sections = {name: [each.as_json() for each in of] for name, of in found.items()}
    return {"machine": machine(), "sections": sections}


if __name__ == "__main__":
    sys.exit(main())
