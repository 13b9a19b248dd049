"""What the page knows of states, reasons, notices and files: all that Python knows."""

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel
from spirekeeper.cash.answers import Silence
from spirekeeper.fleet.csv_text import COLUMNS, MAKE_ONE, read
from spirekeeper.models import MachineState, PairingState
from spirekeeper.orders import MAY_BE_STUCK, CashState
from spirekeeper.schemas.cash import CashAnswer, SettleData
from spirekeeper.schemas.fleet import FileProblemCode
from spirekeeper.store.search_key import search_key

ROOT = Path(__file__).parents[2]
STATES = (ROOT / "static" / "states.js").read_text()
NOTICES = (ROOT / "static" / "parts" / "notices.js").read_text()
LANGUAGES = sorted((ROOT / "static" / "i18n").glob("*.js"))
DESCRIBED = (ROOT / "docs" / "lifecycle.md").read_text()
"""It has every reason and notice of Python's: test_lifecycle_docs.py."""
NO_END = {"cut", "compare_fingerprint", "newer_seed_waits", "key_in_doubt", "not_looked_up"}
"""Reasons of a machine whose pairing has not ended."""

MACHINES = [state.value for state in MachineState]
PAIRINGS = [state.value for state in PairingState]


def block(text: str, head: str) -> list[str]:
    """The names in what begins with this line, in order."""
    [(indent, inside)] = re.findall(rf"^( *){re.escape(head)} \{{\n(.*?)^\1\}}", text, re.M | re.S)
    return re.findall(rf"^{indent}  \[?(\w+)\]?:", inside, re.M)


def described(kind: str) -> set[str]:
    [rows] = re.findall(rf"^\| {kind} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", DESCRIBED, re.M)
    return set(re.findall(r"^\| `(\w+)`", rows, re.M))


def test_every_state_has_its_colour_in_the_order_that_counts() -> None:
    assert block(STATES, "const MACHINE_COLORS =") == MACHINES
    assert block(STATES, "const PAIRING_COLORS =") == PAIRINGS


def test_every_notice_has_its_looks() -> None:
    looks = {name.lower() for name in block(NOTICES, "const LOOKS =")}
    assert looks == described("notice")


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda file: file.stem)
def test_every_state_reason_and_notice_has_its_words(language: Path) -> None:
    text = language.read_text()
    [machines] = re.findall(r"^    states: \{\n.*?^    \}", text, re.M | re.S)
    assert block(machines, "states:") == ["inactive", *MACHINES]
    assert [name for name in block(text, "pairing:") if name != "confirming"] == PAIRINGS
    reasons = described("reason")
    assert len(reasons) > 20
    assert reasons <= set(block(text, "reasons:"))
    assert reasons - NO_END <= set(block(text, "outcomes:"))
    [notices] = re.findall(r"^    notices: \{\n.*?^    \}", text, re.M | re.S)
    assert set(block(notices, "words:")) == described("notice")


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda file: file.stem)
def test_whatever_becomes_of_cash_has_its_words(language: Path) -> None:
    [cash] = re.findall(r"^    cash: \{\n.*?^    \}", language.read_text(), re.M | re.S)
    orders = [state.value for state in CashState]
    assert block(STATES, "const ORDER_COLORS =") == orders
    assert block(cash, "states:") == block(cash, "means:") == orders
    assert block(cash, "to_end:") == [state.value for state in CashState if state in MAY_BE_STUCK]
    assert block(cash, "ignored:") == [why.value for why in Silence]
    assert set(block(cash, "to_do:")) == {"nothing", *choices(CashAnswer, "to_do")}
    [hows] = re.findall(r"hows: \{(.*)\}", cash)
    assert re.findall(r"(\w+): '", hows) == choices(SettleData, "how")


def choices(model: type[BaseModel], field: str) -> list[str]:
    """The words that a field may hold."""
    return list(get_args(model.__fields__[field].type_))


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda path: path.stem)
def test_every_problem_of_a_file_has_its_words(language: Path) -> None:
    [fleet] = re.findall(r"^    fleet: \{\n.*?^    \}", language.read_text(), re.M | re.S)
    assert block(fleet, "problems:") == list(get_args(FileProblemCode))


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda path: path.stem)
def test_a_file_may_have_the_headings_of_the_page(language: Path) -> None:
    text = language.read_text()
    [common] = re.findall(r"^    common: \{\n(.*?)^    \}", text, re.M | re.S)
    words = [re.findall(rf"^      {column}: '(.+)'", common, re.M)[0] for column in COLUMNS]
    [row] = read((",".join(words) + "\na,b,c\n").encode())
    assert row.cells == dict(zip(COLUMNS, "abc", strict=True))
    [example] = re.findall(r"^      example_file: '(.+)'", text, re.M)
    first, second = read(example.replace("\\n", "\n").encode())
    assert first.cells.keys() == set(COLUMNS)
    assert {search_key(row.cells["wallet"]) for row in (first, second)} <= MAKE_ONE
