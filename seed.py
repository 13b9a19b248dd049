"""The seed that an operator hands to a machine once: `spire-seed:v1:`, encoded and decoded.

Pure. `docs/seed-url.md` describes the format, `tests/vectors/seed_v1.json` has good and bad seeds.
"""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from nostr_sdk import NostrSdkError, PublicKey

PREFIX = "spire-seed:"
VERSION = "v1"
MOST_BYTES = 8 * 1024

_HEX_KEY = re.compile(r"[0-9a-f]{64}")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


class SeedError(Exception):
    """A text is no good seed. `field` names the part that is wrong; the secret is never quoted."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


@dataclass(frozen=True)
class Seed:
    """What a machine needs to connect to its signer.

    `bunker_url` is `bunker://<spire_pubkey>?relay=<url>&secret=<token>`: one relay, one secret.
    """

    spire_npub: str
    spire_pubkey: str
    bunker_url: str = field(repr=False)
    relays: tuple[str, ...]

    def __post_init__(self) -> None:
        _check_keys(self.spire_npub, self.spire_pubkey)
        _split_bunker_url(self.bunker_url, self.spire_pubkey)
        if not self.relays:
            raise SeedError("relays", "there is none")
        for relay in self.relays:
            _check_relay("relays", relay)

    @classmethod
    def build(
        cls, *, spire_pubkey: str, secret: str, bunker_relay: str, relays: Sequence[str]
    ) -> "Seed":
        """A seed from its parts. SeedError when one of them cannot be in a seed."""
        relay, token = (_percent_encoded(part) for part in (bunker_relay, secret))
        return cls(
            spire_npub=_npub(spire_pubkey),
            spire_pubkey=spire_pubkey,
            bunker_url=f"bunker://{spire_pubkey}?relay={relay}&secret={token}",
            relays=tuple(relays),
        )

    @property
    def bunker_relay(self) -> str:
        return _split_bunker_url(self.bunker_url, self.spire_pubkey)[0]

    @property
    def secret(self) -> str:
        return _split_bunker_url(self.bunker_url, self.spire_pubkey)[1]

    def encode(self) -> str:
        """`spire-seed:v1:` and base64url, without padding, of compact JSON."""
        content = {
            "spire_npub": self.spire_npub,
            "spire_pubkey": self.spire_pubkey,
            "bunker_url": self.bunker_url,
            "relays": list(self.relays),
        }
        plain = json.dumps(content, separators=(",", ":")).encode()
        text = f"{PREFIX}{VERSION}:{base64.urlsafe_b64encode(plain).decode().rstrip('=')}"
        if len(text) > MOST_BYTES:
            raise SeedError("seed", "it is over 8 KiB")
        return text

    @classmethod
    def decode(cls, text: str) -> "Seed":
        """The seed in a text. SeedError says which part is wrong. Unknown fields are ignored."""
        content = _object(_payload(text))
        relays = _typed(content, "relays", list)
        if not all(isinstance(relay, str) for relay in relays):
            raise SeedError("relays", "each must be a text")
        return cls(
            spire_npub=_typed(content, "spire_npub", str),
            spire_pubkey=_typed(content, "spire_pubkey", str),
            bunker_url=_typed(content, "bunker_url", str),
            relays=tuple(relays),
        )


def fingerprint(pubkey: str) -> str:
    """What people compare: the first 8 hex digits of sha256 of the 32 bytes, as `3f2a 91c4`."""
    digest = hashlib.sha256(bytes.fromhex(pubkey)).hexdigest()
    return f"{digest[:4]} {digest[4:8]}"


def _payload(text: str) -> bytes:
    if len(text) > MOST_BYTES:
        raise SeedError("seed", "it is over 8 KiB")
    if not text.startswith(PREFIX):
        raise SeedError("seed", "it does not begin with spire-seed:")
    version, separator, body = text[len(PREFIX) :].partition(":")
    if version != VERSION or not separator:
        raise SeedError("version", "only v1 is known")
    if not body or not _BASE64URL.fullmatch(body) or len(body) % 4 == 1:
        raise SeedError("payload", "it is not base64url without padding")
    return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))


def _object(payload: bytes) -> dict[str, Any]:
    try:
        content = json.loads(payload.decode("utf-8", errors="strict"))
    except (ValueError, RecursionError):
        raise SeedError("payload", "it is not JSON") from None
    if not isinstance(content, dict):
        raise SeedError("payload", "it is not a JSON object")
    return content


def _typed(content: dict[str, Any], name: str, kind: type) -> Any:
    if name not in content:
        raise SeedError(name, "it is missing")
    if not isinstance(content[name], kind):
        raise SeedError(name, f"it must be a {'list' if kind is list else 'text'}")
    return content[name]


def _check_keys(npub: str, pubkey: str) -> None:
    if npub != _npub(pubkey):
        raise SeedError("spire_npub", "it is not the npub of spire_pubkey")


def _npub(pubkey: str) -> str:
    if not _HEX_KEY.fullmatch(pubkey):
        raise SeedError("spire_pubkey", "it must be 64 lowercase hex digits")
    try:
        return str(PublicKey.parse(pubkey).to_bech32())
    except NostrSdkError:
        raise SeedError("spire_pubkey", "it is no public key") from None


def _split_bunker_url(url: str, pubkey: str) -> tuple[str, str]:
    """Relay and secret of a bunker URL for this key."""
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=16)
    except ValueError:
        raise SeedError("bunker_url", "it is no URL") from None
    if parts.scheme != "bunker":
        raise SeedError("bunker_url", "it must begin with bunker://")
    if parts.netloc != pubkey or parts.path or parts.fragment:
        raise SeedError("bunker_url", "it is for another key")
    relays = [value for name, value in query if name == "relay"]
    secrets = [value for name, value in query if name == "secret"]
    if len(relays) != 1:
        raise SeedError("bunker_url", "it must name exactly one relay")
    _check_relay("bunker_url", relays[0])
    if len(secrets) != 1 or not secrets[0]:
        raise SeedError("bunker_url", "it must hold exactly one secret")
    return relays[0], secrets[0]


def _check_relay(name: str, relay: str) -> None:
    problem = "a relay must look like wss://relay.example.com"
    if any(ord(letter) <= 32 or ord(letter) >= 127 for letter in relay):
        raise SeedError(name, problem)
    try:
        parts = urlsplit(relay)
        named = parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        raise SeedError(name, problem) from None
    if parts.scheme not in ("ws", "wss") or not named:
        raise SeedError(name, problem)


def _percent_encoded(text: str) -> str:
    """Everything but letters, digits, `-`, `.` and `_`: nostr-tools rejects a raw `+`, `~`, `,`."""
    return quote(text, safe="").replace("~", "%7E")
