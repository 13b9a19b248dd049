"""NIP-46 messages: a request sealed into a kind-24133 event, a reply opened out of one.

Pure. What a bunker writes into an error is read here against a closed list and goes no further:
some quote the secret.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from nostr_sdk import (
    Event,
    EventBuilder,
    Keys,
    Kind,
    Nip44Version,
    NostrSdkError,
    PublicKey,
    Tag,
    nip04_decrypt,
    nip04_encrypt,
    nip44_decrypt,
    nip44_encrypt,
)

KIND = 24133


class Refusal(Enum):
    """How a bunker says no. The first five are nsecbunkerd's words."""

    SPENT = "Token already redeemed"
    EXPIRED = "Token expired"
    REVOKED = "Token revoked"
    UNKNOWN_TOKEN = "Token not found"
    NOT_AUTHORIZED = "Not authorized"
    WANTS_A_BROWSER = "auth_url"
    OTHER = "anything else"


@dataclass(frozen=True)
class Reply:
    """What came back for one request."""

    request_id: str
    result: str = field(repr=False)
    refusal: Refusal | None


def seal(
    keys: Keys, to: PublicKey, *, request_id: str, method: str, params: Sequence[str], nip04: bool
) -> Event:
    """The signed event that carries a request. NostrSdkError when it is too large."""
    text = json.dumps({"id": request_id, "method": method, "params": list(params)})
    if nip04:
        content = nip04_encrypt(keys.secret_key(), to, text)
    else:
        content = nip44_encrypt(keys.secret_key(), to, text, Nip44Version.V2)
    return EventBuilder(Kind(KIND), content).tags([Tag.public_key(to)]).sign_with_keys(keys)


def open_reply(keys: Keys, signer_pubkey: str, fields: dict[str, Any]) -> Reply | None:
    """The signer's reply in an event as a relay gave it; None if it is not that."""
    if fields.get("pubkey") != signer_pubkey or fields.get("kind") != KIND:
        return None
    try:
        event = Event.from_json(json.dumps(fields))
        if not event.verify():
            return None
        decrypt = nip04_decrypt if "?iv=" in event.content() else nip44_decrypt
        body = json.loads(decrypt(keys.secret_key(), event.author(), event.content()))
    except (NostrSdkError, ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or "method" in body or not isinstance(body.get("id"), str):
        return None
    result = body.get("result")
    return Reply(
        request_id=body["id"],
        result=result if isinstance(result, str) else "",
        refusal=_refusal(result, body.get("error")),
    )


def _refusal(result: object, error: object) -> Refusal | None:
    if result == "auth_url":
        return Refusal.WANTS_A_BROWSER
    if not error and result != "error":
        return None
    known = {refusal.value: refusal for refusal in Refusal}
    return known.get(error, Refusal.OTHER) if isinstance(error, str) else Refusal.OTHER
