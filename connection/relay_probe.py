"""Whether a relay that a user names is accepted, where it is, and whether it can be reached.

A probe is a request that a user caused, so it must not be a way into the server's own network: the
name is resolved once, every address counts, each connection goes to one of those addresses and
nowhere else, redirects and proxies are not followed, and the answer is only reachable or not, with
cautions of a few kinds. A name that leads into the server's network is told from one that leads
nowhere as little: a user must not learn which names there are.
"""

import asyncio
import socket
from collections.abc import Callable, Collection, Mapping, Sequence
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException

from ..errors import InvalidInput
from ..nostr import name_lookup
from ..nostr.budgets import Meter, Overrun
from ..nostr.ip_addresses import Address, is_on_the_internet
from ..nostr.relay_limits import NOTHING_SAID
from ..nostr.relay_limits import ask as ask_of_itself
from ..nostr.relay_link import Resolve
from ..nostr.relay_socket import Way, dial
from ..nostr.relay_trial import try_out
from ..nostr.relay_urls import as_meant, each_of, host_and_port, is_relay_url, normal_form
from ..reasons import Reason
from ..schemas.machines import Caution
from ..schemas.relays import RelayCheck, RelayProblem
from .relay_cautions import Seen, cautions
from .settings import BunkerConfig

PROBE_SECONDS = 4.0
SAYING_SECONDS = 0.9
"""So much longer than for an event a relay may take to say what it is: less than one that is slow
is waited for beside others."""

GOOD_SECONDS = 60.0
"""So long a relay that was tried and found good is not tried again, but that it is up."""
FAILURES = (OSError, asyncio.TimeoutError, WebSocketException, ValueError)
"""With which a connection ends that does not come about."""

_good: dict[tuple[str, str], float] = {}
"""By operator and relay, until when, by the event loop's clock."""

_WORDS: dict[RelayProblem, str] = {
    "malformed": "It must look like wss://relay.example.com, with no user name, blank or #.",
    "several": "It names more than one relay; give each by itself.",
    "not_encrypted": "It is not encrypted; use a wss:// relay.",
    "private": "It is a private address; use one that the machine can reach.",
    "unknown_name": "Its name leads to no address that may be used.",
    "silent": "It does not answer.",
}

_REFUSED: Mapping[RelayProblem, Reason] = {
    "malformed": "malformed_relay",
    "several": "several_relays",
    "not_encrypted": "unencrypted_relay",
    "private": "private_relay",
}
"""What is wrong with a relay as it is written; another problem may be over in a minute."""

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


async def probe(
    url: str,
    operator_user_id: str,
    *,
    allow_private: bool,
    connected: Callable[[], None] | None = None,
) -> RelayCheck:
    """Tries one relay; what it costs is the operator's. `connected` is called as soon as it is
    found to be up, though it may not have shown yet what to mind."""
    meant = as_meant(url)
    try:
        host, port = _parse(meant, allow_private=allow_private)
        addresses = await _resolve(host, port, [operator_user_id])
        if not addresses:
            return fault(url, "unknown_name")
        if not (allow_private or _all_public(addresses)):
            return fault(url, "private" if _is_numeric(host) else "unknown_name")
        way = Way(tuple(map(str, addresses)), Meter(meant, [operator_user_id]))
    except _RefusedError as refused:
        return fault(url, refused.code)
    except Overrun:
        return fault(url, "silent")
    found = await _to_mind(meant, way, operator_user_id, connected)
    if found is None:
        return fault(url, "silent")
    return RelayCheck(url=url, reachable=True, cautions=found)


def fault(url: str, code: RelayProblem) -> RelayCheck:
    """A relay that cannot be used, and why."""
    return RelayCheck(url=url, reachable=False, code=code, problem=_WORDS[code])


def refuse_written(field: str, number: int, problem: RelayProblem | None) -> None:
    """InvalidInput for a relay that is refused however it does. It is named by its number in that
    field: a URL may hold a password."""
    if problem is not None and problem in _REFUSED:
        words = f"{field}: number {number}: {_WORDS[problem]}"
        raise InvalidInput(words, field=field, reason=_REFUSED[problem], values={"n": number})


def problem_as_written(url: str, *, allow_private: bool) -> RelayProblem | None:
    """What is wrong with a relay before anybody looks where it leads."""
    try:
        _parse(url, allow_private=allow_private)
    except _RefusedError as refused:
        return refused.code
    return None


def _parse(url: str, *, allow_private: bool) -> tuple[str, int]:
    """Host and port of a relay URL that a seed can hold."""
    if not is_relay_url(url):
        raise _RefusedError("several" if len(each_of(url)) > 1 else "malformed")
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
        if config is not None and normal_form(url) in config.relays:
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


async def _to_mind(
    url: str, way: Way, operator_user_id: str, connected: Callable[[], None] | None
) -> list[Caution] | None:
    """What to mind about a relay; None when it cannot be connected to. One that was found good a
    moment ago, as it was typed or for another machine, is only connected to."""
    now = asyncio.get_running_loop().time()
    if _good.get((operator_user_id, url), now) > now:
        return [] if await _connects(url, way) else None
    seen = await look_at(url, way, connected)
    found = None if seen is None else cautions(url, seen)
    if found == []:
        for old in [each for each, until in _good.items() if until <= now]:
            del _good[old]
        _good[operator_user_id, url] = now + GOOD_SECONDS
    return found


async def _connects(url: str, way: Way) -> bool:
    try:
        async with dial(url, way, PROBE_SECONDS):
            return True
    except FAILURES:
        return False


async def look_at(
    url: str, way: Way | None, connected: Callable[[], None] | None = None
) -> Seen | None:
    """What a relay does and says; None when it cannot be connected to."""
    try:
        async with dial(url, way, PROBE_SECONDS) as socket:
            if connected is not None:
                connected()
            asking = asyncio.create_task(ask_of_itself(url, way))
            try:
                treatment = await try_out(socket)
                await asyncio.wait({asking}, timeout=SAYING_SECONDS)
                return Seen(treatment, asking.result() if asking.done() else NOTHING_SAID)
            finally:
                asking.cancel()
    except FAILURES:
        return None
