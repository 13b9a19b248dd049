"""What an event on a relay tells about our machines. No socket, no database.

Cheap checks come first, because most events are about nobody here. A signature is verified only
where it decides. A hint only says when to ask the bunker; it never decides anything. Where an event
is too long or there are too many, we do not look at each, but ask the bunker for all users of the
key.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from functools import cached_property
from typing import Any

from ..bunker.answers import KeyUser
from ..bunker.nip46 import NIP46_KIND
from ..clock import Clock
from ..models import Pairing, PairingState
from ..nostr.events import genuine
from ..nostr.throwaway_keys import is_throwaway
from ..steps.mint import POLICY_RULES
from .watched_keys import WatchedKey, WatchedKeys

PUBLISHED_KINDS = frozenset(rule.kind for rule in POLICY_RULES if rule.kind is not None)
"""What only the holder of a machine's session can have had signed by the machine's key."""
FRESH_SECONDS = 300
"""Clocks differ; what is older, or from further ahead, counts for nothing."""
STEP_SECONDS = 5
"""A machine seen so shortly before is not looked at again."""
MOST_SUSPECTS = 20
"""Strangers of one key that are kept until the bunker has been asked who they are; with more, all
users of the key are looked at."""
LONGEST_EVENT = 16 * 1024
"""Characters. A machine's requests are far shorter, but a bunker serves longer ones too."""

_PUBKEY = re.compile('"([0-9a-f]{64})"')
_AUTHOR = re.compile(r'"pubkey"\s*:\s*"([0-9a-f]{64})"')
_ESCAPED = re.compile(r"\\u00([0-9a-fA-F]{2})")


class Forged(Exception):
    """A relay passed on an event that its author did not sign."""


class Suspects:
    """The strangers who spoke to a key: no clients that we know."""

    def __init__(self) -> None:
        self.pubkeys: set[str] = set()
        self.anybody = False
        """Others did too, so it may be any user of the key."""

    def may_be(self, pubkey: str) -> bool:
        return self.anybody or pubkey in self.pubkeys


