"""The checker of what machines have taken in names each kind of wrong: one test makes each, and all
else is well. (What they have sold: test_cash_ledger.py.)"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from spirekeeper.spire.acceptor import Acceptor
from spirekeeper.spire.cash_in_orders import CashInOrder, CashInOrders, CashInStep
from support.cash_at_machine import AGREES_IN, AtMachine, amiss_at
from support.fake_acceptor import FakeAcceptor
from support.fake_motor import FakeMotor

SATS, FEE = 1000, 20


def order(**more: Any) -> CashInOrder:
    """As the machine has it."""
    return CashInOrder(**{"id": "key", "sats": SATS, "bolt11": None, "made_at": "then", **more})


@dataclass
class Tale:
    """One order that went well; a test changes something of it."""

    row: dict[str, Any] = field(
        default_factory=lambda: {
            "id": "spirekeeper-1",
            "machine_id": "north",
            "order_key": "key",
            "direction": "cash_in",
            "state": "sent",
            "sats": SATS,
            "fee_sats": FEE,
            "said_at": 1.0,
        }
    )
    journal: list[CashInOrder] = field(
        default_factory=lambda: [order(step=CashInStep.SENT, fee_sats=FEE, notes=1, inserted=SATS)]
    )
    took: list[tuple[str, int | None]] = field(default_factory=lambda: [("key", SATS)])

    def at(self, state: str, step: CashInStep, **columns: Any) -> None:
        """Where the two of them stand."""
        self.row |= {"state": state, **columns}
        self.journal = [replace(self.journal[0], step=step)]

    def counts(self, **changed: Any) -> None:
        """So the machine has it."""
        self.journal = [replace(self.journal[0], **changed)]

    def amiss(self) -> list[str]:
        strangers = {**self.row, "machine_id": "south", "order_key": "strangers"}
        machine = AtMachine("north", [], [], self.journal, self.took)
        return list(amiss_at(machine, [self.row, strangers]))


def notes_without_a_hold(tale: Tale) -> None:
    tale.took.append(("unheard of", SATS))


def notes_of_no_order_of_this_machine(tale: Tale) -> None:
    tale.row["machine_id"] = "south"


def counted_without_a_hold(tale: Tale) -> None:
    tale.journal.append(order(id="unheard of", step=CashInStep.INSERTED, inserted=SATS))


def held_for_less(tale: Tale) -> None:
    tale.at("held", CashInStep.INSERTED, said_at=None, sats=SATS - 1)


def held_for_less_than_nobody_counted(tale: Tale) -> None:
    tale.at("held", CashInStep.UNKNOWN, said_at=None, sats=SATS - 1)
    tale.counts(inserted=None)


def notes_taken_twice(tale: Tale) -> None:
    tale.took *= 2


def notes_that_the_journal_forgot(tale: Tale) -> None:
    tale.at("abandoned", CashInStep.ABANDONED, said_at=None)
    tale.counts(inserted=None)


def notes_before_the_hold(tale: Tale) -> None:
    tale.at("held", CashInStep.MADE, said_at=None)
    tale.counts(inserted=None)


def counts_too_little(tale: Tale) -> None:
    tale.took = [("key", SATS + 1)]


def counts_what_did_not_go_in(tale: Tale) -> None:
    tale.took = []


def over_other_sats(tale: Tale) -> None:
    tale.row |= {"sats": SATS + 1, "fee_sats": FEE + 1}


def sent_less(tale: Tale) -> None:
    tale.counts(fee_sats=FEE - 1)


def sent_with_no_notes_in(tale: Tale) -> None:
    tale.counts(step=CashInStep.TAKING, inserted=None)


def sent_and_refused(tale: Tale) -> None:
    tale.counts(step=CashInStep.REFUSED, inserted=None)
    tale.took = []


def sent_by_the_journal_alone(tale: Tale) -> None:
    tale.row["state"] = "reserved"


def journal_is_gone(tale: Tale) -> None:
    tale.journal, tale.took = [], []


WRONGS: dict[Callable[[Tale], None], str] = {
    notes_without_a_hold: "the machine's unheard of took notes without a hold",
    notes_of_no_order_of_this_machine: "the machine's key took notes without a hold",
    counted_without_a_hold: "unheard of is nowhere, and inserted in the machine's journal",
    held_for_less: "took notes for 1000 sats, and 999 were held",
    held_for_less_than_nobody_counted: "took notes for 1000 sats, and 999 were held",
    notes_taken_twice: "took notes twice: the acceptor ran 2 times",
    notes_that_the_journal_forgot: "took notes, and the machine's journal says that none are in",
    notes_before_the_hold: "took notes, and the machine's journal says that none are in",
    counts_too_little: "took notes for 1001 sats, and its machine counts 1000",
    counts_what_did_not_go_in: "took notes for 0 sats, and its machine counts 1000",
    over_other_sats: "is over 1001 sats, and its machine counts 1000",
    sent_less: "has sent 980 sats, and its machine counts 981",
    sent_with_no_notes_in: "is sent, and taking in the machine's journal",
    sent_and_refused: "is sent, and refused in the machine's journal",
    sent_by_the_journal_alone: "is reserved, and sent in the machine's journal",
    journal_is_gone: "was said, and the machine's journal has no such order",
}


def test_an_order_that_went_well() -> None:
    assert Tale().amiss() == []


@pytest.mark.parametrize("wrong", WRONGS, ids=lambda wrong: wrong.__name__)
def test_each_wrong_is_named(wrong: Callable[[Tale], None]) -> None:
    tale = Tale()
    wrong(tale)
    said = tale.amiss()
    assert any(sentence.endswith(WRONGS[wrong]) for sentence in said), said


@pytest.mark.parametrize("state", sorted(AGREES_IN["left"] - {None}, key=str))
def test_who_is_owed_has_no_wrong(state: str) -> None:
    tale = Tale()
    tale.at(state, CashInStep.LEFT)
    assert tale.amiss() == []


def test_a_hold_that_nobody_uses_is_no_wrong() -> None:
    tale = Tale()
    tale.at("held", CashInStep.ABANDONED, said_at=None)
    tale.counts(inserted=None)
    tale.took = [("key", 0)]
    assert tale.amiss() == [], "the request to hold came late"
    tale.journal, tale.took = [], []
    assert tale.amiss() == [], "the machine's disk is lost"


def test_each_step_of_the_machine_has_its_states() -> None:
    assert AGREES_IN.keys() == {step.value for step in CashInStep}


@pytest.mark.parametrize("pause", [None, 0.05])
async def test_what_the_acceptor_took_is_read(tmp_path: Path, pause: float | None) -> None:
    acceptor, orders = FakeAcceptor(tmp_path / "acceptor"), CashInOrders(tmp_path)
    acceptor.slowly(pause)
    counted, jammed = CashInOrder.new(5000, None), CashInOrder.new(5000, None)
    with orders.locked():
        orders.write(counted)
    command = Acceptor([acceptor.command])
    acceptor.takes(1000, 2000)
    came_in = await command.accept(counted, orders.notes_file(counted), asyncio.Event())
    assert came_in is not None
    assert (came_in.notes, came_in.sats) == (2, 3000)
    acceptor.says("jammed\n")
    assert await command.accept(jammed, orders.notes_file(jammed), asyncio.Event()) is None
    machine = AtMachine.of("north", tmp_path, FakeMotor(tmp_path / "motor"), acceptor)
    assert machine.took == [(counted.id, 3000), (jammed.id, None)]
    assert machine.cash_in == [counted]
