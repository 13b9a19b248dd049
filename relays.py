"""Relays that a user names: which are accepted, and which can be reached from here.

A probe is a request that a user caused, so it must not be a way into the server's own network: the
name is resolved once, every address counts, the connection goes to one of those addresses and
nowhere else, redirects and proxies are not followed, and the answer is only reachable or not. A
name that leads into the server's network is told from one that leads nowhere as little: a user must
not learn which names there are.
"""

import asyncio
import secrets
import socket
from collections.abc import Collection, Coroutine, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException

from . import names, quotas
from .addresses import Address, is_on_the_internet
from .api_models import Caution, PairMachineData, RelayCheck, RelayProblem
from .budgets import Meter
from .bunker.link import Resolve
from .bunker.wire import Way, dial
from .errors import InvalidInput, NoRelay
from .patience import Enough, until_enough
from .relay_urls import host_and_port, is_relay_url
from .settings import BunkerConfig

PROBE_SECONDS = 4.0

_WORDS: dict[RelayProblem, str] = {
    "malformed": "It must look like wss://relay.example.com, with no user name, blank or #.",
    "not_encrypted": "It is not encrypted; use a wss:// relay.",
    "private": "It is a private address; use one that the machine can reach.",
    "unknown_name": "Its name leads to no address that may be used.",
    "silent": "It does not answer.",
}
_REFUSED: frozenset[RelayProblem | None] = frozenset({"malformed", "not_encrypted", "private"})
"""What is wrong with the relay itself; the others may be up again in a minute."""

NOBODYS = ""
"""Whose look-up it is that no operator asked for."""


@dataclass(frozen=True)
class UsableRelays:
    """What a seed may name: relays that are up, and the one where machine and bunker meet."""

    relays: list[str]
    bunker_relay: str
    warnings: list[Caution]


async def choose_relays(
    request: PairMachineData, operator_user_id: str, now: datetime, *, private_allowed: bool
) -> UsableRelays:
    """Tries the relays of a pairing. InvalidInput for one refused, NoRelay when none is up,
    TooManyChecks when the operator has had too many tried already.

    One that is much later than the others is taken for down: a pairing does not wait for it.
    `private_allowed`: the superuser lets operators ask for private relays.
    """
    if request.allow_private_relays and not private_allowed:
        raise InvalidInput(
            "allow_private_relays: the superuser has not allowed private relays on this LNbits."
        )
    wanted = list(dict.fromkeys(request.relays))
    asked = list(dict.fromkeys([*wanted, *filter(None, [request.bunker_relay])]))

    def enough(up: Set[str]) -> bool:
        meeting = request.bunker_relay
        return not up.isdisjoint(wanted) and (meeting is None or meeting in up)

    checks = await check_relays(
        asked,
        operator_user_id,
        now,
        allow_private=request.allow_private_relays,
        enough=enough,
    )
    for number, check in enumerate(checks, 1):
        if check.code in _REFUSED:  # named by its number: a URL may hold a password
            raise InvalidInput(f"relays: number {number}: {check.problem}")
    up = {check.url for check in checks if check.reachable}
    relays: list[str] = [relay for relay in wanted if relay in up]
    if not relays:
        raise NoRelay("None of these relays can be reached; check the addresses, or try others.")
    if request.bunker_relay and request.bunker_relay not in up:
        raise NoRelay("The bunker relay cannot be reached; check its address, or leave it out.")
    warnings = [
        Caution(
            code="relay_down",
            words=f"{check.url} cannot be reached and is not in the seed.",
            relay=check.url,
        )
        for check in checks
        if not check.reachable
    ]
    return UsableRelays(relays, request.bunker_relay or relays[0], warnings)


async def check_relays(
    urls: Sequence[str],
    operator_user_id: str,
    now: datetime,
    *,
    allow_private: bool,
    enough: Enough | None = None,
) -> list[RelayCheck]:
    """Tries every relay side by side. Once `enough` are up, the others soon count as silent.

    Each is counted, whatever the operator wanted it tried for; TooManyChecks, and none is tried,
    when that is too many.
    """
    await quotas.count_relay_checks(operator_user_id, len(urls), now)

    def check(url: str) -> Coroutine[Any, Any, RelayCheck]:
        return _check(url, operator_user_id, allow_private=allow_private)

    if enough is None:
        return await asyncio.gather(*map(check, urls))
    tries = {url: asyncio.create_task(check(url)) for url in urls}
    await until_enough(operator_user_id, tries, enough)
    return [each.result() if each.done() else _fault(url, "silent") for url, each in tries.items()]


class _RefusedError(Exception):
    """A relay that no seed may name here; holds the code of why."""

    def __init__(self, code: RelayProblem) -> None:
        super().__init__(code)
        self.code = code


async def _check(url: str, operator_user_id: str, *, allow_private: bool) -> RelayCheck:
    try:
        host, port = _parse(url, allow_private=allow_private)
        addresses = await _resolve(host, port, [operator_user_id])
        if not addresses:
            return _fault(url, "unknown_name")
        if not (allow_private or _all_public(addresses)):
            return _fault(url, "private" if _is_numeric(host) else "unknown_name")
    except _RefusedError as refused:
        return _fault(url, refused.code)
    if await _connects(url, str(addresses[0]), operator_user_id):
        return RelayCheck(url=url, reachable=True)
    return _fault(url, "silent")


def _fault(url: str, code: RelayProblem) -> RelayCheck:
    return RelayCheck(url=url, reachable=False, code=code, problem=_WORDS[code])


def _parse(url: str, *, allow_private: bool) -> tuple[str, int]:
    """Host and port of a relay URL that a seed can hold."""
    if not is_relay_url(url):
        raise _RefusedError("malformed")
    if urlsplit(url).scheme == "ws" and not allow_private:
        raise _RefusedError("not_encrypted")
    return host_and_port(url)


async def address_of(url: str, operators: Collection[str], *, allow_private: bool) -> str:
    """The address to connect to for a relay that a pairing named: one of its present ones.

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
    return str(secrets.choice(addresses))


def where_allowed(config: BunkerConfig | None, operators: Collection[str]) -> Resolve:
    """For links to relays that pairings of these operators name, who pay for what such a relay
    says. The bunker's own are the superuser's choice."""

    async def resolve(url: str) -> Way | None:
        if config is not None and url in config.relays:
            return None
        meter = Meter(url, operators)
        allowed = config is not None and config.allow_private_relays
        return Way(await address_of(url, operators, allow_private=allowed), meter)

    return resolve


async def is_public(url: str) -> bool:
    """Whether a relay is on the open internet; False too for a name that leads nowhere."""
    host, port = _parse(url, allow_private=True)
    return any(is_on_the_internet(address) for address in await _resolve(host, port, [NOBODYS]))


async def _resolve(host: str, port: int, operators: Collection[str]) -> list[Address]:
    return await names.look_up(host, port, operators, PROBE_SECONDS)


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
        way = Way(address, Meter(url, [operator_user_id]))
        async with dial(url, way, PROBE_SECONDS):
            return True
    except (OSError, asyncio.TimeoutError, WebSocketException, ValueError):
        return False