class Sightings:
    """Hears events, and keeps who was seen and which strangers spoke to a key.

    It calls `hint` when it hears traffic of a key whose seed waits, with the client, and whether
    the client asked or was answered. It calls `suspect` when a key has a stranger.
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
        self._suspects: dict[str, Suspects] = {}

    def watch(self, keys: WatchedKeys) -> None:
        """Hears events of these keys from now on, and forgets what it heard of others."""
        self.keys = keys
        machines = {key.machine_id for key in keys}
        self._latest = {id_: at for id_, at in self._latest.items() if id_ in machines}
        self._suspects = {key: who for key, who in self._suspects.items() if key in keys.pubkeys}

    def take_seen(self) -> dict[str, datetime]:
        """When machines were last seen; those since the last call."""
        seen, self._seen = self._seen, {}
        return seen

    def take_suspects(self, pubkey: str) -> Suspects | None:
        """The strangers of each key; those since the last call."""
        return self._suspects.pop(pubkey, None)

    def suspect_anybody(self, key: WatchedKey) -> None:
        """Has all users of the key looked at."""
        self._suspects.setdefault(key.pubkey, Suspects()).anybody = True
        self._suspect(key)

    def may_matter(self, text: str) -> bool:
        """Whether to read the event in this text: it names a key of ours and is not too long.

        One that names a key and is too long makes all of the key's users suspects.
        """
        if "\\u00" in text:  # a text may be written so that it looks like no key
            text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        ours = {pubkey for pubkey in _PUBKEY.findall(text) if pubkey in self.keys.pubkeys}
        if len(text) <= LONGEST_EVENT:
            return bool(ours)
        authors = set(_AUTHOR.findall(text))
        for pubkey in ours:
            self._hear_long(self.keys[pubkey], authors)
        return False

    def is_of_ours(self, raw: dict[str, Any]) -> bool:
        """Whether the event says that a key of ours made it."""
        author = raw.get("pubkey")
        return isinstance(author, str) and author in self.keys.pubkeys

    def hear(self, raw: dict[str, Any]) -> bool:
        """Whether the event shows that a machine is alive. Raises Forged."""
        author, kind = raw.get("pubkey"), raw.get("kind")
        if not isinstance(author, str) or type(kind) is not int:
            return False
        event = _Event(raw)
        if kind == NIP46_KIND:
            self._hear_answer(author, event)
            asked = [key for key in map(self.keys.get, event.addressees) if key is not None]
            shown = [self._hear_request(key, author, event) for key in asked]
            return any(shown)
        key = self.keys.get(author)
        return key is not None and kind in PUBLISHED_KINDS and self._see(key, event)

    def _hear_long(self, key: WatchedKey, authors: set[str]) -> None:
        if key.waiting:
            for author in authors - {key.pubkey}:
                self._hint(key, author, False)
        if key.clients and not authors <= {*key.redeemers, key.pubkey}:
            self.suspect_anybody(key)

    def _hear_request(self, key: WatchedKey, author: str, event: "_Event") -> bool:
        if is_throwaway(author):
            return False
        if key.waiting:
            self._hint(key, author, False)
        if author in key.clients:
            return self._see(key, event)
        if key.clients and author not in key.redeemers:
            self._hear_stranger(key, author, event)
        return False

    def _hear_answer(self, author: str, event: "_Event") -> None:
        """Takes an answer of the bunker. It answers anybody, so this proves nothing; but what it
        has answered, it has done."""
        key = self.keys.get(author)
        if key is not None and key.waiting:
            for client in event.addressees:
                if client not in self.keys.pubkeys and not is_throwaway(client):
                    self._hint(key, client, True)

    def _hear_stranger(self, key: WatchedKey, author: str, event: "_Event") -> None:
        """Takes a stranger's request, however old it says it is: the bunker serves old ones too."""
        suspects = self._suspects.setdefault(key.pubkey, Suspects())
        if suspects.may_be(author):
            return
        if len(suspects.pubkeys) >= MOST_SUSPECTS:
            self.suspect_anybody(key)
            return
        event.guard_genuine()
        suspects.pubkeys.add(author)
        self._suspect(key)

    def _see(self, key: WatchedKey, event: "_Event") -> bool:
        made_at = self._made_at(event)
        if made_at is None or made_at < self._latest.get(key.machine_id, 0) + STEP_SECONDS:
            return False
        event.guard_genuine()
        self._latest[key.machine_id] = made_at
        at = datetime.fromtimestamp(made_at, timezone.utc)
        self._seen[key.machine_id] = min(at, self._clock())
        return True

    def _made_at(self, event: "_Event") -> int | None:
        """The time that the event gives itself, if it is fresh."""
        made_at = event.raw.get("created_at")
        if type(made_at) is not int:
            return None
        away = abs(made_at - int(self._clock().timestamp()))
        return made_at if away <= FRESH_SECONDS else None


class _Event:
    """An event as a relay passed it on. It is verified once, however many keys it is addressed
    to."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw

    @cached_property
    def addressees(self) -> list[str]:
        """The pubkeys of its p tags. A NIP-46 request has one; more may be there to distract
        from it."""
        tags = self.raw.get("tags")
        found: dict[str, None] = {}
        for tag in tags if isinstance(tags, list) else ():
            match tag:
                case ["p", str(pubkey), *_]:
                    found[pubkey] = None
        return list(found)

    def guard_genuine(self) -> None:
        if not self._is_genuine:
            raise Forged

    @cached_property
    def _is_genuine(self) -> bool:
        return genuine(self.raw) is not None


def second_clients(
    suspects: Suspects, users: Iterable[KeyUser], pairings: Iterable[Pairing], clients: set[str]
) -> list[str]:
    """The suspects who may use the key, and are no client of a pairing of ours."""
    # Somebody who has just redeemed a seed that waits is noted when the bunker is asked about it.
    waiting = {p.client_name for p in pairings if p.state is PairingState.ISSUED}
    return sorted(
        user.pubkey
        for user in users
        if suspects.may_be(user.pubkey)
        and user.revoked_at is None
        and user.pubkey not in clients
        and user.client_name not in waiting
    )
