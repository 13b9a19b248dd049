"""A bunker's address: whom to ask, and over which relays.

bunker://<hex or npub>?relay=<url>&relay=<url>     as NIP-46 writes it
bunker://<npub>@<host>,<host>                      as nsecbunkerd prints it in connection.txt:
                                                   percent-encoded, its wss:// stripped

People also list several relays after one `relay=`, and copy `&amp;` from a web page.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, quote, unquote

from ..nostr.keys import parse_point
from ..nostr.relay_urls import MOST_LETTERS, as_meant, each_of, is_relay_url
from .errors import NsecBunkerError

Fault = Literal["no_bunker_url", "no_bunker_key", "no_bunker_relay", "bad_bunker_relay"]


class AddressError(NsecBunkerError):
    """The bunker's address cannot be used. The message says why and quotes none of it."""

    def __init__(self, fault: Fault, message: str, number: int = 0) -> None:
        """`number`: which of its relays."""
        super().__init__(message)
        self.fault: Fault = fault
        self.number = number


@dataclass(frozen=True)
class BunkerAddress:
    """The bunker's admin key and its relays. Raises AddressError if they cannot be used."""

    pubkey: str
    relays: tuple[str, ...]

    def __post_init__(self) -> None:
        if _pubkey(self.pubkey) != self.pubkey:
            raise AddressError(
                "no_bunker_key", "The bunker's pubkey is not a key of 64 lowercase hex digits."
            )
        if not self.relays:
            raise AddressError("no_bunker_relay", "The bunker's address names no relay.")
        for number, relay in enumerate(self.relays, 1):
            if not is_relay_url(relay) or len(relay) > MOST_LETTERS:
                raise AddressError(
                    "bad_bunker_relay",
                    f"Relay {number} of the bunker's address is not a ws:// or wss:// URL.",
                    number,
                )

    @property
    def url(self) -> str:
        """The address in NIP-46's form."""
        relays = "&".join(f"relay={quote(relay, safe='')}" for relay in self.relays)
        return f"bunker://{self.pubkey}?{relays}"

    @classmethod
    def parse(cls, text: str) -> "BunkerAddress":
        """Reads either form. Drops a secret that is in it: admins need none."""
        scheme, _, rest = text.strip().replace("&amp;", "&").partition("://")
        if scheme.lower() != "bunker" or not rest:
            raise AddressError(
                "no_bunker_url", "The bunker's address does not begin with bunker://."
            )
        before, _, query = rest.partition("?")
        who, _, hosts = before.partition("@")
        pubkey = _pubkey(who.rstrip("/"))
        if pubkey is None:
            raise AddressError(
                "no_bunker_key",
                "The bunker's address names no public key (npub or 64 hex digits).",
            )
        named = [value for name, value in parse_qsl(query) if name == "relay"]
        named += unquote(hosts.rstrip("/")).split(",")
        relays = [relay for text in named for relay in each_of(text)]
        return cls(pubkey=pubkey, relays=_once_each(map(as_meant, relays)))


def _once_each(relays: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(relays))


def _pubkey(text: str) -> str | None:
    try:
        return str(parse_point(text).to_hex())
    except ValueError:
        return None
