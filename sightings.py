"""What an event on a relay says about our machines. No socket, no database.

Cheap checks come first: most of what a relay sends is nobody's business here, and a signature is
verified only where it decides. Hints decide nothing: they only say when to ask the bunker.
"""

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from .bunker.envelope import NIP46_KIND
from .bunker.events import genuine
from .clock import Clock
from .mint import POLICY_RULES
from .throwaway import is_throwaway
from .watched import WatchedKey, WatchedKeys

PUBLISHED_KINDS = frozenset(rule.kind for rule in POLICY_RULES if rule.kind is not None)
"""What only the holder of a machine's session can have had signed by the machine's key."""
FRESH_SECONDS = 300
"""Clocks differ; what is older, or from further ahead, counts for nothing."""
STEP_SECONDS = 5
"""A machine seen so shortly before is not looked at again."""
MOST_SUSPECTS = 20
"""Strangers of one key that are kept until the bunker has been asked who they are."""
LONGEST_TAGS = 16


class Forged(Exception):
    """A relay passed on an event that is not by whom it says."""


class Sightings:
    """Hears events and keeps what they mean: who was seen, and which strangers speak to a key.

    `hint` is told of traffic of a key whose seed waits, with the client, and whether that client
    asked or was answered; `suspect` that a key has a stranger.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        hint: Callable[[WatchedKey, str, bool], None],
        suspect: Callable[[WatchedKey], None],
    ) -> None:
        self.keys = WatchedKeys()
        self._clock = clock
        self._hint = hint
        self._suspect = suspect
        self._latest: dict[str, int] = {}
        """By machine, the newest event's own time. What is no newer proves nothing new, so a
        repeated event is never counted."""
        self._seen: dict[str, datetime] = {}
        self._suspects: dict[str, set[str]] = {}

    def watch(self, keys: WatchedKeys) -> None:
        """Hear these from now on, and forget what was heard of others."""
        self.keys = keys
        machines = {key.machine_id for key in keys}
        self._latest = {id_: at for id_, at in self._latest.items() if id_ in machines}
        self._suspects = {key: who for key, who in self._suspects.items() if key in keys.pubkeys}

    def take_seen(self) -> dict[str, datetime]:
        """When machines were last seen, since this was last asked."""
        seen, self._seen = self._seen, {}
        return seen

    def take_suspects(self, pubkey: str) -> set[str]:
        """Who spoke to a key and is no client of it that we know."""
        return self._suspects.pop(pubkey, set())

    def hear(self, raw: dict[str, Any]) -> bool:
        """Whether the event shows that a machine is alive. Raises Forged."""
        author, kind = raw.get("pubkey"), raw.get("kind")
        if not isinstance(author, str) or type(kind) is not int:
            return False
        if kind == NIP46_KIND:
            addressee = _addressee(raw)
            key = self.keys.get(addressee)
            if key is None:
                self._hear_answer(author, addressee)
                return False
            return self._hear_request(key, author, raw)
        key = self.keys.get(author)
        return key is not None and kind in PUBLISHED_KINDS and self._see(key, raw)

    def _hear_request(self, key: WatchedKey, author: str, raw: dict[str, Any]) -> bool:
        if is_throwaway(author):
            return False
        if key.waiting:
            self._hint(key, author, False)
        if author in key.clients:
            return self._see(key, raw)
        if key.clients and author not in key.redeemers:
            self._hear_stranger(key, author, raw)
        return False

    def _hear_answer(self, author: str, client: str) -> None:
        """The bunker answers anybody, so this proves nothing; but what it answers, it has done."""
        key = self.keys.get(author)
        if key is not None and key.waiting and not is_throwaway(client):
            self._hint(key, client, True)

    def _hear_stranger(self, key: WatchedKey, author: str, raw: dict[str, Any]) -> None:
        suspects = self._suspects.setdefault(key.pubkey, set())
        if author in suspects or len(suspects) >= MOST_SUSPECTS:
            return
        if self._made_at(raw) is not None:
            _guard_genuine(raw)
            suspects.add(author)
            self._suspect(key)

    def _see(self, key: WatchedKey, raw: dict[str, Any]) -> bool:
        made_at = self._made_at(raw)
        if made_at is None or made_at < self._latest.get(key.machine_id, 0) + STEP_SECONDS:
            return False
        _guard_genuine(raw)
        self._latest[key.machine_id] = made_at
        at = datetime.fromtimestamp(made_at, timezone.utc)
        self._seen[key.machine_id] = min(at, self._clock())
        return True

    def _made_at(self, raw: dict[str, Any]) -> int | None:
        """The time that a fresh event gives itself."""
        made_at = raw.get("created_at")
        if type(made_at) is not int:
            return None
        away = abs(made_at - int(self._clock().timestamp()))
        return made_at if away <= FRESH_SECONDS else None


def _addressee(raw: dict[str, Any]) -> str:
    """The pubkey of the first p tag; a NIP-46 request has one."""
    tags = raw.get("tags")
    if isinstance(tags, list):
        for tag in tags[:LONGEST_TAGS]:
            match tag:
                case ["p", str(pubkey), *_]:
                    return pubkey
    return ""


def _guard_genuine(raw: dict[str, Any]) -> None:
    if genuine(raw) is None:
        raise Forged
