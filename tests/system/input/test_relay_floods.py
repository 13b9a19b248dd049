"""A relay that an operator names, and that wears LNbits out: what it gets is little, and then a
closed door. Nothing is timed: it is counted what was read, and what was parsed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from nostr_sdk import EventBuilder, Keys, Kind
from spirekeeper.devkit.hostile_relay import HostileRelay, Manner
from spirekeeper.devkit.relay_floods import (
    flooding,
    in_empty_pieces,
    never_ending,
    pinging,
)
from support.heard import connected, machine_row
from support.host import Caller, Host
from support.raw_wire import RawClient
from support.requests_made import request_to
from support.stored_here import all_pairings
from support.watching import until, watching

MIB = 1024 * 1024


@dataclass
class Ledger:
    """What was read of metered relays, and what of that became a message to look at."""

    bytes: int = 0
    frames: int = 0
    parsed: list[str] = field(default_factory=list)

    @property
    def floods(self) -> list[str]:
        """What was parsed of what only floods."""
        return [text for text in self.parsed if "xxxx" in text or text[:2] in ("", "1", "[]", "[[")]


@pytest.fixture
def ledger(host: Host, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """Nothing is owed by anybody, and no relay is left alone."""
    from spirekeeper.nostr import budgets, relay_link

    read, count, parse = Ledger(), budgets.Meter.count, relay_link.parsed

    def counted(meter: Any, size: int, messages: int) -> bool:
        read.bytes += size
        read.frames += messages
        return count(meter, size, messages)

    def parsed(text: str) -> Any:
        read.parsed.append(text)
        return parse(text)

    monkeypatch.setattr(budgets.Meter, "count", counted)
    monkeypatch.setattr(relay_link, "parsed", parsed)
    monkeypatch.setattr(budgets, "accounts", budgets.Accounts())
    return read


@pytest.fixture
async def hostile(host: Host) -> AsyncIterator[HostileRelay]:
    async with HostileRelay(host.relay.url) as relay:
        yield relay


def event_of(size: int) -> str:
    """An event as long as this that nobody asked for, on the subscription that was."""
    signed = EventBuilder(Kind(24133), "x" * size).sign_with_keys(Keys.generate())
    return f'["EVENT","{{sub}}",{signed.as_json()}]'


FLOODS: dict[str, Manner] = {
    "messages of 1 MiB": flooding(event_of(MIB)),
    "messages as long as may be": flooding(event_of(90_000)),
    "events": flooding(event_of(1000)),
    "events of another subscription": flooding(event_of(1000).replace("{sub}", "other")),
    "tiny messages": flooding("[]", "", "1"),
    "nested lists": flooding("[" * 4000),
    "a message that is too long, and never ends": never_ending(8 * MIB, 7 * MIB),
    "a message in empty pieces": in_empty_pieces(),
    "pings": pinging(),
}


async def named_by(caller: Caller, host: Host, *urls: str) -> str:
    """A machine of this operator, with a seed that names the relays."""
    machine_id = await host.add_machine(as_=caller)
    request = host.pair_request(relays=[host.relay.url, *urls])
    answer = await host.api("POST", f"/machines/{machine_id}/pair", request, as_=caller)
    assert answer.status_code == 200, answer.text
    return machine_id


def hung_up_on(*relays: HostileRelay) -> Callable[[], Awaitable[bool]]:
    """Once more than before."""
    before = [relay.opened for relay in relays]

    async def gone() -> bool:
        opened = [relay.opened for relay in relays]
        come = all(now > then for now, then in zip(opened, before, strict=True))
        return come and not any(relay.lines for relay in relays)

    return gone


def left_alone(url: str, *operators: str) -> bool:
    from spirekeeper.nostr import budgets

    try:
        budgets.Meter(url, operators)
    except budgets.Overrun:
        return True
    return False


@asynccontextmanager
async def unprobed(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Only the watch connects."""
    from spirekeeper import pairing

    monkeypatch.setattr(pairing, "check_listening_later", lambda *_: None)
    yield


@pytest.mark.parametrize("attack", FLOODS)
async def test_a_relay_that_floods_is_hung_up_on_and_left_alone(
    host: Host,
    newcomer: Caller,
    ledger: Ledger,
    hostile: HostileRelay,
    monkeypatch: pytest.MonkeyPatch,
    attack: str,
) -> None:
    """Little of it is read, nothing parsed, and meanwhile others are served."""
    from spirekeeper.nostr import budgets

    monkeypatch.setattr(budgets, "FIRST_REST", 3600.0)
    monkeypatch.setattr(budgets, "LONGEST_REST", 3600.0)
    async with unprobed(monkeypatch):
        await named_by(newcomer, host, hostile.url)
        sentinel = await connected(host)
    ledger.bytes, before, hung_up = 0, hostile.opened, hung_up_on(hostile)
    hostile.behave(up=FLOODS[attack])
    async with watching():
        await until(hung_up)
        assert (await host.client.get("/api/v1/health")).status_code == 200
        await sentinel.show_up()
        assert left_alone(hostile.url, newcomer.user_id)
        assert hostile.opened == before + 1
    burst = budgets.LINK.bytes * budgets.LINK.burst
    assert ledger.bytes < burst + 512 * 1024
    assert ledger.frames < budgets.LINK.messages * budgets.LINK.burst + 4096
    assert ledger.floods == []


