"""Pairing a machine: a seed for it, by key, policy, token, guard, persist.

`steps/revoke.py` cuts it off.

Read top to bottom: each step of the main job is one named function, in the module of that step. The
intent is written before the bunker is asked, so after a timeout or a crash there is always
something to look up or burn.
"""

from .clock import Clock
from .connection.open_bunker import open_bunker
from .connection.relay_choice import UsableRelays
from .models import Machine, Pairing
from .schemas.machines import Caution, PairMachineData, PairResult
from .seed import Seed, fingerprint
from .steps.intent import owing_on_failure, write_intent
from .steps.key_choice import choose_key
from .steps.listening import check_listening_later
from .steps.mint import build_seed, mint
from .steps.older_seeds import burn_older, replace_older, tokens_elsewhere
from .steps.pair_guards import (
    cut_first,
    guard_collision,
    guard_encryption,
    nobody_else_pairs,
    relays_for_pair,
    with_cash,
)
from .steps.recovery import finish_past
from .steps.standing import issue_seed


async def pair_machine(
    machine: Machine, request: PairMachineData, *, actor: str, clock: Clock
) -> PairResult:
    """One machine, as its operator asks for it: over which relays, the seed, and then, off the
    critical path, whether the bunker listens there.

    Raises a TooMany, InvalidInput, a Conflict or a PairingError.
    """
    relays = await relays_for_pair(request, machine.operator_user_id, clock())
    paired = await pair_spire(machine, request, relays, actor=actor, clock=clock)
    check_listening_later(machine, clock)
    return paired


async def pair_spire(
    machine: Machine,
    request: PairMachineData,
    relays: UsableRelays,
    *,
    actor: str,
    clock: Clock,
) -> PairResult:
    """A fresh seed for the machine; any older unused one dies.

    Raises a Conflict, a TooMany or a PairingError; then no machine column has changed, and a token
    that may have been made is owed as a burn.
    """
    if request.revoke_now and machine.cut_at is None:
        machine = await cut_first(machine, request, actor, clock)
    async with nobody_else_pairs(machine, clock) as (lease, machine):
        request, service_pubkey = await with_cash(machine, request)
        bunker = await open_bunker()
        history = await finish_past(machine, clock)
        await guard_encryption(request, bunker)
        key = await choose_key(machine, history, request, bunker)
        pairing = await write_intent(key, machine, request, relays, bunker, service_pubkey, clock())
        async with owing_on_failure(pairing, machine, actor, clock):
            minted = await mint(key, pairing, request, bunker)
            seed = build_seed(minted.token, relays, service_pubkey)
            await guard_collision(machine, minted.token.pubkey)
            tokens = minted.others + await tokens_elsewhere(pairing, history, bunker)
            owing = await replace_older(machine, history, tokens, clock())
            await issue_seed(machine, lease.holder, pairing, minted.token, history, actor, clock())
    all_burned = await burn_older(machine, history, owing, bunker, actor, clock)
    return _answer(pairing, seed, relays, all_burned=all_burned)


def _answer(pairing: Pairing, seed: Seed, relays: UsableRelays, *, all_burned: bool) -> PairResult:
    """What is shown this once."""
    warnings = list(relays.warnings)
    if not all_burned:
        words = (
            "The older pairing code still works until the bunker has answered; it is asked again."
        )
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
