"""LNbits' own rows of what was asked and paid for our orders.

A row is found by its wallet, the sign of its amount and its `external_id`, which is our order's id:
`get_wallet_payment` would answer wrongly for deleted wallets and for a wallet that pays itself.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timezone
from hashlib import sha256
from typing import Any

import bolt11
from lnbits.core.models import Payment
from pydantic import BaseModel

from .database import among, core, ledger, listed

ORDER_PREFIX = "spirekeeper-"
ATTEMPT_PREFIX = f"{ORDER_PREFIX}pay-"
"""Of what is paid for orders."""
_DEFAULT_EXPIRY = 3600
"""Seconds, where an invoice names none (BOLT 11)."""


class InvoiceRow(BaseModel):
    """What LNbits knows of an order's invoice (`apipayments`)."""

    external_id: str
    """Our order's id."""
    checking_id: str
    payment_hash: str
    wallet_id: str
    bolt11: str
    status: str
    preimage: str | None = None
    internal: bool = False
    """Somebody of this LNbits paid it, or tried to."""

    @property
    def paid(self) -> bool:
        return self.status == "success"

    @property
    def proof(self) -> str | None:
        """The preimage of a payment that came over the network. One of an invoice that was paid
        inside proves nothing, and one that the node told at creation neither."""
        if not self.paid or self.internal:
            return None
        return checked_preimage(self.preimage, self.payment_hash)

    @property
    def expires_at(self) -> datetime:
        """As the invoice says: LNbits' own column has no zone."""
        invoice = bolt11.decode(self.bolt11)
        seconds = invoice.date + (invoice.expiry or _DEFAULT_EXPIRY)
        return datetime.fromtimestamp(seconds, timezone.utc)


class PaymentRow(BaseModel):
    """What LNbits knows of a payment for an order (`apipayments`)."""

    checking_id: str
    payment_hash: str
    status: str
    preimage: str | None = None
    received: bool
    """Somebody of this LNbits has the sats."""

    @property
    def internal(self) -> bool:
        """The invoice is one of this LNbits' own."""
        return self.checking_id.startswith("internal_")

    @property
    def paid(self) -> bool:
        """The customer has the sats. Broken off between its two commits, a payment inside LNbits
        says success to the payer, and the customer has nothing."""
        return self.status == "success" and (self.received or not self.internal)

    @property
    def broken(self) -> bool:
        return self.status == "success" and not self.paid

    @property
    def proof(self) -> str | None:
        """The preimage, as lowercase hex, of a payment that went over the network."""
        return None if self.internal else checked_preimage(self.preimage, self.payment_hash)


def checked_preimage(preimage: str | None, payment_hash: str) -> str | None:
    """The preimage, when it is this hash's."""
    try:
        good = sha256(bytes.fromhex(preimage or "")).hexdigest() == payment_hash
    except ValueError:
        return None
    return preimage if good else None


_ROWS = (
    "SELECT external_id, checking_id, payment_hash, wallet_id, bolt11, status, preimage, EXISTS "
    "(SELECT 1 FROM apipayments o WHERE o.payment_hash = apipayments.payment_hash "
    "AND o.amount < 0) AS internal FROM apipayments WHERE amount > 0 "
)
_BEST_FIRST = "ORDER BY CASE WHEN status = 'success' THEN 0 ELSE 1 END, created_at"


async def get_invoice_row(order_id: str, wallet_id: str) -> InvoiceRow | None:
    """The row of an order's invoice; a paid one first, should there be several."""
    return await core.fetchone(
        f"{_ROWS} AND external_id = :order_id AND wallet_id = :wallet_id {_BEST_FIRST} LIMIT 1",
        {"order_id": order_id, "wallet_id": wallet_id},
        InvoiceRow,
    )


