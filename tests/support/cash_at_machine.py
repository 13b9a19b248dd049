"""Whether a machine's journals, its motor and its acceptor agree with the orders: the part of
`cash_ledger.amiss` that looks at machines.

Notes for a customer's sats:

1. notes twice: the motor ran more than once for an order, or without a yes
2. the machine's journal, its motor and the order say different things

A customer's notes for sats:

3. notes without a hold: the acceptor took some, and there is no order of it, or one over less
4. the acceptor took notes twice for an order, or some that the machine's journal does not count
5. what the machine counts is not what the order is over, or what its customer was sent
6. the machine's journal and the order say different things

Of spirekeeper the machine's readers of its own journals are used, and nothing else.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spirekeeper.spire.cash_in_orders import CashInOrder, CashInOrders
from spirekeeper.spire.cash_orders import Order, Orders

from support.cash_in_ledger import Row
from support.fake_acceptor import FakeAcceptor
from support.fake_motor import FakeMotor

_UNPAID = {None, "asked", "invoiced", "abandoned", "expired"}
_LATER = {"paid_late", "settled"}
AGREES: dict[str, set[str | None]] = {
    "made": {*_UNPAID, "paid", *_LATER},
    "invoiced": {*_UNPAID, "paid", *_LATER} - {None},
    "leaving": {*_UNPAID, "paid", *_LATER},
    "attempt": {"paid", "dispensing", *_LATER},
    "motor": {"dispensing", "settled"},
    "counted": {"dispensing", "dispensed", "short", "settled"},
    "dispensed": {"dispensed", "settled"},
    "short": {"short", "settled"},
    "unknown": {"dispensing", "settled"},
    "closed": {"paid_late", "settled"},
    # The request for its invoice may have been on its way still.
    "abandoned": {*_UNPAID, *_LATER},
    "expired": {*_UNPAID, *_LATER},
    "refused": {*_UNPAID, *_LATER},
}
"""Each step of the machine's, with the states that the order may have then; None: there is none."""
MOVED = {"motor", "counted", "dispensed", "short", "unknown"}
"""Steps of an order whose motor may have run."""

_OWED = {"reserved", "paying", "unknown", "failed", "unclaimed", "sent", "settled"}
_NOTHING_IN = {None, "held", "abandoned", "settled"}
AGREES_IN: dict[str, set[str | None]] = {
    "made": {None, "held", "settled"},
    "taking": {"held", "settled"},
    "inserted": {"held", *_OWED},
    "linked": {*_OWED},
    "left": {*_OWED},
    "leaving": {*_NOTHING_IN},
    "sent": {"sent"},
    "owed": {*_OWED},
    "closed": {"settled"},
    "unknown": {"held", "settled"},
    # The request for its hold may have been on its way still.
    "abandoned": {*_NOTHING_IN},
    "refused": {None, "held", "settled"},
}
"""The same of a cash-in."""
NO_NOTES = {"made", "leaving", "abandoned", "refused"}
"""Steps of an order for which no note is in."""


@dataclass(frozen=True)
class AtMachine:
    """What a machine has on its disk, and for which orders its motor ran, once for each run."""

    machine_id: str
    journal: Sequence[Order]
    ran_for: Sequence[str]
    cash_in: Sequence[CashInOrder] = ()
    took: Sequence[tuple[str, int | None]] = ()
    """For which orders its acceptor ran, once for each run, and the sats that its notes were worth;
    None: it never said."""

    @classmethod
    def of(
        cls, machine_id: str, home: Path, motor: FakeMotor, acceptor: FakeAcceptor | None = None
    ) -> "AtMachine":
        """`home`: where its `spire` keeps its state."""
        return cls(
            machine_id,
            Orders(home).all(),
            motor.ran_for,
            CashInOrders(home).all(),
            acceptor.took if acceptor else (),
        )


