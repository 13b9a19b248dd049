"""At the end of a run: which clients were tested against which bunkers, on what."""

import sys
from collections import defaultdict

import pytest

from support import databases

PAIR = "bunker and client"


def note(node: pytest.Item, bunker: str, client: str) -> None:
    """This test has a machine of that kind at a bunker of that lineage."""
    node.user_properties.append((PAIR, (bunker, client)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A pair counts when all of its tests passed."""
    outcomes = defaultdict(set)
    for outcome in ("passed", "failed", "skipped", "error"):
        for report in terminalreporter.getreports(outcome):
            for name, pair in getattr(report, "user_properties", ()):  # a file that fails has none
                if name == PAIR:
                    outcomes[tuple(pair)].add(outcome)
    if not outcomes:
        return
    python = "{}.{}".format(*sys.version_info)
    terminalreporter.section(f"bunkers and clients on Python {python} and {databases.NAME}")
    for bunker, client in sorted(outcomes):
        seen = outcomes[bunker, client]
        verdict = "tested" if seen == {"passed"} else f"not tested: {', '.join(sorted(seen))}"
        terminalreporter.write_line(f"{bunker:36} {client:20} {verdict}")
