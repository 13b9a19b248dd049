"""Prints the tables of docs/faults.md: `PYTHONPATH=tests python -m system.faults.fault_page`."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from system.faults.fault_table import (
    CONFIRM_ENDS,
    FAULTS,
    LOOK_ENDS,
    MAIN,
    PAIR_ENDS,
    REVOKE_ENDS,
    End,
    Fault,
    Op,
    Way,
)

PAGE = Path(__file__).parents[3] / "docs" / "faults.md"

_BURNED = (
    "A token that may have been made is burned in the background as soon as the bunker answers; "
    "one that is not found is looked for three times, because a request can arrive late."
)
_THEN: Mapping[str, Mapping[Way, str]] = {
    "pair": {
        Way.FINE: "A pairing code, as always. Where an answer was lost, what the bunker did is "
        "looked up, which takes some seconds.",
        Way.SILENT: f"No pairing code. {_BURNED} Then pair again.",
        Way.REFUSED: f"No pairing code. {_BURNED} Then pair again.",
        Way.UNREACHED: f"No pairing code. {_BURNED} Then pair again.",
        Way.NOT_BEGUN: "No pairing code; nothing was asked of the bunker, and nothing is left "
        "behind.",
    },
    "look at the pairing": {
        Way.FINE: "The page shows that the machine is connected.",
        Way.SILENT: "The page shows what was known last, and that the bunker did not answer. It is "
        "asked again once a minute, at every look, and when the machine is heard on its relay.",
        Way.NOT_SEEN: "The page still waits for the scan. The next look finds it.",
    },
    "confirm": {
        Way.FINE: "The machine is connected.",
        Way.SILENT: "Nobody is confirmed, nothing is routed. Confirm again.",
        Way.REFUSED: "Nobody is confirmed, nothing is routed. Confirm again.",
        Way.UNREACHED: "Nobody is confirmed, nothing is routed. Confirm again.",
        Way.DOUBTED: "Nobody is confirmed, nothing is routed: the bunker showed other clients than "
        "expected. Look again; if it stays so, reject.",
    },
    "revoke": {
        Way.FINE: "Cut off here and at the bunker.",
        Way.OWED: "Cut off here at once: nothing is routed any more. What the bunker has not done "
        "is shown and retried (after 5 seconds, then slower, at least once a minute) until the "
        "bunker was read again and is clean.",
    },
}
_ENDS: Mapping[str, Mapping[Way, End]] = {
    "pair": PAIR_ENDS,
    "look at the pairing": LOOK_ENDS,
    "confirm": CONFIRM_ENDS,
    "revoke": REVOKE_ENDS,
}

_BETWEEN = "<!-- {0}: printed -->\n\n{1}\n<!-- /{0} -->"


def ends() -> str:
    """How each thing that an operator does can end."""
    return _table(
        ("you", "it ends", "the API answers; what is stored", "what follows"),
        (
            (op, way.value, end.words(), _THEN[op][way])
            for op, ends in _ENDS.items()
            for way, end in ends.items()
        ),
    )


def faults() -> str:
    """Each fault, and how what it meets ends then."""
    columns = [f"{op.words}<br>`{op.method}`" for op in MAIN]
    return _table(
        ("fault", *columns, "what to do"),
        ((fault.name, *(_cell(fault, op) for op in MAIN), fault.do) for fault in FAULTS),
    )


def page() -> str:
    """The page with its tables as they are now."""
    text = PAGE.read_text()
    for name, table in (("ends", ends()), ("faults", faults())):
        printed = _BETWEEN.format(name, table)
        text = re.sub(_BETWEEN.format(name, ".*?"), lambda _, new=printed: new, text, flags=re.S)
    return text


def _cell(fault: Fault, op: Op) -> str:
    return fault.ways[op].value if op in fault.ways else "-"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    cells = list(head)
    rule = f"|{'---|' * len(cells)}\n"
    first, *others = (f"| {' | '.join(line)} |\n" for line in (cells, *rows))
    return "".join((first, rule, *others))


if __name__ == "__main__":
    PAGE.write_text(page())
