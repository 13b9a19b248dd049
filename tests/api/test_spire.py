"""What the reference machine meets, on both behaviours of the bunker, when things happen to it."""

import asyncio
import json
from typing import Any

import pytest
from api.living import connected, judge, pass_by
from spirekeeper.seed import Seed
from spirekeeper.spire.errors import Refused, Unreachable
from support.heard import forget_seen
from support.host import Caller, Host
from support.movable_clock import MovableClock
from support.spires import NewSpire, boots, signs
from support.stored_here import all_pairings
from support.watching import until, watching


async def routes(alone: Host, seed: dict[str, Any]) -> bool:
    return (await alone.api("GET", f"/roster/{seed['spire_npub']}")).status_code == 200


async def test_its_boot_is_noticed_and_its_work_is_seen(alone: Host, new_spire: NewSpire) -> None:
    """Nobody asks for the pairing: its traffic tells, or, when it boots before that is listened to,
    the look at each newly watched seed."""
    from spirekeeper import crud
    from spirekeeper.upkeep import relay_watch

    machine_id, spire = await alone.add_machine(), new_spire()

    async def noticed() -> bool:
        pairing = (await all_pairings([machine_id]))[0]
        return pairing.client_pubkey == spire.client_pubkey

    async def seen() -> bool:
        machine = await crud.get_machine(machine_id)
        return machine is not None and machine.last_seen_at is not None

    async with watching(NEW_DELAY=relay_watch.NEW_DELAY):
        seed = await alone.pair(machine_id)
        await spire.boot(seed["seed_url"])
        await until(noticed)
        assert await routes(alone, seed)
        await until(seen)  # it connected
        await forget_seen(machine_id)
        await spire.publish(await spire.sign(21000, "cash-out", []))
        await until(seen)


async def test_a_seed_that_was_ended_here_blames_nobody(alone: Host, new_spire: NewSpire) -> None:
    """The bunker says of it what it says of one that another device has used."""
    machine_id = await alone.add_machine()
    replaced, cancelled = await alone.pair(machine_id), await alone.pair(machine_id)
    await alone.api("DELETE", f"/machines/{machine_id}/pairing")
    for seed in (replaced, cancelled):
        with pytest.raises(
            Refused, match="cancelled, replaced by a newer one, or not used in time"
        ):
            await new_spire().boot(seed["seed_url"])


async def test_a_second_machine_on_its_key_is_flagged(alone: Host, new_spire: NewSpire) -> None:
    """Somebody with the admin key made a token of their own."""
    from spirekeeper import crud
    from spirekeeper.connection.open_bunker import open_bunker

    machine_id, spire, second = await alone.add_machine(), new_spire(), new_spire()

    async def flagged() -> bool:
        assert await signs(second)
        machine = await crud.get_machine(machine_id)
        return machine is not None and machine.flag == "second_client"

    async with watching():
        await spire.boot((await alone.pair(machine_id))["seed_url"])
        await alone.pairing(machine_id)
        admin = (await open_bunker()).admin
        key_name = f"spire-{machine_id}"
        await admin.create_new_token(key_name, "elsewhere", (await admin.policies())[0].id)
        tokens = await admin.get_key_tokens(key_name)
        foreign = next(token for token in tokens if token.client_name == "elsewhere")
        seed = Seed.build(
            spire_pubkey=foreign.pubkey,
            secret=foreign.secret,
            bunker_relay=alone.relay.url,
            relays=[alone.relay.url],
        )
        await second.boot(seed.encode())
        await until(flagged)
    assert await signs(spire)


async def test_a_bunker_restart_costs_it_nothing_but_the_time(
    alone: Host, new_spire: NewSpire
) -> None:
    from spirekeeper.clock import utc_now
    from spirekeeper.upkeep.unlocking import unlock_locked

    machine_id, spire = await alone.add_machine(), new_spire()
    seed = await alone.pair(machine_id)
    await spire.boot(seed["seed_url"])
    assert (await alone.pairing(machine_id))["state"] == "paired"
    await alone.bunker.restart()
    with pytest.raises(Unreachable):
        await spire.sign(21000, "", [])
    await unlock_locked(utc_now)
    await alone.bunker.listening()
    assert await signs(spire)
    assert await routes(alone, seed)


async def test_the_emergency_stop_reaches_every_machine(
    alone: Host, newcomer: Caller, new_spire: NewSpire
) -> None:
    ids = [await alone.add_machine(newcomer, name=name) for name in ("North", "South")]
    body = {"machine_ids": ids, **alone.pair_request()}
    answer = await alone.api("POST", "/machines/pair", body, as_=newcomer)
    seeds = [json.loads(line) for line in answer.text.splitlines()]
    spires = [new_spire() for _ in seeds]
    booted = [boots(spire, seed) for spire, seed in zip(spires, seeds, strict=True)]
    assert await asyncio.gather(*booted) == [True, True]

    answer = await alone.api("POST", "/machines/revoke-all", {"expect": 2}, as_=newcomer)
    assert (answer.json()["cut"], answer.json()["pending"]) == (2, 0)
    assert await asyncio.gather(*(signs(spire) for spire in spires)) == [False, False]


async def test_what_reconcile_finds_clean_goes_on_working(alone: Host, new_spire: NewSpire) -> None:
    machine_id, spire = await alone.add_machine(), new_spire()
    seed = await alone.pair(machine_id)
    await spire.boot(seed["seed_url"])
    await alone.pairing(machine_id)
    report = (await alone.api("POST", "/bunker/reconcile", as_=alone.superuser)).json()
    assert [found for found in report["findings"] if found["machine_id"] == machine_id] == []
    assert await signs(spire)
    assert await routes(alone, seed)


@pytest.mark.parametrize("verdict", ["confirm", "reject"])
async def test_it_works_on_through_a_verdict_on_its_newer_client(
    verdict: str, house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    """One machine, paired again: whatever it signs is of a key that the roster names."""
    machine_id, spire = await house.add_machine(), new_spire()
    await connected(house, machine_id, spire, require_confirmation=True)
    await judge(house, machine_id, "confirm", spire.client_pubkey)
    older = spire.client_pubkey

    async def signs_what_is_routed() -> bool:
        event = await spire.sign(21000, "cash-out", [])
        answer = await house.api("GET", f"/roster/{event.author().to_hex()}")
        return answer.status_code == 200

    host_clock.move(seconds=1)
    await connected(house, machine_id, spire, require_confirmation=True)
    newer = spire.client_pubkey
    assert newer != older
    assert spire.state.connected
    assert spire.state.connected.client_pubkey == older
    assert await signs_what_is_routed()
    assert (await judge(house, machine_id, verdict, newer)).status_code == 200
    await pass_by(host_clock)
    assert await signs_what_is_routed()
    await spire.boot()
    assert spire.state.waiting is None
    assert spire.client_pubkey == (newer if verdict == "confirm" else older)
    assert await signs_what_is_routed()


async def test_it_changes_over_by_itself_where_nobody_is_asked(
    house: Host, host_clock: MovableClock, new_spire: NewSpire
) -> None:
    machine_id, spire = await house.add_machine(), new_spire()
    await connected(house, machine_id, spire)
    seed = await connected(house, machine_id, spire)
    newer = spire.client_pubkey
    await pass_by(host_clock)
    assert await signs(spire)
    assert await routes(house, seed)
    assert spire.state.waiting is None
    assert spire.client_pubkey == newer
