"""What a pair is refused for, and that nobody else pairs the machine meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from .. import crud
from ..bunker.dialects import Hazard
from ..clock import Clock
from ..connection import machine_relays, settings
from ..connection.bunker_failures import bunker_errors
from ..connection.open_bunker import OpenBunker, open_bunker
from ..connection.relay_choice import UsableRelays, choose_relays, relays_named
from ..errors import EndsOnNip44, MachineBusy, PubkeyTaken
from ..models import Machine
from ..schemas.machines import PairMachineData
from ..store import cash_settings, lnbits_tables, pairing_rows
from ..store.leases import Lease, machine_lease
from . import quotas
from .key_choice import history_forbids, not_kept
from .revoke import revoke_spire


async def relays_for_pair(
    request: PairMachineData, operator_user_id: str, now: datetime
) -> UsableRelays:
    """The relays of one pair call, however many machines it is for; the call is counted with them,
    and the operator's next pairing begins with them.

    TooManyPairs, TooManyChecks, InvalidInput for a relay that is refused, NoRelay when none is up,
    NoBunker, SettingsWrong.
    """
    await quotas.count_pair(operator_user_id, now)
    bunker = await open_bunker()
    await quotas.count_relay_checks(operator_user_id, len(relays_named(request)), now)
    private_allowed = bunker.config.allow_private_relays
    usable = await choose_relays(request, operator_user_id, private_allowed=private_allowed)
    await machine_relays.remember(request, operator_user_id, now)
    return usable


async def cut_first(
    machine: Machine, request: PairMachineData, actor: str, clock: Clock
) -> Machine:
    """Cuts whoever is connected before the new seed, unless it is known already that no seed can
    follow: then it is refused, and the machine goes on working."""
    own = machine.bunker_spire_key_name
    if own is not None and request.keep_identity and not request.rotate:
        if history_forbids(own, await pairing_rows.get_history(machine.id), request):
            raise not_kept()
    elif own is not None or request.rotate:
        config = await settings.get_bunker_config()
        if config is not None:
            await quotas.guard_new_key(machine, "asked", config.bunker_pubkey, clock())
    await revoke_spire(machine, actor=actor, clock=clock)
    return await crud.get_machine(machine.id) or machine


@asynccontextmanager
async def nobody_else_pairs(machine: Machine, clock: Clock) -> AsyncIterator[tuple[Lease, Machine]]:
    """The lease of the machine, and the machine as it stands; MachineBusy when somebody else has
    it.

    Somebody may have paired it before, and given it a key, so it is read again. From the lease on a
    cut takes it away; one that came before it must not be undone.
    """
    async with machine_lease(machine.id, clock) as lease:
        if lease is None:
            raise MachineBusy("Somebody is pairing this machine right now; try again in a minute.")
        now = await crud.get_machine(machine.id)
        if now is None or now.cut_at != machine.cut_at:
            raise MachineBusy("The machine was cut off just now; pair it again if you mean to.")
        yield lease, now


async def with_cash(
    machine: Machine, request: PairMachineData
) -> tuple[PairMachineData, str | None]:
    """The request as a machine with cash has to be paired, and the service key that its seed names:
    only whoever was confirmed may ask for money. None for a machine without cash."""
    settings = await cash_settings.get_cash_settings(machine.id)
    if settings is None or not settings.out_on:
        return request, None
    key = await cash_settings.get_service_key(machine.operator_user_id)
    confirmed = request.copy(update={"require_confirmation": True})
    return confirmed, key.pubkey if key else None


async def guard_encryption(request: PairMachineData, bunker: OpenBunker) -> None:
    """EndsOnNip44 where the machine's first words would end the bunker."""
    with bunker_errors():
        dialect = await bunker.admin.dialect()
    if Hazard.ENDS_ON_NIP44 in dialect.hazards and not request.legacy_nip04:
        raise EndsOnNip44(
            "This bunker ends when a machine speaks NIP-44 to it, as most do. Update the bunker, "
            "or say legacy_nip04 for a machine that speaks NIP-04 only."
        )


async def guard_collision(machine: Machine, pubkey: str) -> None:
    """PubkeyTaken for somebody else's npub, which would send that somebody's money astray."""
    other, taken = await asyncio.gather(
        crud.get_machine_by_npub(pubkey), lnbits_tables.has_pubkey(pubkey)
    )
    if taken or (other is not None and other.id != machine.id):
        raise PubkeyTaken(
            "The new key belongs to another machine or account already; pair again for a new one."
        )
