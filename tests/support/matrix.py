"""At the end of a run: which clients were tested against which bunkers, and over which relays."""

import sys
from collections import defaultdict

import pytest

from support import databases

PAIRS = "bunkers and clients"
RELAYS = "relays, with a whole life of a pairing over each"


def note(node: pytest.Item, bunker: str, client: str) -> None:
    """This test has a machine of that kind at a bunker of that lineage."""
    node.user_properties.append((PAIRS, (bunker, client)))


def note_relay(node: pytest.Item, relay: str) -> None:
    """In this test machine, bunker and LNbits meet over a relay of that kind."""
    node.user_properties.append((RELAYS, (relay, "")))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was noted counts when all of its tests passed."""
    tables = {PAIRS: defaultdict(set), RELAYS: defaultdict(set)}
    for outcome in ("passed", "failed", "skipped", "error"):
        for report in terminalreporter.getreports(outcome):
            for name, noted in getattr(report, "user_properties", ()):  # a file that fails has none
                if name in tables:
                    tables[name][tuple(noted)].add(outcome)
    python = "{}.{}".format(*sys.version_info)
    for name, outcomes in tables.items():
        if outcomes:
            terminalreporter.section(f"{name} on Python {python} and {databases.NAME}")
        for one, other in sorted(outcomes):
            seen = outcomes[one, other]
            verdict = "tested" if seen == {"passed"} else f"not tested: {', '.join(sorted(seen))}"
            terminalreporter.write_line(f"{one:36} {other:20} {verdict}")
