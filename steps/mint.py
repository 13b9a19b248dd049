"""The bunker's side of a pairing: key, policy and token, in as few round trips as it allows; and
the seed of them.

In the steady state two: create_new_key beside create_new_token, then get_key_tokens. No mutating
call is repeated; where an answer is missing, what is read next tells whether it worked.
"""

import asyncio
import math
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass

from ..bunker.answers import Policy, PolicyRule, Token
from ..bunker.errors import BunkerNonsense, BunkerTimeout
from ..bunker.interface import BunkerAdmin
from ..connection import passphrases
from ..connection.open_bunker import OpenBunker
from ..connection.relay_choice import UsableRelays
from ..errors import BunkerFailed
from ..models import Pairing
from ..nostr.keys import new_nsec
from ..schemas.machines import PairMachineData
from ..seed import MOST_IN_A_QR, Seed, SeedError
from .key_choice import KeyPlan

POLICY_NAME = "spirekeeper-spire"
POLICY_RULES = frozenset(
    {PolicyRule("sign_event", kind) for kind in (21000, 21001, 21002, 21003, 30078)}
    | {PolicyRule("nip44_encrypt"), PolicyRule("nip44_decrypt")}
)

_making_policy = asyncio.Lock()
"""Machines paired side by side make one policy, not one each."""


@dataclass(frozen=True)
class Minted:
    """The new token, and the key's other ones."""

    token: Token
    others: list[Token]


async def mint(
    key: KeyPlan, pairing: Pairing, request: PairMachineData, bunker: OpenBunker
) -> Minted:
    """A token for the key, which is created or unlocked where it has to be."""
    admin = bunker.admin
    await _make_ready(key, bunker)
    policy = await _ensure_policy(admin)
    hours = await _token_hours(request, admin)
    make_token = _unless_silent(
        admin.create_new_token(key.name, pairing.client_name, policy.id, hours)
    )
    if key.existing is not None:
        await make_token
        expected = key.known_pubkey or key.existing.pubkey
    else:
        expected, _ = await asyncio.gather(_create_key(key, bunker), make_token)
    tokens = await admin.get_key_tokens(key.name)
    if not tokens:
        tokens = await _tokens_after_restart(key, bunker)
    token = next((each for each in tokens if each.client_name == pairing.client_name), None)
    if token is None:
        raise BunkerTimeout("it does not show the token that was asked for")
    if expected is not None and token.pubkey != expected:
        await admin.refresh_keys()  # what it said of the key may have been wrong
        raise BunkerNonsense("it answers with another key than the machine's")
    return Minted(token, [each for each in tokens if each is not token])


def build_seed(token: Token, relays: UsableRelays, service_pubkey: str | None) -> Seed:
    """BunkerFailed for a token that no seed can hold."""
    try:
        seed = Seed.build(
            spire_pubkey=token.pubkey,
            secret=token.secret,
            bunker_relay=relays.bunker_relay,
            relays=relays.relays,
            service_pubkey=service_pubkey,
        )
        if len(seed.encode()) > MOST_IN_A_QR:  # known before, but for a longer token than usual
            raise SeedError("seed", "no QR code holds it")
        return seed
    except SeedError:
        raise BunkerFailed(
            "The bunker made a token that no pairing code can hold; check which bunker it is.",
            reason="seed_not_held",
        ) from None


async def _make_ready(key: KeyPlan, bunker: OpenBunker) -> None:
    """The key is unlocked, or the bunker may be asked for it: before a token is, which would be for
    a key that is not there."""
    if key.existing is None:
        await bunker.admin.settle()
    elif key.existing.locked:
        await _unlock(key, bunker)


async def _unless_silent(call: Awaitable[object]) -> None:
    """Without an answer it may have worked all the same: what is read next tells."""
    try:
        await call
    except BunkerTimeout:
        return


async def _create_key(key: KeyPlan, bunker: OpenBunker) -> str | None:
    """The pubkey of the new key: minted by the bunker, or here, where the superuser chose that."""
    passphrase = bunker.config.passphrases[key.passphrase_id]
    nsec, wanted = new_nsec() if bunker.config.mint == "local" else (None, None)
    try:
        pubkey: str | None = await bunker.admin.create_new_key(key.name, passphrase, nsec)
    except BunkerTimeout:
        made = (await bunker.admin.refresh_keys()).get(key.name)
        if made is None:
            raise
        pubkey = made.pubkey
    if wanted is not None and pubkey != wanted:
        raise BunkerNonsense("it keeps another key than the one it was handed")
    return pubkey


async def _tokens_after_restart(key: KeyPlan, bunker: OpenBunker) -> list[Token]:
    """A bunker restarted since we learned its keys, or made this one, has locked them, and hides
    their tokens."""
    found = (await bunker.admin.refresh_keys()).get(key.name)
    if found is None or not found.locked:
        return []
    await _unlock(key, bunker)
    return await bunker.admin.get_key_tokens(key.name)


async def _unlock(key: KeyPlan, bunker: OpenBunker) -> None:
    own = key.own_passphrases if key.existing is not None else (key.passphrase_id,)
    choice = await passphrases.choose(key.name, own, bunker)
    if choice is None:
        raise BunkerFailed(
            "The machine's key is locked in the bunker and its passphrase is not known here; "
            "unlock it there, or have the superuser enter the right passphrase.",
            reason="key_stays_locked",
        )
    await passphrases.unlock(key.name, choice.passphrase_id, bunker)
    found = (await bunker.admin.refresh_keys()).get(key.name)
    if found is None or found.locked:
        raise BunkerNonsense("it says a key is unlocked that is still locked")
    if key.known_pubkey is not None and found.pubkey != key.known_pubkey:
        raise BunkerNonsense("the unlocked key is another one than the machine's")


async def _token_hours(request: PairMachineData, admin: BunkerAdmin) -> int | None:
    """The bunker's own expiry: a backstop to the scan window, or the session, never both."""
    dialect = await admin.dialect()
    if dialect.token_hours_bound == "session":
        return request.session_hours
    return math.ceil(request.scan_minutes / 60)


async def _ensure_policy(admin: BunkerAdmin) -> Policy:
    """The policy that allows exactly what a spire does: found, corrected, or made.

    Compared rule by rule: names may repeat, and whoever has an admin key can change a policy.
    """
    found = _matching(await admin.policies())
    if found is not None:
        return found
    async with _making_policy:
        return _matching(await admin.policies()) or await _make_policy(admin)


async def _make_policy(admin: BunkerAdmin) -> Policy:
    policies = await admin.policies()
    drifted = next((policy for policy in policies if policy.name == POLICY_NAME), None)
    if drifted is not None and (await admin.dialect()).corrects_policies:
        await correct_policy(drifted, admin)
    else:
        await _unless_silent(admin.create_new_policy(POLICY_NAME, POLICY_RULES))
    found = _matching(await admin.refresh_policies())
    if found is None:
        raise BunkerNonsense("it does not show the policy that was asked for")
    return found


async def correct_policy(drifted: Policy, admin: BunkerAdmin) -> None:
    """Where the bunker can (Dialect.corrects_policies): our rules and no others."""
    for rule in drifted.rules - POLICY_RULES:
        await admin.remove_policy_rule(drifted.rule_ids[rule])
    for rule in POLICY_RULES - drifted.rules:
        await admin.add_policy_rule(drifted.id, rule)


def _matching(policies: Iterable[Policy]) -> Policy | None:
    return next(
        (p for p in policies if p.name == POLICY_NAME and p.allows_exactly(POLICY_RULES)), None
    )
