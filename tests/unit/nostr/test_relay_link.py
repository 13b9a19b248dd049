"""What a link asks of its relay, and how that changes while it is connected."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from nostr_sdk import EventBuilder, Keys, Kind
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.nostr import relay_link
from spirekeeper.nostr.relay_link import SHORTEST_PAUSE, RelayLink
from support.raw_wire import RawClient
from websockets.asyncio.server import ServerConnection, serve

Filter = dict[str, Any]


class Heard:
    """Everything a link told, as queues to wait on."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[str] = asyncio.Queue()
        self.changes: asyncio.Queue[None] = asyncio.Queue()

    def may_matter(self, text: str) -> bool:
        return True

    def heard_event(self, url: str, event: dict[str, Any]) -> None:
        if event["content"] == "hang up":
            raise ConnectionAbortedError
        self.events.put_nowait(event["content"])

    def heard_ok(self, url: str, event_id: str, taken: bool, reason: str) -> None:
        """Nothing is published here."""

    def heard_notice(self, url: str, text: str) -> None:
        """The link knows what to make of it."""

    def link_changed(self) -> None:
        self.changes.put_nowait(None)


Says = Callable[[list[Any]], Iterable[list[Any]]]
"""What a relay says to a message."""


class Relay:
    """Says what a test has it say; `asked` holds what it was asked."""

    def __init__(self, says: Says) -> None:
        self.asked: asyncio.Queue[list[Any]] = asyncio.Queue()
        self._says = says

    async def __aenter__(self) -> "Relay":
        self._server = await serve(self._talk, "127.0.0.1", 0)
        self.url = f"ws://127.0.0.1:{next(iter(self._server.sockets)).getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _talk(self, socket: ServerConnection) -> None:
        async for text in socket:
            message = json.loads(text)
            self.asked.put_nowait(message)
            for said in self._says(message):
                await socket.send(json.dumps(said))


def stored(message: list[Any]) -> Iterable[list[Any]]:
    """As a relay that has nothing stored."""
    if message[0] == "REQ":
        yield ["EOSE", message[1]]


@asynccontextmanager
async def running(link: RelayLink) -> AsyncIterator[None]:
    task = asyncio.create_task(link.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def by(keys: Keys) -> Filter:
    return {"kinds": [21000], "authors": [keys.public_key().to_hex()]}


def said(keys: Keys, text: str) -> str:
    return str(EventBuilder(Kind(21000), text).sign_with_keys(keys).as_json())


async def soon(queue: "asyncio.Queue[Any]") -> Any:
    return await asyncio.wait_for(queue.get(), 10)


async def test_what_is_wanted_changes_on_the_present_connection(relay: DevRelay) -> None:
    one, two, three = (Keys.generate() for _ in range(3))
    heard = Heard()
    link = RelayLink(relay.url, [by(one), by(two)], heard)
    async with running(link), RawClient(relay.url) as anybody:
        await soon(heard.changes)
        assert link.up
        for keys, text in ((three, "not wanted"), (two, "2"), (one, "1")):
            await anybody.publish(said(keys, text))
        assert [await soon(heard.events), await soon(heard.events)] == ["2", "1"]

        link.subscribe([by(one), by(three)])
        while heard.events.empty():  # until the relay has taken the change
            await anybody.publish(said(three, "3"))
            await asyncio.sleep(0.01)
        await anybody.publish(said(two, "no longer wanted"))
        await anybody.publish(said(one, "end"))
        texts = {await soon(heard.events)}
        while "end" not in texts:
            texts.add(await soon(heard.events))
        assert texts == {"3", "end"}
        assert heard.changes.empty()


async def test_only_what_changed_is_asked_again() -> None:
    async with Relay(stored) as relay:
        link = RelayLink(relay.url, [{"kinds": [1]}, {"kinds": [2]}], Heard())
        async with running(link):
            first, second = await soon(relay.asked), await soon(relay.asked)
            assert [first[2:], second[2:]] == [
                [{"kinds": [1], "limit": 1}],
                [{"kinds": [2], "limit": 1}],
            ]
            link.subscribe([{"kinds": [1]}, {"kinds": [3]}])
            assert await soon(relay.asked) == ["REQ", second[1], {"kinds": [3], "limit": 1}]
            link.subscribe([{"kinds": [1]}])
            assert await soon(relay.asked) == ["CLOSE", second[1]]
            assert relay.asked.empty()


async def test_an_address_that_is_refused_is_not_connected_to_and_asked_for_again() -> None:
    asked: asyncio.Queue[str] = asyncio.Queue()

    async def nowhere(url: str) -> str:
        asked.put_nowait(url)
        raise OSError("a private address")

    link = RelayLink("wss://relay.example.com", [], Heard(), nowhere)
    async with running(link):
        assert [await soon(asked), await soon(asked)] == ["wss://relay.example.com"] * 2
        assert not link.up


async def test_a_listener_may_end_the_connection_and_it_is_made_again(relay: DevRelay) -> None:
    keys, heard = Keys.generate(), Heard()
    link = RelayLink(relay.url, [by(keys)], heard)
    async with running(link), RawClient(relay.url) as anybody:
        await soon(heard.changes)
        await anybody.publish(said(keys, "hang up"))
        await soon(heard.changes)  # down
        await soon(heard.changes)  # and up
        await anybody.publish(said(keys, "again"))
        assert await soon(heard.events) == "again"


@pytest.mark.parametrize("steps", range(5))
async def test_it_ends_though_somebody_has_just_hurried_it(relay: DevRelay, steps: int) -> None:
    """As when the connection is closed while a call begins: its bunker would be locked for ever."""
    await relay.stop()
    heard = Heard()
    link = RelayLink(relay.url, [by(Keys.generate())], heard)
    task = asyncio.create_task(link.run())
    await soon(heard.changes)
    await asyncio.sleep(SHORTEST_PAUSE * 1.5)  # it waits to be hurried, or for its next attempt
    link.hurry()
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task}, timeout=10)
    assert task.cancelled()


