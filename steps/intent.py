"""The row that says what a pair is about to ask of the bunker, and what becomes of it when that
fails."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import uuid4

from .. import lifecycle
from ..bunker.errors import NsecBunkerError, WrongPassphrase
from ..clock import Clock
from ..connection.bunker_failures import from_bunker
from ..connection.open_bunker import OpenBunker
from ..connection.relay_choice import UsableRelays
from ..errors import SpirekeeperError
from ..models import Machine, MachineState, Pairing, PairingState
from ..schemas.machines import PairMachineData
from ..store import details, journal
from . import owed_revocations, quotas
from .key_choice import KeyPlan
from .standing import end_pairing, remember_state


async def write_intent(
    key: KeyPlan,
    machine: Machine,
    request: PairMachineData,
    relays: UsableRelays,
    bunker: OpenBunker,
    service_pubkey: str | None,
    now: datetime,
) -> Pairing:
    """The pairing, written before the bunker is asked, with the client name that it will see; and
    the key that it is to make, which counts from now on. A TooMany when it is one too many."""
    pairing_id = uuid4().hex
    session = timedelta(hours=request.session_hours) if request.session_hours else None
    pairing = Pairing(
        id=pairing_id,
        machine_id=machine.id,
        key_name=key.name,
        bunker_pubkey=bunker.config.bunker_pubkey,
        passphrase_id=key.passphrase_id,
        client_name=f"spirekeeper-{pairing_id}",
        bunker_relay=relays.bunker_relay,
        relays=relays.relays,
        created_at=now,
        scan_before=now + timedelta(minutes=request.scan_minutes),
        session_expires_at=now + session if session else None,
        confirm_required=request.require_confirmation,
        operator_user_id=machine.operator_user_id,
        service_pubkey=service_pubkey,
    )
    await quotas.write_intent(pairing, key.minted_for(machine, pairing))
    return pairing


@asynccontextmanager
async def owing_on_failure(
    pairing: Pairing, machine: Machine, actor: str, clock: Clock
) -> AsyncIterator[None]:
    """When the pair fails inside, whatever token it may have made is owed as a burn. What is raised
    then is what the caller is told."""
    try:
        yield
    except (NsecBunkerError, SpirekeeperError) as error:
        raise await _give_up(pairing, machine, error, actor, clock) from None


async def _give_up(
    pairing: Pairing,
    machine: Machine,
    error: NsecBunkerError | SpirekeeperError,
    actor: str,
    clock: Clock,
) -> SpirekeeperError:
    now = clock()
    answer = from_bunker(error) if isinstance(error, NsecBunkerError) else error
    reason = answer.code
    if isinstance(error, WrongPassphrase):
        reason = lifecycle.LockReason.PASSPHRASE_REFUSED
    await owed_revocations.owe_token(pairing, machine.operator_user_id, now)
    await end_pairing(pairing, PairingState.FAILED, reason, now)
    await journal.about(machine, "pair", reason, actor=actor, at=now, detail=details.why(answer))
    if machine.state in (MachineState.AWAITING_SCAN, MachineState.REPLACING):
        await remember_state(machine, clock)  # at the last step that older seed has ended
    return answer
