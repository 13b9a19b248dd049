"""What a pair has come to, written in one transaction: machine, pairing and journal, and the lease
given back. Those of a group of machines are one transaction together (see `gathering.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .database import JOURNAL, MACHINES, PAIRINGS, connected, db, flag_of_this_key, moment
from .gathering import for_many
from .models import JournalEntry, Machine, MachineState, Pairing, PairingState


@dataclass(frozen=True)
class Issue:
    """A fresh seed, about to be shown."""

    machine: Machine
    """As it was when the lease was taken."""
    holder: str
    pairing: Pairing
    """As its intent was written."""
    spire_pubkey: str
    token_id: str
    roster_pubkey: str | None
    """The machine's key from now on, and its name."""
    roster_key_name: str | None
    state: MachineState
    line: JournalEntry
    now: datetime


@for_many
async def issue(issues: Sequence[Issue]) -> Sequence[bool]:
    """Whether it is written; if not, nothing of it is.

    False when the holder lost the lease meanwhile: a cut takes it away, so a pairing under way
    cannot undo a revoke. One that has run out is lost too: its pairing may have been given up.
    False also when the roster would leave a connection that was noticed since the machine was read.
    """
    if await _written(issues):
        return [True] * len(issues)
    if len(issues) == 1:
        return [False]
    return [await _written([each]) for each in issues]


class _NotAll(Exception):
    """Undoes the transaction."""


async def _written(issues: Sequence[Issue]) -> bool:
    async def write() -> None:
        await _set_machines(issues)
        await _move_pairings(issues)
        await db.insert_all(JOURNAL, [each.line for each in issues])

    try:
        await db.together(write)
    except _NotAll:
        return False
    return True


async def _set_machines(issues: Sequence[Issue]) -> None:
    written = await db.execute_all(
        f"UPDATE {MACHINES} SET {flag_of_this_key('pubkey')}, machine_npub = :pubkey, "
        "bunker_spire_key_name = :key_name, "
        f"paired_at = {moment('now')}, updated_at = {moment('now')}, cut_at = NULL, "
        "state = :state, busy_by = NULL, busy_until = NULL "
        f"WHERE id = :id AND busy_by = :holder AND busy_until >= {moment('now')} "
        "AND COALESCE(bunker_spire_key_name, '') = :was "
        f"AND NOT EXISTS (SELECT 1 FROM {PAIRINGS} p WHERE p.machine_id = :id "
        f"AND p.key_name <> :key_name AND {connected('p')})",
        [
            {
                "id": each.machine.id,
                "was": each.machine.bunker_spire_key_name or "",
                "holder": each.holder,
                "pubkey": each.roster_pubkey,
                "key_name": each.roster_key_name,
                "state": each.state.value,
                "now": each.now.timestamp(),
            }
            for each in issues
        ],
    )
    if written != len(issues):
        raise _NotAll


async def _move_pairings(issues: Sequence[Issue]) -> None:
    moved = await db.execute_all(
        f"UPDATE {PAIRINGS} SET state = '{PairingState.ISSUED.value}', spire_pubkey = :pubkey, "
        f"token_id = :token_id, issued_at = {moment('now')} "
        f"WHERE id = :id AND state = '{PairingState.INTENT.value}'",
        [
            {
                "id": each.pairing.id,
                "pubkey": each.spire_pubkey,
                "token_id": each.token_id,
                "now": each.now.timestamp(),
            }
            for each in issues
        ],
    )
    if moved != len(issues):
        raise _NotAll
