"""Where a machine stands: what ends a pairing and what issues a seed, and the state that is cached
of it."""

import asyncio
import time
from datetime import datetime

from .. import crud, lifecycle
from ..bunker.answers import Token
from ..changes import announce_changed
from ..clock import Clock
from ..errors import MachineBusy
from ..failures import log_failure
from ..keys import npub
from ..models import JournalEntry, Machine, MachineState, Pairing, PairingState
from ..store import details, journal, pairing_rows

AT_ONCE = 500
"""Machines that are read with their pairings, one after the other for all of a large fleet."""


async def end_pairing(pairing: Pairing, state: PairingState, reason: str, now: datetime) -> bool:
    """Ends a pairing. False when somebody else moved it first."""
    ended = pairing.copy(update={"state": state, "ended_at": now, "end_reason": reason})
    if not await pairing_rows.move_pairing(ended, pairing.state):
        return False
    announce_changed(pairing.operator_user_id)
    return True


async def issue_seed(
    machine: Machine,
    holder: str,
    pairing: Pairing,
    token: Token,
    history: list[Pairing],
    actor: str,
    now: datetime,
) -> None:
    """Writes what a pair has come to. MachineBusy when the holder has lost the lease meanwhile, or
    the machine has connected; then nothing is written.

    The roster moves to a rotated key only when its seed is redeemed: till then the connected
    machine goes on.
    """
    connected = any(lifecycle.connected(older) for older in history)
    moves = not connected or pairing.key_name == machine.bunker_spire_key_name
    issued = pairing.copy(
        update={
            "state": PairingState.ISSUED,
            "spire_pubkey": token.pubkey,
            "token_id": token.id,
            "issued_at": now,
        }
    )
    written = await crud.set_machine_pairing(
        machine,
        issued,
        _issued_line(machine, pairing, token, actor, now),
        holder=holder,
        pubkey=token.pubkey if moves else machine.machine_npub,
        key_name=pairing.key_name if moves else machine.bunker_spire_key_name,
        state=MachineState.REPLACING if connected else MachineState.AWAITING_SCAN,
    )
    if not written:
        raise MachineBusy(
            "The machine was cut off or has connected while it was being paired, or that took too "
            "long; pair it again."
        )
    announce_changed(machine.operator_user_id)


def _issued_line(
    machine: Machine, pairing: Pairing, token: Token, actor: str, now: datetime
) -> JournalEntry:
    key = {"key": pairing.key_name, "npub": npub(token.pubkey)}
    detail = details.told("key_is", **key)
    if machine.machine_npub and machine.machine_npub != token.pubkey:
        detail = details.told("key_is_now", **key, before=machine.machine_npub)
    return journal.line_about(machine, "pair", "seed_issued", actor=actor, at=now, detail=detail)


async def remember_state(machine: Machine, clock: Clock) -> None:
    """Keeps the cached state of a machine in step with its pairings."""
    pairings = await pairing_rows.get_history(machine.id)
    now = await crud.get_machine(machine.id)
    if now is not None:
        stands = lifecycle.standing(now, pairings, clock())
        if stands.state is not now.state:
            await crud.set_machine_state(machine.id, stands.state)


async def remember_all(clock: Clock) -> None:
    """The same for all machines: a process that ended has left some behind their pairings."""
    last, start = "", time.monotonic()
    while machines := await crud.get_some_machines(last, AT_ONCE):
        for machine in await _behind(machines, clock()):
            with log_failure(f"remembering the state of {machine.id}"):
                await remember_state(machine, clock)
        last = machines[-1].id
        # Whoever asks meanwhile hardly notices: a fifth of the time goes into this.
        await asyncio.sleep(4 * (time.monotonic() - start))
        start = time.monotonic()


async def _behind(machines: list[Machine], now: datetime) -> list[Machine]:
    pairings = await pairing_rows.get_standings([machine.id for machine in machines])
    return [
        machine
        for machine in machines
        if lifecycle.standing(machine, pairings[machine.id], now).state is not machine.state
    ]
