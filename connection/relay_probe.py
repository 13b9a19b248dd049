"""Whether a relay that a user names is accepted, where it is, and whether it can be reached.

A probe is a request that a user caused, so it must not be a way into the server's own network: the
name is resolved once, every address counts, the connection goes to one of those addresses and
nowhere else, redirects and proxies are not followed, and the answer is only reachable or not. A
name that leads into the server's network is told from one that leads nowhere as little: a user must
not learn which names there are.
"""

import asyncio
import socket
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException

from ..nostr import name_lookup
from ..nostr.budgets import Meter
from ..nostr.ip_addresses import Address, is_on_the_internet
from ..nostr.relay_link import Resolve
from ..nostr.relay_socket import Way, dial
from ..nostr.relay_urls import host_and_port, is_relay_url
from ..schemas.relays import RelayCheck, RelayProblem
from .settings import BunkerConfig

PROBE_SECONDS = 4.0

_WORDS: dict[RelayProblem, str] = {
    "malformed": "It must look like wss://relay.example.com, with no user name, blank or #.",
    "not_encrypted": "It is not encrypted; use a wss:// relay.",
    "private": "It is a private address; use one that the machine can reach.",
    "unknown_name": "Its name leads to no address that may be used.",
    "silent": "It does not answer.",
}

NOBODYS = ""
"""Whose look-up it is that no operator asked for."""


async def probe_each(
    urls: Sequence[str], operator_user_id: str, *, allow_private: bool
) -> list[RelayCheck]:
    """Tries all of them side by side, each to its end."""
    return await asyncio.gather(
        *(probe(url, operator_user_id, allow_private=allow_private) for url in urls)
    )


class _RefusedError(Exception):
    """A relay that no seed may name here; holds the code of why."""

    def __init__(self, code: RelayProblem) -> None:
        super().__init__(code)
        self.code = code


async def probe(url: str, operator_user_id: str, *, allow_private: bool) -> RelayCheck:
    """Tries one relay; what it costs is the operator's."""
    try:
        host, port = _parse(url, allow_private=allow_private)
        addresses = await _resolve(host, port, [operator_user_id])
        if not addresses:
            return fault(url, "unknown_name")
        if not (allow_private or _all_public(addresses)):
            return fault(url, "private" if _is_numeric(host) else "unknown_name")
    except _RefusedError as refused:
        return fault(url, refused.code)
    if await _connects(url, str(addresses[0]), operator_user_id):
        return RelayCheck(url=url, reachable=True)
    return fault(url, "silent")


def fault(url: str, code: RelayProblem) -> RelayCheck:
    """A relay that cannot be used, and why."""
    return RelayCheck(url=url, reachable=False, code=code, problem=_WORDS[code])


def _parse(url: str, *, allow_private: bool) -> tuple[str, int]:
    """Host and port of a relay URL that a seed can hold."""
    if not is_relay_url(url):
        raise _RefusedError("malformed")
    if urlsplit(url).scheme == "ws" and not allow_private:
        raise _RefusedError("not_encrypted")
    return host_and_port(url)


async def addresses_of(
    url: str, operators: Collection[str], *, allow_private: bool
) -> tuple[str, ...]:
    """The addresses to connect to for a relay that a pairing named: its present ones.

    A name may lead elsewhere than when the relay was chosen. OSError when it leads nowhere, or to
    a private address where those are not allowed.
    """
    try:
        host, port = _parse(url, allow_private=allow_private)
    except _RefusedError:
        raise OSError("not a relay that this instance allows") from None
    addresses = await _resolve(host, port, operators)
    if not addresses:
        raise OSError("its name is not known")
    if not (allow_private or _all_public(addresses)):
        raise OSError("a private address")
    return tuple(map(str, addresses))


def where_allowed(config: BunkerConfig | None, operators: Collection[str]) -> Resolve:
    """For links to relays that pairings of these operators name, who pay for what such a relay
    says. The bunker's own are the superuser's choice."""

    async def resolve(url: str) -> Way | None:
        if config is not None and url in config.relays:
            return None
        meter = Meter(url, operators)
        allowed = config is not None and config.allow_private_relays
        return Way(await addresses_of(url, operators, allow_private=allowed), meter)

    return resolve


async def is_public(url: str) -> bool:
    """Whether a relay is on the open internet; False too for a name that leads nowhere."""
    host, port = _parse(url, allow_private=True)
    return any(is_on_the_internet(address) for address in await _resolve(host, port, [NOBODYS]))


async def _resolve(host: str, port: int, operators: Collection[str]) -> list[Address]:
    return await name_lookup.look_up(host, port, operators, PROBE_SECONDS)


def _is_numeric(host: str) -> bool:
    """An address in any notation, so that nothing is told by what it leads to."""
    try:
        socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return False
    return True


def _all_public(addresses: Sequence[Address]) -> bool:
    return all(is_on_the_internet(address) for address in addresses)


async def _connects(url: str, address: str, operator_user_id: str) -> bool:
    try:
        way = Way((address,), Meter(url, [operator_user_id]))
        async with dial(url, way, PROBE_SECONDS):
            return True
    except (OSError, asyncio.TimeoutError, WebSocketException, ValueError):
        return False
