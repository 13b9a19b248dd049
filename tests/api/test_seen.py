"""Relay traffic of the machines' keys: machines seen, and strangers told of."""

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import Any

import pytest
from nostr_sdk import (
    EventBuilder,
    Keys,
    Kind,
    PublicKey,
    Tag,
    Timestamp,
)
from spirekeeper.devkit.relay import DevRelay
from support.heard import Connected, connected, journaled, machine_row
from support.host import Host
from support.raw_parties import RawAdmin
from support.raw_wire import RawClient, RawKey
from support.watching import until, watching
from websockets.asyncio.server import ServerConnection, serve

quick = pytest.mark.usefixtures("watched")


# Seen


@quick
async def test_a_request_of_the_client_key_shows_the_machine(host: Host) -> None:
    machine = await connected(host)
    assert not await machine.seen()
    await machine.show_up()


@quick
async def test_an_event_of_the_machines_own_key_shows_the_machine(host: Host) -> None:
    """A relay is heard that the bunker and the machine's requests do not use."""
    async with DevRelay() as elsewhere:
        machine = await connected(host, relays=[host.relay.url, elsewhere.url])
        draft = {"kind": 21000, "content": "", "tags": [], "created_at": int(time.time())}
        signed = await machine.ask("sign_event", json.dumps(draft))
        async with watching(), RawClient(elsewhere.url) as anybody:
            await machine.unseen()

            async def seen() -> bool:
                await anybody.publish(signed)
                return await machine.seen()

            await until(seen)


def event(
    author: Keys, to: str, *, kind: int = 24133, ago: int = 0, **altered: Any
) -> dict[str, Any]:
    """An event addressed to a key, altered after it was signed."""
    builder = EventBuilder(Kind(kind), "sealed").tags([Tag.public_key(PublicKey.parse(to))])
    at = Timestamp.from_secs(Timestamp.now().as_secs() - ago)
    signed = builder.custom_created_at(at).sign_with_keys(author)
    return {**json.loads(signed.as_json()), **altered}


@asynccontextmanager
async def lying_relay(say: Callable[[], list[str]]) -> AsyncIterator[str]:
    """The URL of a relay that says just this to whoever subscribes. `{sub}` is the subscription."""

    async def talk(socket: ServerConnection) -> None:
        async for text in socket:
            message = json.loads(text)
            if message[0] == "EVENT":
                await socket.send(json.dumps(["OK", message[1]["id"], True, ""]))
            if message[0] == "REQ":
                await socket.send(json.dumps(["EOSE", message[1]]))
                for frame in say():
                    await socket.send(frame.replace("{sub}", message[1]))

    async with serve(talk, "127.0.0.1", 0, compression=None, max_size=None) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


def frame(of: dict[str, Any]) -> str:
    return json.dumps(["EVENT", "{sub}", of])


async def test_what_proves_nothing_shows_nobody(host: Host) -> None:
    """A relay makes up what it can; the honest event behind all that is still heard."""
    lies: list[str] = []
    async with lying_relay(lambda: lies) as url:
        machine, sentinel = [await connected(host, relays=[host.relay.url, url]) for _ in range(2)]
        mine, stranger = machine.keys, Keys.generate()
        forged = event(mine, machine.pubkey)
        lies += [
            "no JSON",
            "[" * 90_000,
            json.dumps(["EVENT", "{sub}", {"kind": 24133, "pubkey": mine.public_key().to_hex()}]),
            json.dumps(["EVENT", "another subscription", event(mine, machine.pubkey)]),
            frame({**event(mine, machine.pubkey), "content": "x" * 90_000}),
            frame(event(stranger, machine.pubkey)),
            frame(event(stranger, machine.pubkey, pubkey=mine.public_key().to_hex())),
            frame({**forged, "sig": event(mine, machine.pubkey, ago=60)["sig"]}),
            frame({**forged, "created_at": forged["created_at"] - 1}),
            frame(event(stranger, machine.pubkey, kind=21000, pubkey=machine.pubkey)),
            frame(event(mine, machine.pubkey, ago=3600)),
            frame(event(mine, machine.pubkey, ago=-3600)),
            frame(event(mine, machine.pubkey, created_at=True)),
            frame(event(mine, machine.pubkey, created_at=10**300)),
            frame(event(mine, machine.pubkey, kind=1)),
            frame(event(mine, machine.pubkey, tags="p")),
            frame(event(mine, stranger.public_key().to_hex())),
            frame(event(sentinel.keys, sentinel.pubkey)),
        ]
        async with watching():
            await until(sentinel.seen)
            assert not await machine.seen()


