"""docs/cash.md has every move and state of a cash order, and no other."""

import re
from pathlib import Path

from spirekeeper.orders import CASH_MOVES, CashState

PAGE = (Path(__file__).parents[2] / "docs" / "cash.md").read_text()


def test_the_diagrams_have_every_allowed_move_and_no_other() -> None:
    diagrams = re.findall(r"```mermaid\n(.*?)```", PAGE, re.S)
    drawn = re.findall(r"^ *(\S+) --> (\S+)", "\n".join(diagrams), re.M)
    moves = {(was.value, to.value) for was, all_ in CASH_MOVES.items() for to in all_}
    begin = {("[*]", CashState.ASKED.value), ("[*]", CashState.HELD.value)}
    end = {(was.value, "[*]") for was, all_ in CASH_MOVES.items() if not all_}
    assert set(drawn) == moves | begin | end
    assert len(drawn) == len(set(drawn)), "a move stands twice"


def test_every_state_is_described() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", PAGE, re.M)
    assert [state for state, _ in rows] == [state.value for state in CashState]
    assert all(words.strip().endswith(".") for _, words in rows)
