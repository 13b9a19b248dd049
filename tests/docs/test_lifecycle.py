"""docs/lifecycle.md has every move, state and reason of the code, and no other."""

import re
from pathlib import Path
from types import ModuleType

import pytest
from spirekeeper import lifecycle
from spirekeeper.models import MachineState, PairingState
from spirekeeper.upkeep import notices

PAGE = (Path(__file__).parents[2] / "docs" / "lifecycle.md").read_text()


def words_of(module: ModuleType) -> set[str]:
    """The module's constants that are a word."""
    return {
        value for name, value in vars(module).items() if name.isupper() and isinstance(value, str)
    }


REASONS = [
    reason
    for kind in (lifecycle.StandingReason, lifecycle.LockReason, lifecycle.EndReason)
    for reason in kind
]


def table(first: str) -> dict[str, list[str]]:
    """The rows of the table whose head begins with this cell: the first cell's word, the others."""
    [rows] = re.findall(rf"^\| {first} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.M)
    cells = [line.strip("|").split("|") for line in rows.splitlines()]
    found = {row[0].strip().strip("`"): [cell.strip() for cell in row[1:]] for row in cells}
    assert len(found) == len(cells), "a row stands twice"
    return found


def test_the_diagram_has_every_allowed_move_and_no_other() -> None:
    [diagram] = re.findall(r"```mermaid\n(.*?)```", PAGE, re.S)
    drawn = re.findall(r"^ *(\S+) --> (\S+)", diagram, re.M)
    moves = {(was.value, to.value) for was, all_ in lifecycle.ALLOWED_MOVES.items() for to in all_}
    begin = {("[*]", PairingState.INTENT.value)}
    end = {(was.value, "[*]") for was, all_ in lifecycle.ALLOWED_MOVES.items() if not all_}
    assert set(drawn) == moves | begin | end
    assert len(drawn) == len(set(drawn)), "a move stands twice"


def test_every_state_of_a_pairing_is_described() -> None:
    assert set(table("pairing")) == {state.value for state in PairingState}


def test_every_state_of_a_machine_is_described_in_the_order_that_counts() -> None:
    assert list(table("machine")) == [state.value for state in MachineState]


def test_every_reason_is_described_in_its_own_words() -> None:
    assert table("reason") == {str(each): [each.happened, each.advice] for each in REASONS}


def test_every_notice_is_described() -> None:
    assert set(table("notice")) == words_of(notices)


@pytest.mark.parametrize("state", [state.value for state in MachineState])
def test_the_reasons_of_a_state_are_reasons(state: str) -> None:
    named = re.findall(r"`(\w+)`", table("machine")[state][1])
    assert set(named) <= {str(each) for each in REASONS}


@pytest.mark.parametrize("first", ["pairing", "machine", "reason", "notice"])
def test_every_row_says_something(first: str) -> None:
    for name, cells in table(first).items():
        assert cells[0].endswith("."), name
