"""Relay traffic of the machines' keys: what is listened to, and that scans are noticed."""

import asyncio
import json
from collections.abc import Iterable
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


@pytest.mark.parametrize("column", ["relays", "spire_pubkey"])
async def test_a_row_that_cannot_be_read_keeps_no_other_from_being_watched(
    host: Host, column: str
) -> None:
    """Relays refuse a whole filter for one key in it that is none."""
    from spirekeeper.store import database

    spoilt = await host.add_machine()
    await host.pair(spoilt)
    spoil = f"UPDATE {database.PAIRINGS} SET {column} = :text WHERE machine_id = :id"
    await database.db.execute(spoil, {"id": spoilt, "text": "of tomorrow"})
    with logged() as lines:
        async with watching():
            await (await scanned(host)).noticed()
    await database.db.execute(
        f"DELETE FROM {database.PAIRINGS} WHERE machine_id = :id", {"id": spoilt}
    )
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


def watched_key(number: int, relay: str, *, waiting: bool = False, operator: str = "o") -> Any:
    from spirekeeper.upkeep.watched_keys import WatchedKey

    return WatchedKey(f"m{number}", "k", f"{number:064x}", (), (), waiting, (relay,), operator)


def planned(keys: Iterable[Any], **limits: Any) -> Any:
    """Over relays that take what `limits` says."""
    from spirekeeper.nostr.relay_limits import RelayLimits
    from spirekeeper.upkeep.relay_plan import plan
    from spirekeeper.upkeep.watched_keys import WatchedKeys

    return plan(WatchedKeys(keys), own=(), limits={A: RelayLimits(**limits)})


A, B = "wss://a.example.com", "wss://b.example.com"


@pytest.mark.usefixtures("host")
def test_each_relay_is_asked_for_the_keys_paired_there_in_two_filters_for_many() -> None:
    many = [watched_key(n, A) for n in range(1050)]
    found = planned([*many, watched_key(2000, B, waiting=True)])
    assert found.wanted[B] == [
        {"kinds": [24133], "#p": [f"{2000:064x}"]},
        {"kinds": [21000, 21001, 21002, 21003, 24133, 30078], "authors": [f"{2000:064x}"]},
    ]
    assert len(found.wanted[A]) == 4
    for name in ("#p", "authors"):
        listed = [each[name] for each in found.wanted[A] if name in each]
        assert [len(some) for some in listed] == [1000, 50]
        assert [key for some in listed for key in some] == [each.pubkey for each in many]
    assert found.left_out == {}


@pytest.mark.usefixtures("host")
def test_ten_thousand_keys_are_what_common_relays_take() -> None:
    found = planned(watched_key(n, A) for n in range(10_000))
    assert len(found.wanted[A]) == 20
    assert max(len(json.dumps(["REQ", "s" * 64, each])) for each in found.wanted[A]) < 128 * 1024


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("longest", [300, 4096, 16_384, 131_072])
def test_no_message_is_longer_than_a_relay_takes(longest: int) -> None:
    found = planned((watched_key(n, A) for n in range(600)), max_message_length=longest)
    limited = {"limit": 1}
    for each in found.wanted[A]:
        size = len(json.dumps(["REQ", f"{'0' * 16}-600-21000", {**each, **limited}]))
        assert size <= longest or len(each.get("#p", each.get("authors"))) == 1
    assert found.left_out == {}


@pytest.mark.usefixtures("host")
def test_what_a_relay_does_not_take_is_left_out_of_each_operators_share() -> None:
    greedy = [watched_key(n, A, operator="greedy") for n in range(3000)]
    modest = [watched_key(n, A, operator="modest") for n in range(3000, 3010)]
    found = planned([*greedy, *modest], max_subscriptions=5)
    heard = {key for each in found.wanted[A] for key in each.get("#p", ())}
    assert (len(found.wanted[A]), len(heard)) == (4, 2000)
    assert {each.pubkey for each in modest} <= heard
    left = {each.machine_id for each in greedy if each.pubkey not in heard}
    assert found.left_out == dict.fromkeys(left, ("a.example.com:443",))
    assert len(left) == 1010


@pytest.mark.usefixtures("host")
def test_a_relay_that_takes_next_to_nothing_is_asked_for_something() -> None:
    found = planned([watched_key(n, A) for n in range(5)], max_subscriptions=1)
    assert [len(each.get("#p", each.get("authors"))) for each in found.wanted[A]] == [5, 5]


@pytest.mark.usefixtures("host")
async def test_a_name_that_leads_to_a_private_address_is_not_connected_to() -> None:
    from spirekeeper.connection.relay_probe import addresses_of

    own = await addresses_of("ws://localhost:7777", ["o"], allow_private=True)
    assert own
    assert {*own} <= {"127.0.0.1", "::1"}
    for url in ("wss://localhost", "wss://127.0.0.1:7777", "wss://[::ffff:127.0.0.1]", "ws://x.y"):
        with pytest.raises(OSError, match=r"private|not a relay"):
            await addresses_of(url, ["o"], allow_private=False)
