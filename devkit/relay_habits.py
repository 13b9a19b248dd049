"""Manners of relays in the field, each one habit, to be put together with `together`.

They are asked about both ways, what the client says and what the real relay says; each looks at
the messages that it is about and lets the others go on. `devkit/relay_kinds.py` says who has which.
"""

import asyncio
import json
import time
from collections.abc import Iterable
from typing import Any

from nostr_sdk import Event, Filter, NostrSdkError

from .hostile_relay import Line, Manner

REMEMBERED = 2048
"""Events of one connection."""


def is_ephemeral(event: dict[str, Any]) -> bool:
    return 20000 <= int(event["kind"]) < 30000


def matches(filters: Iterable[dict[str, Any]], event: dict[str, Any]) -> bool:
    """Whether an event is one that was asked for (NIP-01). What cannot be read matches nothing."""
    try:
        read = Event.from_json(json.dumps(event))
        return any(Filter.from_json(json.dumps(each)).match_event(read) for each in filters)
    except NostrSdkError:
        return False


# What it makes of subscriptions


def keeping_the_last_filter(most: int = 1000) -> Manner:
    """Of a REQ with several filters it answers each with an EOSE and keeps the last; a limit of 0
    is `most`."""

    async def manner(line: Line, message: list[Any]) -> bool:
        match message:
            case ["REQ", str(subscription), *dropped, kept]:
                kept = {**kept, "limit": min(kept.get("limit") or most, most)}
                line.filters[subscription] = [kept]
                for _ in dropped:
                    await line.tell("EOSE", subscription)
                await line.ask("REQ", subscription, kept)
                return False
        return True

    return manner


def bringing_an_event_once() -> Manner:
    """What several subscriptions of a connection ask for comes for one of them, when it is new."""
    served: dict[Line, set[str]] = {}
    brought: dict[Line, dict[str, None]] = {}

    async def manner(line: Line, message: list[Any]) -> bool:
        match message:
            case ["REQ", str(subscription), *_]:
                served.setdefault(line, set()).discard(subscription)
            case ["EOSE", str(subscription)]:
                served.setdefault(line, set()).add(subscription)
            case ["EVENT", str(subscription), dict(event)] if subscription in served.get(line, ()):
                seen = brought.setdefault(line, {})
                if event["id"] in seen:
                    return False
                seen[event["id"]] = None
                if len(seen) > REMEMBERED:
                    seen.pop(next(iter(seen)))
        return True

    return manner


def without_eose_for_limit_zero() -> Manner:
    """Whoever asks for no stored event hears of no end of them."""

    async def manner(line: Line, message: list[Any]) -> bool:
        match message:
            case ["EOSE", str(subscription)]:
                filters = line.filters.get(subscription, [])
                return not filters or any(each.get("limit") != 0 for each in filters)
        return True

    return manner


def refusing_more_subscriptions(most: int, words: str) -> Manner:
    """A connection that has so many gets no other, which a NOTICE alone says."""

    async def manner(line: Line, message: list[Any]) -> bool:
        match message:
            case ["REQ", str(subscription), *_] if len(line.filters) > most:
                line.filters.pop(subscription, None)
                await line.tell("NOTICE", words)
                return False
        return True

    return manner


def refusing_filters(*, most: int, kinds: int) -> Manner:
    """A REQ may have so many filters, and a filter so many kinds; a NOTICE alone says what not."""

    async def manner(line: Line, message: list[Any]) -> bool:
        match message:
            case ["REQ", str(subscription), *filters]:
                named = max((len(each.get("kinds", ())) for each in filters), default=0)
                if len(filters) <= most and named <= kinds:
                    return True
                line.filters.pop(subscription, None)
                why = f"too many kinds in filter: {named}"
                if len(filters) > most:
                    why = f"invalid number of filters: {len(filters)}"
                await line.tell("NOTICE", f"ERROR: bad req: {why}")
                return False
        return True

    return manner


def keeping_ephemerals(seconds: float | None = None) -> Manner:
    """Ephemeral events are stored for so long, or for good, and come as stored ones do."""
    kept: dict[str, dict[str, Any]] = {}

    def found(wanted: dict[str, Any]) -> list[dict[str, Any]]:
        oldest = 0 if seconds is None else time.time() - seconds
        newest_first = reversed(list(kept.values()))
        fresh = [event for event in newest_first if event["created_at"] >= oldest]
        matching = [event for event in fresh if matches([wanted], event)]
        return matching[: wanted.get("limit", len(matching))]

    async def manner(line: Line, message: list[Any]) -> bool:
        match message:
            case ["EVENT", *_, dict(event)] if is_ephemeral(event) and _is_genuine(event):
                kept[event["id"]] = event
            case ["REQ", str(subscription), *filters]:
                brought = {event["id"]: event for each in filters for event in found(each)}
                for event in brought.values():
                    await line.tell("EVENT", subscription, event)
        return True

    return manner


