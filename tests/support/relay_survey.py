"""What a relay can do of what is asked of one here, found out by trying.

It sends events of throw-away keys. What a relay does not do is known by waiting for it in vain, so
a slow one may be told as worse than it is.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from nostr_sdk import Keys
from spirekeeper.devkit.hostile_relay import DOCUMENT
from websockets.exceptions import WebSocketException

from support.relay_talk import Talk, an_event, talking

AGES = {"30 s old": 30, "2 min old": 120, "1 h old": 3600, "2 min ahead": -120, "1 h ahead": -3600}
KIB = 1024
SIZES = [4 * KIB, 16 * KIB, 48 * KIB, 64 * KIB, 128 * KIB, 256 * KIB, 512 * KIB, 1000 * KIB]
"""Of the content; the last makes an event of nearly 1 MiB."""
SUBSCRIPTIONS = [1, 10, 20, 32, 64, 100, 200, 300]
APP_DATA = 30078

Finding = tuple[str, str]


async def survey(url: str, patience: float) -> list[Finding]:
    """Each thing that was tried, and what came of it."""
    looks: dict[str, Callable[[str, float], Awaitable[str]]] = {
        "says of itself (NIP-11)": _document,
        "wants a log-in (NIP-42)": _log_in,
        "serves each filter of a REQ": _filters,
        "EOSE where nothing stored is asked for": _eose_of_limit_zero,
        "stored events where none are asked for": _stored_in_spite_of_limit_zero,
        "brings an event by its tags": _tags,
        "takes several kinds in a filter": _kinds,
        "OK for what somebody hears": _ok_heard,
        "OK for what nobody hears": _ok_unheard,
        "OK for what is stored": _ok_stored,
        "OK for a duplicate": _ok_duplicate,
        "keeps ephemeral events": _keeps,
        "largest event, bytes": _largest,
        "subscriptions of a connection": _subscriptions,
    }
    found = [(what, await _tried(look(url, patience))) for what, look in looks.items()]
    for words, ago in AGES.items():
        found.append((f"takes an event {words}", await _tried(_said_of(url, patience, ago=ago))))
    return found


async def _tried(look: Awaitable[str]) -> str:
    try:
        return await look
    except asyncio.TimeoutError:
        return "no answer"
    except (OSError, WebSocketException, httpx.HTTPError) as error:
        return f"it hung up ({type(error).__name__})"


async def _document(url: str, patience: float) -> str:
    async with httpx.AsyncClient(trust_env=False, timeout=patience) as http:
        answer = await http.get("http" + url[2:], headers={"Accept": DOCUMENT})
    try:
        document = answer.json()
    except ValueError:
        return "no"
    parts = [str(document.get(name)) for name in ("software", "version") if document.get(name)]
    limits = document.get("limitation") or "no limits"
    return " ".join([*parts, limits if isinstance(limits, str) else json.dumps(limits)])


async def _log_in(url: str, patience: float) -> str:
    """A relay says AUTH at once, or when it is asked for something."""
    async with talking(url) as talk:
        await talk.say("REQ", "any", _by(Keys.generate()))
        while (message := await talk.hear(patience))[0] not in {"EOSE", "CLOSED"}:
            if message[0] == "AUTH":
                return "offered, or demanded"
        return "yes" if message[0] == "CLOSED" else "no"


async def _filters(url: str, patience: float) -> str:
    first, last = Keys.generate(), Keys.generate()
    async with talking(url) as listener, talking(url) as sender:
        await _subscribed(listener, patience, _by(first), _by(last))
        heard = []
        for keys in (first, last):
            event = an_event(keys)
            await sender.say("EVENT", event)
            heard.append(await listener.hears(event["id"], patience))
    return {(True, True): "yes", (False, True): "no: the last one only"}.get(tuple(heard), "no")


async def _eose_of_limit_zero(url: str, patience: float) -> str:
    async with talking(url) as talk:
        await talk.say("REQ", "none", {**_by(Keys.generate()), "limit": 0})
        while (message := await talk.hear(patience))[0] not in {"EOSE", "CLOSED"}:
            pass
        return "yes" if message[0] == "EOSE" else f"it closes: {message[2:]}"


async def _stored_in_spite_of_limit_zero(url: str, patience: float) -> str:
    keys = Keys.generate()
    event = an_event(keys, kind=APP_DATA)
    async with talking(url) as talk:
        await talk.publish(event)
        wanted = {"kinds": [APP_DATA], "authors": [keys.public_key().to_hex()], "limit": 0}
        await talk.say("REQ", "none", wanted)
        return "yes" if await talk.hears(event["id"], patience) else "no"


async def _tags(url: str, patience: float) -> str:
    me, other = Keys.generate().public_key().to_hex(), Keys.generate().public_key().to_hex()
    mine, theirs = an_event(kind=24133, to=me), an_event(kind=24133, to=other)
    async with talking(url) as listener, talking(url) as sender:
        await _subscribed(listener, patience, {"kinds": [24133], "#p": [me]})
        brought = []
        for event in (theirs, mine):
            await sender.say("EVENT", event)
        while mine["id"] not in brought:
            message = await listener.hear(patience)
            brought += [message[2]["id"]] if message[0] == "EVENT" else []
    return "no: others' too" if theirs["id"] in brought else "yes"


async def _kinds(url: str, patience: float) -> str:
    keys, kinds = Keys.generate(), [21000, 21001, 21002, 21003, APP_DATA]
    event = an_event(keys)
    async with talking(url) as listener, talking(url) as sender:
        await _subscribed(
            listener, patience, {"kinds": kinds, "authors": [keys.public_key().to_hex()]}
        )
        await sender.say("EVENT", event)
        return "yes, 5" if await listener.hears(event["id"], patience) else "not 5"


async def _ok_heard(url: str, patience: float) -> str:
    keys = Keys.generate()
    async with talking(url) as listener:
        await _subscribed(listener, patience, _by(keys))
        return await _said_of(url, patience, keys)


async def _ok_unheard(url: str, patience: float) -> str:
    return await _said_of(url, patience)


async def _ok_stored(url: str, patience: float) -> str:
    return await _said_of(url, patience, kind=APP_DATA)


async def _ok_duplicate(url: str, patience: float) -> str:
    event = an_event(kind=APP_DATA)
    async with talking(url) as talk:
        await talk.publish(event)
        return _words(await asyncio.wait_for(talk.publish(event), patience))


async def _keeps(url: str, patience: float) -> str:
    keys = Keys.generate()
    event = an_event(keys, kind=24133)
    async with talking(url) as sender:
        await sender.say("EVENT", event)
        await sender.say("REQ", "later", {"kinds": [24133], "authors": [event["pubkey"]]})
        while (message := await sender.hear(patience))[0] not in {"EOSE", "CLOSED"}:
            if message[0] == "EVENT":
                return "yes"
    return "no"


async def _largest(url: str, patience: float) -> str:
    """The largest that is brought, and what is said of the next."""
    taken = 0
    for size in SIZES:
        keys = Keys.generate()
        event = an_event(keys, content="x" * size)
        async with talking(url) as listener, talking(url) as sender:
            await _subscribed(listener, patience, _by(keys))
            try:
                said = _words(await asyncio.wait_for(sender.publish(event), patience))
            except (asyncio.TimeoutError, WebSocketException) as error:
                said = type(error).__name__
            if not await listener.hears(event["id"], patience):
                return f"{taken}, and not {size}: {said}"
        taken = size
    return f"{taken} or more"


async def _subscriptions(url: str, patience: float) -> str:
    served, asked = 0, 0
    async with talking(url) as listener, talking(url) as sender:
        for most in SUBSCRIPTIONS:
            while asked < most:
                asked += 1
                keys = Keys.generate()
                await listener.say("REQ", f"s{asked}", _by(keys))
            event = an_event(keys)
            await _settled(listener, patience, f"s{asked}")
            await sender.say("EVENT", event)
            if not await listener.hears(event["id"], patience):
                return f"{served}, and not {most}"
            served = most
    return f"{served} or more"


async def _said_of(
    url: str, patience: float, keys: Keys | None = None, *, kind: int = 21000, ago: int = 0
) -> str:
    async with talking(url) as talk:
        event = an_event(keys, kind=kind, ago=ago)
        return _words(await asyncio.wait_for(talk.publish(event), patience))


async def _subscribed(talk: Talk, patience: float, *filters: dict[str, Any]) -> None:
    """Asked for, and served as far as can be known: not every relay says so."""
    await talk.say("REQ", "mine", *filters)
    await _settled(talk, patience, "mine")


async def _settled(talk: Talk, patience: float, subscription: str) -> None:
    try:
        while await talk.hear(patience) != ["EOSE", subscription]:
            pass
    except asyncio.TimeoutError:
        return


def _by(keys: Keys) -> dict[str, Any]:
    return {"kinds": [21000], "authors": [keys.public_key().to_hex()]}


def _words(said: list[Any]) -> str:
    taken, *why = said
    return " ".join(["taken" if taken else "refused", *(f"({each})" for each in why if each)])
