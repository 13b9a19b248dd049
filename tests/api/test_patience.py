"""A seed does not wait for a relay that hangs while the others answer.

Nothing is timed: where a pair must not wait, waiting would take an hour.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from spirekeeper.devkit.hostile_relay import HostileRelay, Line
from spirekeeper.seed import Seed
from support.host import Host
from support.watching import until

AN_HOUR = 3600.0


@pytest.fixture
async def hanging(host: Host) -> AsyncIterator[HostileRelay]:
    """Takes connections and says nothing."""
    async with HostileRelay(host.relay.url) as relay:
        await relay.hang()
        yield relay


@pytest.fixture(autouse=True)
def patient(host: Host, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Probes without end, and nothing known of any relay."""
    from spirekeeper.connection import relay_choice, relay_probe

    monkeypatch.setattr(relay_probe, "PROBE_SECONDS", AN_HOUR)
    monkeypatch.setattr(relay_choice, "GRACE_SECONDS", 0.1)
    relay_choice._late.clear()
    yield
    relay_choice._late.clear()


async def pair(host: Host, *relays: str, **more: Any) -> tuple[list[str], list[str]]:
    """The relays of a new machine's seed, and those that it is warned about."""
    machine_id = await host.add_machine()
    paired = await asyncio.wait_for(host.pair(machine_id, relays=list(relays), **more), 120)
    assert {each["code"] for each in paired["warnings"]} <= {"relay_down"}
    warned = [each["relay"] for each in paired["warnings"]]
    return list(Seed.decode(paired["seed_url"]).relays), warned


async def test_a_relay_that_hangs_is_left_out(host: Host, hanging: HostileRelay) -> None:
    assert await pair(host, hanging.url, host.relay.url) == ([host.relay.url], [hanging.url])


async def test_one_that_is_up_and_says_nothing_is_in_the_seed(
    host: Host, hanging: HostileRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What there is to mind about it is not known in time, which is no reason to leave it out."""
    from spirekeeper.connection import relay_choice

    async def says_nothing(line: Line, message: list[Any]) -> bool:
        return False

    monkeypatch.setattr(relay_choice, "GRACE_SECONDS", 2.0)
    hanging.behave(up=says_nothing)
    await hanging.start()
    assert await pair(host, host.relay.url, hanging.url) == ([host.relay.url, hanging.url], [])


async def test_a_relay_that_was_late_is_not_waited_for_again(
    host: Host, hanging: HostileRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.connection import relay_choice

    await pair(host, host.relay.url, hanging.url)
    monkeypatch.setattr(relay_choice, "GRACE_SECONDS", AN_HOUR)
    assert await pair(host, host.relay.url, hanging.url) == ([host.relay.url], [hanging.url])


async def test_a_relay_that_was_late_and_is_quick_again_is_in_the_next_seed(
    host: Host, hanging: HostileRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At latest: the one that finds it quick may have been done before."""
    from spirekeeper.connection import relay_choice

    await pair(host, host.relay.url, hanging.url)
    monkeypatch.setattr(relay_choice, "GRACE_SECONDS", 60.0)
    await hanging.start()
    both = ([host.relay.url, hanging.url], [])

    async def in_the_seed() -> bool:
        return await pair(host, host.relay.url, hanging.url) == both

    await until(in_the_seed)


async def test_after_a_while_it_is_waited_for_again(
    host: Host, hanging: HostileRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.connection import relay_choice

    monkeypatch.setattr(relay_choice, "LATE_SECONDS", 0.0)
    await pair(host, host.relay.url, hanging.url)
    monkeypatch.setattr(relay_choice, "GRACE_SECONDS", 60.0)
    await hanging.start()
    assert await pair(host, host.relay.url, hanging.url) == ([host.relay.url, hanging.url], [])


async def test_the_relay_where_they_are_to_meet_is_waited_for(
    host: Host, hanging: HostileRelay
) -> None:
    """Nothing else would do: with the grace long over, the pair is still under way."""
    pairing = asyncio.create_task(pair(host, host.relay.url, bunker_relay=hanging.url))
    await asyncio.wait({pairing}, timeout=0.5)
    assert not pairing.done()
    await hanging.stop()
    machine_id = await host.add_machine()
    with pytest.raises(AssertionError, match="no_relay"):
        await pairing
    await hanging.start()
    paired = await host.pair(machine_id, bunker_relay=hanging.url)
    assert Seed.decode(paired["seed_url"]).bunker_relay == hanging.url


async def test_when_none_answers_all_are_waited_for(host: Host, hanging: HostileRelay) -> None:
    pairing = asyncio.create_task(pair(host, hanging.url))
    await asyncio.wait({pairing}, timeout=0.5)
    assert not pairing.done()
    await hanging.stop()
    with pytest.raises(AssertionError, match="no_relay"):
        await pairing


async def test_a_caller_that_goes_leaves_no_probe_behind(host: Host, hanging: HostileRelay) -> None:
    from spirekeeper.connection import relay_choice
    from spirekeeper.schemas.machines import PairMachineData

    before = asyncio.all_tasks()
    request = PairMachineData(relays=[hanging.url], allow_private_relays=True)
    choosing = asyncio.create_task(
        relay_choice.choose_relays(request, "somebody", private_allowed=True)
    )
    await asyncio.wait({choosing}, timeout=0.1)
    choosing.cancel()
    await asyncio.wait({choosing})
    await asyncio.sleep(0)
    left = asyncio.all_tasks() - before
    await asyncio.wait_for(asyncio.gather(*left, return_exceptions=True), 60)


async def test_a_check_of_relays_waits_for_each(host: Host, hanging: HostileRelay) -> None:
    """It is asked what is wrong, and nobody stands in front of a machine."""
    body = {"relays": [host.relay.url, hanging.url], "allow_private_relays": True}
    checking = asyncio.create_task(host.api("POST", "/relays/check", body))
    await asyncio.wait({checking}, timeout=0.5)
    assert not checking.done()
    await hanging.stop()
    told = (await checking).json()
    assert [each["code"] for each in told] == [None, "silent"]