def bringing_by_kind_alone() -> Manner:
    """A new event comes to whoever asked for its kind, whatever tags were asked for."""

    async def manner(line: Line, message: list[Any]) -> bool:
        match message:
            case ["EVENT", dict(event)]:
                for other in list(line.relay.lines):
                    for subscription, filters in list(other.filters.items()):
                        kind_alone = matches(map(_without_tags, filters), event)
                        if kind_alone and not matches(filters, event):
                            await other.tell("EVENT", subscription, event)
        return True

    return manner


def _without_tags(wanted: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if not name.startswith("#")}


# What it makes of events


def refusing_by_age(*, ephemeral: int, ahead: int) -> Manner:
    """An ephemeral event may be so many seconds old, any event so many ahead."""

    async def manner(line: Line, message: list[Any]) -> bool:
        match message:
            case ["EVENT", dict(event)]:
                age = time.time() - event["created_at"]
                if is_ephemeral(event) and age > ephemeral:
                    return await _refused(line, event, "invalid: ephemeral event expired")
                if -age > ahead:
                    return await _refused(line, event, "invalid: created_at too late")
        return True

    return manner


def refusing_larger(
    words: str,
    *,
    event: int | None = None,
    content: int | None = None,
    named: bool = True,
    after: float = 0.0,
) -> Manner:
    """An event may have so many bytes in all, or its content so many characters. Not `named`: it
    does not say which event it refused. It says so `after` some seconds."""

    async def manner(line: Line, message: list[Any]) -> bool:
        match message:
            case ["EVENT", dict(sent)]:
                size = len(json.dumps(sent, separators=(",", ":"), ensure_ascii=False).encode())
                too_large = event is not None and size > event
                too_long = content is not None and len(sent["content"]) > content
                if too_large or too_long:
                    await asyncio.sleep(after)
                    refused = sent["id"] if named else ""
                    await line.tell("OK", refused, False, words.format(size=size))
                    return False
        return True

    return manner


def refusing_what_nobody_hears() -> Manner:
    """An ephemeral event that nobody is subscribed to is refused."""

    async def manner(line: Line, message: list[Any]) -> bool:
        match message:
            case ["EVENT", dict(event)] if is_ephemeral(event):
                heard = any(
                    matches(filters, event)
                    for other in list(line.relay.lines)
                    for filters in list(other.filters.values())
                )
                if not heard:
                    return await _refused(line, event, "mute: no one was listening for this")
        return True

    return manner


def refusing_duplicates() -> Manner:
    """An event that it has had before is refused, though nothing is wrong with it."""
    had: set[str] = set()

    async def manner(line: Line, message: list[Any]) -> bool:
        match message:
            case ["EVENT", dict(event)] if event["id"] in had:
                return await _refused(line, event, "duplicate: already have this event")
            case ["EVENT", dict(event)]:
                had.add(event["id"])
        return True

    return manner


async def _refused(line: Line, event: dict[str, Any], words: str) -> bool:
    await line.tell("OK", event["id"], False, words)
    return False


def _is_genuine(event: dict[str, Any]) -> bool:
    try:
        return bool(Event.from_json(json.dumps(event)).verify())
    except NostrSdkError:
        return False


# What it says of events that it has taken


def without_ok() -> Manner:
    """It says nothing of what it was sent."""

    async def manner(line: Line, message: list[Any]) -> bool:
        return message[:1] != ["OK"]

    return manner


def ok_of_another_event() -> Manner:
    """It takes an event, and says so of one that nobody sent."""

    async def manner(line: Line, message: list[Any]) -> bool:
        match message:
            case ["OK", str(event_id), bool(taken), *words]:
                await line.tell("OK", event_id[::-1], taken, *words)
                return False
        return True

    return manner


def refusing_what_it_brings(words: str) -> Manner:
    """It brings every event to who listens, and tells the sender that it did not take it."""

    async def manner(line: Line, message: list[Any]) -> bool:
        match message:
            case ["OK", str(event_id), True, *_]:
                await line.tell("OK", event_id, False, words)
                return False
        return True

    return manner
