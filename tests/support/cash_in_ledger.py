"""Whether what was inserted and what was paid for it agree: the half of `cash_ledger.amiss` that
looks after cash-in. Rows have the columns of their tables.

1. double pay: an order's customers have its sats more than once; or LNbits has paid for it twice,
   or an amount that is not the order's
2. `sent`, and nobody was paid; or paid, and the order neither says so nor waits for word of it
3. LNbits may still pay, or has paid, what counts as failed: its customer may name another invoice
4. reserve leaked: sats are kept for a payment that nobody tries, or nobody looks for
5. cap passed: a machine keeps more sats than its operator lets it; a test that lowers the cap of a
   machine looks before
6. overdrawn: a wallet that pays for a machine has less than nothing
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cached_property
from typing import Any

Row = Mapping[str, Any]

PAY_PREFIX = "spirekeeper-pay-"
KEEPS = {"reserved", "paying", "unknown", "failed"}
"""States for which sats are kept in the wallet; `held` too, for as long as the hold is."""
TRIES = {"queued", "called", "open"}
"""An attempt that may still succeed."""
PAID_OR_TOLD = {"sent", "unknown", "settled"}
"""What an order may be when its customer was, or may have been, paid."""


@dataclass(frozen=True)
class CashIn:
    """All that is written anywhere about the orders of cash-in."""

    orders: Sequence[Row]
    attempts: Sequence[Row]
    payee: Sequence[Row]
    """Of `apipayments`, where the machines' wallets are."""
    payer: Sequence[Row] = ()
    """The same of the LNbits that is their node."""
    node_wallet: str | None = None
    """The node's wallet that pays for ours; None: any."""
    caps: Mapping[str, int] = field(default_factory=dict)
    """Sats that each machine may keep."""
    now: float = 0.0

    def attempts_of(self, order: Row) -> list[Row]:
        return self._attempts.get(order["id"], [])

    def rows_of(self, attempts: Sequence[Row]) -> list[Row]:
        """LNbits' own of these payments."""
        return [row for each in attempts for row in self._rows.get(each["id"], [])]

    def reached(self, attempts: Sequence[Row]) -> int:
        """How often their customers have the sats of ours: over the node, or inside our LNbits.
        Where LNbits has no row of ours it has never asked, and somebody else was paying."""
        rows = self.rows_of(attempts)
        asked = {row["payment_hash"] for row in rows}
        within = [row for row in rows if row["status"] == "success"]
        return sum(self._outside[each] for each in asked) + sum(
            row["payment_hash"] in self._inside for row in within
        )

    @cached_property
    def _attempts(self) -> dict[str, list[Row]]:
        """By order."""
        return _by("order_id", self.attempts)

    @cached_property
    def _rows(self) -> dict[str, list[Row]]:
        """What LNbits pays, by attempt."""
        return _by("external_id", [row for row in self.payee if row["amount"] < 0])

    @cached_property
    def _outside(self) -> Counter[str]:
        """How often our node has paid each hash."""
        return Counter(
            row["payment_hash"]
            for row in self.payer
            if row["amount"] < 0
            and row["status"] == "success"
            and self.node_wallet in (None, row["wallet_id"])
        )

    @cached_property
    def _inside(self) -> set[str]:
        """The hashes whose receivers at our LNbits have the sats."""
        return {
            row["payment_hash"]
            for row in self.payee
            if row["amount"] > 0 and row["status"] == "success"
        }


def amiss_in(books: CashIn) -> list[str]:
    """What must never be. See above."""
    return [
        *(sentence for order in books.orders for sentence in _of_order(order, books)),
        *_of_nobody(books),
        *_caps(books),
        *_overdrawn(books),
    ]


