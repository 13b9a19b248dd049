"""Each kind of relay has the habits that were seen of it. Nothing is waited for that does not come:
something that does come is asked for next, and comes first."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from nostr_sdk import Keys
from spirekeeper.devkit.hostile_relay import DOCUMENT
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.devkit.relay_kinds import RelayKind
from support.relay_talk import Talk, an_event, of_kind, talking

ONE, OTHER = Keys.generate(), Keys.generate()
BY_ONE: dict[str, Any] = {"kinds": [21000], "authors": [ONE.public_key().to_hex()]}
BY_OTHER: dict[str, Any] = {"kinds": [21000], "authors": [OTHER.public_key().to_hex()]}


@asynccontextmanager
async def two_on(kind: RelayKind, relay: DevRelay) -> AsyncIterator[tuple[Talk, Talk]]:
    """A listener and a sender, each with a connection of its own."""
    async with (
        of_kind(kind, relay.url) as front,
        talking(front.url) as listener,
        talking(front.url) as sender,
    ):
        yield listener, sender


async def brought(listener: Talk) -> list[Any]:
    """The next event: for which subscription, and its id."""
    message = await listener.hear()
    assert message[0] == "EVENT", message
    return [message[1], message[2]["id"]]


async def test_nostrrelay_keeps_the_last_filter(relay: DevRelay) -> None:
    first, last = an_event(ONE), an_event(OTHER)
    async with two_on(RelayKind.NOSTRRELAY, relay) as (listener, sender):
        await listener.say("REQ", "both", BY_ONE, BY_OTHER)
        assert [await listener.hear(), await listener.hear()] == [["EOSE", "both"]] * 2
        for event in (first, last):
            assert (await sender.publish(event))[0] is True
        assert await brought(listener) == ["both", last["id"]]


async def test_nostrrelay_reads_a_limit_of_0_as_1000(relay: DevRelay) -> None:
    stored = an_event(ONE, kind=1)
    async with of_kind(RelayKind.NOSTRRELAY, relay.url) as front, talking(front.url) as talk:
        await talk.publish(stored)
        of_one = {"authors": BY_ONE["authors"], "limit": 0}
        assert await talk.subscribe("none", of_one) == [["EVENT", "none", stored]]


async def test_nostrrelay_brings_what_is_new_for_one_subscription(relay: DevRelay) -> None:
    new, next_one = an_event(ONE), an_event(ONE, content="next")
    async with two_on(RelayKind.NOSTRRELAY, relay) as (listener, sender):
        for subscription in ("a", "b"):
            await listener.subscribe(subscription, BY_ONE)
        for event in (new, next_one):
            await sender.publish(event)
        assert [(await brought(listener))[1] for _ in range(2)] == [new["id"], next_one["id"]]


async def test_nostrclient_says_nothing_of_what_it_was_sent(relay: DevRelay) -> None:
    event = an_event(ONE)
    async with two_on(RelayKind.NOSTRCLIENT, relay) as (listener, sender):
        await listener.subscribe("a", BY_ONE)
        await sender.say("EVENT", event)
        assert await brought(listener) == ["a", event["id"]]
        assert await sender.subscribe("b", BY_OTHER) == []


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (0, [True, ""]),
        (120, [False, "invalid: ephemeral event expired"]),
        (-1200, [False, "invalid: created_at too late"]),
    ],
)
async def test_strfry_refuses_by_age(relay: DevRelay, ago: int, said: list[Any]) -> None:
    async with of_kind(RelayKind.STRFRY, relay.url) as front, talking(front.url) as talk:
        assert await talk.publish(an_event(ago=ago)) == said
        assert (await talk.publish(an_event(kind=1, ago=120)))[0] is True


async def test_strfry_refuses_a_large_event(relay: DevRelay) -> None:
    async with of_kind(RelayKind.STRFRY, relay.url) as front, talking(front.url) as talk:
        assert (await talk.publish(an_event(content="x" * 65_000)))[0] is True
        taken, why = await talk.publish(an_event(content="x" * 65_536))
        assert not taken
        assert why.startswith("invalid: event too large: ")


async def test_strfry_keeps_ephemeral_events(relay: DevRelay) -> None:
    event = an_event(ONE)
    async with of_kind(RelayKind.STRFRY, relay.url) as front, talking(front.url) as talk:
        await talk.publish(event)
        assert await talk.subscribe("none", {**BY_ONE, "limit": 0}) == []
        assert await talk.subscribe("later", BY_ONE) == [["EVENT", "later", event]]


@pytest.mark.parametrize(
    ("kind", "most", "words"),
    [
        (RelayKind.STRFRY, 200, "too many concurrent REQs"),
        (RelayKind.STRICT_STRFRY, 20, "too many concurrent REQs"),
        (RelayKind.NOSTR_RS_RELAY, 32, "Maximum concurrent subscription count"),
        (RelayKind.NOSTR_RELAY, 32, "too many subscriptions"),
    ],
    ids=lambda each: getattr(each, "name", str(each)),
)
async def test_a_subscription_too_many_is_not_served(
    relay: DevRelay, kind: RelayKind, most: int, words: str
) -> None:
    async with of_kind(kind, relay.url) as front, talking(front.url) as talk:
        for number in range(most):
            await talk.subscribe(str(number), BY_ONE)
        await talk.say("REQ", "more", BY_ONE)
        said, why = await talk.hear()
        assert said == "NOTICE"
        assert words in why
        await talk.say("CLOSE", "0")
        assert await talk.subscribe("more", BY_ONE) == []


async def test_a_strict_strfry_takes_three_kinds_and_filters(relay: DevRelay) -> None:
    async with of_kind(RelayKind.STRICT_STRFRY, relay.url) as front, talking(front.url) as talk:
        assert await talk.subscribe("three", {"kinds": [1, 2, 3]}) == []
        await talk.say("REQ", "four", {"kinds": [1, 2, 3, 4]})
        assert await talk.hear() == ["NOTICE", "ERROR: bad req: too many kinds in filter: 4"]
        await talk.say("REQ", "filters", *[BY_ONE] * 4)
        assert await talk.hear() == ["NOTICE", "ERROR: bad req: invalid number of filters: 4"]


async def test_nostr_rs_relay_ends_nothing_that_it_did_not_look_for(relay: DevRelay) -> None:
    event = an_event(ONE)
    async with two_on(RelayKind.NOSTR_RS_RELAY, relay) as (listener, sender):
        await listener.say("REQ", "none", {**BY_ONE, "limit": 0})
        assert await listener.subscribe("one", {**BY_OTHER, "limit": 1}) == []
        await sender.publish(event)
        assert await brought(listener) == ["none", event["id"]]


async def test_khatru_refuses_what_nobody_hears(relay: DevRelay) -> None:
    async with two_on(RelayKind.KHATRU, relay) as (listener, sender):
        muted = [False, "mute: no one was listening for this"]
        assert await sender.publish(an_event(ONE)) == muted
        await listener.subscribe("a", BY_ONE)
        assert (await sender.publish(an_event(ONE)))[0] is True
        assert (await sender.publish(an_event(OTHER, kind=1)))[0] is True


async def test_nostr_relay_takes_4096_characters_and_keeps_them(relay: DevRelay) -> None:
    event = an_event(ONE, content="x" * 4096)
    async with of_kind(RelayKind.NOSTR_RELAY, relay.url) as front, talking(front.url) as talk:
        await talk.say("EVENT", an_event(ONE, content="x" * 4097))
        said, of, taken, _ = await talk.hear()
        assert (said, of, taken) == ("OK", "", False)
        assert (await talk.publish(event))[0] is True
        assert await talk.subscribe("later", BY_ONE) == [["EVENT", "later", event]]


async def test_nostr_relay_core_brings_an_event_to_whom_it_does_not_name(relay: DevRelay) -> None:
    event, me = an_event(to=OTHER.public_key().to_hex()), ONE.public_key().to_hex()
    async with two_on(RelayKind.NOSTR_RELAY_CORE, relay) as (listener, sender):
        await listener.subscribe("mine", {"kinds": [21000], "#p": [me]})
        await sender.publish(event)
        assert await brought(listener) == ["mine", event["id"]]


async def test_an_ok_can_be_of_another_event(relay: DevRelay) -> None:
    event = an_event()
    async with of_kind(RelayKind.OTHER_OK, relay.url) as front, talking(front.url) as talk:
        await talk.say("EVENT", event)
        said, of, taken, *_ = await talk.hear()
        assert (said, of == event["id"], taken) == ("OK", False, True)


async def test_an_event_can_be_refused_and_brought(relay: DevRelay) -> None:
    event = an_event(ONE)
    async with two_on(RelayKind.FALSE_OK, relay) as (listener, sender):
        await listener.subscribe("a", BY_ONE)
        assert await sender.publish(event) == [False, "error: failed to add event"]
        assert await brought(listener) == ["a", event["id"]]


async def test_a_duplicate_can_be_refused(relay: DevRelay) -> None:
    event = an_event()
    async with of_kind(RelayKind.DUPLICATES, relay.url) as front, talking(front.url) as talk:
        assert (await talk.publish(event))[0] is True
        assert await talk.publish(event) == [False, "duplicate: already have this event"]


@pytest.mark.parametrize("kind", RelayKind, ids=lambda each: each.name)
async def test_it_says_of_itself_what_it_takes(relay: DevRelay, kind: RelayKind) -> None:
    async with of_kind(kind, relay.url) as front, httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(front.url.replace("ws://", "http://"), headers={"Accept": DOCUMENT})
    limitation = kind.value.limitation
    assert answer.is_success == (limitation is not None)
    if limitation is not None:
        assert answer.headers["Content-Type"] == DOCUMENT
        assert answer.json()["limitation"] == limitation
