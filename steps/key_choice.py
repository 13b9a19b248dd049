"""Which key a seed is for: the one that the machine has, or a new one where it must.

Keys cannot be deleted upstream, so a key is kept wherever that is safe, and a seed that ended
unused leaves its key for the next.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Literal

from .. import lifecycle
from ..bunker.answers import BunkerKey, KeyUser
from ..connection.bunker_failures import bunker_errors
from ..connection.open_bunker import OpenBunker
from ..errors import KeyNotKept, RevokeOwed
from ..keys import spire_key_name
from ..models import Machine, MintedKey, MintReason, OwedKind, Pairing
from ..schemas.machines import PairMachineData
from ..store import key_rows, owed_rows, pairing_rows
from . import key_use


@dataclass(frozen=True)
class KeyPlan:
    """The key to pair with: one that exists, or a name that is free."""

    name: str
    existing: BunkerKey | None
    known_pubkey: str | None
    """What the key must turn out to be, where a pairing of ours has seen it."""
    passphrase_id: str
    """The one that the key was made with, or is to be."""
    own_passphrases: tuple[str, ...]
    why: Literal["kept"] | MintReason
    """Why the bunker is asked for it: `kept` when it is not, because it exists."""

    def minted_for(self, machine: Machine, pairing: Pairing) -> MintedKey | None:
        """The key that the bunker is to be asked for, which counts from the intent on."""
        if self.why == "kept":
            return None
        return MintedKey(
            bunker_pubkey=pairing.bunker_pubkey,
            key_name=self.name,
            machine_id=machine.id,
            operator_user_id=machine.operator_user_id,
            minted_at=pairing.created_at,
            why=self.why,
        )


async def choose_key(
    machine: Machine, history: list[Pairing], request: PairMachineData, bunker: OpenBunker
) -> KeyPlan:
    """The machine's own key, or one that nobody can have used.

    KeyNotKept when the caller insists on a key that is spent, RevokeOwed when the bunker has still
    to revoke it, or a PairingError.
    """
    owing = await _keys_to_be_revoked(machine) if history else set()
    with bunker_errors():
        key = await _choose(machine, history, request, bunker, owing)
    if key.name in owing:  # that revoke would hit the new pairing too
        raise RevokeOwed(
            "The bunker still owes the revoke of this key; try again when it is done, or pair with "
            "a new key."
        )
    return key


async def _keys_to_be_revoked(machine: Machine) -> set[str]:
    owing = await owed_rows.get_owed(machine.id)
    return {each.key_name for each in owing if each.kind is OwedKind.REVOKE_KEY}


async def _choose(
    machine: Machine,
    history: list[Pairing],
    request: PairMachineData,
    bunker: OpenBunker,
    owing: Collection[str],
) -> KeyPlan:
    """`owing`: the keys that the bunker has still to revoke whole."""
    keys = await bunker.admin.keys()
    own = machine.bunker_spire_key_name or spire_key_name(machine.id)
    why_new = asked_for_new(own, machine, history, request, keys)
    if own not in keys and why_new is None and machine.bunker_spire_key_name is not None:
        # Somebody else may have made it: creating it again would overwrite the identity.
        keys = await bunker.admin.refresh_keys()
    if why_new is None and await _must_leave(
        own, machine, history, request, bunker, exists=own in keys
    ):
        if request.keep_identity:
            raise not_kept()
        why_new = "forced"
    name = own if why_new is None else await _another(own, machine, history, bunker, keys, owing)
    return _plan(name, keys, history, bunker, why_new)


def _plan(
    name: str,
    keys: Mapping[str, BunkerKey],
    history: list[Pairing],
    bunker: OpenBunker,
    why_new: MintReason | None,
) -> KeyPlan:
    existing = keys.get(name)
    seen = next((p for p in history if p.key_name == name and p.issued_at is not None), None)
    passphrases = tuple(p.passphrase_id for p in reversed(history) if p.key_name == name)
    return KeyPlan(
        name=name,
        existing=existing,
        known_pubkey=seen.spire_pubkey if seen and existing else None,
        passphrase_id=passphrases[0] if passphrases and existing else bunker.config.passphrase_id,
        own_passphrases=passphrases,
        why="kept" if existing else why_new or "first",
    )


def asked_for_new(
    own: str,
    machine: Machine,
    history: Iterable[Pairing],
    request: PairMachineData,
    keys: Collection[str],
) -> MintReason | None:
    """After a cut or a collision, or to rotate."""
    had_key = machine.bunker_spire_key_name is not None or own in keys
    cut = machine.cut_at is not None and had_key and not request.keep_identity
    return "asked" if cut or request.rotate or _collided(own, history) else None


def not_kept() -> KeyNotKept:
    return KeyNotKept(
        "Somebody used this key without being confirmed, so it must not be used again; pair "
        "without keep_identity, which makes a new key."
    )


def history_forbids(own: str, history: Iterable[Pairing], request: PairMachineData) -> bool:
    """Whether the pairings of a key alone say that its next seed must be for a new one."""
    of_key = [p for p in history if p.key_name == own]
    if any(key_use.ended_badly(p) or lifecycle.confirming(p) for p in of_key):
        return True
    return request.require_confirmation and any(key_use.had_no_yes(p) for p in of_key)


async def _must_leave(
    own: str,
    machine: Machine,
    history: list[Pairing],
    request: PairMachineData,
    bunker: OpenBunker,
    *,
    exists: bool,
) -> bool:
    of_key = [p for p in history if p.key_name == own]
    if history_forbids(own, of_key, request):
        return True
    confirm, keep = request.require_confirmation, request.keep_identity
    if confirm and not keep and any(lifecycle.connected(p) for p in of_key):
        return True
    if not exists or not (confirm or keep or any(key_use.not_looked_up(p) for p in of_key)):
        return False
    users = await bunker.admin.get_key_users(own)
    if confirm:
        known = key_use.confirmed_clients(of_key)
    else:
        known = await pairing_rows.get_counted_clients(machine.id, own)
        known |= key_use.about_to_count(users, of_key)
    return bool(await _strangers(own, users, known, bunker))


async def _strangers(
    name: str, users: list[KeyUser], known: Collection[str | None], bunker: OpenBunker
) -> set[str]:
    burners = await key_rows.get_burners(bunker.config.bunker_pubkey, name)
    return key_use.strangers(users, known, burners)


def _collided(name: str, history: Iterable[Pairing]) -> bool:
    return any(
        p.key_name == name and p.end_reason == lifecycle.EndReason.PUBKEY_TAKEN for p in history
    )


async def _another(
    own: str,
    machine: Machine,
    history: list[Pairing],
    bunker: OpenBunker,
    keys: Collection[str],
    owing: Collection[str],
) -> str:
    """The first generation that nobody can have used: a free name, or one whose seeds all ended
    unused."""
    ours = {p.key_name for p in history}
    used = {p.key_name for p in history if p.redeemed_at is not None or key_use.had_no_yes(p)}
    spent = {own, *owing, *used, *(name for name in ours if _collided(name, history))}
    for generation in count(2):
        name = spire_key_name(machine.id, generation)
        if name in spent or (name in keys and name not in ours):
            continue
        if name not in keys:
            return name
        users = await bunker.admin.get_key_users(name)
        if not await _strangers(name, users, (), bunker):
            return name
    raise AssertionError("numbers do not end")
