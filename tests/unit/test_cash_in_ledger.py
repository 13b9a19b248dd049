"""The checker of cash-in names each kind of wrong: one test makes each, and all else is well."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

import pytest
from support.cash_in_ledger import amiss_in
from support.cash_ledger import Books, amiss

SATS, FEE = 1000, 20
MSAT = 1000 * (SATS - FEE)
NOW = 1_800_000_000.0


@dataclass
class Tale:
    """One order that went well, from outside; a test changes something of it."""

    order: dict[str, Any] = field(
        default_factory=lambda: {
            "id": "spirekeeper-1",
            "machine_id": "north",
            "order_key": "key",
            "wallet_id": "till",
            "direction": "cash_in",
            "state": "sent",
            "sats": SATS,
            "fee_sats": FEE,
            "reserve_sats": SATS,
            "short_code": "CODE",
            "held_until": None,
            "settled_by": "",
            "paid_at": 1.0,
            "dispensing_at": None,
        }
    )
    attempt: dict[str, Any] = field(
        default_factory=lambda: {
            "id": "spirekeeper-pay-1",
            "order_id": "spirekeeper-1",
            "payment_hash": "hash",
            "state": "sent",
            "look_at": None,
        }
    )
    outgoing: dict[str, Any] = field(default_factory=lambda: row("till", -MSAT, "hash", "pay-1"))
    at_node: dict[str, Any] = field(default_factory=lambda: row("node", -MSAT, "hash"))
    attempts: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    payee: list[dict[str, Any]] = field(default_factory=list)
    payer: list[dict[str, Any]] = field(default_factory=list)
    topped_up: int = 10 * MSAT
    cap: int = 10 * SATS
    inside: bool = False
    """The customer's wallet is at our LNbits."""
    unasked: bool = False
    """Neither LNbits nor its node was asked to pay."""

    def books(self) -> Books:
        incoming = row("customer", MSAT, "hash")
        asked = [] if self.unasked else [self.outgoing]
        here = [incoming] if self.inside else []
        node = [] if self.inside or self.unasked else [self.at_node, incoming]
        return Books(
            orders=[self.order, *self.orders],
            payee=[row("till", self.topped_up, "top"), *asked, *here, *self.payee],
            payer=[*node, *self.payer],
            attempts=[self.attempt, *self.attempts],
            caps={"north": self.cap},
            node_wallet="node",
            read_at=NOW,
        )

    def at(self, state: str, attempt: str) -> None:
        """Nobody was paid, and nobody is being paid."""
        self.order["state"] = state
        self.attempt["state"] = attempt
        self.outgoing["status"] = self.at_node["status"] = "failed"

    def tries(self, state: str = "unknown") -> None:
        """It may still be paid."""
        self.at(state, "open")
        self.attempt["look_at"] = NOW
        self.outgoing["status"] = self.at_node["status"] = "pending"

    def again(self, state: str, status: str) -> None:
        """With one more payment."""
        self.attempts.append(
            {**self.attempt, "id": "spirekeeper-pay-2", "payment_hash": "two", "state": state}
        )
        self.payee.append(row("till", -MSAT, "two", "pay-2", status))


def row(
    wallet: str, msat: int, hash_: str, ours: str = "", status: str = "success"
) -> dict[str, Any]:
    return {
        "wallet_id": wallet,
        "amount": msat,
        "fee": 0,
        "payment_hash": hash_,
        "external_id": f"spirekeeper-{ours}" if ours else None,
        "status": status,
    }


def two_customers_paid(tale: Tale) -> None:
    tale.again("failed", "failed")
    tale.payer.append(row("node", -MSAT, "two"))


def one_invoice_paid_twice(tale: Tale) -> None:
    tale.payer.append(row("node", -MSAT, "hash"))


def paid_inside_and_outside(tale: Tale) -> None:
    tale.again("failed", "success")
    tale.payee.append(row("customer", MSAT, "two"))


def lnbits_paid_twice(tale: Tale) -> None:
    tale.again("sent", "success")


def two_may_be_paid(tale: Tale) -> None:
    tale.tries()
    tale.again("queued", "pending")


def of_another_amount(tale: Tale) -> None:
    tale.outgoing["amount"] -= 1000


def sent_to_nobody(tale: Tale) -> None:
    tale.at_node["status"] = "failed"


def sent_inside_and_broken_off(tale: Tale) -> None:
    tale.payer.append(row("stranger", -MSAT, "hash"))
    tale.at_node["status"] = "failed"


def sent_without_a_payment(tale: Tale) -> None:
    tale.attempt["state"] = "failed"


def paid_and_failed(tale: Tale) -> None:
    tale.order["state"] = "failed"


def falsely_failed(tale: Tale) -> None:
    tale.at("failed", "failed")
    tale.at_node["status"] = "success"


def failed_and_may_be_paid(tale: Tale) -> None:
    tale.at("failed", "failed")
    tale.outgoing["status"] = "pending"


def never_asked_and_may_be_paid(tale: Tale) -> None:
    tale.at("failed", "never")
    tale.outgoing["status"] = "pending"


def keeps_with_no_payment(tale: Tale) -> None:
    tale.at("paying", "failed")
    tale.unasked = True


def keeps_after_a_failure(tale: Tale) -> None:
    tale.at("unknown", "failed")


def held_for_ever(tale: Tale) -> None:
    tale.at("held", "never")


