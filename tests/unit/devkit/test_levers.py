"""The levers: how a test makes the admin interface misbehave."""

import asyncio
import json

import pytest
from spirekeeper.devkit.bunker import DevBunker, Levers
from support.raw_parties import RawAdmin


@pytest.fixture
def levers(bunker: DevBunker) -> Levers:
    return bunker.levers


async def test_silent_does_nothing_and_says_nothing(admin: RawAdmin, levers: Levers) -> None:
    levers.silent("create_new_key")
    lost = await admin.client.request(admin.bunker.pubkey, "create_new_key", ["a", "b"])
    assert await admin.call("get_keys") == []
    assert admin.client.received(lost) == []
    levers.normal()
    assert await admin.make_key()


async def test_a_dropped_answer_was_carried_out(admin: RawAdmin, levers: Levers) -> None:
    levers.drop_answer("create_new_key", times=1)
    lost = await admin.client.request(admin.bunker.pubkey, "create_new_key", ["spire-a", "b"])
    assert [key["name"] for key in await admin.call("get_keys")] == ["spire-a"]
    assert admin.client.received(lost) == []
    await admin.make_key("spire-b")


async def test_a_refusal_in_any_words(admin: RawAdmin, levers: Levers) -> None:
    levers.refuse("not today", "create_new_key", times=2)
    for _ in range(2):
        assert await admin.error("create_new_key", "spire-a", "pass-a") == "not today"
    assert await admin.call("get_keys") == []
    await admin.make_key()


async def test_late_is_carried_out_at_once_and_answered_later(
    admin: RawAdmin, levers: Levers
) -> None:
    levers.late(0.2, "create_new_key", times=1)
    number = await admin.client.request(admin.bunker.pubkey, "create_new_key", ["spire-a", "b"])
    assert [key["name"] for key in await admin.call("get_keys")] == ["spire-a"]
    assert admin.client.received(number) == []
    assert len(await admin.client.answers(number)) == 1


async def test_calls_that_keep_it_busy_are_done_one_after_another(
    admin: RawAdmin, levers: Levers
) -> None:
    levers.busy(0.1, "get_keys")
    clock = asyncio.get_running_loop().time
    start = clock()
    await asyncio.gather(*(admin.call("get_keys") for _ in range(3)))
    assert clock() - start >= 0.3
    levers.as_recorded()
    assert await admin.call("ping") == "ok"


async def test_twice_is_carried_out_once(admin: RawAdmin, levers: Levers) -> None:
    levers.twice()
    given = json.dumps({"name": "p", "rules": []})
    number = await admin.client.request(admin.bunker.pubkey, "create_new_policy", [given])
    first, second = await admin.client.answers(number, 2)
    assert first == second
    levers.normal()
    assert len(await admin.call("get_policies")) == 1


async def test_garbage_is_an_answer_that_cannot_be_read(admin: RawAdmin, levers: Levers) -> None:
    levers.garbage("get_keys", times=1)
    answer = await admin.client.ask(admin.bunker.pubkey, "get_keys")
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.content["result"])
    assert await admin.call("get_keys") == []


async def test_a_lever_for_every_call(admin: RawAdmin, levers: Levers) -> None:
    levers.silent()
    lost = [
        await admin.client.request(admin.bunker.pubkey, method, [])
        for method in ("get_keys", "get_policies")
    ]
    await admin.bunker.called("get_policies")
    levers.normal()
    assert await admin.call("ping") == "ok"
    assert [admin.client.received(number) for number in lost] == [[], []]


async def test_calls_are_counted_in_order(admin: RawAdmin, bunker: DevBunker) -> None:
    await admin.call("ping")
    await admin.call("get_key_tokens", "spire-a")
    await admin.error("create_new_key", "spire-a")
    assert bunker.calls == [
        ("ping", []),
        ("get_key_tokens", ["spire-a"]),
        ("create_new_key", ["spire-a"]),
    ]
