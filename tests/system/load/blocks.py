"""What held up LNbits' event loop, from the report of tests/system/load/observed_lnbits.py."""

from collections import Counter
from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any

MOST_MS = 50
REFERENCE_MS = 0.6
"""What the observer's reference work takes on the machine that the 50 ms are meant for; a slower
one, or one that shares its cores, is given more."""


def blocks(report: Mapping[str, Any]) -> list[str]:
    """Where we held it up for too long more than once: a machine may stumble, code does it again.

    Collecting garbage is left out: what there is to look through while hundreds are served is
    nearly all LNbits' own, and it takes as long without us.
    """
    found = Counter(
        turn["where"]
        for phase in report.values()
        for turn in phase["long"]
        if turn["ours"] and _ms(turn) > MOST_MS * slowness(phase)
    )
    return [f"{where}, {times} times" for where, times in found.items() if times > 1]


def slowness(phase: Mapping[str, Any]) -> float:
    """How much slower than meant the machine was, at least 1."""
    return max(1.0, 1000 * median(phase["reference"] or [0]) / REFERENCE_MS)


def table(report: Mapping[str, Any]) -> str:
    """The longest turns of the loop by phase, ours and LNbits', in milliseconds of CPU time."""
    return "\n".join(_rows(report))


def _rows(report: Mapping[str, Any]) -> Iterator[str]:
    yield f"{'':24} {'turns':>9} {'slowness':>9} {'ours':>5} {'host':>5} {'garbage':>8}  of ours"
    for name, phase in report.items():
        ours = [turn for turn in phase["long"] if turn["ours"]]
        host = [turn for turn in phase["long"] if not turn["ours"]]
        garbage = max((1000 * turn["collecting"] for turn in phase["long"]), default=0)
        longest = max(ours, key=_ms, default=None)
        yield (
            f"{name:24} {phase['turns']:9} {slowness(phase):9.1f} {_longest(ours):5.0f} "
            f"{_longest(host):5.0f} {garbage:8.0f}  {longest['where'] if longest else ''}"
        )


def _longest(turns: list[Any]) -> float:
    return max(map(_ms, turns), default=0.0)


def _ms(turn: Mapping[str, Any]) -> float:
    return float(1000 * (turn["cpu"] - turn["collecting"]))
