"""docs/machine.md has every step, move, time and field of the machine's cash-out and cash-in, and
no other."""

import json
import re
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from spirekeeper.spire import (
    acceptor,
    cash_in,
    cash_in_orders,
    cash_orders,
    cash_out,
    cash_steps,
    device,
    dispenser,
    errors,
    patience,
)
from spirekeeper.spire.cash_in_orders import CashInOrder, CashInStep
from spirekeeper.spire.cash_orders import Order, Step

PAGE = (Path(__file__).parents[2] / "docs" / "machine.md").read_text()
OUT, IN = PAGE.split("\n## Cash-in\n")
WAYS: list[tuple[str, Any, type[Enum]]] = [
    (OUT, cash_orders.MOVES, Step),
    (IN, cash_in_orders.MOVES, CashInStep),
]
BOTH = pytest.mark.parametrize(("page", "moves", "steps"), WAYS, ids=["cash-out", "cash-in"])


def rows(head: str, page: str = PAGE) -> dict[str, str]:
    """First cell and the rest, of the table whose head begins with this cell."""
    [found] = re.findall(rf"^\| {head} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", page, re.M)
    cells = [line.strip("|\n ").split("|", 1) for line in found.splitlines()]
    return {first.strip().strip("`"): rest for first, rest in cells}


@BOTH
def test_the_diagram_has_every_move_and_no_other(page: str, moves: Any, steps: Any) -> None:
    [diagram] = re.findall(r"```mermaid\nstateDiagram-v2\n(.*?)```", page, re.S)
    drawn = re.findall(r"^ *(\S+) --> (\S+)", diagram, re.M)
    allowed = {(was.value, to.value) for was, all_ in moves.items() for to in all_}
    ends = {(step.value, "[*]") for step in steps if step not in moves}
    assert set(drawn) == allowed | ends | {("[*]", steps.MADE.value)}
    assert len(drawn) == len(set(drawn)), "a move stands twice"


@BOTH
def test_every_step_is_described(page: str, moves: Any, steps: Any) -> None:
    assert set(rows("step", page)) == {step.value for step in steps}


def noted(page: str) -> list[str]:
    """The steps in the sequence, in order."""
    [sequence] = re.findall(r"```mermaid\nsequenceDiagram\n(.*?)```", page, re.S)
    return [re.sub(r" \(.*\)", "", each) for each in re.findall(r"Note over M: (.*)", sequence)]


def test_the_steps_of_the_sequence_are_the_codes() -> None:
    way = (Step.MADE, Step.INVOICED, Step.ATTEMPT, Step.MOTOR, Step.COUNTED)
    assert noted(OUT) == [*(step.value for step in way), "dispensed or short"]
    # Each of the way leads to the next.
    assert all(later in cash_orders.MOVES[step] for step, later in pairwise(way))
    way_in = [CashInStep(each) for each in noted(IN)]
    assert (way_in[0], way_in[-1]) == (CashInStep.MADE, CashInStep.SENT)
    assert all(later in cash_in_orders.MOVES[step] for step, later in pairwise(way_in))


def test_the_times_are_the_codes() -> None:
    assert f"every {cash_out.POLL_S:g} s without news" in PAGE
    assert f"within {cash_out.START_WITHIN_S:g} s of asking" in PAGE
    assert f"for {patience.PATIENCE_S:g} s before it\ngives up" in PAGE
    assert f"{cash_steps.GRACE_S} s after the invoice" in PAGE
    assert PAGE.count(f"or {device.CHECK_S:g} s without an end") == 2
    assert f"hold, again every {cash_in.RENEW_S:g} s" in IN
    assert f"get_payment, every {cash_in.POLL_S:g} s" in IN
    assert f"until {cash_in.LEAST_HELD_S:g} s before it ends" in IN


async def test_the_line_of_the_dispenser_is_understood(tmp_path: Path) -> None:
    [line] = re.findall(r"`(\{\"notes\".*?\})`", OUT)
    (tmp_path / "out").write_text(line)
    said = await dispenser.counted(Order.new(20_000, "20 EUR"), tmp_path / "out")
    assert said is not None
    assert vars(said) == json.loads(line)
    calls = {call.split()[1] for call in rows("call")}
    assert calls == {"check", "dispense"}


async def test_the_line_of_the_acceptor_is_understood(tmp_path: Path) -> None:
    [line] = re.findall(r"`(\{\"notes\".*?\})`", IN)
    (tmp_path / "out").write_text(line)
    said = await acceptor.inserted(CashInOrder.new(20_000, None), tmp_path / "out")
    assert said is not None
    assert vars(said) == json.loads(line)
    calls = {call.split()[1] for call in rows("call of the acceptor")}
    assert calls == {"check", "accept"}


def test_every_exit_code_is_there() -> None:
    codes = {each.exit_code for each in (errors.NoAnswer, errors.NoCash)}
    codes |= {errors.ForOperator.exit_code, errors.NotPaid.exit_code}
    assert set(map(int, rows("exit code"))) == {0, *codes}
    codes.add(errors.NotFetched.exit_code)
    assert set(map(int, rows("exit code of `cash-in`"))) == {0, *codes}