@quick
async def test_the_bunkers_answers_do_not_show_the_machine(host: Host) -> None:
    """It answers anybody."""
    machine, before, after = [await connected(host) for _ in range(3)]
    stranger = Connected(host, machine.id, machine.pubkey, Keys.generate())
    await before.show_up()
    assert await stranger.ask() == machine.pubkey
    await after.show_up()
    assert not await machine.seen()


async def test_an_event_told_again_later_changes_nothing(host: Host) -> None:
    said: list[str] = []
    async with lying_relay(lambda: said) as url:
        machine = await connected(host, relays=[host.relay.url, url])
        said.append(frame(event(machine.keys, machine.pubkey, ago=120)))
        async with watching():
            await until(machine.seen)
            at = (await machine_row(machine.id)).last_seen_at
        sentinel = await connected(host, relays=[host.relay.url, url])
        said.append(frame(event(sentinel.keys, sentinel.pubkey)))
        async with watching():
            await until(sentinel.seen)
        assert (await machine_row(machine.id)).last_seen_at == at


@quick
async def test_a_machine_that_was_cut_is_not_watched(host: Host) -> None:
    machine = await connected(host)
    await host.api("POST", f"/machines/{machine.id}/revoke")
    before, after = await connected(host), await connected(host)
    await before.show_up()  # so what is watched was looked up since the cut
    await machine.ask()
    await after.show_up()
    assert not await machine.seen()


# Who else is there


@quick
async def test_a_second_client_is_flagged_once_and_a_stranger_is_not(
    host: Host, host_admin: Keys
) -> None:
    from spirekeeper import crud
    from spirekeeper.clock import utc_now

    machine = await connected(host)
    stranger = Connected(host, machine.id, machine.pubkey, Keys.generate())
    second = Connected(host, machine.id, machine.pubkey, Keys.generate())
    key_name = f"spire-{machine.id}"
    async with RawClient(host.relay.url, host_admin) as client:
        admin = RawAdmin(client, host.bunker)
        policies = await admin.call("get_policies")
        secret = await admin.make_token(key_name, policies[0]["id"], client_name="elsewhere")
    await machine.show_up()
    assert await second.ask("connect", machine.pubkey, secret) == "ack"

    async def flagged() -> bool:
        await stranger.ask()
        await second.ask()
        return (await machine_row(machine.id)).flag == "second_client"

    await until(flagged)
    line = ("second_client", f"key {key_name}, client {second.keys.public_key().to_hex()}")
    assert await journaled(machine.id, "flag") == [line]
    await second.ask()
    await crud.set_machine_flag(machine.id, None, utc_now())
    await until(flagged)
    assert await journaled(machine.id, "flag") == [line, line]


@quick
async def test_who_tries_a_key_is_journaled_once(host: Host) -> None:
    machine = await connected(host)
    strangers = [Connected(host, machine.id, machine.pubkey, Keys.generate()) for _ in range(2)]
    lines = [
        (
            "stranger",
            f"spire-{machine.id}: stranger {who.keys.public_key().to_hex()} asked for ping",
        )
        for who in strangers
    ]
    for _ in range(2):
        assert await strangers[0].ask("ping") == "error"
    assert await strangers[1].ask("ping") == "error"

    async def told() -> bool:
        return lines[1] in await journaled(machine.id, "acl")

    await until(told)
    assert await journaled(machine.id, "acl") == lines


def asked_by_the_bunker(host: Host, admin: Keys, key_name: str, who: str, *, ago: int) -> str:
    """The event in which the bunker asks its admin whether this client may, made so long ago."""
    told = {"keyName": key_name, "remotePubkey": who, "method": "ping"}
    body = json.dumps({"id": token_hex(8), "method": "acl", "params": [json.dumps(told)]})
    bunker = host.bunker.keys
    return RawKey(bunker).event(admin.public_key().to_hex(), body, ago=ago)


@quick
async def test_what_the_bunker_asked_long_ago_is_not_journaled_when_a_relay_repeats_it(
    host: Host, host_admin: Keys
) -> None:
    from spirekeeper.connection.acl_requests import FRESH, ONCE_IN

    assert FRESH < ONCE_IN  # what is repeated within it is remembered
    machine = await connected(host)
    old, late, new = (Keys.generate().public_key().to_hex() for _ in range(3))
    ages = {old: 7200, late: int(FRESH.total_seconds()) + 60, new: 0}
    async with RawClient(host.relay.url) as anybody:

        async def told() -> bool:
            for who, ago in ages.items():
                await anybody.publish(
                    asked_by_the_bunker(host, host_admin, f"spire-{machine.id}", who, ago=ago)
                )
            return bool(await journaled(machine.id, "acl"))

        await until(told)
        await told()
    [(outcome, detail)] = await journaled(machine.id, "acl")
    assert (outcome, detail) == (
        "stranger",
        f"spire-{machine.id}: stranger {new} asked for ping",
    )
