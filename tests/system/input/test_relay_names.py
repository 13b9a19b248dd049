"""Names that are looked up without end: whoever gave them waits, and nobody else."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from support.host import Caller, Host
from support.watching import until
from system.input.guarded_net import HANGS, GuardedNet

ANYWHERE = 7777


@pytest.fixture
async def idle(net: GuardedNet) -> AsyncIterator[None]:
    """No name is being looked up before, nor afterwards."""
    from spirekeeper.nostr import name_lookup

    async def free() -> bool:
        return not name_lookup.busy_threads

    await until(free)
    yield
    net.hanging.set()
    await until(free)


@pytest.mark.usefixtures("idle")
async def test_slow_names_of_one_operator_leave_the_others_theirs(
    host: Host, net: GuardedNet, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as a minute's checks are for, each looked up for longer than it is waited for."""
    from spirekeeper.connection import relay_probe
    from spirekeeper.nostr import name_lookup

    monkeypatch.setattr(relay_probe, "PROBE_SECONDS", 0.5)
    for number in range(5):
        urls = [f"wss://{number}x{n}{HANGS}" for n in range(5)]
        body = {"relays": urls, "allow_private_relays": False}
        answer = await host.api("POST", "/relays/check", body, as_=newcomer)
        assert {each["code"] for each in answer.json()} == {"unknown_name"}
    assert name_lookup.busy_threads[newcomer.user_id] == name_lookup.MOST
    assert sum(net.asked.values()) == name_lookup.MOST

    url = f"ws://localhost:{host.relay.port}"
    body = {"relays": [url], "allow_private_relays": True}
    monkeypatch.setattr(relay_probe, "PROBE_SECONDS", 60.0)
    [check] = (await host.api("POST", "/relays/check", body, as_=host.other_operator)).json()
    assert check["reachable"]


@pytest.mark.usefixtures("idle", "host")
async def test_many_operators_with_slow_names_leave_a_thread_to_one_more() -> None:
    from spirekeeper.nostr import name_lookup

    accounts = [f"operator {n}" for n in range(80)]
    slow = [
        asyncio.create_task(name_lookup.look_up(f"{n}{HANGS}", ANYWHERE, [account], 3600))
        for account in accounts
        for n in range(5)
    ]

    async def all_busy() -> bool:
        return len(name_lookup.busy_threads) == len(accounts)

    await until(all_busy)
    assert name_lookup.busy_threads.total() <= name_lookup.BUSY + len(accounts)
    assert await name_lookup.look_up("localhost", ANYWHERE, ["one more"], 60)
    for each in slow:
        each.cancel()
    await asyncio.gather(*slow, return_exceptions=True)


@pytest.mark.usefixtures("idle", "host")
async def test_a_name_that_two_operators_give_is_looked_up_for_either() -> None:
    from spirekeeper.nostr import name_lookup

    slow = [
        asyncio.create_task(name_lookup.look_up(f"{n}{HANGS}", ANYWHERE, ["greedy"], 3600))
        for n in range(name_lookup.MOST)
    ]

    async def all_busy() -> bool:
        return name_lookup.busy_threads["greedy"] == name_lookup.MOST

    await until(all_busy)
    assert await name_lookup.look_up("localhost", ANYWHERE, ["greedy", "modest"], 60)
    for each in slow:
        each.cancel()
    await asyncio.gather(*slow, return_exceptions=True)


@pytest.mark.usefixtures("idle", "host")
async def test_whoever_waits_has_his_turn_when_a_look_up_ends(net: GuardedNet) -> None:
    from spirekeeper.nostr import name_lookup

    slow = [
        asyncio.create_task(name_lookup.look_up(f"{n}{HANGS}", ANYWHERE, ["greedy"], 3600))
        for n in range(name_lookup.MOST)
    ]
    waiting = asyncio.create_task(name_lookup.look_up("localhost", ANYWHERE, ["greedy"], 3600))
    await asyncio.wait({waiting}, timeout=0.2)
    assert not waiting.done()
    net.hanging.set()
    assert await asyncio.wait_for(waiting, 60)
    assert await asyncio.gather(*slow) == [[]] * name_lookup.MOST
