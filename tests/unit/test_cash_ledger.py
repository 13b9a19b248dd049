"""The checker of invariants names each kind of wrong: one test makes each, and all else is well."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from spirekeeper.spire.cash_orders import Order, Step
from support.cash_at_machine import AGREES, AtMachine
from support.cash_ledger import Books, amiss, broken_off, read_books
from support.fake_motor import FakeMotor

SATS = 1000


@dataclass
class Tale:
    """One order that went well, everywhere; a test changes something of it."""

    order: dict[str, Any] = field(
        default_factory=lambda: {
            "id": "spirekeeper-1",
            "machine_id": "north",
            "order_key": "key",
            "direction": "cash_out",
            "state": "dispensed",
            "sats": SATS,
            "short_code": "CODE",
            "dispense_attempt": "attempt",
            "dispensed_sats": SATS,
            "settled_by": "",
            "paid_at": 1.0,
            "dispensing_at": 2.0,
        }
    )
    incoming: dict[str, Any] = field(
        default_factory=lambda: {
            "external_id": "spirekeeper-1",
            "amount": 1000 * SATS,
            "payment_hash": "hash",
            "status": "success",
        }
    )
    outgoing: dict[str, Any] = field(
        default_factory=lambda: {
            "external_id": None,
            "amount": -1000 * SATS,
            "payment_hash": "hash",
            "status": "success",
        }
    )
    journal: list[Order] = field(
        default_factory=lambda: [
            Order(
                id="key",
                sats=SATS,
                fiat=None,
                made_at="then",
                step=Step.DISPENSED,
                attempt="attempt",
                notes=1,
                dispensed_sats=SATS,
            )
        ]
    )
    ran_for: list[str] = field(default_factory=lambda: ["key"])
    settled: list[dict[str, Any]] = field(default_factory=list)
    payee: list[dict[str, Any]] = field(default_factory=list)
    """More of LNbits' rows."""
    elsewhere: bool = False
    """The customer pays from another LNbits."""
    nowhere: bool = False
    """Our order is gone."""

    def books(self) -> Books:
        return Books(
            orders=[] if self.nowhere else [self.order],
            payee=[self.incoming, *self.payee, *([] if self.elsewhere else [self.outgoing])],
            payer=[self.outgoing] if self.elsewhere else [],
            settled=self.settled,
            machines=[AtMachine("north", self.journal, self.ran_for)],
        )

    def at(self, state: str, step: Step | None, **columns: Any) -> None:
        """Without notes, where the two of them stand."""
        before = {"dispense_attempt": None, "dispensed_sats": None, "dispensing_at": None}
        self.order |= {"state": state, **before, **columns}
        self.ran_for = []
        order = Order(id="key", sats=SATS, fiat=None, made_at="then")
        self.journal = [] if step is None else [Order(**{**order.__dict__, "step": step})]

    def settles(self) -> None:
        values = json.dumps({"order": "CODE", "how": "refunded"})
        self.settled.append({"machine_id": "north", "detail_values": values})


def unpaid(tale: Tale) -> None:
    tale.incoming["status"] = tale.outgoing["status"] = "pending"


def dispensed_before_it_was_paid(tale: Tale) -> None:
    tale.incoming["status"] = "pending"
    tale.order["paid_at"] = None


def lost(tale: Tale) -> None:
    tale.at("expired", Step.EXPIRED)


def lost_with_its_order(tale: Tale) -> None:
    tale.at("expired", Step.EXPIRED)
    tale.nowhere = True


def lost_on_the_way(tale: Tale) -> None:
    tale.at("expired", Step.EXPIRED)
    tale.elsewhere = True
    tale.incoming["status"] = "failed"


def paid_by_two_invoices(tale: Tale) -> None:
    tale.payee.append({**tale.incoming, "payment_hash": "another"})


def invoice_paid_twice(tale: Tale) -> None:
    tale.payee.append({**tale.outgoing})


def paid_too_little(tale: Tale) -> None:
    tale.incoming["amount"] -= 1000


def notes_twice(tale: Tale) -> None:
    tale.ran_for.append("key")


def notes_without_a_yes(tale: Tale) -> None:
    tale.at("paid", Step.MOTOR)
    tale.ran_for = ["key"]


def notes_of_no_order(tale: Tale) -> None:
    tale.ran_for.append("unheard of")


def notes_that_the_journal_forgot(tale: Tale) -> None:
    tale.at("dispensing", Step.ATTEMPT, dispensing_at=2.0)
    tale.ran_for = ["key"]


def no_notes(tale: Tale) -> None:
    tale.ran_for = []


def settled_twice(tale: Tale) -> None:
    tale.at("settled", Step.CLOSED, settled_by="operator")
    tale.settles()
    tale.settles()


def settled_and_undone(tale: Tale) -> None:
    tale.at("paid_late", Step.CLOSED, settled_by="operator")


def settled_untold(tale: Tale) -> None:
    tale.at("settled", Step.CLOSED, settled_by="operator")


def settled_in_the_journal_alone(tale: Tale) -> None:
    tale.settles()


def journal_is_gone(tale: Tale) -> None:
    tale.journal, tale.ran_for = [], []


def disagree(tale: Tale) -> None:
    tale.at("paid", Step.ABANDONED)


def of_other_sats(tale: Tale) -> None:
    tale.journal = [Order(**{**tale.journal[0].__dict__, "sats": SATS + 1})]


def other_attempt(tale: Tale) -> None:
    tale.order["dispense_attempt"] = "another"


def other_notes(tale: Tale) -> None:
    tale.order["dispensed_sats"] = SATS - 1


