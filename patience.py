"""How long a seed waits for the relays that it is to name.

One that hangs would hold up each pairing for as long as a relay may be tried at all, though the
others answered at once. So once as many are up as a seed needs, the rest has a short grace; and one
that has let a pairing wait for nothing is not waited for again for a while: it is in the seed if it
answers along with the others.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any

from .api_models import RelayCheck

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


async def until_enough(operator_user_id: str, tries: Mapping[str, Try], enough: Enough) -> None:
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
    return trying.done() and trying.result().reachable


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