async def test_a_message_that_never_ends_is_held_to_little(
    host: Host, ledger: Ledger, hostile: HostileRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that might be one: it may wait, for a relay may be slow, and costs what one may."""
    from spirekeeper.nostr import relay_socket

    async with unprobed(monkeypatch):
        await connected(host, relays=[host.relay.url, hostile.url])
        sentinel = await connected(host)
    before = hostile.opened
    hostile.behave(
        up=never_ending(relay_socket.LARGEST_OF_USERS, relay_socket.LARGEST_OF_USERS - 1)
    )
    async with watching():

        async def begun() -> bool:
            return any(line.said for line in hostile.lines)

        await until(begun)
        await sentinel.show_up()
        assert hostile.opened == before + 1
        assert ledger.bytes < 2 * relay_socket.LARGEST_OF_USERS


async def test_one_operators_floods_end_nobody_elses_links(
    host: Host, newcomer: Caller, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six relays, more together than one operator or this process would take."""
    floods = [HostileRelay(host.relay.url) for _ in range(6)]
    async with HostileRelay(host.relay.url) as honest:
        try:
            for relay in floods:
                await relay.start()
            async with unprobed(monkeypatch):
                for relay in floods:
                    await named_by(newcomer, host, relay.url)
                    relay.behave(up=flooding(event_of(1000)))
                machine = await connected(host, relays=[host.relay.url, honest.url])
            before, hung_up = honest.opened, hung_up_on(*floods)
            async with watching(), RawClient(honest.url) as anybody:
                await until(hung_up)

                async def heard() -> bool:
                    await anybody.publish(request_to(machine.pubkey, machine.keys))
                    return await machine.seen()

                await until(heard)
                assert honest.opened == before + 2  # the watch, and anybody
        finally:
            for relay in floods:
                await relay.stop()
    assert (await machine_row(machine.id)).last_seen_at is not None


async def test_a_relay_that_packs_what_it_says_is_not_listened_to(
    host: Host, newcomer: Caller, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand times what it sends, once unpacked."""
    refused = asyncio.Event()

    async def pack(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from websockets.utils import accept_key

        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        assert "permessage-deflate" not in head
        key = next(
            line.split(": ")[1] for line in head.split("\r\n") if line.startswith("Sec-WebSocket-K")
        )
        writer.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept_key(key)}\r\n"
            "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n".encode()
        )
        await reader.read()
        refused.set()
        writer.close()

    from spirekeeper.connection.relay_probe import probe

    server = await asyncio.start_server(pack, "127.0.0.1", 0)
    url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    check = await probe(url, newcomer.user_id, allow_private=True)
    assert check.code == "silent"
    await asyncio.wait_for(refused.wait(), 60)
    server.close()


@pytest.mark.parametrize("attack", ["messages of 1 MiB", "tiny messages", "pings"])
async def test_a_probe_reads_little(
    host: Host, newcomer: Caller, ledger: Ledger, hostile: HostileRelay, attack: str
) -> None:
    """The relay floods whoever has just come."""
    from spirekeeper.nostr import budgets

    async def greet(line: Any, message: list[Any]) -> bool:
        await FLOODS[attack](line, ["REQ", "sub"])
        return True

    hostile.behave(greet=greet)
    body = {"relays": [hostile.url], "allow_private_relays": True}
    hung_up = hung_up_on(hostile)
    answer = await host.api("POST", "/relays/check", body, as_=newcomer)
    assert answer.status_code == 200
    await until(hung_up)
    assert ledger.bytes < budgets.LINK.bytes * budgets.LINK.burst + 512 * 1024
    assert ledger.floods == []


async def test_whether_the_bunker_listens_there_is_asked_with_the_same_limits(
    host: Host,
    newcomer: Caller,
    ledger: Ledger,
    hostile: HostileRelay,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from spirekeeper import crud
    from spirekeeper.clock import utc_now
    from spirekeeper.nostr import budgets
    from spirekeeper.steps import listening

    async with unprobed(monkeypatch):
        machine_id = await host.add_machine(as_=newcomer)
        request = host.pair_request(relays=[hostile.url])
        answer = await host.api("POST", f"/machines/{machine_id}/pair", request, as_=newcomer)
        assert answer.status_code == 200, answer.text
    machine = await crud.get_machine(machine_id)
    assert machine is not None
    monkeypatch.setattr(listening, "LISTEN_SECONDS", 2.0)
    monkeypatch.setattr(budgets, "FIRST_REST", 3600.0)
    hostile.behave(up=flooding(event_of(1000)))
    await listening.check_listening(machine, utc_now)
    [pairing] = await all_pairings([machine_id])
    assert pairing.bunker_listens is False
    assert left_alone(hostile.url, newcomer.user_id)
    assert ledger.floods == []