WRONGS: dict[Callable[[Tale], None], str] = {
    unpaid: "was dispensed, and nobody paid",
    dispensed_before_it_was_paid: "was dispensed, and nobody paid",
    lost: "is lost: it is paid, and the order is expired",
    lost_with_its_order: "is lost: it is paid, and the order is nowhere",
    lost_on_the_way: "is lost: its customer has paid, and LNbits has no sats",
    paid_by_two_invoices: "is paid 2 times",
    invoice_paid_twice: "has one invoice that is paid more than once",
    paid_too_little: "is worth 1000 sats, and 999000 msat were paid",
    notes_twice: "has notes twice: the motor ran 2 times",
    notes_without_a_yes: "has notes without a yes: the motor ran",
    notes_of_no_order: "the machine's unheard of has notes without a yes: the motor ran",
    notes_that_the_journal_forgot: "has notes, and the machine's journal says none were to come",
    no_notes: "has no notes, and the machine's journal counts some",
    settled_twice: "was settled 2 times",
    settled_and_undone: "was settled, and is paid_late now",
    settled_untold: "is settled, and the journal does not tell of it",
    settled_in_the_journal_alone: "was settled, as the journal tells, and is dispensed",
    journal_is_gone: "has a yes, and the machine's journal has no such order",
    disagree: "is paid, and abandoned in the machine's journal",
    of_other_sats: "is of 1000 sats, and of 1001 in the journal",
    other_attempt: "has a yes for an attempt that the machine's journal does not have",
    other_notes: "has other notes in the order than in the machine's journal",
}


def test_an_order_that_went_well() -> None:
    assert amiss(Tale().books()) == []
    assert amiss(Tale(elsewhere=True).books()) == []


@pytest.mark.parametrize("wrong", WRONGS, ids=lambda wrong: wrong.__name__)
def test_each_wrong_is_named(wrong: Callable[[Tale], None]) -> None:
    tale = Tale()
    wrong(tale)
    said = amiss(tale.books())
    assert any(sentence.endswith(WRONGS[wrong]) for sentence in said), said


def test_whom_another_lnbits_pays_twice() -> None:
    tale = Tale(elsewhere=True)
    books = tale.books()
    twice = Books(books.orders, books.payee, [*books.payer, *books.payer])
    assert amiss(twice) == ["spirekeeper-1 has one invoice that is paid more than once"]


@pytest.mark.parametrize("state", ["paid", "paid_late", "dispensing", "short", "settled"])
def test_who_waits_on_the_operators_list_is_not_lost(state: str) -> None:
    tale = Tale()
    tale.at(state, None)
    assert [sentence for sentence in amiss(tale.books()) if "lost" in sentence] == []


def test_each_step_of_the_machine_has_its_states() -> None:
    assert AGREES.keys() == {step.value for step in Step}


def test_what_lnbits_breaks_off_is_counted_apart() -> None:
    tale = Tale()
    tale.at("expired", Step.EXPIRED)
    assert broken_off(tale.books()) == []
    tale.incoming["status"] = "pending"
    assert amiss(tale.books()) == []
    assert broken_off(tale.books()) == ["spirekeeper-1"]


def test_what_lnbits_takes_back_after_the_notes_are_out_is_counted_apart() -> None:
    tale = Tale()
    tale.incoming["status"] = "failed"
    assert (amiss(tale.books()), broken_off(tale.books())) == ([], ["spirekeeper-1"])
    tale.outgoing["status"] = "failed"
    assert amiss(tale.books()) == ["spirekeeper-1 was dispensed, and nobody paid"]


def test_machines_that_share_an_lnbits_with_others() -> None:
    tale = Tale()
    lost(tale)
    assert amiss(tale.books().of("north")) == amiss(tale.books())
    assert amiss(replace(tale.books(), machines=[]).of("south")) == []


async def test_what_is_stored_is_read(tmp_path: Path) -> None:
    """LNbits' two files, the machine's journal and the motor's count."""
    tale = Tale()
    tale.settles()
    lines = [{**line, "event": "cash", "outcome": "settled"} for line in tale.settled]
    lines += [{**line, "outcome": "changed"} for line in lines]
    store(tmp_path / "database.sqlite3", "apipayments", [tale.incoming, tale.outgoing])
    store(tmp_path / "ext_spirekeeper.sqlite3", "cash_orders", [tale.order])
    store(tmp_path / "ext_spirekeeper.sqlite3", "journal", lines)
    attempt = {"id": "spirekeeper-pay-1", "order_id": "spirekeeper-2"}
    store(tmp_path / "ext_spirekeeper.sqlite3", "cash_attempts", [attempt])
    caps = [{"machine_id": "north", "cap_open": 5}, {"machine_id": "south", "cap_open": None}]
    store(tmp_path / "ext_spirekeeper.sqlite3", "cash_settings", caps)
    motor = FakeMotor(tmp_path / "motor")
    machine = AtMachine.of("north", tmp_path / "home", motor)
    books = await read_books(tmp_path, payer=tmp_path, machines=[machine])
    assert (books.orders, books.payee, books.payer) == (
        [tale.order],
        [tale.incoming, tale.outgoing],
        [tale.incoming, tale.outgoing],
    )
    assert books.settled == lines[:1]
    assert (books.attempts, books.caps) == ([attempt], {"north": 5})
    assert books.machines == [AtMachine("north", [], [], [], ())]


def store(file: Path, table: str, rows: list[dict[str, Any]]) -> None:
    columns = ", ".join(rows[0])
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(f"CREATE TABLE {table} ({columns})")
        names = ", ".join(f":{column}" for column in rows[0])
        database.executemany(f"INSERT INTO {table} VALUES ({names})", rows)
