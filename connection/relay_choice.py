"""The relays that a seed names: those that are up, and the one where machine and bunker meet.

A relay that hangs would hold up each pairing for as long as a relay may be tried at all, though the
others answered at once. So once as many are up as a seed needs, the rest has a short grace; and one
that has let a pairing wait for nothing is not waited for again for a while: it is in the seed if it
answers along with the others.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Set
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..errors import InvalidInput, LoginDemanded, NoRelay, SeedTooLong
from ..schemas.machines import Caution, PairMachineData
from ..schemas.relays import RelayCheck
from ..seed import MOST_IN_A_QR, Seed
from .relay_probe import fault, probe, refuse_written

GRACE_SECONDS = 1.0
"""Some handshakes around the world: who needs longer is of little use to a machine either."""
LATE_SECONDS = 60.0
"""So long one that was late is not waited for."""

Try = asyncio.Task[RelayCheck]
Enough = Callable[[Set[str]], bool]
"""Whether these relays are all that is needed."""

_late: dict[tuple[str, str], float] = {}
"""By operator and relay, until when, by the event loop's clock: how long a name takes to be looked
up is the operator's own doing, and nobody else's trouble."""
_looking: set[asyncio.Task[None]] = set()

_ANY_PUBKEY = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
_ANY_TOKEN = "0" * 64
"""As long as every token of nsecbunkerd."""


@dataclass(frozen=True)
class UsableRelays:
    """What a seed may name: relays that are up, and the one where machine and bunker meet."""

    relays: list[str]
    bunker_relay: str
    warnings: list[Caution]


def relays_named(request: PairMachineData) -> list[str]:
    """Each relay that a request names, once: so many are tried for it."""
    return list(dict.fromkeys([*request.relays, *filter(None, [request.bunker_relay])]))


async def choose_relays(
    request: PairMachineData, operator_user_id: str, *, private_allowed: bool
) -> UsableRelays:
    """Tries the relays of a pairing. InvalidInput for one refused, NoRelay when none is up,
    LoginDemanded when only such are that turn a machine away, SeedTooLong.

    One that is much later than the others is taken for down: a pairing does not wait for it.
    `private_allowed`: the superuser lets operators ask for private relays.
    """
    if request.allow_private_relays and not private_allowed:
        raise InvalidInput(
            "allow_private_relays: the superuser has not allowed private relays on this LNbits.",
            field="allow_private_relays",
            reason="private_not_allowed",
        )
    wanted = list(dict.fromkeys(request.relays))

    def enough(up: Set[str]) -> bool:
        meeting = request.bunker_relay
        return not up.isdisjoint(wanted) and (meeting is None or meeting in up)

    checks = await _try_all(
        relays_named(request), operator_user_id, enough, allow_private=request.allow_private_relays
    )
    for number, check in enumerate(checks, 1):
        refuse_written("relays", number, check.code)
    up = {check.url for check in checks if _is_usable(check)}
    relays: list[str] = [relay for relay in wanted if relay in up]
    if not relays:
        raise _none_of(
            checks, "None of these relays can be reached; check the addresses, or try others."
        )
    if request.bunker_relay and request.bunker_relay not in up:
        raise _none_of(
            [check for check in checks if check.url == request.bunker_relay],
            "The bunker relay cannot be reached; check its address, or leave it out.",
        )
    chosen = UsableRelays(relays, request.bunker_relay or relays[0], _warnings(checks))
    guard_length(chosen)
    return chosen


def _is_usable(check: RelayCheck) -> bool:
    """A machine could use it: it is up, and demands no log-in."""
    return check.reachable and not _demands_login(check)


def _demands_login(check: RelayCheck) -> bool:
    return any(caution.code == "login_demanded" for caution in check.cautions)


def _none_of(checks: Iterable[RelayCheck], words: str) -> InvalidInput | NoRelay:
    if any(map(_demands_login, checks)):
        return LoginDemanded(
            "Of these relays those that are up demand a log-in, which machines do not do. Name "
            "another, or have the log-in switched off for kind 24133."
        )
    return NoRelay(words)


def _warnings(checks: Iterable[RelayCheck]) -> list[Caution]:
    warnings = []
    for check in checks:
        if not check.reachable:
            words = f"{check.url} cannot be reached and is not in the pairing code."
            warnings.append(Caution(code="relay_down", words=words, relay=check.url))
        warnings += check.cautions
    return warnings


def guard_length(chosen: UsableRelays) -> None:
    """SeedTooLong before anything is minted. Any machine may have cash one day."""
    seed = Seed.build(
        spire_pubkey=_ANY_PUBKEY,
        secret=_ANY_TOKEN,
        bunker_relay=chosen.bunker_relay,
        relays=chosen.relays,
        service_pubkey=_ANY_PUBKEY,
    )
    length = len(seed.encode())
    if length > MOST_IN_A_QR:
        raise SeedTooLong(
            f"With these relays the pairing code has {length} characters, and a QR code holds "
            f"{MOST_IN_A_QR}. Name fewer relays, or shorter addresses.",
            field="relays",
        )


async def _try_all(
    urls: Iterable[str], operator_user_id: str, enough: Enough, *, allow_private: bool
) -> list[RelayCheck]:
    """Tries them side by side. Once `enough` are up, the others soon count as silent; one that is
    up and has only not shown yet what to mind counts as good."""
    connected: set[str] = set()

    def trying(url: str) -> Coroutine[Any, Any, RelayCheck]:
        up = partial(connected.add, url)
        return probe(url, operator_user_id, allow_private=allow_private, connected=up)

    def found(url: str, trial: Try) -> RelayCheck:
        if trial.done():
            return trial.result()
        return RelayCheck(url=url, reachable=True) if url in connected else fault(url, "silent")

    tries = {url: asyncio.create_task(trying(url)) for url in urls}
    await _until_enough(operator_user_id, tries, enough)
    return [found(url, trial) for url, trial in tries.items()]


async def _until_enough(operator_user_id: str, tries: Mapping[str, Try], enough: Enough) -> None:
    """Returns when the relays that are up are enough and the rest had its grace, or when every try
    is over. A try that is not over then is nobody's any more."""
    try:
        await _until_up(tries, enough)
        pending = {url: each for url, each in tries.items() if not each.done()}
        prompt = {each for url, each in pending.items() if not _is_late(operator_user_id, url)}
        if prompt:
            await asyncio.wait(prompt, timeout=GRACE_SECONDS)
    except BaseException:
        _end(tries.values())
        raise
    for url, each in tries.items():
        if each.done():
            _late.pop((operator_user_id, url), None)
        elif each in prompt:
            _note_late(operator_user_id, url)
            each.cancel()
        else:
            _look_on(operator_user_id, url, each)


