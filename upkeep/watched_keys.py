"""The machines' keys that we watch, and who uses each as far as we know."""

from collections.abc import Callable, Iterable, Iterator, KeysView
from typing import NamedTuple

from .. import lifecycle
from ..loop import in_turns
from ..models import PairingState, WatchedPairing


class WatchedKey(NamedTuple):
    """A machine's key in the bunker. It holds only texts and tuples of texts (see
    `WatchedKeys`)."""

    machine_id: str
    key_name: str
    pubkey: str
    clients: tuple[str, ...]
    """The clients of its connections that count."""
    redeemers: tuple[str, ...]
    """Those, and clients that wait to be confirmed."""
    waiting: bool
    """A seed waits to be scanned."""
    relays: tuple[str, ...]
    operator: str


class WatchedKeys:
    """All watched keys, by pubkey.

    They are plain tuples of texts, which Python's garbage collector does not go through again and
    again: with an object a key, that held up all of LNbits for 200 ms where 100,000 are watched.
    """

    def __init__(self, keys: Iterable[WatchedKey] = ()) -> None:
        rows = {key.pubkey: key for key in keys}
        self._rows = {pubkey: tuple(key) for pubkey, key in rows.items()}
        self.waiting = frozenset(pubkey for pubkey, key in rows.items() if key.waiting)
        """The pubkeys of those for which a seed waits."""

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[WatchedKey]:
        return map(WatchedKey._make, self._rows.values())

    def __getitem__(self, pubkey: str) -> WatchedKey:
        return WatchedKey._make(self._rows[pubkey])

    def get(self, pubkey: str) -> WatchedKey | None:
        return self[pubkey] if pubkey in self._rows else None

    @property
    def pubkeys(self) -> KeysView[str]:
        return self._rows.keys()

    def but(self, gone: Callable[[str], bool], others: "WatchedKeys") -> "WatchedKeys":
        """These keys without those that are gone, and with the others."""
        changed = WatchedKeys()
        changed._rows = {pubkey: row for pubkey, row in self._rows.items() if not gone(pubkey)}
        changed._rows.update(others._rows)
        changed.waiting = others.waiting.union(p for p in self.waiting if not gone(p))
        return changed


async def watched_keys(pairings: Iterable[WatchedPairing]) -> WatchedKeys:
    """The keys to watch, from the open pairings."""
    of_key: dict[str, list[WatchedPairing]] = {}
    for pairing in pairings:
        of_key.setdefault(pairing.spire_pubkey, []).append(pairing)
    return WatchedKeys(await in_turns(_watched_key, of_key.values()))


def _watched_key(pairings: list[WatchedPairing]) -> WatchedKey:
    redeemed = [p for p in pairings if p.state in lifecycle.REDEEMED_STATES]
    counting = [p for p in redeemed if lifecycle.connected(p)]
    return WatchedKey(
        machine_id=pairings[0].machine_id,
        key_name=pairings[0].key_name,
        pubkey=pairings[0].spire_pubkey,
        clients=_clients(counting),
        redeemers=_clients(redeemed),
        waiting=any(p.state is PairingState.ISSUED for p in pairings),
        relays=tuple({url for pairing in pairings for url in pairing.relays}),
        operator=pairings[0].operator_user_id,
    )


def _clients(pairings: list[WatchedPairing]) -> tuple[str, ...]:
    return tuple({pairing.client_pubkey for pairing in pairings if pairing.client_pubkey})
