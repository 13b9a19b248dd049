"""Makes signed events (NIP-01), and verifies them.

nostr-sdk copies every text that it is given byte by byte, so it is given the 32 bytes to sign and
nothing else. Signatures are verified with coincurve.
"""

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import coincurve
from nostr_sdk import Keys

_HEX_32 = re.compile(r"[0-9a-f]{64}")
_HEX_64 = re.compile(r"[0-9a-f]{128}")
_LARGEST_KIND = 65_535
_LATEST = 2**63 - 1


@dataclass(frozen=True)
class Event:
    """An event whose shape, id and signature have been found good."""

    id: str
    pubkey: str
    created_at: int
    """Seconds since 1970, by its author."""
    kind: int
    tags: Sequence[Sequence[str]]
    content: str


def genuine(raw: dict[str, Any]) -> Event | None:
    """The event that a relay passed on; None when it is none or its author did not sign it."""
    if not _has_shape(raw):
        return None
    event = Event(**{name: raw[name] for name in Event.__dataclass_fields__})
    try:
        id_ = _id(event.pubkey, event.created_at, event.kind, event.tags, event.content)
        key = coincurve.PublicKeyXOnly(bytes.fromhex(event.pubkey))
    except ValueError:  # a text that cannot be encoded, a key that is none
        return None
    good = id_.hex() == event.id and key.verify(bytes.fromhex(raw["sig"]), id_)
    return event if good else None


class EventSigner:
    """Makes events signed with one key."""

    def __init__(self, keys: Keys) -> None:
        self.pubkey: str = keys.public_key().to_hex()
        self._keys = keys

    def sign(self, kind: int, content: str, tags: list[list[str]]) -> tuple[str, str]:
        """The id of a new event, and the event as JSON."""
        made_at = int(time.time())
        id_ = _id(self.pubkey, made_at, kind, tags, content)
        event = {
            "id": id_.hex(),
            "pubkey": self.pubkey,
            "created_at": made_at,
            "kind": kind,
            "tags": tags,
            "content": content,
            "sig": self._keys.sign_schnorr(id_),
        }
        return id_.hex(), json.dumps(event)


def _id(pubkey: str, made_at: int, kind: int, tags: Sequence[Sequence[str]], content: str) -> bytes:
    fields = [0, pubkey, made_at, kind, tags, content]
    return sha256(json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()).digest()


def _has_shape(raw: dict[str, Any]) -> bool:
    texts = ((_HEX_32, "id"), (_HEX_32, "pubkey"), (_HEX_64, "sig"))
    return (
        all(isinstance(raw.get(name), str) and form.fullmatch(raw[name]) for form, name in texts)
        and _is_whole(raw.get("created_at"), _LATEST)
        and _is_whole(raw.get("kind"), _LARGEST_KIND)
        and isinstance(raw.get("content"), str)
        and isinstance(raw.get("tags"), list)
        and all(_is_tag(tag) for tag in raw["tags"])
    )


def _is_whole(value: object, most: int) -> bool:
    return type(value) is int and 0 <= value <= most


def _is_tag(tag: object) -> bool:
    return isinstance(tag, list) and all(isinstance(part, str) for part in tag)
