"""The envelope of nsecbunkerd's RPC: an encrypted JSON request in a signed event, and its reply.

Pure. What a daemon writes into an error is read only here, and only its kind leaves this file: the
text can quote a token.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from nostr_sdk import (
    Nip44Version,
    NostrSdkError,
    PublicKey,
    SecretKey,
    nip04_decrypt,
    nip04_encrypt,
    nip44_decrypt,
    nip44_encrypt,
)

from ..nostr.events import Event

NIP46_KIND = 24133
"""NIP-46; nsecbunkerd also answers admins in it when something was thrown."""
ADMIN_KIND = 24134
"""nsecbunkerd's admin interface."""


class Encryption(Enum):
    """How the content of an event is encrypted."""

    NIP04 = "nip04"
    NIP44 = "nip44"


@dataclass(frozen=True)
class Request:
    """A call and its parameters. These can be secrets, so no repr shows them."""

    method: str
    params: Sequence[Any] = field(default=(), repr=False)
    changes: bool = False
    """It changes something at the peer, so it is never sent twice."""
    made_at: int = field(default=0, compare=False)
    """When, by the peer's clock, for what the peer asked; seconds since 1970."""


class Refusal(Enum):
    """How a daemon said no."""

    NOT_AN_ADMIN = "not an admin"
    UNKNOWN_METHOD = "unknown method"
    SAID_NO = "said no"


@dataclass(frozen=True)
class Reply:
    """What came back for one request."""

    request_id: str
    result: str = field(repr=False)
    refusal: Refusal | None
    kind: int
    encryption: Encryption
    made_at: int = field(default=0, compare=False)
    """When, by the peer's clock; seconds since 1970."""
    size: int = field(default=0, compare=False)
    """Bytes of what the event carries, as it is encrypted."""


def seal(
    secret: SecretKey, to: PublicKey, request: Request, *, request_id: str, encryption: Encryption
) -> str:
    """The content of the event that carries a request."""
    body = {"id": request_id, "method": request.method, "params": list(request.params)}
    text = json.dumps(body)
    if encryption is Encryption.NIP44:
        return str(nip44_encrypt(secret, to, text, Nip44Version.V2))
    return str(nip04_encrypt(secret, to, text))


def open_message(secret: SecretKey, author: PublicKey, event: Event) -> Reply | Request | None:
    """What a genuine event of this author holds: a reply, or a request; None when it holds neither.

    The daemon makes requests too: it asks admins to allow what no rule allows.
    """
    content = event.content
    encryption = Encryption.NIP04 if "?iv=" in content else Encryption.NIP44
    decrypt = nip04_decrypt if encryption is Encryption.NIP04 else nip44_decrypt
    try:
        body = json.loads(decrypt(secret, author, content))
    except (NostrSdkError, ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or not isinstance(body.get("id"), str):
        return None
    if "method" in body:
        method, params = body["method"], body.get("params")
        if not isinstance(method, str) or not isinstance(params, list):
            return None
        return Request(method, params, made_at=event.created_at)
    result = body.get("result")
    return Reply(
        request_id=body["id"],
        result=result if isinstance(result, str) else "",
        refusal=_refusal(result, body.get("error")),
        kind=event.kind,
        encryption=encryption,
        made_at=event.created_at,
        size=len(event.content),
    )


def _refusal(result: object, error: object) -> Refusal | None:
    """The kind of refusal in an answer. An error is the result "error" with a text beside it, or
    a JSON list."""
    text = error if isinstance(error, str) and error else None
    if text is None and isinstance(result, str) and result.startswith('["error"'):
        text = result.removeprefix('["error"').lstrip(' ,"')
    if text is None and result != "error":
        return None
    if text and text.startswith("You are not designated"):
        return Refusal.NOT_AN_ADMIN
    if text and text.startswith("Unknown method"):
        return Refusal.UNKNOWN_METHOD
    return Refusal.SAID_NO