async def _until_up(tries: Mapping[str, Try], enough: Enough) -> None:
    pending: set[Try] = set(tries.values())
    while pending and not enough({url for url, each in tries.items() if _is_up(each)}):
        _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)


def _is_up(trying: Try) -> bool:
    return trying.done() and _is_usable(trying.result())


def _end(tries: Iterable[asyncio.Task[Any]]) -> None:
    for each in tries:
        each.cancel()


def _is_late(operator_user_id: str, url: str) -> bool:
    return _late.get((operator_user_id, url), 0.0) > asyncio.get_running_loop().time()


def _note_late(operator_user_id: str, url: str) -> None:
    now = asyncio.get_running_loop().time()
    for other in [each for each, until in _late.items() if until <= now]:
        del _late[other]
    _late[operator_user_id, url] = now + LATE_SECONDS


def _look_on(operator_user_id: str, url: str, trying: Try) -> None:
    """No seed waits for it; but when it is quick again, the next one does."""

    async def look() -> None:
        await asyncio.wait({trying}, timeout=GRACE_SECONDS)
        if trying.done():
            _late.pop((operator_user_id, url), None)
        else:
            _note_late(operator_user_id, url)
            trying.cancel()

    looking = asyncio.create_task(look())
    _looking.add(looking)
    looking.add_done_callback(_looking.discard)
