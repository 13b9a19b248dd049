"""Relay traffic of the machines' keys: what is listened to, and that scans are noticed."""

import asyncio
from typing import Any

import pytest
from nostr_sdk import Keys
from support.failing import logged
from support.heard import Connected, connected, pairing_state, scanned
from support.host import Host
from support.redeeming import redeem
from support.watching import NEVER, until, watching

quick = pytest.mark.usefixtures("watched")


async def forget_seeds() -> None:
    """No seed of an earlier test waits to be asked about."""
    from spirekeeper.store import database

    await database.db.execute(
        f"UPDATE {database.PAIRINGS} SET state = 'cancelled' WHERE state = 'issued'"
    )


# Redeemed


@quick
async def test_a_scan_is_noticed_from_the_traffic_alone(host: Host) -> None:
    await (await scanned(host)).noticed()


async def test_a_slow_database_does_not_keep_the_watch_from_new_machines(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.store import pairing_rows

    read, looks = pairing_rows.get_watch_marks, 0

    async def read_slowly() -> Any:
        nonlocal looks
        await asyncio.sleep(1)
        looks += 1
        return await read()

    async def looked_again() -> bool:
        return looks > 1

    monkeypatch.setattr(pairing_rows, "get_watch_marks", read_slowly)
    async with watching(FOLLOW_SECONDS=0):
        await until(looked_again)
        await (await scanned(host)).noticed()


async def test_a_row_that_cannot_be_read_keeps_no_other_from_being_watched(host: Host) -> None:
    from spirekeeper.store import database

    spoilt = await host.add_machine()
    await host.pair(spoilt)
    spoil = f"UPDATE {database.PAIRINGS} SET relays = :relays WHERE machine_id = :id"
    await database.db.execute(spoil, {"id": spoilt, "relays": "of tomorrow"})
    with logged() as lines:
        async with watching():
            await (await scanned(host)).noticed()
    await database.db.execute(spoil, {"id": spoilt, "relays": "[]"})
    assert sum(f"reading a pairing of {spoilt}" in line for line in lines) == 1


async def test_what_the_bunker_answers_is_noticed_without_a_wait(host: Host) -> None:
    await forget_seeds()
    async with watching(LOOK_DELAY=NEVER):
        await (await scanned(host)).noticed()


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


# What is asked of the relays


@pytest.mark.usefixtures("host")
def test_each_relay_is_asked_for_the_keys_paired_there_in_small_filters() -> None:
    from spirekeeper.upkeep.relay_plan import plan
    from spirekeeper.upkeep.watched_keys import WatchedKey, WatchedKeys

    def key(number: int, relay: str, *, waiting: bool = False) -> WatchedKey:
        return WatchedKey("m", "spire-m", f"{number:064x}", (), (), waiting, (relay,), "o")

    many = [key(n, "wss://a.example.com") for n in range(1050)]
    keys = WatchedKeys([*many, key(2000, "wss://b.example.com", waiting=True)])
    wanted = plan(keys, own=()).wanted
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
    from spirekeeper.connection.relay_probe import addresses_of

    own = await addresses_of("ws://localhost:7777", ["o"], allow_private=True)
    assert own
    assert {*own} <= {"127.0.0.1", "::1"}
    for url in ("wss://localhost", "wss://127.0.0.1:7777", "wss://[::ffff:127.0.0.1]", "ws://x.y"):
        with pytest.raises(OSError, match=r"private|not a relay"):
            await addresses_of(url, ["o"], allow_private=False)
