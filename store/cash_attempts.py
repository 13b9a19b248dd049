"""SQL about payments for cash-in orders, and about the links that ask for them."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from ..orders import CLAIMABLE, AttemptState, CashAttempt, CashLink, CashOrder, CashState
from . import cash_orders
from .cash_in import lock_wallet
from .cash_settings import may_pay
from .database import (
    CASH_ATTEMPTS,
    CASH_LINKS,
    CASH_ORDERS,
    TakenBack,
    among,
    aside,
    db,
    finished,
    listed,
    moment,
    one_of,
)

_TO = {
    AttemptState.SENT: CashState.SENT,
    AttemptState.FAILED: CashState.FAILED,
    AttemptState.NEVER: CashState.FAILED,
    AttemptState.OPEN: CashState.UNKNOWN,
}
_OVER = one_of("state", {AttemptState.FAILED, AttemptState.NEVER})


@finished
async def create_attempt(order: CashOrder, attempt: CashAttempt, now: datetime) -> bool:
    """With its order `paying`. False, and nothing is written, when the order has an attempt that
    may still succeed, the hash is another attempt's, or the machine may not pay any more."""
    if order.state not in CLAIMABLE:
        return False
    try:
        async with db.transaction() as tx:
            await lock_wallet(tx, order.wallet_id)
            moved = await cash_orders.move(
                order,
                CashState.PAYING,
                now,
                times={"tried_at": now},
                only=f"{may_pay('cash_orders.machine_id')} AND NOT EXISTS (SELECT 1 FROM "
                f"{CASH_ATTEMPTS} a WHERE a.order_id = cash_orders.id AND NOT a.{_OVER})",
                conn=tx,
            )
            if not moved:
                return False
            await tx.insert(CASH_ATTEMPTS, attempt)
    except IntegrityError:
        return False
    return True


@finished
async def take_turn(attempt: CashAttempt, node: str, now: datetime) -> bool:
    """Whether LNbits is asked for this payment now, and by this caller alone: one payment of a
    wallet at a time, since two LNbits processes overdraw it together."""
    async with db.transaction() as tx:
        await lock_wallet(tx, attempt.wallet_id)
        done = await tx.execute(
            f"UPDATE {CASH_ATTEMPTS} SET state = 'called', node = :node, "
            f"called_at = {moment('now')} WHERE id = :id AND state = 'queued' AND NOT EXISTS "
            f"(SELECT 1 FROM {CASH_ATTEMPTS} o WHERE o.wallet_id = :wallet AND o.state = 'called')",
            {
                "id": attempt.id,
                "wallet": attempt.wallet_id,
                "node": node,
                "now": now.timestamp(),
            },
        )
        return bool(done.rowcount == 1)


async def may_still_pay(machine_id: str, now: datetime) -> bool:
    found: Any = await db.fetchone(
        f"SELECT 1 AS yes WHERE {may_pay(':machine')}",
        {"machine": machine_id, "now": now.timestamp()},
    )
    return found is not None


@finished
async def finish(
    order: CashOrder,
    attempt: CashAttempt,
    to: AttemptState,
    now: datetime,
    *,
    preimage: str | None = None,
    broken: bool = False,
    look_at: datetime | None = None,
) -> bool:
    """What came of a payment, and with it of its order, unless that was settled. False, and nothing
    is written, when either is not any more what was read."""
    look = moment("look_at") if look_at else "NULL"
    values: dict[str, Any] = {
        "id": attempt.id,
        "was": attempt.state.value,
        "to": to.value,
        "preimage": preimage,
    }
    if look_at:
        values["look_at"] = look_at.timestamp()
    try:
        async with db.transaction() as tx:
            done = await tx.execute(
                f"UPDATE {CASH_ATTEMPTS} SET state = :to, preimage = :preimage, look_at = {look} "
                "WHERE id = :id AND state = :was",
                values,
            )
            if done.rowcount != 1:
                return False
            if order.state in (_TO[to], CashState.SETTLED):
                return True
            paid = {"paid_at": now, "ended_at": now} if to is AttemptState.SENT else {}
            moved = await cash_orders.move(
                order, _TO[to], now, {"broken": broken}, {**paid}, conn=tx
            )
            if not moved:
                raise TakenBack
    except TakenBack:
        return False
    return True


async def get_attempts(order_id: str) -> list[CashAttempt]:
    """An order's, oldest first."""
    return await db.fetchall(
        f"SELECT * FROM {CASH_ATTEMPTS} WHERE order_id = :order ORDER BY made_at, id",
        {"order": order_id},
        CashAttempt,
    )


async def get_attempt_of_hash(payment_hash: str) -> CashAttempt | None:
    """Of whatever order; one that LNbits never began does not count."""
    return await db.fetchone(
        f"SELECT * FROM {CASH_ATTEMPTS} WHERE payment_hash = :hash AND state <> 'never'",
        {"hash": payment_hash},
        CashAttempt,
    )


async def get_attempt(attempt_id: str) -> CashAttempt | None:
    return await db.fetchone(
        f"SELECT * FROM {CASH_ATTEMPTS} WHERE id = :id", {"id": attempt_id}, CashAttempt
    )


async def get_known_attempts(attempt_ids: Collection[str]) -> set[str]:
    """Those of these that are there, with their orders."""
    rows: list[Any] = await aside.fetchall(
        f"SELECT a.id FROM {CASH_ATTEMPTS} a JOIN {CASH_ORDERS} o ON o.id = a.order_id "
        f"WHERE a.id {among('ids')}",
        {"ids": listed(attempt_ids)},
    )
    return {row["id"] for row in rows}


async def get_due_attempts(now: datetime, at_most: int) -> list[CashAttempt]:
    """Those whose outcome is to be looked for now, longest due first."""
    return await aside.fetchall(
        f"SELECT * FROM {CASH_ATTEMPTS} WHERE look_at <= {moment('now')} "
        "ORDER BY look_at LIMIT :most",
        {"now": now.timestamp(), "most": at_most},
        CashAttempt,
    )


async def look_later(attempt: CashAttempt, now: datetime, pause: timedelta) -> bool:
    """Whether this process looks for its outcome now; the next look is due after the pause."""
    done = await db.execute(
        f"UPDATE {CASH_ATTEMPTS} SET look_at = {moment('next')} "
        f"WHERE id = :id AND look_at <= {moment('now')}",
        {
            "id": attempt.id,
            "now": now.timestamp(),
            "next": (now + pause).timestamp(),
        },
    )
    return bool(done.rowcount == 1)


async def get_link(link_id: str) -> CashLink | None:
    """Replaced ones too."""
    return await db.fetchone(
        f"SELECT * FROM {CASH_LINKS} WHERE id = :id", {"id": link_id}, CashLink
    )


async def get_link_of(order_id: str) -> CashLink | None:
    """The one link of an order that may fetch its sats."""
    return await db.fetchone(
        f"SELECT * FROM {CASH_LINKS} WHERE order_id = :order AND replaced_at IS NULL",
        {"order": order_id},
        CashLink,
    )


@finished
async def create_link(link: CashLink) -> bool:
    """In place of an older one that is over. False: somebody else has made one meanwhile."""
    try:
        async with db.transaction() as tx:
            await tx.execute(
                f"UPDATE {CASH_LINKS} SET replaced_at = {moment('now')} WHERE order_id = :order "
                f"AND replaced_at IS NULL AND expires_at <= {moment('now')}",
                {"order": link.order_id, "now": link.made_at.timestamp()},
            )
            await tx.insert(CASH_LINKS, link)
    except IntegrityError:
        return False
    return True
