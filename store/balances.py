"""What is in wallets, as LNbits' view `balances` says.

For one look at that view SQLite sums up the payments of all wallets that there are. So its words
stand here, and are asked of the wallets in question. That still reads each payment that they ever
had, so what was read is kept for a while.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..clock import Clock
from .database import among, core, ledger, listed

KEPT = timedelta(minutes=1)
_SETTLED = (
    "((p.status = 'success' AND p.amount > 0) "
    "OR (p.status IN ('success', 'pending') AND p.amount < 0))"
)


@dataclass(frozen=True)
class Balance:
    """What was in a wallet, and when that was read."""

    sat: int
    at: datetime


_known: dict[str, Balance] = {}


async def get_balances(wallet_ids: Collection[str], clock: Clock) -> dict[str, Balance]:
    """What is in each of these wallets, at most a minute old. Whose they are, the caller knows."""
    now = clock()
    for wallet_id in [id_ for id_, kept in _known.items() if not now - KEPT < kept.at <= now]:
        del _known[wallet_id]
    # Taken out before anything is waited for: meanwhile others forget what has grown old.
    kept = {id_: _known[id_] for id_ in wallet_ids if id_ in _known}
    unknown = [id_ for id_ in wallet_ids if id_ not in kept]
    found = {id_: Balance(sat, now) for id_, sat in (await _summed(unknown)).items()}
    _known.update(found)
    return {**kept, **found}


async def get_balance_msat(wallet_id: str) -> int:
    """What is in this wallet now, in millisats."""
    row: Any = await core.fetchone(
        "SELECT COALESCE(SUM(p.amount - ABS(p.fee)), 0) AS msat FROM apipayments p "
        f"WHERE p.wallet_id = :wallet AND {_SETTLED}",
        {"wallet": wallet_id},
    )
    return int(row["msat"])


async def _summed(wallet_ids: Collection[str]) -> dict[str, int]:
    if not wallet_ids:
        return {}
    rows: list[Any] = await ledger.fetchall(
        "SELECT p.wallet_id, SUM(p.amount - ABS(p.fee)) AS msat FROM apipayments p "
        f"WHERE p.wallet_id {among('wallets')} AND {_SETTLED} GROUP BY p.wallet_id",
        {"wallets": listed(wallet_ids)},
    )
    sums = {row["wallet_id"]: int(row["msat"]) // 1000 for row in rows}
    return {id_: sums.get(id_, 0) for id_ in wallet_ids}
