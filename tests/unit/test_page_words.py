"""What goes wrong, the page says in each of its languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from spirekeeper.errors import PairingError, SpirekeeperError
from spirekeeper.models import OwedKind
from spirekeeper.reasons import Reason
from spirekeeper.schemas.cash import Reach
from spirekeeper.schemas.machines import UpdateMachine
from spirekeeper.schemas.relays import RelayProblem
from spirekeeper.store.details import TEMPLATES

ROOT = Path(__file__).parents[2]
LANGUAGES = sorted((ROOT / "static" / "i18n").glob("*.js"))
OF_A_STATUS = {"key_needed", "silent_to_strangers"}
"""What is wrong with a bunker that was tried without an admin key."""
LNBITS_OWN = {"no_answer", "http_401", "http_403", "http_429"}


def codes(kind: type[SpirekeeperError]) -> set[str]:
    return {kind.code}.union(*map(codes, kind.__subclasses__()))


def inside(text: str, *heads: str) -> str:
    """What stands in a block of a block."""
    for depth, head in enumerate(heads, 2):
        indent = "  " * depth
        [text] = re.findall(rf"^{indent}{head}: \{{\n(.*?)^{indent}\}}", text, re.M | re.S)
    return text


def names(text: str, *heads: str) -> set[str]:
    indent = "  " * (len(heads) + 2)
    return set(re.findall(rf"^{indent}(\w+):", inside(text, *heads), re.M))


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda path: path.stem)
def test_every_error_has_its_words(language: Path) -> None:
    text = language.read_text()
    known = codes(SpirekeeperError)
    assert len(known) > 30
    assert known | LNBITS_OWN <= names(text, "errors")
    assert set(get_args(Reason)) == names(text, "errors", "wrong")
    assert set(get_args(RelayProblem)) == names(text, "relays", "problems")
    assert set(get_args(Reach)) == names(text, "cash", "reach")
    of_the_bunker = codes(PairingError) - {"pairing_failed"}
    assert of_the_bunker | OF_A_STATUS == names(text, "bunker", "problems")


def test_every_status_without_a_key_has_words_to_look_for() -> None:
    written = (ROOT / "connection" / "bunker_status.py").read_text()
    told = re.search(r"^_WITHOUT_KEY = \{\n(.*?)^\}", written, re.M | re.S)
    assert told
    assert set(re.findall(r'": \(\n +"(\w+)",', told[1])) == OF_A_STATUS


# The journal.

NOT_OF_A_MACHINE = {"bunker", "abandoned", "webhook", "service_key", "cash_stop"}
"""Events that stand in a file alone: the page shows the lines of a machine."""


def recorded() -> Iterator[tuple[ast.expr, ast.expr]]:
    """What the package gives as event and outcome, wherever it adds a line."""
    for file in ROOT.glob("*/*.py"):
        if file.parent.name not in {"steps", "fleet", "upkeep", "cash", "connection"}:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if ast.unparse(node.func) == "journal.record":
                    yield node.args[0], node.args[1]
                elif node.func.attr in {"about", "line_about", "_record"}:
                    yield node.args[1], node.args[2]


def known_events() -> dict[str, set[str]]:
    """The outcomes of each that are named in the code."""
    events: dict[str, set[str]] = {kind.value: {"done"} for kind in OwedKind}
    for event, outcome in recorded():
        if isinstance(event, ast.Constant) and event.value not in NOT_OF_A_MACHINE:
            named = events.setdefault(str(event.value), set())
            if isinstance(outcome, ast.Constant):
                named.add(str(outcome.value))
    return events


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda path: path.stem)
def test_every_line_of_the_journal_has_its_words(language: Path) -> None:
    """Event and outcome, and what a detail is made of."""
    text = language.read_text()
    events = inside(text, "panel", "events")
    said = {
        event: set(re.findall(r"(\w+): '", block))
        for event, block in re.findall(
            r"^        (\w+): \{(.*?)\}(?:,\n|\n|$)", events, re.M | re.S
        )
    }
    known = known_events()
    assert len(known) > 10
    assert said.keys() == known.keys() | {"migrated"}
    for event, outcomes in known.items():
        assert outcomes <= said[event] or "other" in said[event], event
    details = dict(re.findall(r"^        (\w+): '(.*)',?$", inside(text, "panel", "details"), re.M))
    assert details.keys() == TEMPLATES.keys()
    for code, template in TEMPLATES.items():
        assert set(re.findall(r"\{\w+\}", details[code])) <= set(re.findall(r"\{\w+\}", template))
    assert names(text, "panel", "fields") == UpdateMachine.__fields__.keys() - {"version"}
