"""Journals that the bunker asks its admins whether a stranger may use a key.

We never answer, so the stranger stays refused. The operator learns who tries: once for each
attempt, and only if it is recent, since a relay can repeat old requests.
"""

import asyncio
import json
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ..bunker.nip46 import Request
from ..clock import Clock
from ..models import Machine
from ..nostr.throwaway_keys import is_throwaway
from ..store import details, journal, pairing_rows

ONCE_IN = timedelta(hours=1)
MOST_OF_A_KEY = 20
"""Lines about one key in that time: a stranger can make client keys without end."""
MOST_WAITING = 1000
LONGEST_WORD = 64
FRESH = timedelta(seconds=300)
"""Clocks differ; shorter than `ONCE_IN`, so what is repeated is either remembered or old."""


class Attempt(NamedTuple):
    """A client asked something of a key that no rule allows it."""

    key_name: str
    client_pubkey: str
    method: str


_heard: deque[tuple[Attempt, int]] = deque(maxlen=MOST_WAITING)
"""With when the bunker asked, in seconds since 1970."""
_news = asyncio.Event()
_noted: dict[Attempt, datetime] = {}


def note_request(request: Request) -> None:
    """Takes a request of the bunker; the admin connection calls this."""
    attempt = _attempt(request)
    if attempt is not None and not is_throwaway(attempt.client_pubkey):
        _heard.append((attempt, request.made_at))
        _news.set()


async def journal_attempts(clock: Clock, look: Callable[[Machine, Clock], Awaitable[None]]) -> None:
    """Journals what was heard, each attempt once an hour, until cancelled.

    `look`: whether the bunker knows the machine's client, which it asks about.
    """
    while True:
        await _news.wait()
        _news.clear()
        while _heard:
            attempt, made_at = _heard.popleft()
            now = clock()
            is_fresh = abs(now.timestamp() - made_at) <= FRESH.total_seconds()
            if is_fresh and _is_news(attempt, now):
                machine = await _journal(attempt, now)
                if machine is not None:
                    await look(machine, clock)


def _attempt(request: Request) -> Attempt | None:
    """The attempt that nsecbunkerd asks about: JSON text with keyName, remotePubkey, method,
    param."""
    if request.method != "acl" or not request.params:
        return None
    try:
        told: Any = json.loads(request.params[0])
    except (TypeError, ValueError, RecursionError):
        return None
    match told:
        case {"keyName": str(name), "remotePubkey": str(client), "method": str(method)}:
            words = (name, client, method)
            if all(word.isprintable() and len(word) <= LONGEST_WORD for word in words):
                return Attempt(*words)
    return None


def _is_news(attempt: Attempt, now: datetime) -> bool:
    for old in [each for each, at in _noted.items() if now - at >= ONCE_IN]:
        del _noted[old]
    of_key = Counter(each.key_name for each in _noted)[attempt.key_name]
    if attempt in _noted or of_key >= MOST_OF_A_KEY:
        return False
    _noted[attempt] = now
    return True


async def _journal(attempt: Attempt, now: datetime) -> Machine | None:
    """The machine, when it asks itself."""
    machine = await pairing_rows.get_machine_of_key(attempt.key_name)
    if machine is None:
        return None  # a key of the bunker's that is not ours
    clients = await pairing_rows.get_clients(machine.id)
    who = "client" if attempt.client_pubkey in clients else "stranger"
    detail = details.told(
        f"{who}_asked",
        key=attempt.key_name,
        client=attempt.client_pubkey,
        method=attempt.method,
    )
    actor = journal.BACKGROUND
    await journal.about(machine, "acl", who, actor=actor, at=now, detail=detail)
    return machine if who == "client" else None
