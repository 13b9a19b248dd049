"""Pairing a machine: a seed for it, by key, policy, token, guard, persist.

`cutting.py` cuts it off.

Read top to bottom: each step of the main job is one function below. The intent is written before
the bunker is asked, so after a timeout or a crash there is always something to look up or burn.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from secrets import token_hex
from uuid import uuid4

from . import (
    accounts,
    crud,
    crud_pairings,
    crud_work,
    journal,
    lifecycle,
    live,
    owed,
    quotas,
    settings,
)
from .api_models import Caution, PairMachineData, PairResult
from .bunker.answers import Token
from .bunker.errors import NsecBunkerError, WrongPassphrase
from .bunker.hazards import Hazard
from .clock import Clock
from .connection import OpenBunker, open_bunker
from .cutting import cut_spent_key, end_pairing, give_up_lost, owe_cut, revoke_spire
from .ending import remember_state
from .errors import (
    BunkerFailed,
    EndsOnNip44,
    MachineBusy,
    PubkeyTaken,
    RevokeOwed,
    SpirekeeperError,
    from_bunker,
)
from .key_choice import KeyPlan, choose_key, history_forbids, not_kept
from .keys import npub
from .leases import kept
from .mint import mint
from .models import (
    JournalEntry,
    Machine,
    MachineState,
    OwedKind,
    OwedRevocation,
    Pairing,
    PairingState,
)
from .relays import UsableRelays, choose_relays
from .seed import Seed, SeedError, fingerprint

LEASE = timedelta(seconds=60)
BURN_SECONDS = 5.0
_CLIENT_NAME = re.compile("spirekeeper-[0-9a-f]{32}")


async def pair_spire(
    machine: Machine,
    request: PairMachineData,
    *,
    actor: str,
    clock: Clock,
    tried: UsableRelays | None = None,
) -> PairResult:
    """A fresh seed for the machine; any older unused one dies.

    `tried`: the relays of the request, where they were just found up. Raises a Conflict,
    InvalidInput, a TooMany or a PairingError; then no machine column has changed, and a token that
    may have been made is owed as a burn.
    """
    if request.revoke_now and machine.cut_at is None:
        tried = await _guard_before_cut(machine, request, tried, clock())
        machine = await _cut_first(machine, actor, clock)
    async with _lease(machine, clock) as (holder, machine):
        bunker = await open_bunker()
        relays, history = await asyncio.gather(
            _usable_relays(machine, request, bunker.config.allow_private_relays, tried, clock()),
            crud_pairings.get_history(machine.id),
        )
        await give_up_lost(history, machine.operator_user_id, clock())
        history = await _finish_cut(machine, history, clock())
        try:
            await _guard_encryption(request, bunker)
            owing = await _keys_to_be_revoked(machine) if history else set()
            key = await choose_key(machine, history, request, bunker, owing)
            _guard_revoke_done(key, owing)
            pairing = await _write_intent(key, machine, request, relays, bunker, clock())
        except NsecBunkerError as error:
            raise from_bunker(error) from None
        try:
            minted = await mint(key, pairing, request, bunker)
            seed = _seed(minted.token, relays)
            await _guard_collision(machine, minted.token.pubkey)
            others = minted.others + await _tokens_elsewhere(pairing, history, bunker)
            older = await _replace_older(machine, history, others, clock())
            await _persist(machine, holder, pairing, minted.token, history, actor, clock())
        except (NsecBunkerError, SpirekeeperError) as error:
            raise await _give_up(pairing, machine, error, actor, clock) from None
    if any(lifecycle.confirming(each) for each in history):
        await cut_spent_key(machine.id, clock)
        await remember_state(machine, clock)
    burned = await owed.settle_all(older, bunker, clock, actor, BURN_SECONDS)
    return _answer(pairing, seed, relays, all_burned=burned.done)


# 1. Guard: one at a time, over relays that this instance allows


@asynccontextmanager
async def _lease(machine: Machine, clock: Clock) -> AsyncIterator[tuple[str, Machine]]:
    """The holder, and the machine as it stands; whoever gets to the end has given the lease back
    with what it wrote last."""
    holder = token_hex(8)
    now = clock()
    try:
        if not await crud.take_lease(machine.id, holder, now, now + LEASE):
            raise MachineBusy("Somebody is pairing this machine right now; try again in a minute.")
        as_it_stands = await _read_again(machine)
        async with kept(machine.id, holder, clock, LEASE):
            yield holder, as_it_stands
    except BaseException:
        await crud.release_lease(machine.id, holder)
        raise


async def _read_again(machine: Machine) -> Machine:
    """Somebody may have paired it before we had the lease, and given it a key. From the lease on, a
    cut takes it away; one that came before it must not be undone."""
    now = await crud.get_machine(machine.id)
    if now is None or now.cut_at != machine.cut_at:
        raise MachineBusy("The machine was cut off just now; pair it again if you mean to.")
    return now


def _lost() -> MachineBusy:
    return MachineBusy(
        "The machine was cut off or has connected while it was being paired, or that took too "
        "long; pair it again."
    )


async def _guard_before_cut(
    machine: Machine, request: PairMachineData, tried: UsableRelays | None, now: datetime
) -> UsableRelays:
    """What can be refused without the bunker is refused while the machine still works."""
    config = await settings.get_bunker_config()
    own = machine.bunker_spire_key_name
    if own is not None and request.keep_identity and not request.rotate:
        if history_forbids(own, await crud_pairings.get_history(machine.id), request):
            raise not_kept()
    elif config is not None and (own is not None or request.rotate):
        await quotas.guard_new_key(machine, "asked", config.bunker_pubkey, now)
    private_allowed = config is not None and config.allow_private_relays
    return await _usable_relays(machine, request, private_allowed, tried, now)


async def _cut_first(machine: Machine, actor: str, clock: Clock) -> Machine:
    """Whoever is connected is cut before the new seed."""
    await revoke_spire(machine, actor=actor, clock=clock)
    return await crud.get_machine(machine.id) or machine


async def _finish_cut(machine: Machine, history: list[Pairing], now: datetime) -> list[Pairing]:
    """A cut that broke off comes first: the new seed takes `cut_at` back, and would let in again
    whoever was cut."""
    still_open = lifecycle.OPEN_STATES - {PairingState.INTENT}
    unfinished = machine.after_cut is not None or any(p.state in still_open for p in history)
    if machine.cut_at is None or not unfinished:
        return history
    await owe_cut(machine, now)
    return await crud_pairings.get_history(machine.id)


async def _guard_encryption(request: PairMachineData, bunker: OpenBunker) -> None:
    if Hazard.ENDS_ON_NIP44 in (await bunker.admin.dialect()).hazards and not request.legacy_nip04:
        raise EndsOnNip44(
            "This bunker ends when a machine speaks NIP-44 to it, as most do. Update the bunker, "
            "or say legacy_nip04 for a machine that speaks NIP-04 only."
        )


async def _keys_to_be_revoked(machine: Machine) -> set[str]:
    owing = await crud_work.get_owed(machine.id)
    return {each.key_name for each in owing if each.kind is OwedKind.REVOKE_KEY}


def _guard_revoke_done(key: KeyPlan, owing: Collection[str]) -> None:
    """A revoke that is still owed would hit the new pairing of the same key too."""
    if key.name in owing:
        raise RevokeOwed(
            "The bunker still owes the revoke of this key; try again when it is done, or pair with "
            "a new key."
        )


async def _usable_relays(
    machine: Machine,
    request: PairMachineData,
    private_allowed: bool,
    tried: UsableRelays | None,
    now: datetime,
) -> UsableRelays:
    return tried or await choose_relays(
        request, machine.operator_user_id, now, private_allowed=private_allowed
    )


# 2. Intent: the row exists before the bunker is asked


async def _write_intent(
    key: KeyPlan,
    machine: Machine,
    request: PairMachineData,
    relays: UsableRelays,
    bunker: OpenBunker,
    now: datetime,
) -> Pairing:
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
    )
    await quotas.write_intent(pairing, key.minted_for(machine, pairing))
    return pairing


# 3. Seed, and collision guard


def _seed(token: Token, relays: UsableRelays) -> Seed:
    try:
        return Seed.build(
            spire_pubkey=token.pubkey,
            secret=token.secret,
            bunker_relay=relays.bunker_relay,
            relays=relays.relays,
        )
    except SeedError:
        raise BunkerFailed(
            "The bunker made a token that no seed can hold; check which bunker it is."
        ) from None


async def _guard_collision(machine: Machine, pubkey: str) -> None:
    """An npub that is somebody's already would send that somebody's money astray."""
    other, taken = await asyncio.gather(
        crud.get_machine_by_npub(pubkey), accounts.has_pubkey(pubkey)
    )
    if taken or (other is not None and other.id != machine.id):
        raise PubkeyTaken(
            "The new key belongs to another machine or account already; pair again for a new one."
        )


# 4. Persist, and end what is older


async def _replace_older(
    machine: Machine, history: list[Pairing], others: list[Token], now: datetime
) -> list[OwedRevocation]:
    """A newer seed makes older unused ones worthless; their burn is owed before it is issued.

    A seed that was redeemed meanwhile is a connection, and lives until the newer one is redeemed.
    A client that waits to be confirmed is none: asking for another seed is no Yes.
    """
    shown = {token.client_name: token for token in others}
    owing = []
    for older in [*history, *await _beyond(history, others)]:
        if lifecycle.confirming(older):
            owing += await _end_older(older, machine, now)
            continue
        token = shown.get(older.client_name)
        if token is not None and (token.redeemed_at or _expired(token, now)):
            continue
        if older.state is not PairingState.ISSUED and token is None:
            continue
        if older.state is PairingState.ISSUED:
            owing += await _end_older(older, machine, now)
        else:
            owing.append(await owed.owe_token(older, machine.operator_user_id, now))
    return owing


async def _end_older(older: Pairing, machine: Machine, now: datetime) -> list[OwedRevocation]:
    burn = await owed.owe_token(older, machine.operator_user_id, now)
    if await end_pairing(older, PairingState.REPLACED, lifecycle.NEWER_SEED, now):
        return [burn]
    await owed.withdraw(burn)
    return []


async def _beyond(history: list[Pairing], others: list[Token]) -> list[Pairing]:
    """Older pairings of ours than the history tells of, whose token somebody may still redeem."""
    named = {token.client_name for token in others if token.redeemed_at is None}
    ours = {name for name in named if _CLIENT_NAME.fullmatch(name)}
    return await crud_pairings.get_pairings_named(ours - {older.client_name for older in history})


async def _tokens_elsewhere(
    pairing: Pairing, history: list[Pairing], bunker: OpenBunker
) -> list[Token]:
    """Of the keys that older seeds were for: a rotation must not burn what was just scanned."""
    waiting = {older.key_name for older in history if older.state is PairingState.ISSUED}
    names = waiting - {pairing.key_name}
    read = await asyncio.gather(*(bunker.admin.get_key_tokens(name) for name in names))
    return [token for tokens in read for token in tokens]


def _expired(token: Token, now: datetime) -> bool:
    return token.expires_at is not None and token.expires_at < now - owed.CLOCK_SKEW


async def _persist(
    machine: Machine,
    holder: str,
    pairing: Pairing,
    token: Token,
    history: list[Pairing],
    actor: str,
    now: datetime,
) -> None:
    """The roster moves to a rotated key only when its seed is redeemed: till then the connected
    machine goes on."""
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
        raise _lost()
    live.changed(machine.operator_user_id)


def _issued_line(
    machine: Machine, pairing: Pairing, token: Token, actor: str, now: datetime
) -> JournalEntry:
    detail = f"key {pairing.key_name} is {npub(token.pubkey)}"
    if machine.machine_npub and machine.machine_npub != token.pubkey:
        detail += f"; the machine was {machine.machine_npub} before"
    return journal.line_about(machine, "pair", "seed_issued", actor=actor, at=now, detail=detail)


async def _give_up(
    pairing: Pairing,
    machine: Machine,
    error: NsecBunkerError | SpirekeeperError,
    actor: str,
    clock: Clock,
) -> SpirekeeperError:
    """A pair that failed: whatever token it may have made is owed as a burn."""
    now = clock()
    answer = from_bunker(error) if isinstance(error, NsecBunkerError) else error
    reason = answer.code
    if isinstance(error, WrongPassphrase):
        reason = lifecycle.PASSPHRASE_REFUSED
    await owed.owe_token(pairing, machine.operator_user_id, now)
    await end_pairing(pairing, PairingState.FAILED, reason, now)
    await journal.about(machine, "pair", reason, actor=actor, at=now, detail=answer.detail)
    if machine.state in (MachineState.AWAITING_SCAN, MachineState.REPLACING):
        await remember_state(machine, clock)  # at the last step that older seed has ended
    return answer


def _answer(pairing: Pairing, seed: Seed, relays: UsableRelays, *, all_burned: bool) -> PairResult:
    warnings = list(relays.warnings)
    if not all_burned:
        words = "The older seed still works until the bunker has answered; it is asked again."
        warnings.append(Caution(code="older_seed_lives", words=words))
    return PairResult(
        pairing_id=pairing.id,
        seed_url=seed.encode(),
        bunker_url=seed.bunker_url,
        spire_npub=seed.spire_npub,
        spire_pubkey=seed.spire_pubkey,
        spire_fingerprint=fingerprint(seed.spire_pubkey),
        relays=relays.relays,
        scan_before=pairing.scan_before,
        session_expires_at=pairing.session_expires_at,
        warnings=warnings,
    )
