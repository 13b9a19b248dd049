"""SQL about cash-in: what is reserved for it, within its machine's caps and its wallet.

Whatever reserves sats does so in one transaction, which first locks the machine's settings and its
wallet: two processes cannot pass a cap, or a wallet's balance, together.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from lnbits.db import Connection
from sqlalchemy.exc import IntegrityError

from ..cash_models import CashRefused, CashRoom, CashSettings
from ..orders import CLAIMABLE, RESERVING, CashOrder, CashState, NoRoom
from . import cash_orders, lnbits_payments
from .balances import get_balance_msat
from .cash_settings import may_pay
from .database import (
    CASH_ATTEMPTS,
    CASH_ORDERS,
    CASH_SETTINGS,
    CASH_WALLETS,
    MACHINES,
    PooledDatabase,
    aside,
    db,
    finished,
    moment,
    one_of,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Write = Callable[[Connection], Awaitable[bool]]

_RESERVED = (
    f"direction = 'cash_in' AND ({one_of('state', RESERVING)} "
    f"OR (state = 'held' AND held_until > {moment('now')}))"
)
_FETCHABLE = one_of("state", CLAIMABLE)
"""Its index has the very same words."""


async def create_held(order: CashOrder, now: datetime) -> NoRoom | bool:
    """A new order, held. False: the machine's order is there already."""

    async def write(tx: Connection) -> bool:
        await tx.insert(CASH_ORDERS, order)
        return True

    try:
        return await _reserve(order, now, write)
    except IntegrityError:
        return False


async def renew_hold(order: CashOrder, now: datetime) -> NoRoom | bool:
    """The hold as it is in `order` now. False: it is held no more."""

    async def write(tx: Connection) -> bool:
        done = await tx.execute(
            f"UPDATE {CASH_ORDERS} SET sats = :sats, fee_sats = :fee, reserve_sats = :reserve, "
            f"held_until = {moment('until')} WHERE id = :id AND state = 'held'",
            {
                "id": order.id,
                "sats": order.sats,
                "fee": order.fee_sats,
                "reserve": order.reserve_sats,
                "until": order.held_until.timestamp() if order.held_until else 0,
            },
        )
        return bool(done.rowcount == 1)

    return await _reserve(order, now, write)


async def reserve_again(order: CashOrder, now: datetime) -> NoRoom | bool:
    """Sats for an order whose hold is over, or that is unclaimed. False: it is neither."""
    return await _reserve(order, now, lambda tx: _said(order, CashState.RESERVED, now, tx))


@finished
async def keep_reserved(order: CashOrder, now: datetime) -> bool:
    """What was inserted is said while the hold lasts. False: it does not, or it was said."""
    return await _said(order, CashState.RESERVED, now, None, f"held_until > {moment('now')}")


@finished
async def set_unclaimed(order: CashOrder, now: datetime) -> bool:
    """The customer is owed the sats, and nothing is reserved for them."""
    return await _said(order, CashState.UNCLAIMED, now, None)


async def _said(
    order: CashOrder, to: CashState, now: datetime, conn: Connection | None, only: str = ""
) -> bool:
    """What was inserted is fixed by the first who says it."""
    said = order.said_at or now
    values = {
        "sats": order.sats,
        "fee_sats": order.fee_sats,
        "reserve_sats": order.reserve_sats,
    }
    return await cash_orders.move(
        order, to, now, values, {"said_at": said, "held_until": None}, only, conn=conn
    )


async def get_over(now: datetime, said_before: datetime) -> list[CashOrder]:
    """The orders that nobody has fetched since then."""
    return await aside.fetchall(
        f"SELECT * FROM {CASH_ORDERS} WHERE {_FETCHABLE} AND said_at < {moment('before')} "
        "LIMIT 500",
        {"before": said_before.timestamp()},
        CashOrder,
    )


@finished
async def _reserve(order: CashOrder, now: datetime, write: Write) -> NoRoom | bool:
    """What `write` says, when there is room for the order's reserve."""
    async with db.transaction() as tx:
        settings = await _locked(tx, order)
        no_room = await _no_room(tx, settings, order, now)
        await _note_refused(tx, settings, no_room, now)
        return no_room or await write(tx)


async def _note_refused(
    tx: Connection, settings: CashSettings | None, why: NoRoom | None, now: datetime
) -> None:
    """For the operator to be told."""
    if settings is None or why is NoRoom.STOPPED or not (why or settings.refused_why):
        return
    at = moment("now") if why else "NULL"
    values: dict[str, Any] = {"id": settings.machine_id, "why": why.value if why else ""}
    if why:
        values["now"] = now.timestamp()
    await tx.execute(
        f"UPDATE {CASH_SETTINGS} SET refused_why = :why, refused_at = {at} WHERE machine_id = :id",
        values,
    )


async def get_refused(since: datetime, operator_user_id: str | None) -> list[CashRefused]:
    """The machines that took no notes since then, of one operator or (None) of all."""
    whose = ""
    values: dict[str, Any] = {"since": since.timestamp()}
    if operator_user_id is not None:
        whose, values["operator"] = "AND m.operator_user_id = :operator", operator_user_id
    return await aside.fetchall(
        "SELECT s.machine_id, m.operator_user_id, m.name, s.refused_why, s.refused_at "
        f"FROM {CASH_SETTINGS} s JOIN {MACHINES} m ON m.id = s.machine_id "
        f"WHERE s.refused_at > {moment('since')} {whose}",
        values,
        CashRefused,
    )


