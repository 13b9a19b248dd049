"""What a pair has come to, written in one transaction: machine, pairing and journal, and the lease
given back. Those of a group of machines are one transaction together (see `gathering.py`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from .database import (
    JOURNAL,
    MACHINES,
    PAIRINGS,
    db,
    each_of,
    moment,
    of_each,
    values_of_each,
)
from .gathering import for_many
from .models import JournalEntry, Machine, MachineState, Pairing


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
    columns: dict[str, Callable[[Issue], str | None]] = {
        "id": lambda each: each.machine.id,
        "holder": lambda each: each.holder,
        "was": lambda each: each.machine.bunker_spire_key_name or "",
        "pubkey": lambda each: each.roster_pubkey,
        "key_name": lambda each: each.roster_key_name,
        "state": lambda each: each.state.value,
    }

    def given(column: str) -> str:
        return of_each(f"{MACHINES}.id", column, len(issues))

    ids = each_of("id", len(issues))
    connected = "(p.state = 'confirmed' OR (p.state = 'redeemed' AND p.confirm_required = false))"
    done = await db.execute(
        f"UPDATE {MACHINES} SET machine_npub = {given('pubkey')}, "
        f"bunker_spire_key_name = {given('key_name')}, state = {given('state')}, "
        f"paired_at = {moment('now')}, updated_at = {moment('now')}, "
        f"cut_at = NULL, busy_by = NULL, busy_until = NULL WHERE id IN ({ids}) "
        f"AND busy_by = {given('holder')} AND busy_until >= {moment('now')} "
        f"AND COALESCE(bunker_spire_key_name, '') = {given('was')} "
        f"AND NOT EXISTS (SELECT 1 FROM {PAIRINGS} p WHERE p.machine_id = {MACHINES}.id "
        f"AND p.key_name <> {given('key_name')} AND {connected})",
        {**values_of_each(issues, **columns), "now": _at(issues)},
    )
    if done.rowcount != len(issues):
        raise _NotAll


async def _move_pairings(issues: Sequence[Issue]) -> None:
    columns: dict[str, Callable[[Issue], str]] = {
        "id": lambda each: each.pairing.id,
        "pubkey": lambda each: each.spire_pubkey,
        "token_id": lambda each: each.token_id,
    }

    def given(column: str) -> str:
        return of_each("id", column, len(issues))

    ids = each_of("id", len(issues))
    done = await db.execute(
        f"UPDATE {PAIRINGS} SET state = 'issued', "
        f"spire_pubkey = {given('pubkey')}, token_id = {given('token_id')}, "
        f"issued_at = {moment('now')} WHERE id IN ({ids}) AND state = 'intent'",
        {**values_of_each(issues, **columns), "now": _at(issues)},
    )
    if done.rowcount != len(issues):
        raise _NotAll


def _at(issues: Sequence[Issue]) -> float:
    """They are written at one moment."""
    return max(each.now for each in issues).timestamp()
