"""A call that stands still: how a test knows that somebody is in the middle of it."""

from support.raw_parties import RawAdmin


async def test_a_held_call_is_not_done_until_it_is_let_go(admin: RawAdmin) -> None:
    held = admin.bunker.levers.hold(lambda method, params: params[:1] == ["spire-a"])
    asked = await admin.client.request(admin.bunker.pubkey, "create_new_key", ["spire-a", "b"])
    await held.arrived.wait()
    assert await admin.call("get_keys") == []
    assert admin.client.received(asked) == []
    held.let_go()
    await admin.client.answers(asked)
    assert [key["name"] for key in await admin.call("get_keys")] == ["spire-a"]


async def test_or_is_done_and_not_answered_until_then(admin: RawAdmin) -> None:
    held = admin.bunker.levers.hold(lambda method, _: method == "create_new_key", done=True)
    asked = await admin.client.request(admin.bunker.pubkey, "create_new_key", ["spire-a", "b"])
    await held.arrived.wait()
    assert [key["name"] for key in await admin.call("get_keys")] == ["spire-a"]
    assert admin.client.received(asked) == []
    admin.bunker.levers.normal()
    assert "result" in (await admin.client.answers(asked))[0].content


async def test_the_nth_call_is_held_and_no_other(admin: RawAdmin) -> None:
    held = admin.bunker.levers.hold(lambda method, _: method == "ping", nth=2)
    await admin.call("ping")
    assert not held.arrived.is_set()
    second = await admin.client.request(admin.bunker.pubkey, "ping", [])
    await held.arrived.wait()
    await admin.call("ping")
    assert admin.client.received(second) == []


async def test_a_held_call_can_be_lost(admin: RawAdmin) -> None:
    held = admin.bunker.levers.hold(lambda method, _: method == "create_new_key")
    lost = await admin.client.request(admin.bunker.pubkey, "create_new_key", ["spire-a", "b"])
    await held.arrived.wait()
    held.lose()
    assert await admin.call("get_keys") == []
    assert admin.client.received(lost) == []
