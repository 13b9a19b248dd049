"""The roster: which machine and wallet stand behind a spire's key.

It answers only when there is no doubt: the machine is active and not cut, its pairing redeemed and,
where asked for, confirmed, the session not over, and the wallet there and the operator's own.
"""

from datetime import datetime, timedelta

from . import crud
from .clock import Clock
from .errors import InvalidInput
from .keys import npub, pubkey_hex
from .models import RosterEntry
from .steps import redemption
from .store import pairing_rows
from .store.lnbits_tables import standing_wallets

ASK_EVERY = timedelta(seconds=2)
ASK_SECONDS = 1.0

_asked_at: dict[str, datetime] = {}


async def resolve(
    key: str, clock: Clock, operator_user_id: str | None = None
) -> RosterEntry | None:
    """The machine and wallet behind an npub or hex key; None if there is any doubt.

    If a seed of that key may just have been redeemed, it asks the bunker first, at most once in two
    seconds a key. `operator_user_id`: another operator's machine is answered like none, and nothing
    is done for it.
    """
    try:
        pubkey = pubkey_hex(key)
    except InvalidInput:
        return None

    async def entry_of_theirs() -> RosterEntry | None:
        found = await pairing_rows.get_roster_entry(pubkey, clock())
        return found if found and operator_user_id in (None, found.operator_user_id) else None

    entry = await entry_of_theirs()
    if entry is None and await _ask_bunker(pubkey, clock, operator_user_id):
        entry = await entry_of_theirs()
    if entry is None:
        return None
    if not await standing_wallets([entry.wallet_id], entry.operator_user_id):
        return None
    return entry.copy(update={"spire_npub": npub(pubkey)})


async def _ask_bunker(pubkey: str, clock: Clock, operator_user_id: str | None) -> bool:
    machine = await crud.get_machine_awaiting(pubkey)
    now = clock()
    if machine is None or machine.cut_at is not None or not machine.is_active:
        return False
    if operator_user_id not in (None, machine.operator_user_id):
        return False
    if pubkey in _asked_at and abs(now - _asked_at[pubkey]) < ASK_EVERY:
        return False
    _asked_at[pubkey] = now
    return (await redemption.look(machine, clock, ASK_SECONDS)).as_of is not None
