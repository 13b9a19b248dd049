"""The seed that an operator hands to a machine once: `spire-seed:v1:`, encoded and decoded.

Pure. `docs/seed-url.md` describes the format, `tests/vectors/seed_v1.json` has good and bad seeds.
"""

import base64
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote

from nostr_sdk import PublicKey

from .nostr.keys import parse_point
from .nostr.relay_urls import is_relay_url, normal_form

PREFIX = "spire-seed:"
VERSION = "v1"
MOST_BYTES = 8 * 1024
MOST_IN_A_QR = 2953
"""Characters in the largest QR code, of version 40 and level L, as the page and the sheet draw
it."""

_HEX_KEY = re.compile(r"[0-9a-f]{64}")
# What nostr-tools reads as a bunker URL; it takes no raw `+`, `~` or `,`.
_BUNKER_URL = re.compile(
    r"bunker://(?P<pubkey>[^/?#]*)(?:\?(?P<query>(?:[?/\w:.=&-]|%[0-9A-Fa-f]{2})*))?", re.A
)
_VISIBLE = re.compile(r"[!-~]+")


class SeedError(ValueError):
    """A text is no good seed. `field` names the part that is wrong; the secret is never quoted."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


@dataclass(frozen=True)
class Seed:
    """What a machine needs to connect to its signer, and to know who may answer it about cash.

    `bunker_url` is `bunker://<spire_pubkey>?relay=<url>&secret=<token>`: one secret, and one relay
    or, where others wrote it, several. `service_pubkey` is there for a machine with cash.
    """

    spire_npub: str
    spire_pubkey: str
    bunker_url: str = field(repr=False)
    relays: tuple[str, ...]
    service_pubkey: str | None = None

    def __post_init__(self) -> None:
        if self.spire_npub != _npub(self.spire_pubkey):
            raise SeedError("spire_npub", "it is not the npub of spire_pubkey")
        _split_bunker_url(self.bunker_url, self.spire_pubkey)
        if not self.relays:
            raise SeedError("relays", "there is none")
        for relay in self.relays:
            check_relay("relays", relay)
        if self.service_pubkey is not None:
            _npub(self.service_pubkey, of="service_pubkey")

    @classmethod
    def build(
        cls,
        *,
        spire_pubkey: str,
        secret: str,
        bunker_relay: str,
        relays: Sequence[str],
        service_pubkey: str | None = None,
    ) -> "Seed":
        """A seed from its parts, with one relay to meet the bunker on. SeedError when one of them
        cannot be in a seed."""
        npub = _npub(spire_pubkey)
        check_relay("bunker_url", bunker_relay)
        _check_secret(secret)
        return cls(
            spire_npub=npub,
            spire_pubkey=spire_pubkey,
            bunker_url=_bunker_url(spire_pubkey, [bunker_relay], _percent_encoded(secret)),
            relays=tuple(relays),
            service_pubkey=service_pubkey,
        )

    @property
    def bunker_relay(self) -> str:
        """The first where machine and bunker meet; what we write names no other."""
        return self.bunker_relays[0]

    @property
    def bunker_relays(self) -> tuple[str, ...]:
        """Where machine and bunker meet, each once, in the order of the URL."""
        return each_once(_split_bunker_url(self.bunker_url, self.spire_pubkey)[0])

    @property
    def secret(self) -> str:
        return _split_bunker_url(self.bunker_url, self.spire_pubkey)[1]

    @property
    def masked_bunker_url(self) -> str:
        """The bunker URL without its secret, for people to read."""
        return _bunker_url(self.spire_pubkey, self.bunker_relays, "********")

    def encode(self) -> str:
        """`spire-seed:v1:` and base64url, without padding, of compact JSON."""
        content: dict[str, Any] = {
            "spire_npub": self.spire_npub,
            "spire_pubkey": self.spire_pubkey,
            "bunker_url": self.bunker_url,
            "relays": list(self.relays),
        }
        if self.service_pubkey is not None:
            content["service_pubkey"] = self.service_pubkey
        plain = json.dumps(content, separators=(",", ":")).encode()
        text = f"{PREFIX}{VERSION}:{_base64url(plain)}"
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
            service_pubkey=_typed(content, "service_pubkey", str)
            if "service_pubkey" in content
            else None,
        )


@lru_cache(maxsize=16_384)  # a list of machines shows fifty, and is shown again and again
def fingerprint(pubkey: str) -> str:
    """What people compare: the npub's first 16 characters after `npub1`, as `k7fq 2m9x w4pt 8hsd`.

    80 bits of the key itself. A relay can hold back a connect for as long as somebody looks for
    another key that looks the same, so what is compared has to outlast a search without end.
    """
    shown = str(PublicKey.parse(pubkey).to_bech32()).removeprefix("npub1")
    return " ".join(shown[at : at + 4] for at in range(0, 16, 4))


def check_relay(name: str, relay: str) -> None:
    """SeedError, for the field `name`, when a relay cannot be in a seed."""
    if not is_relay_url(relay):
        raise SeedError(name, "a relay must look like wss://relay.example.com")


def each_once(relays: Iterable[str]) -> tuple[str, ...]:
    """Without those that are a relay before them in another spelling."""
    first: dict[str, str] = {}
    for relay in relays:
        first.setdefault(normal_form(relay), relay)
    return tuple(first.values())


def _payload(text: str) -> bytes:
    if len(text) > MOST_BYTES:
        raise SeedError("seed", "it is over 8 KiB")
    if not text.startswith(PREFIX):
        raise SeedError("seed", f"it does not begin with {PREFIX}")
    version, separator, body = text[len(PREFIX) :].partition(":")
    if version != VERSION or not separator:
        raise SeedError("version", f"only {VERSION} is known")
    try:
        plain = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except ValueError:
        plain = b""
    # The decoder passes over what is not of its alphabet: only what encodes back is good.
    if not body or _base64url(plain) != body:
        raise SeedError("payload", "it is not base64url without padding")
    return plain


def _base64url(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def _object(payload: bytes) -> dict[str, Any]:
    try:
        content = json.loads(payload.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise SeedError("payload", "it is not JSON") from None
    if not isinstance(content, dict):
        raise SeedError("payload", "it is not a JSON object")
    return content


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is Python's, not JSON's")


def _typed(content: dict[str, Any], name: str, kind: type) -> Any:
    if name not in content:
        raise SeedError(name, "it is missing")
    if not isinstance(content[name], kind):
        raise SeedError(name, f"it must be a {'list' if kind is list else 'text'}")
    return content[name]


@lru_cache(maxsize=256)
def _npub(pubkey: str, *, of: str = "spire_pubkey") -> str:
    if not _HEX_KEY.fullmatch(pubkey):
        raise SeedError(of, "it must be 64 lowercase hex digits")
    try:
        return str(parse_point(pubkey).to_bech32())
    except ValueError:
        raise SeedError(of, "it is no public key") from None


def _bunker_url(pubkey: str, relays: Iterable[str], token: str) -> str:
    named = "&".join(f"relay={_percent_encoded(relay)}" for relay in relays)
    return f"bunker://{pubkey}?{named}&secret={token}"


def _split_bunker_url(url: str, pubkey: str) -> tuple[list[str], str]:
    """Relays and secret of a bunker URL for this key."""
    match = _BUNKER_URL.fullmatch(url)
    if not match:
        raise SeedError("bunker_url", "it must look like bunker://<key>?relay=<url>&secret=<token>")
    if match["pubkey"] != pubkey:
        raise SeedError("bunker_url", "it is for another key than spire_pubkey")
    query = parse_qsl(match["query"] or "", keep_blank_values=True)
    relays = [value for name, value in query if name == "relay"]
    secrets = [value for name, value in query if name == "secret"]
    if not relays:
        raise SeedError("bunker_url", "it names no relay")
    for relay in relays:
        check_relay("bunker_url", relay)
    if len(secrets) != 1:
        raise SeedError("bunker_url", "it must hold exactly one secret")
    _check_secret(secrets[0])
    return relays, secrets[0]


def _check_secret(secret: str) -> None:
    if not _VISIBLE.fullmatch(secret):
        raise SeedError("bunker_url", "its secret must be visible ASCII characters")


def _percent_encoded(text: str) -> str:
    """Everything but letters, digits, `-`, `.` and `_`."""
    return quote(text, safe="").replace("~", "%7E")
