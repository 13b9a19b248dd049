"""When a bunker has been up for long enough to be asked for a key."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace

import pytest
from spirekeeper.bunker import settling
from spirekeeper.bunker.client import NsecBunkerAdminClient
from spirekeeper.bunker.errors import BunkerTimeout, NotAnAdmin, NsecBunkerError
from spirekeeper.bunker.settling import RESTART_SECONDS, Settling
from spirekeeper.devkit.bunker import DevBunker, Lineage
from spirekeeper.devkit.relay import DevRelay
from support.raw_parties import MakeBunker, RawDevice, served
from support.raw_wire import RawClient

MakeClient = Callable[..., NsecBunkerAdminClient]


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """The only one that a `Settling` knows."""
    passing = Time()
    monkeypatch.setattr(settling, "time", SimpleNamespace(monotonic=lambda: passing.now))
    return passing


def test_it_counts_from_the_first_answer(time: Time) -> None:
    up = Settling(6)
    assert (up.away, up.left) == (True, 6)
    time.pass_by(100)
    assert up.left == 6
    up.heard(1)
    time.pass_by(4)
    up.heard(1)
    assert (up.away, up.left) == (False, 2)
    time.pass_by(4)
    assert up.left == 0


def test_it_counts_anew_after_each_absence(time: Time) -> None:
    up = Settling(6)
    for away in (up.gone, lambda: up.heard(2), up.restarted):
        up.heard(1)
        time.pass_by(100)
        assert up.left == 0
        away()
        assert up.left == 6


def test_a_short_silence_is_no_restart(time: Time) -> None:
    up = Settling(6)
    up.heard(1)
    time.pass_by(RESTART_SECONDS)
    assert not up.may_have_restarted
    time.pass_by(0.01)
    assert up.may_have_restarted


async def test_a_bunker_that_is_new_to_us_has_to_settle(
    bunker: DevBunker, make_client: MakeClient, time: Time
) -> None:
    client = make_client(bunker, settle_seconds=6)
    assert not await client.settled()
    time.pass_by(6)
    assert await client.settled()
    await client.settle()
    time.pass_by(3600)
    assert await client.settled()


async def test_one_that_starts_its_keys_first_has_not(
    make_bunker: MakeBunker, make_client: MakeClient, time: Time
) -> None:
    old = make_client(await make_bunker(lineage=Lineage.OLD_NDK), settle_seconds=6)
    assert await old.settled()


async def test_nor_is_anything_asked_where_nobody_waits(
    bunker: DevBunker, make_client: MakeClient
) -> None:
    client = make_client(bunker)
    await client.settle()
    assert await client.settled()
    assert bunker.calls == []


async def test_a_call_without_an_answer_is_an_absence(
    bunker: DevBunker, make_client: MakeClient, time: Time
) -> None:
    client = make_client(bunker, settle_seconds=6, deadline=0.3)
    await client.keys()
    time.pass_by(6)
    assert await client.settled()
    bunker.levers.silent("get_key_users", times=2)
    with pytest.raises(BunkerTimeout):
        await client.get_key_users("k")
    assert not await client.settled()


async def until_unsettled(client: NsecBunkerAdminClient) -> None:
    async def unsettled() -> None:
        with suppress(NsecBunkerError):  # one that does not answer has not settled either
            while await client.settled():  # noqa: ASYNC110 - it is asked, and tells nobody
                await asyncio.sleep(0)

    await asyncio.wait_for(unsettled(), 30)


async def test_so_is_a_lost_relay(
    bunker: DevBunker, make_client: MakeClient, relay: DevRelay, time: Time
) -> None:
    client = make_client(bunker, settle_seconds=6)
    await client.keys()
    time.pass_by(6)
    assert await client.settled()
    await relay.restart()
    await bunker.listening()
    await until_unsettled(client)


async def test_so_is_being_no_admin(bunker: DevBunker, make_client: MakeClient, time: Time) -> None:
    """Whom it obeys it reads when it starts."""
    client = make_client(bunker, settle_seconds=6)
    await client.keys()
    time.pass_by(6)
    admins = bunker.admins[:]
    bunker.admins.clear()
    with pytest.raises(NotAnAdmin):
        await client.get_key_users("k")
    bunker.admins.extend(admins)
    assert not await client.settled()


async def test_a_restart_that_nobody_noticed_is_looked_for(
    bunker: DevBunker, make_client: MakeClient, time: Time
) -> None:
    """A key that was unlocked is locked."""
    client = make_client(bunker, settle_seconds=6)
    await client.create_new_policy("p", [])
    policy = (await client.refresh_policies())[-1].id
    await client.create_new_key("spire-a", "pass")
    await client.create_new_token("spire-a", "client-1", policy)
    time.pass_by(6)
    await client.settle()
    for seconds, questions in ((RESTART_SECONDS + 1, 1), (0, 0)):
        time.pass_by(seconds)
        asked = len(bunker.calls)
        await client.settle()
        assert len(bunker.calls) == asked + questions

    await bunker.restart()
    time.pass_by(RESTART_SECONDS + 1)
    waiting = asyncio.create_task(client.settle())
    await until_unsettled(client)
    waiting.cancel()


async def test_what_is_made_then_runs_once(
    make_bunker: MakeBunker, make_client: MakeClient
) -> None:
    """With the time as it is: the bunker has started before it was heard."""
    bunker = await make_bunker(keys_start_after=0.2)
    client = make_client(bunker, settle_seconds=0.4)
    await client.settle()
    pubkey = await client.create_new_key("spire-a", "pass")
    await bunker.keys_started.wait()
    await bunker.listening()
    async with RawClient(bunker.relays[0]) as anybody:
        assert await served(RawDevice(anybody, pubkey)) == 1


async def test_it_is_not_waited_for_without_end(
    bunker: DevBunker, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make_client(bunker, settle_seconds=0.01, deadline=0.3)
    monkeypatch.setattr(Settling, "left", 0.1)
    with pytest.raises(NsecBunkerError, match="again and again"):
        await client.settle()
