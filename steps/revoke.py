"""Cutting a machine off: here first, in one UPDATE, then at the bunker for as long as it takes.

The UPDATE that cuts also notes what has to follow (`after_cut`), and what the bunker owes is
written down before the pairings end: after a crash, or whatever else goes wrong, the note and the
open pairings are what finds the cut again.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from datetime import datetime

from .. import crud, lifecycle
from ..changes import announce_changed
from ..clock import Clock
from ..connection.open_bunker import open_bunker
from ..errors import PairingError
from ..failures import log_failure
from ..models import AfterCut, Machine, OwedKind, PairingState
from ..schemas.machines import RevokeResult
from ..store import cash_settings, journal, owed_rows, pairing_rows
from ..store.details import NOTHING, Detail, told
from . import key_use, owed_revocations
from .standing import end_pairing

REVOKE_SECONDS = 5.0
SIDE_BY_SIDE = 8
"""Machines at the bunker at once: it serves others too, and may be slow."""
UNFINISHED = "unfinished"
"""The outcome of a cut of which something failed after it was made here; it is done later."""


async def revoke_spire(
    machine: Machine, *, actor: str, clock: Clock, detail: Detail = NOTHING
) -> RevokeResult:
    """Cuts the machine here at once, then at the bunker as far as that answers in time.

    Once it is cut here nothing raises: what is not done now is found again and retried.
    """
    await cut_here(machine, actor=actor, clock=clock, detail=detail)
    return await pass_cut_on(machine, actor=actor, clock=clock)


async def cut_here(
    machine: Machine,
    *,
    actor: str,
    clock: Clock,
    after: AfterCut = AfterCut.OWE,
    detail: Detail = NOTHING,
) -> None:
    """From here on nothing is routed. What the bunker owes is not written down yet, but that it has
    to be is, by the same statement."""
    await crud.set_machine_unpaired(machine.id, clock(), after)
    announce_changed(machine.operator_user_id)
    with log_failure(f"the journal's line of the cut of {machine.id}"):
        await journal.about(machine, "revoke", "cut", actor=actor, at=clock(), detail=detail)


async def pass_cut_on(
    machine: Machine, *, actor: str, clock: Clock, seconds: float = REVOKE_SECONDS
) -> RevokeResult:
    """The bunker's part of a cut that has been made here, as far as it answers in `seconds`.

    Never raises: `pending` when anything failed.
    """
    settled, outstanding = owed_revocations.Settled(done=False), 0
    with log_failure(f"writing down what is owed for the cut of {machine.id}") as written:
        await owe_cut(machine, clock())
    with log_failure(f"the bunker's part of the cut of {machine.id}") as asked:
        settled = await _settle(machine, actor, clock, seconds)
    with log_failure(f"counting what is owed for the cut of {machine.id}") as counted:
        outstanding = len(await owed_rows.get_owed(machine.id))
    failure = written.failure or asked.failure or counted.failure
    if failure:
        outstanding = max(outstanding, 1)
        with log_failure(f"the journal's line of the unfinished cut of {machine.id}"):
            await journal.about(
                machine,
                "revoke",
                UNFINISHED,
                actor=journal.BACKGROUND,
                at=clock(),
                detail=told("failure", failure=failure),
            )
    return RevokeResult(
        bunker="pending" if outstanding else "done",
        revoked_count=settled.revoked,
        burned_count=settled.burned,
        outstanding=outstanding,
    )


async def pass_cuts_on(
    machines: Iterable[Machine], *, actor: str, clock: Clock, seconds: float
) -> dict[str, RevokeResult]:
    """The same for many machines that have been cut here, by id; `seconds` are for all of them."""
    waiting = deque(machines)
    results: dict[str, RevokeResult] = {}
    loop = asyncio.get_running_loop()
    ends = loop.time() + seconds

    async def pass_on() -> None:
        while waiting:
            machine = waiting.popleft()
            left = max(0.0, ends - loop.time())
            results[machine.id] = await pass_cut_on(machine, actor=actor, clock=clock, seconds=left)

    await asyncio.gather(*(pass_on() for _ in range(SIDE_BY_SIDE)))
    return results


async def _settle(
    machine: Machine, actor: str, clock: Clock, seconds: float
) -> owed_revocations.Settled:
    owing = await owed_rows.get_owed(machine.id)
    if not owing:
        return owed_revocations.Settled(done=True)
    try:
        bunker = await open_bunker()
    except PairingError:
        return owed_revocations.Settled(
            done=False
        )  # none to ask: it stays owed, and the answer says so
    return await owed_revocations.settle_all(owing, bunker, clock, actor, seconds)


async def remove_cut(machine: Machine, *, actor: str, clock: Clock) -> None:
    """Removes a machine that was cut to be removed, once it is written down what the bunker
    owes."""
    await owe_cut(machine, clock())
    await cash_settings.delete_cash_settings(machine.id)
    await crud.delete_machine(machine.id)
    announce_changed(machine.operator_user_id)
    with log_failure(f"the journal's line of the removal of {machine.id}"):
        detail = told("name", name=machine.name)
        await journal.about(machine, "machine", "deleted", actor=actor, at=clock(), detail=detail)


async def owe_cut(machine: Machine, now: datetime) -> None:
    """What the bunker owes for a cut machine: first it is written down, then the pairings end."""
    pairings = await pairing_rows.get_history(machine.id)
    live = [pairing for pairing in pairings if pairing.state in lifecycle.OPEN_STATES]
    already = {
        (each.bunker_pubkey, each.key_name)
        for each in await owed_rows.get_owed(machine.id)
        if each.kind is OwedKind.REVOKE_KEY
    }
    for pairing in pairings:
        of_current_key = pairing.key_name == machine.bunker_spire_key_name
        key = (pairing.bunker_pubkey, pairing.key_name)
        if (pairing in live or of_current_key) and key not in already:
            await owed_revocations.owe_key(machine, pairing, now)
            already.add(key)
    overtaken = False
    for pairing in live:
        ended = (
            PairingState.FAILED if pairing.state is PairingState.INTENT else PairingState.REVOKED
        )
        overtaken |= not await end_pairing(pairing, ended, lifecycle.EndReason.REVOKED, now)
    if overtaken:  # a scan was noticed just now; pairings only move on, so this comes to an end
        await owe_cut(machine, now)
    await crud.set_cut_owed(machine.id)


async def cut_spent_key(machine_id: str, clock: Clock) -> bool:
    """Whether the machine was connected with a key that must never be routed again
    (`key_use.spent`); its connection is cut now, and the next seed is for a new key.

    A newer seed, for another key, is not to be cut with it.
    """
    machine = await crud.get_machine(machine_id)
    history = await pairing_rows.get_history(machine_id)
    if machine is None or machine.cut_at is not None or not key_use.spent(machine, history):
        return False
    key_name = machine.bunker_spire_key_name
    if not any(p.state in lifecycle.OPEN_STATES and p.key_name != key_name for p in history):
        await cut_here(machine, actor=journal.BACKGROUND, clock=clock)
        await owe_cut(machine, clock())
    else:
        for connection in (p for p in history if p.key_name == key_name and lifecycle.connected(p)):
            await owed_revocations.owe_key(machine, connection, clock())
            reason = lifecycle.EndReason.UNCONFIRMED_CLIENT
            await end_pairing(connection, PairingState.REVOKED, reason, clock())
    await journal.about(
        machine,
        "pairing",
        lifecycle.EndReason.UNCONFIRMED_CLIENT,
        actor=journal.BACKGROUND,
        at=clock(),
        detail=told("key", key=key_name or ""),
    )
    return True