def _of_order(order: Row, books: CashIn) -> Iterator[str]:
    attempts = books.attempts_of(order)
    yield from _double_pay(order, attempts, books)
    yield from _told(order, attempts, books)
    yield from _leaked(order, attempts)
    rows = {row["external_id"]: row for row in books.rows_of(attempts)}
    for each in attempts:
        status = rows[each["id"]]["status"] if each["id"] in rows else "failed"
        if each["state"] in {"failed", "never"} and status != "failed":
            yield f"{order['id']} has a payment that is {each['state']}, and {status} in LNbits"


def _double_pay(order: Row, attempts: Sequence[Row], books: CashIn) -> Iterator[str]:
    name, net = order["id"], order["sats"] - order["fee_sats"]
    times = books.reached(attempts)
    if times > 1:
        yield f"{name} has a double pay: its customers have its sats {times} times"
    paid = [row for row in books.rows_of(attempts) if row["status"] == "success"]
    if len(paid) > 1:
        yield f"{name} has a double pay: LNbits has paid {len(paid)} times"
    if sum(each["state"] in {*TRIES, "sent"} for each in attempts) > 1:
        yield f"{name} has several payments that may be made"
    for row in books.rows_of(attempts):
        if row["amount"] != -1000 * net:
            yield f"{name} is worth {net} sats, and LNbits was to pay {-row['amount']} msat"


def _told(order: Row, attempts: Sequence[Row], books: CashIn) -> Iterator[str]:
    name, state, times = order["id"], order["state"], books.reached(attempts)
    if state == "sent" and not times:
        yield f"{name} is sent, and its customer has nothing"
    if state == "sent" and [each["state"] for each in attempts].count("sent") != 1:
        yield f"{name} is sent, and no payment is"
    if times and state not in PAID_OR_TOLD:
        yield f"{name} is paid, and the order is {state}"


def _leaked(order: Row, attempts: Sequence[Row]) -> Iterator[str]:
    name, state = order["id"], order["state"]
    tries = [each for each in attempts if each["state"] in TRIES]
    if state in {"paying", "unknown"} and not tries:
        yield f"{name} keeps sats, and nothing is left to pay"
    if state == "held" and order["held_until"] is None:
        yield f"{name} is held for ever"
    for each in tries:
        if each["look_at"] is None:
            yield f"{name} has a payment that nobody looks for"


def _of_nobody(books: CashIn) -> Iterator[str]:
    """A payment whose attempt, or order, is not there: none is ever removed."""
    orders = {order["id"] for order in books.orders}
    known = {each["id"] for each in books.attempts if each["order_id"] in orders}
    for row in books.payee:
        ours = row["amount"] < 0 and (row["external_id"] or "").startswith(PAY_PREFIX)
        if ours and row["external_id"] not in known:
            yield f"{row['external_id']} is paid for no order"


def _caps(books: CashIn) -> Iterator[str]:
    kept: dict[str, int] = defaultdict(int)
    for order in books.orders:
        holds = order["state"] == "held" and seconds(order["held_until"]) > books.now
        if order["state"] in KEEPS or holds:
            kept[order["machine_id"]] += order["reserve_sats"]
    for machine_id, sats in kept.items():
        cap = books.caps.get(machine_id)
        if cap is not None and sats > cap:
            yield f"{machine_id} passes its cap: it keeps {sats} sats, and may keep {cap}"


def _overdrawn(books: CashIn) -> Iterator[str]:
    """As LNbits counts: what may still be paid is gone from the wallet."""
    for wallet_id in sorted({order["wallet_id"] for order in books.orders}):
        balance = sum(
            row["amount"] - abs(row["fee"] or 0)
            for row in books.payee
            if row["wallet_id"] == wallet_id
            and row["status"] in ({"success"} if row["amount"] > 0 else {"success", "pending"})
        )
        if balance < 0:
            yield f"{wallet_id} is overdrawn: it has {balance} msat"


def _by(column: str, rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def seconds(at: Any) -> float:
    """Since 1970, of a time as SQLite or PostgreSQL stores it; 0 when there is none."""
    if isinstance(at, datetime):
        return at.replace(tzinfo=at.tzinfo or timezone.utc).timestamp()
    return float(at or 0)