async def get_invoice_rows(wallets: Mapping[str, str]) -> dict[str, InvoiceRow]:
    """The same for several orders, by order, of which `wallets` names the wallet."""
    rows: list[InvoiceRow] = await ledger.fetchall(
        f"{_ROWS} AND external_id {among('orders')} {_BEST_FIRST}",
        {"orders": listed(wallets)},
        InvoiceRow,
    )
    found: dict[str, InvoiceRow] = {}
    for row in rows:
        if row.wallet_id == wallets[row.external_id]:
            found.setdefault(row.external_id, row)
    return found


async def get_paid_orders(after: str, at_most: int) -> list[str]:
    """The next ids after this one that paid invoices of ours name, in order."""
    rows: list[Any] = await ledger.fetchall(
        "SELECT DISTINCT external_id FROM apipayments "
        "WHERE external_id > :after AND external_id LIKE :ours AND status = 'success' "
        "AND amount > 0 ORDER BY external_id LIMIT :most",
        {"after": after or ORDER_PREFIX, "ours": f"{ORDER_PREFIX}%", "most": at_most},
    )
    return [row["external_id"] for row in rows]


async def get_sent(after: str, at_most: int) -> list[str]:
    """The next ids after this one of attempts of ours that were paid, or may be, in order."""
    rows: list[Any] = await ledger.fetchall(
        "SELECT external_id FROM apipayments "
        "WHERE external_id > :after AND external_id LIKE :ours AND amount < 0 "
        "AND status IN ('success', 'pending') ORDER BY external_id LIMIT :most",
        {"after": after or ATTEMPT_PREFIX, "ours": f"{ATTEMPT_PREFIX}%", "most": at_most},
    )
    return [row["external_id"] for row in rows]


async def get_paid_among(order_ids: Collection[str]) -> set[str]:
    """Those of these orders that LNbits calls paid now."""
    rows: list[Any] = await ledger.fetchall(
        f"SELECT external_id FROM apipayments WHERE external_id {among('ids')} "
        "AND status = 'success' AND amount > 0",
        {"ids": listed(order_ids)},
    )
    return {row["external_id"] for row in rows}


_SENT = "FROM apipayments WHERE amount < 0 AND external_id = :id AND wallet_id = :wallet"


async def get_payment_row(attempt_id: str, wallet_id: str) -> PaymentRow | None:
    """The row of an attempt to pay. None: LNbits has never asked the node for it."""
    return await core.fetchone(
        "SELECT checking_id, payment_hash, status, preimage, EXISTS (SELECT 1 FROM apipayments o "
        "WHERE o.payment_hash = apipayments.payment_hash AND o.amount > 0 "
        f"AND o.status = 'success') AS received {_SENT} LIMIT 1",
        {"id": attempt_id, "wallet": wallet_id},
        PaymentRow,
    )


async def get_payment(attempt_id: str, wallet_id: str) -> Payment | None:
    """The same as LNbits' own, to ask its node about."""
    return await core.fetchone(
        f"SELECT * {_SENT} LIMIT 1", {"id": attempt_id, "wallet": wallet_id}, Payment
    )


async def get_debited(attempt_ids: Collection[str]) -> set[str]:
    """Those of these attempts that LNbits has taken off the balance of their wallet."""
    rows: list[Any] = await core.fetchall(
        f"SELECT external_id FROM apipayments WHERE external_id {among('ids')} "
        "AND amount < 0 AND status IN ('success', 'pending')",
        {"ids": listed(attempt_ids)},
    )
    return {row["external_id"] for row in rows}


async def may_be_paid(payment_hash: str, wallet_id: str) -> bool:
    """Whether LNbits would take an invoice of this hash for new: it knows nothing of it, or it is
    an unpaid one of its own, of another wallet."""
    row: Any = await core.fetchone(
        "SELECT COUNT(*) AS known FROM apipayments WHERE payment_hash = :hash "
        "AND (amount < 0 OR status <> 'pending' OR wallet_id = :wallet)",
        {"hash": payment_hash, "wallet": wallet_id},
    )
    return int(row["known"]) == 0
