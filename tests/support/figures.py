"""At the end of a run: how much was tried, so that a figure in the README can be looked up."""

from collections import Counter

import pytest

TRIED = "tried"


class Figures:
    """What one test has tried."""

    def __init__(self, node: pytest.Item) -> None:
        self._node = node

    def add(self, what: str, number: int = 1) -> None:
        """`what` in the plural: faults, kills, races, inputs, requests."""
        self._node.user_properties.append((TRIED, (what, number)))


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    return Figures(request.node)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Only tests that passed count."""
    sums: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        for name, tried in report.user_properties:
            if name == TRIED:
                sums[tried[0]] += tried[1]
    if sums:
        terminalreporter.section("tried")
        terminalreporter.write_line(", ".join(f"{sums[what]:,} {what}" for what in sorted(sums)))
