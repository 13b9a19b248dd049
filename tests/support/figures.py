"""At the end of a run: how much was tried, so that a figure in the README can be looked up, and
what the main jobs took."""

from collections import Counter

import pytest

TRIED = "tried"
TOOK = "took"


class Figures:
    """What one test has tried."""

    def __init__(self, node: pytest.Item) -> None:
        self._node = node

    def add(self, what: str, number: int = 1) -> None:
        """`what` in the plural: faults, kills, races, inputs, requests."""
        self._node.user_properties.append((TRIED, (what, number)))

    def took(self, job: str, clicks: int, typed: int, seconds: float) -> None:
        told = f"{clicks:3} clicks  {typed:3} typed  {seconds:5.1f} s  {job}"
        self._node.user_properties.append((TOOK, told))


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
    for report in terminalreporter.getreports("passed"):
        jobs = [told for name, told in report.user_properties if name == TOOK]
        if jobs and report.when == "call":
            terminalreporter.section(report.nodeid.rpartition("::")[2])
            terminalreporter.write_line("\n".join(jobs))