def nobody_looks(tale: Tale) -> None:
    tale.tries()
    tale.attempt["look_at"] = None


def attempt_is_gone(tale: Tale) -> None:
    tale.payee.append(row("till", -MSAT, "two", "pay-2"))


def order_is_gone(tale: Tale) -> None:
    tale.attempts.append({**tale.attempt, "id": "spirekeeper-pay-2", "order_id": "spirekeeper-9"})
    tale.payee.append(row("till", -MSAT, "two", "pay-2"))


def cap_is_passed(tale: Tale) -> None:
    tale.tries()
    tale.cap = SATS - 1


def cap_is_passed_by_holds(tale: Tale) -> None:
    tale.cap = SATS
    holds = {"state": "held", "held_until": NOW + 1, "reserve_sats": SATS}
    tale.orders += [{**tale.order, **holds, "id": f"spirekeeper-{number}"} for number in (2, 3)]


def overdrawn(tale: Tale) -> None:
    tale.topped_up = MSAT - 1000


def overdrawn_by_what_may_be_paid(tale: Tale) -> None:
    tale.tries()
    tale.outgoing["fee"] = -2000
    tale.topped_up = MSAT + 1000


WRONGS: dict[Callable[[Tale], None], str] = {
    two_customers_paid: "has a double pay: its customers have its sats 2 times",
    one_invoice_paid_twice: "has a double pay: its customers have its sats 2 times",
    paid_inside_and_outside: "has a double pay: its customers have its sats 2 times",
    lnbits_paid_twice: "has a double pay: LNbits has paid 2 times",
    two_may_be_paid: "has several payments that may be made",
    of_another_amount: "is worth 980 sats, and LNbits was to pay 981000 msat",
    sent_to_nobody: "is sent, and its customer has nothing",
    sent_inside_and_broken_off: "is sent, and its customer has nothing",
    sent_without_a_payment: "is sent, and no payment is",
    paid_and_failed: "is paid, and the order is failed",
    falsely_failed: "is paid, and the order is failed",
    failed_and_may_be_paid: "has a payment that is failed, and pending in LNbits",
    never_asked_and_may_be_paid: "has a payment that is never, and pending in LNbits",
    keeps_with_no_payment: "keeps sats, and nothing is left to pay",
    keeps_after_a_failure: "keeps sats, and nothing is left to pay",
    held_for_ever: "is held for ever",
    nobody_looks: "has a payment that nobody looks for",
    attempt_is_gone: "spirekeeper-pay-2 is paid for no order",
    order_is_gone: "spirekeeper-pay-2 is paid for no order",
    cap_is_passed: "passes its cap: it keeps 1000 sats, and may keep 999",
    cap_is_passed_by_holds: "passes its cap: it keeps 2000 sats, and may keep 1000",
    overdrawn: "till is overdrawn: it has -1000 msat",
    overdrawn_by_what_may_be_paid: "till is overdrawn: it has -1000 msat",
}


@pytest.mark.parametrize("inside", [False, True])
def test_an_order_that_went_well(inside: bool) -> None:
    assert amiss(Tale(inside=inside).books()) == []


@pytest.mark.parametrize("wrong", WRONGS, ids=lambda wrong: wrong.__name__)
def test_each_wrong_is_named(wrong: Callable[[Tale], None]) -> None:
    tale = Tale()
    wrong(tale)
    said = amiss(tale.books())
    assert any(sentence.endswith(WRONGS[wrong]) for sentence in said), said


def test_what_is_open_is_no_wrong() -> None:
    tale = Tale()
    tale.tries()
    assert amiss(tale.books()) == []
    tale.at_node["status"] = "success"
    assert amiss(tale.books()) == [], "it will be told"


def test_what_failed_may_be_paid_by_another_invoice() -> None:
    tale = Tale()
    tale.at("sent", "failed")
    tale.again("sent", "success")
    tale.payer.append(row("node", -MSAT, "two"))
    assert amiss(tale.books()) == []


def test_what_somebody_else_pays_is_not_ours() -> None:
    tale = Tale()
    tale.at("failed", "failed")
    tale.payer.append(row("stranger", -MSAT, "hash"))
    assert amiss(tale.books()) == []
    tale.at("failed", "never")
    tale.unasked = True
    tale.payee.append(row("neighbour", -MSAT, "hash"))
    tale.payer.append(row("node", -MSAT, "hash"))
    assert amiss(tale.books()) == []


def test_a_payment_inside_that_is_broken_off_is_the_operators() -> None:
    tale = Tale()
    tale.tries()
    tale.outgoing["status"] = "success"
    tale.at_node["status"] = "failed"
    assert amiss(tale.books()) == []


def test_a_hold_that_is_over_keeps_nothing() -> None:
    tale = Tale(cap=SATS)
    over = datetime.fromtimestamp(NOW - 1, timezone.utc).replace(tzinfo=None)
    holds = {"state": "held", "held_until": over, "reserve_sats": SATS}
    tale.orders += [{**tale.order, **holds, "id": f"spirekeeper-{number}"} for number in (2, 3)]
    assert amiss(tale.books()) == []


def test_machines_that_share_an_lnbits_with_others() -> None:
    tale = Tale()
    paid_and_failed(tale)
    assert amiss_in(tale.books().of("north").cash_in) == [
        "spirekeeper-1 is paid, and the order is failed"
    ]
    assert amiss(replace(tale.books()).of("south")) == []
