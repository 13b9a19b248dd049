"""Whether what was paid, ordered and dispensed agree: what every test of cash ends with.

    books = await read_books(place, payer=…, machines=[AtMachine.of(id, home, motor), …])
    assert amiss(books) == []               # where others share the LNbits: books.of(machine_id)

`place` is LNbits' data folder (SQLite) or the URL of its PostgreSQL: LNbits' own rows are read
there, our orders and our journal. `payer` is the same of the LNbits that the customers pay from,
None where they have wallets at the machines' own. `machines`: those whose disk and motor are here;
of others the orders alone are looked at. All of it is read as it is stored, also of processes that
were killed; nobody is asked, since asking mends.

`amiss` returns sentences, one for each wrong, that begin with the order's id; none is what a test
wants. When nobody is at work any more, and LNbits has run for a minute:

1. lost: LNbits has the customer's sats, and the order is neither dispensed nor on the operator's
   list; or another LNbits has paid them, and the machine's wallet has nothing
2. paid twice: one order by two invoices, or one invoice by two payments; or with other sats
3. dispensed, and nobody paid
4. settled twice, or settled and not so any more, or without a line in our journal
5. notes twice, or without leave, or machine and order say different things: `cash_at_machine`
6. what cash-in never does: `cash_in_ledger`

`broken_off` returns the payments between wallets of one LNbits that it has broken off, or taken
back: the payer has paid, and the machine's wallet has nothing. Killed between two commits LNbits
does that; and at its start, when it writes `failed` over what is paid while it checks what was
pending. That is LNbits' own fault, which nobody can mend (docs/cash.md), so it is no wrong of ours,
also where the order was found paid, and dispensed, before LNbits took it back; it is counted.

Nothing of spirekeeper is used but the machine's reader of its own journal.
"""

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import asyncpg

from support.cash_at_machine import AtMachine, amiss_at
from support.cash_in_ledger import CashIn, Row, amiss_in

Place = Path | str

ORDER_PREFIX = "spirekeeper-"
LIST = {"paid", "dispensing", "paid_late", "short"}
"""The operator's: at once, after a minute, or after five."""
ENDED = {"dispensed", "settled"}
YES = {"dispensing", "dispensed", "short"}
"""States that only an order with a yes has; a settled one may have had it."""


@dataclass(frozen=True)
class Books:
    """All that is written anywhere about some orders. Rows have the columns of their tables."""

    orders: Sequence[Row]
    """Of `cash_orders`."""
    payee: Sequence[Row]
    """Of `apipayments`, where the machines' wallets are."""
    payer: Sequence[Row] = ()
    """The same of the other LNbits that the customers pay from."""
    settled: Sequence[Row] = ()
    """Lines of our journal about orders that were settled."""
    machines: Sequence[AtMachine] = field(default=())
    attempts: Sequence[Row] = ()
    """Of `cash_attempts`: payments for cash-in."""
    caps: Mapping[str, int] = field(default_factory=dict)
    """Sats that each machine may keep for its customers."""
    node_wallet: str | None = None
    """Which wallet of the other LNbits is our node's."""
    read_at: float = 0.0

    @property
    def paid(self) -> list[Row]:
        """What came in for orders, and is there."""
        return [row for row in self.payee if _is_ours(row) and row["status"] == "success"]

    def of(self, *machine_ids: str) -> "Books":
        """Of these machines alone, where others share the LNbits. A payment without its order is
        nobody's, and stays."""
        others = {o["id"] for o in self.orders if o["machine_id"] not in machine_ids}
        theirs = {each["id"] for each in self.attempts if each["order_id"] in others}
        return replace(
            self,
            orders=[order for order in self.orders if order["id"] not in others],
            payee=[row for row in self.payee if row["external_id"] not in others | theirs],
            attempts=[each for each in self.attempts if each["id"] not in theirs],
        )

    @property
    def cash_in(self) -> CashIn:
        return CashIn(
            orders=[order for order in self.orders if order["direction"] == "cash_in"],
            attempts=self.attempts,
            payee=self.payee,
            payer=self.payer,
            node_wallet=self.node_wallet,
            caps=self.caps,
            now=self.read_at,
        )


