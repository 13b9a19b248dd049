"""docs/machine.md has every step, move, time and field of the machine's cash-out, and no other."""

import json
import re
from itertools import pairwise
from pathlib import Path

from spirekeeper.spire import cash_out, cash_steps, device, dispenser, errors, patience
from spirekeeper.spire.cash_orders import MOVES, Order, Step

PAGE = (Path(__file__).parents[2] / "docs" / "machine.md").read_text()


def rows(head: str) -> dict[str, str]:
    """First cell and the rest, of the table whose head begins with this cell."""
    [found] = re.findall(rf"^\| {head} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.M)
    cells = [line.strip("|\n ").split("|", 1) for line in found.splitlines()]
    return {first.strip().strip("`"): rest for first, rest in cells}


def test_the_diagram_has_every_move_and_no_other() -> None:
    [diagram] = re.findall(r"```mermaid\nstateDiagram-v2\n(.*?)```", PAGE, re.S)
    drawn = re.findall(r"^ *(\S+) --> (\S+)", diagram, re.M)
    moves = {(was.value, to.value) for was, all_ in MOVES.items() for to in all_}
    ends = {(step.value, "[*]") for step in Step if step not in MOVES}
    assert set(drawn) == moves | ends | {("[*]", Step.MADE.value)}
    assert len(drawn) == len(set(drawn)), "a move stands twice"


def test_every_step_is_described() -> None:
    assert set(rows("step")) == {step.value for step in Step}


def test_the_steps_of_the_sequence_are_the_codes() -> None:
    [sequence] = re.findall(r"```mermaid\nsequenceDiagram\n(.*?)```", PAGE, re.S)
    named = re.findall(r"Note over M: (.*)", sequence)
    whole = [re.sub(r" \(.*\)", "", each) for each in named]
    way = (Step.MADE, Step.INVOICED, Step.ATTEMPT, Step.MOTOR, Step.COUNTED)
    assert whole == [*(step.value for step in way), "dispensed or short"]
    # Each of the way leads to the next.
    assert all(later in MOVES[step] for step, later in pairwise(way))


def test_the_times_are_the_codes() -> None:
    assert f"every {cash_out.POLL_S:g} s without news" in PAGE
    assert f"within {cash_out.START_WITHIN_S:g} s of asking" in PAGE
    assert f"for {patience.PATIENCE_S:g} s before it\ngives up" in PAGE
    assert f"{cash_steps.GRACE_S} s after the invoice" in PAGE
    assert f"or {device.CHECK_S:g} s without an end" in PAGE


async def test_the_line_of_the_dispenser_is_understood(tmp_path: Path) -> None:
    [line] = re.findall(r"`(\{\"notes\".*?\})`", PAGE)
    (tmp_path / "out").write_text(line)
    said = await dispenser.counted(Order.new(20_000, "20 EUR"), tmp_path / "out")
    assert said is not None
    assert vars(said) == json.loads(line)
    calls = {call.split()[1] for call in rows("call")}
    assert calls == {"check", "dispense"}


def test_every_exit_code_of_a_cash_out_is_there() -> None:
    codes = {each.exit_code for each in (errors.NoAnswer, errors.NoCash)}
    codes |= {errors.ForOperator.exit_code, errors.NotPaid.exit_code}
    assert set(map(int, rows("exit code"))) == {0, *codes}
