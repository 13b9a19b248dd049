"""Relay traffic of the machines' keys: scans noticed, machines seen, strangers told."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from host import Host
from nostr_sdk import EventBuilder, Keys, Kind, PublicKey, Tag, Timestamp
from raw_parties import RawAdmin
from raw_wire import RawClient
from redeeming import redeem
from spirekeeper.devkit.relay import DevRelay
from watching import NEVER, until, watching
from websockets.asyncio.server import ServerConnection, serve


@pytest.fixture
async def _quick(host: Host) -> AsyncIterator[None]:
    async with watching():
        yield


quick = pytest.mark.usefixtures("_quick")


async def forget_seeds() -> None:
    """No seed of an earlier test waits to be asked about."""
    from spirekeeper import database

    await database.db.execute(
        f"UPDATE {database.PAIRINGS} SET state = 'cancelled' WHERE state = 'issued'"
    )


async def machine_row(machine_id: str) -> Any:
    from spirekeeper import crud

    return await crud.get_machine(machine_id)


async def pairing_state(machine_id: str) -> str:
    from spirekeeper import crud_pairings

    return str((await crud_pairings.get_pairings([machine_id]))[0].state.value)


async def journaled(machine_id: str, event: str) -> list[tuple[str, str]]:
    from spirekeeper import database

    rows: list[Any] = await database.db.fetchall(
        f"SELECT outcome, detail FROM {database.JOURNAL} WHERE machine_id = :id AND event = :event "
        "ORDER BY at",
        {"id": machine_id, "event": event},
    )
    return [(row["outcome"], row["detail"]) for row in rows]


class Connected:
    """A machine that is connected, and who it is."""

    def __init__(self, host: Host, machine_id: str, spire_pubkey: str, keys: Keys) -> None:
        self.id = machine_id
        self.pubkey = spire_pubkey
        self.keys = keys
        self._host = host

    async def ask(self, method: str = "get_public_key", *params: str) -> Any:
        async with RawClient(self._host.relay.url, self.keys) as client:
            answer = await client.ask(self.pubkey, method, *params, kind=24133)
        return answer.content["result"]

    async def seen(self) -> bool:
        return (await machine_row(self.id)).last_seen_at is not None

    async def show_up(self) -> None:
        """Asks until it was seen."""

        async def seen() -> bool:
            await self.ask()
            return await self.seen()

        await until(seen)

    async def unseen(self) -> None:
        """As if it had never been seen."""
        from spirekeeper import database

        await database.db.execute(
            f"UPDATE {database.MACHINES} SET last_seen_at = NULL WHERE id = :id", {"id": self.id}
        )


async def connected(host: Host, **pair: Any) -> Connected:
    """Its client key is known here, and not yet heard."""
    machine_id = await host.add_machine()
    result = await host.pair(machine_id, **pair)
    keys = Keys.generate()
    assert (await redeem(host, result["seed_url"], keys))["result"] == "ack"
    assert (await host.pairing(machine_id))["state"] == "paired"
    return Connected(host, machine_id, result["spire_pubkey"], keys)


# Redeemed


@quick
async def test_a_scan_is_noticed_from_the_traffic_alone(host: Host) -> None:
    machine_id = await host.add_machine()
    result = await host.pair(machine_id)
    keys = Keys.generate()
    assert (await redeem(host, result["seed_url"], keys))["result"] == "ack"
    machine = Connected(host, machine_id, result["spire_pubkey"], keys)

    async def noticed() -> bool:
        await machine.ask()
        return await pairing_state(machine_id) == "redeemed"

    await until(noticed)


async def test_a_slow_database_does_not_keep_the_watch_from_new_machines(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper import crud_pairings

    read, looks = crud_pairings.get_watch_marks, 0

    async def read_slowly() -> Any:
        nonlocal looks
        await asyncio.sleep(1)
        looks += 1
        return await read()

    async def looked_again() -> bool:
        return looks > 1

    monkeypatch.setattr(crud_pairings, "get_watch_marks", read_slowly)
    async with watching(FOLLOW_SECONDS=0):
        await until(looked_again)
        machine_id = await host.add_machine()
        result = await host.pair(machine_id)
        keys = Keys.generate()
        assert (await redeem(host, result["seed_url"], keys))["result"] == "ack"
        machine = Connected(host, machine_id, result["spire_pubkey"], keys)

        async def noticed() -> bool:
            await machine.ask()
            return await pairing_state(machine_id) == "redeemed"

        await until(noticed)


async def test_what_the_bunker_answers_is_noticed_without_a_wait(host: Host) -> None:
    await forget_seeds()
    async with watching(LOOK_DELAY=NEVER):
        machine_id = await host.add_machine()
        result = await host.pair(machine_id)
        keys = Keys.generate()
        assert (await redeem(host, result["seed_url"], keys))["result"] == "ack"
        machine = Connected(host, machine_id, result["spire_pubkey"], keys)

        async def noticed() -> bool:
            await machine.ask()
            return await pairing_state(machine_id) == "redeemed"

        await until(noticed)


async def test_a_scan_that_nobody_heard_of_is_noticed_by_the_slow_pass(host: Host) -> None:
    await forget_seeds()
    async with watching(ALL_SECONDS=0.1, LOOK_DELAY=NEVER, ANSWERED_DELAY=NEVER):
        machine_id = await host.add_machine()
        result = await host.pair(machine_id)
        await redeem(host, result["seed_url"])

        async def noticed() -> bool:
            return await pairing_state(machine_id) == "redeemed"

        await until(noticed)


async def test_a_seed_scanned_before_anybody_listened_is_looked_at_once(host: Host) -> None:
    await forget_seeds()
    machine_id = await host.add_machine()
    await redeem(host, (await host.pair(machine_id))["seed_url"])
    async with watching(NEW_DELAY=0):

        async def noticed() -> bool:
            return await pairing_state(machine_id) == "redeemed"

        await until(noticed)


@quick
async def test_traffic_without_end_does_not_ask_the_bunker_without_end(host: Host) -> None:
    async with watching(LOOK_PAUSE=NEVER):
        machine_id = await host.add_machine()
        result = await host.pair(machine_id)
        await host.bunker.listening()
        stranger = Connected(host, machine_id, result["spire_pubkey"], Keys.generate())
        sentinel = await connected(host)

        def asked() -> int:
            name = f"spire-{machine_id}"
            return sum(c.method == "get_key_tokens" and name in c.params for c in host.bunker.calls)

        before = asked()

        async def noticed() -> bool:
            await stranger.ask()
            return asked() > before

        await until(noticed)
        for _ in range(10):
            await stranger.ask()
        await sentinel.show_up()
        assert asked() == before + 1


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
            "[" * 100_000,
            json.dumps(["EVENT", "{sub}", {"kind": 24133, "pubkey": mine.public_key().to_hex()}]),
            json.dumps(["EVENT", "another subscription", event(mine, machine.pubkey)]),
            frame({**event(mine, machine.pubkey), "content": "x" * 2_000_000}),
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
    line = ("second_client", f"{key_name}: client {second.keys.public_key().to_hex()}")
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


# What is asked of the relays


@pytest.mark.usefixtures("host")
def test_each_relay_is_asked_for_the_keys_paired_there_in_small_filters() -> None:
    from spirekeeper.watch import subscriptions
    from spirekeeper.watched import WatchedKey

    def key(number: int, relay: str, *, waiting: bool = False) -> WatchedKey:
        return WatchedKey("m", "spire-m", f"{number:064x}", (), (), waiting, (relay,))

    many = [key(n, "wss://a.example.com") for n in range(1050)]
    wanted = subscriptions([*many, key(2000, "wss://b.example.com", waiting=True)])
    assert wanted["wss://b.example.com"] == [
        [
            {"kinds": [24133], "#p": [f"{2000:064x}"], "limit": 0},
            {
                "kinds": [21000, 21001, 21002, 21003, 30078],
                "authors": [f"{2000:064x}"],
                "limit": 0,
            },
        ],
        [{"kinds": [24133], "authors": [f"{2000:064x}"], "limit": 0}],
    ]
    filters = [each for subscription in wanted["wss://a.example.com"] for each in subscription]
    assert max(len(subscription) for subscription in wanted["wss://a.example.com"]) == 10
    for name in ("#p", "authors"):
        listed = [each[name] for each in filters if name in each]
        assert max(len(some) for some in listed) == 125
        assert sorted(pubkey for some in listed for pubkey in some) == [
            each.pubkey for each in many
        ]


@pytest.mark.usefixtures("host")
async def test_a_name_that_leads_to_a_private_address_is_not_connected_to() -> None:
    from spirekeeper.relays import address_of

    assert await address_of("ws://localhost:7777", allow_private=True) in ("127.0.0.1", "::1")
    for url in ("wss://localhost", "wss://127.0.0.1:7777", "wss://[::ffff:127.0.0.1]", "ws://x.y"):
        with pytest.raises(OSError, match=r"private|not a relay"):
            await address_of(url, allow_private=False)