# What relays say, and do not say


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_link, "GRACE_SECONDS", 0.05)


@pytest.mark.usefixtures("hasty")
async def test_a_relay_that_says_nothing_counts_as_serving_after_a_while() -> None:
    heard = Heard()
    async with Relay(lambda _: []) as relay:
        link = RelayLink(relay.url, [{"kinds": [1]}], heard)
        async with running(link):
            await soon(heard.changes)
            assert link.up


@pytest.mark.usefixtures("hasty")
async def test_what_is_said_late_changes_nothing() -> None:
    late: list[Any] = []

    def says(message: list[Any]) -> Iterable[list[Any]]:
        if message[0] == "REQ":
            late.append(["EOSE", message[1]])
        if message[0] == "EVENT":
            yield from late
            yield ["EVENT", late[0][1], {"content": "new"}]

    heard = Heard()
    async with Relay(says) as relay:
        link = RelayLink(relay.url, [{"kinds": [1]}], heard)
        async with running(link):
            await soon(heard.changes)
            link.publish("id", "{}")
            assert await soon(heard.events) == "new"
            assert link.up
            assert heard.changes.empty()


async def test_its_first_event_shows_that_a_relay_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_link, "GRACE_SECONDS", relay_link.CONNECT_SECONDS * 2)
    heard = Heard()
    async with Relay(lambda message: [["EVENT", message[1], {"content": "stored"}]]) as relay:
        link = RelayLink(relay.url, [{"kinds": [1]}], heard)
        async with running(link):
            await soon(heard.changes)
            assert link.up
            assert await soon(heard.events) == "stored"


def refusing(kind: int, *said: Any) -> Says:
    """As `stored`, but for subscriptions to this kind. `{sub}` is the subscription."""

    def says(message: list[Any]) -> Iterable[list[Any]]:
        if message[0] == "REQ" and kind in message[2]["kinds"]:
            yield [message[1] if each == "{sub}" else each for each in said]
        else:
            yield from stored(message)

    return says


async def test_a_link_goes_on_without_the_rest_of_what_is_wanted() -> None:
    heard = Heard()
    wanted = [{"kinds": [1]}, {"kinds": [2]}, {"kinds": [3]}]
    async with Relay(refusing(2, "CLOSED", "{sub}", "restricted: not yours")) as relay:
        link = RelayLink(relay.url, wanted, heard)
        async with running(link):
            await soon(heard.changes)
            while not link.unserved:  # noqa: ASYNC110 - it is asked, and tells nobody
                await asyncio.sleep(0.01)
            assert link.unserved == [{"kinds": [2]}]
            assert link.up
            assert heard.changes.empty()


async def test_a_relay_that_refuses_what_a_link_is_for_does_not_serve_us() -> None:
    heard = Heard()
    async with Relay(refusing(1, "CLOSED", "{sub}", "blocked: not here")) as relay:
        link = RelayLink(relay.url, [{"kinds": [1]}, {"kinds": [2]}], heard)
        async with running(link):
            await soon(heard.changes)
            assert (link.up, link.tried, link.refusal) == (False, True, "blocked: not here")


@pytest.mark.parametrize("said", [["CLOSED", "{sub}"], ["NOTICE"]], ids=["closed", "notice"])
@pytest.mark.parametrize("most", [1, 3])
async def test_a_relay_of_few_kinds_in_a_filter_is_asked_in_parts(
    said: list[str], most: int
) -> None:
    """Three filters, so that a notice comes three times."""
    parts: dict[str, Filter] = {}

    def says(message: list[Any]) -> Iterable[list[Any]]:
        if message[0] == "CLOSE":
            parts.pop(message[1], None)
        elif len(message[2]["kinds"]) > most:
            yield [message[1] if each == "{sub}" else each for each in said] + [
                f"ERROR: bad req: too many kinds in filter: {len(message[2]['kinds'])}"
            ]
        else:
            parts[message[1]] = message[2]
            yield ["EOSE", message[1]]

    heard = Heard()
    async with Relay(says) as relay:
        wanted = [{"kinds": [1, 2, 3, 4, 5, 6], "authors": [each]} for each in "abc"]
        link = RelayLink(relay.url, wanted, heard)
        async with running(link):
            await soon(heard.changes)
            while sum(len(each["kinds"]) for each in parts.values()) < 18:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            assert link.up
            assert link.unserved == []
    assert max(len(each["kinds"]) for each in parts.values()) == most
    for name in "abc":
        asked = [
            kind for each in parts.values() if each["authors"] == [name] for kind in each["kinds"]
        ]
        assert sorted(asked) == [1, 2, 3, 4, 5, 6]


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    "words",
    [
        "ERROR: too many concurrent REQs",
        "Subscription error: Maximum concurrent subscription count reached",
        "rejected: too many subscriptions",
    ],
)
async def test_a_notice_that_there_are_too_many_subscriptions_says_what_is_not_served(
    words: str,
) -> None:
    heard = Heard()
    async with Relay(refusing(3, "NOTICE", words)) as relay:
        link = RelayLink(relay.url, [{"kinds": [kind]} for kind in (1, 2, 3)], heard)
        async with running(link):
            await soon(heard.changes)
            while not link.unserved:  # noqa: ASYNC110 - it is asked, and tells nobody
                await asyncio.sleep(0.01)
            assert link.unserved == [{"kinds": [3]}]
            assert link.up