def amiss_at(machine: AtMachine, orders: Sequence[Row]) -> Iterator[str]:
    """What must never be. See above."""
    ours = [order for order in orders if order["machine_id"] == machine.machine_id]
    sold = {each["order_key"]: each for each in ours if each["direction"] == "cash_out"}
    taken = {each["order_key"]: each for each in ours if each["direction"] == "cash_in"}
    yield from _at_motor(machine, sold)
    yield from _at_acceptor(machine, taken)


def _at_motor(machine: AtMachine, ours: Mapping[str, Row]) -> Iterator[str]:
    written = {order.id: order for order in machine.journal}
    ran = Counter(machine.ran_for)
    for key, times in ran.items():
        name = _name(key, ours.get(key))
        if times > 1:
            yield f"{name} has notes twice: the motor ran {times} times"
        if key not in ours or not ours[key]["dispensing_at"]:
            yield f"{name} has notes without a yes: the motor ran"
        if key not in written or written[key].step.value not in MOVED:
            yield f"{name} has notes, and the machine's journal says none were to come"
    for key, order in ours.items():
        if key not in written and order["dispensing_at"]:
            yield f"{order['id']} has a yes, and the machine's journal has no such order"
    for each in machine.journal:
        yield from _disagree(each, ours.get(each.id), ran[each.id])


def _disagree(at_machine: Order, order: Row | None, runs: int) -> Iterator[str]:
    step, state = at_machine.step.value, order["state"] if order else None
    name = _name(at_machine.id, order)
    if state not in AGREES[step]:
        yield f"{name} is {state or 'nowhere'}, and {step} in the machine's journal"
    if at_machine.dispensed_sats and not runs:
        yield f"{name} has no notes, and the machine's journal counts some"
    if order is None:
        return
    if order["sats"] != at_machine.sats:
        yield f"{name} is of {order['sats']} sats, and of {at_machine.sats} in the journal"
    if order["dispensing_at"] and order["dispense_attempt"] != at_machine.attempt:
        yield f"{name} has a yes for an attempt that the machine's journal does not have"
    if state in {"dispensed", "short"} and order["dispensed_sats"] != at_machine.dispensed_sats:
        yield f"{name} has other notes in the order than in the machine's journal"


def _at_acceptor(machine: AtMachine, ours: Mapping[str, Row]) -> Iterator[str]:
    written = {order.id: order for order in machine.cash_in}
    took = dict(machine.took)
    for key, times in Counter(key for key, _ in machine.took).items():
        name = _name(key, ours.get(key))
        if times > 1:
            yield f"{name} took notes twice: the acceptor ran {times} times"
        if key not in ours:
            yield f"{name} took notes without a hold"
        if key not in written or (took[key] and written[key].step.value in NO_NOTES):
            yield f"{name} took notes, and the machine's journal says that none are in"
    for key, order in ours.items():
        if key not in written and order["said_at"]:
            yield f"{order['id']} was said, and the machine's journal has no such order"
    for each in machine.cash_in:
        yield from _disagree_in(each, ours.get(each.id), took.get(each.id))


def _disagree_in(at_machine: CashInOrder, order: Row | None, took: int | None) -> Iterator[str]:
    step, state = at_machine.step.value, order["state"] if order else None
    name, inserted = _name(at_machine.id, order), at_machine.inserted
    if state not in AGREES_IN[step]:
        yield f"{name} is {state or 'nowhere'}, and {step} in the machine's journal"
    if inserted is not None and inserted != took:
        yield f"{name} took notes for {took or 0} sats, and its machine counts {inserted}"
    if order is None:
        return
    if not order["said_at"]:
        went_in = max(inserted or 0, took or 0)
        if went_in > order["sats"]:
            yield f"{name} took notes for {went_in} sats, and {order['sats']} were held"
    elif inserted != order["sats"]:
        yield f"{name} is over {order['sats']} sats, and its machine counts {inserted}"
    if step == "sent" and at_machine.net_sats != order["sats"] - order["fee_sats"]:
        sent = order["sats"] - order["fee_sats"]
        yield f"{name} has sent {sent} sats, and its machine counts {at_machine.net_sats}"


def _name(key: str, order: Row | None) -> str:
    return str(order["id"]) if order else f"the machine's {key}"