async def read_books(
    place: Place,
    *,
    payer: Place | None = None,
    machines: Sequence[AtMachine] = (),
    node_wallet: str | None = None,
) -> Books:
    settings = await _rows(place, "spirekeeper", "cash_settings")
    return Books(
        orders=await _rows(place, "spirekeeper", "cash_orders"),
        payee=await _rows(place, "", "apipayments"),
        payer=await _rows(payer, "", "apipayments") if payer else (),
        settled=[
            row
            for row in await _rows(place, "spirekeeper", "journal")
            if (row["event"], row["outcome"]) == ("cash", "settled")
        ],
        machines=machines,
        attempts=await _rows(place, "spirekeeper", "cash_attempts"),
        caps={row["machine_id"]: row["cap_open"] for row in settings if row["cap_open"]},
        node_wallet=node_wallet,
        read_at=time.time(),
    )


def amiss(books: Books) -> list[str]:
    """What must never be. See above."""
    return [
        *_lost(books),
        *_paid_twice(books),
        *_unpaid(books),
        *_settled_twice(books),
        *(sentence for each in books.machines for sentence in amiss_at(each, books.orders)),
        *amiss_in(books.cash_in),
    ]


def broken_off(books: Books) -> list[str]:
    """Payments that LNbits itself has broken off or taken back; by the order's id."""
    hashes = _sent(books.payee)
    return [
        row["external_id"]
        for row in books.payee
        if _is_ours(row) and row["status"] != "success" and row["payment_hash"] in hashes
    ]


def _lost(books: Books) -> Iterator[str]:
    states = {order["id"]: order["state"] for order in books.orders}
    for row in books.paid:
        state = states.get(row["external_id"])
        if state not in LIST | ENDED:
            yield f"{row['external_id']} is lost: it is paid, and the order is {state or 'nowhere'}"
    paid_from = _sent(books.payer)
    for row in books.payee:
        if _is_ours(row) and row["status"] != "success" and row["payment_hash"] in paid_from:
            yield f"{row['external_id']} is lost: its customer has paid, and LNbits has no sats"


def _paid_twice(books: Books) -> Iterator[str]:
    for order_id, times in Counter(row["external_id"] for row in books.paid).items():
        if times > 1:
            yield f"{order_id} is paid {times} times"
    sent = _sent([*books.payer, *books.payee])
    for row in books.paid:
        if sent[row["payment_hash"]] > 1:
            yield f"{row['external_id']} has one invoice that is paid more than once"
    sats = {order["id"]: order["sats"] for order in books.orders}
    for row in books.paid:
        due = sats.get(row["external_id"])
        if due is not None and row["amount"] != 1000 * due:
            yield f"{row['external_id']} is worth {due} sats, and {row['amount']} msat were paid"


def _unpaid(books: Books) -> Iterator[str]:
    paid = {row["external_id"] for row in books.paid}
    gone = set(broken_off(books))
    for order in books.orders:
        if order["id"] in paid or (order["paid_at"] and order["id"] in gone):
            continue
        if order["state"] in YES or order["dispensing_at"]:
            yield f"{order['id']} was dispensed, and nobody paid"


def _settled_twice(books: Books) -> Iterator[str]:
    """The journal names an order by the machine's id and the order's short code."""
    told = Counter(
        (row["machine_id"], json.loads(row["detail_values"])["order"]) for row in books.settled
    )
    for order in books.orders:
        times = told[order["machine_id"], order["short_code"]]
        if times > 1:
            yield f"{order['id']} was settled {times} times"
        if order["settled_by"] and order["state"] != "settled":
            yield f"{order['id']} was settled, and is {order['state']} now"
        elif times and order["state"] != "settled":
            yield f"{order['id']} was settled, as the journal tells, and is {order['state']}"
        elif order["state"] == "settled" and not times:
            yield f"{order['id']} is settled, and the journal does not tell of it"


def _sent(rows: Sequence[Row]) -> Counter[str]:
    """How often each payment hash was paid out."""
    return Counter(
        row["payment_hash"] for row in rows if row["amount"] < 0 and row["status"] == "success"
    )


def _is_ours(row: Row) -> bool:
    return row["amount"] > 0 and (row["external_id"] or "").startswith(ORDER_PREFIX)


async def _rows(place: Place, schema: str, table: str) -> list[Row]:
    """All of a table of LNbits', or of ours."""
    if isinstance(place, Path):
        name = f"ext_{schema}" if schema else "database"
        file = f"file:{place / name}.sqlite3?mode=ro"
        with closing(sqlite3.connect(file, uri=True)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(f"SELECT * FROM {table}")]
    connection = await asyncpg.connect(place)
    try:
        full = f"{schema or 'public'}.{table}"
        return [dict(row) for row in await connection.fetch(f"SELECT * FROM {full}")]
    finally:
        await connection.close()
