"""SQL about the relays that each operator paired over last (see `store/database.py`)."""

import json
from datetime import datetime

from ..models import LastRelays
from ..nostr.relay_urls import normal_form
from .database import LAST_RELAYS, db, moment


async def get(operator_user_id: str) -> LastRelays | None:
    found: LastRelays | None = await db.fetchone(
        f"SELECT * FROM {LAST_RELAYS} WHERE operator_user_id = :operator",
        {"operator": operator_user_id},
        LastRelays,
    )
    # LNbits writes & as &amp;, which is & in a relay's URL.
    return found and found.copy(update={"relays": list(map(normal_form, found.relays))})


async def set_last(row: LastRelays) -> None:
    """In place of those before."""
    values = {**row.dict(), "relays": json.dumps(row.relays), "used_at": row.used_at.timestamp()}
    await db.execute(
        f"INSERT INTO {LAST_RELAYS} (operator_user_id, relays, allow_private_relays, used_at) "
        f"VALUES (:operator_user_id, :relays, :allow_private_relays, {moment('used_at')}) "
        "ON CONFLICT (operator_user_id) DO UPDATE SET relays = excluded.relays, "
        "allow_private_relays = excluded.allow_private_relays, used_at = excluded.used_at",
        values,
    )


async def forget(before: datetime) -> None:
    """Whoever has paired nothing since then begins anew."""
    await db.execute(
        f"DELETE FROM {LAST_RELAYS} WHERE used_at < {moment('before')}",
        {"before": before.timestamp()},
    )