async def _locked(tx: Connection, order: CashOrder) -> CashSettings | None:
    await tx.execute(
        f"UPDATE {CASH_SETTINGS} SET seq = seq + 1 WHERE machine_id = :id", {"id": order.machine_id}
    )
    await lock_wallet(tx, order.wallet_id)
    return await tx.fetchone(
        f"SELECT * FROM {CASH_SETTINGS} WHERE machine_id = :id",
        {"id": order.machine_id},
        CashSettings,
    )


async def lock_wallet(tx: Connection, wallet_id: str) -> None:
    """Until the transaction ends, nobody else reserves sats of this wallet or begins to pay."""
    await tx.execute(
        f"INSERT INTO {CASH_WALLETS} (wallet_id, seq) VALUES (:id, 1) "
        "ON CONFLICT (wallet_id) DO UPDATE SET seq = cash_wallets.seq + 1",
        {"id": wallet_id},
    )


async def _no_room(
    tx: Connection, settings: CashSettings | None, order: CashOrder, now: datetime
) -> NoRoom | None:
    allowed: Any = await tx.fetchone(
        f"SELECT 1 AS yes WHERE {may_pay(':machine')}",
        {"machine": order.machine_id, "now": now.timestamp()},
    )
    if settings is None or not allowed:
        return NoRoom.STOPPED
    left = await _caps_left(tx, settings, order.id, now)
    for why, sats in left.items():
        if order.reserve_sats > sats:
            return why
    in_wallet = await _wallet_left(tx, order.wallet_id, order.id, now)
    return NoRoom.WALLET_SHORT if order.reserve_sats > in_wallet else None


async def get_room(settings: CashSettings, wallet_id: str, now: datetime) -> CashRoom:
    """What a hold that comes now would find, were it allowed."""
    left = await _caps_left(aside, settings, "", now)
    in_wallet = await _wallet_left(aside, wallet_id, "", now)
    return CashRoom(
        now=max(0, min(*left.values(), in_wallet)),
        hour=max(0, left[NoRoom.CAP_HOUR]),
        day=max(0, left[NoRoom.CAP_DAY]),
        open=max(0, left[NoRoom.CAP_OPEN]),
        wallet=max(0, in_wallet),
    )


async def _caps_left(
    conn: Connection | PooledDatabase, settings: CashSettings, but: str, now: datetime
) -> dict[NoRoom, int]:
    """What each cap leaves for an order, beside all others. A cap that is not set leaves none, not
    even for an order of nothing."""
    machine = settings.machine_id
    reserved = await get_reserved(conn, machine, but, now)
    in_an_hour = reserved + await get_gone(conn, machine, now - HOUR)
    in_a_day = reserved + await get_gone(conn, machine, now - DAY)
    return {
        why: (-1 if cap is None else cap) - used
        for why, cap, used in (
            (NoRoom.CAP_ORDER, settings.cap_order, 0),
            (NoRoom.CAP_OPEN, settings.cap_open, reserved),
            (NoRoom.CAP_HOUR, settings.cap_hour, in_an_hour),
            (NoRoom.CAP_DAY, settings.cap_day, in_a_day),
        )
    }


async def get_reserved(
    conn: Connection | PooledDatabase, machine_id: str, but: str, now: datetime
) -> int:
    """Sats that are reserved for the machine's orders but this one."""
    row: Any = await conn.fetchone(
        f"SELECT COALESCE(SUM(reserve_sats), 0) AS sats FROM {CASH_ORDERS} "
        f"WHERE machine_id = :machine AND id <> :id AND {_RESERVED}",
        {"machine": machine_id, "id": but, "now": now.timestamp()},
    )
    return int(row["sats"])


async def get_gone(conn: Connection | PooledDatabase, machine_id: str, since: datetime) -> int:
    """Sats that have left the wallet since then, or may have, for the machine's orders."""
    row: Any = await conn.fetchone(
        f"SELECT COALESCE(SUM(reserve_sats), 0) AS sats FROM {CASH_ORDERS} "
        f"WHERE machine_id = :machine AND ended_at > {moment('since')} AND direction = 'cash_in'",
        {"machine": machine_id, "since": since.timestamp()},
    )
    return int(row["sats"])


async def _wallet_left(
    conn: Connection | PooledDatabase, wallet_id: str, but: str, now: datetime
) -> int:
    """What the wallet has beside all that is reserved in it for orders but this one.

    A payment that LNbits has a row of is taken off its balance. Rows are read first: one that comes
    in between is counted twice rather than not at all.
    """
    rows: list[Any] = await conn.fetchall(
        "SELECT o.reserve_sats, a.id AS attempt FROM "
        f"(SELECT id, reserve_sats FROM {CASH_ORDERS} "
        f"WHERE wallet_id = :wallet AND id <> :id AND {_RESERVED}) o "
        f"LEFT JOIN {CASH_ATTEMPTS} a ON a.order_id = o.id AND a.state IN ('called', 'open')",
        {"wallet": wallet_id, "id": but, "now": now.timestamp()},
    )
    attempts = [row["attempt"] for row in rows if row["attempt"]]
    debited = await lnbits_payments.get_debited(attempts) if attempts else set()
    reserved = sum(int(row["reserve_sats"]) for row in rows if row["attempt"] not in debited)
    return await get_balance_msat(wallet_id) // 1000 - reserved
