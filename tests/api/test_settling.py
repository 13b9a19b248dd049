"""A bunker that has just come up answers before it has started its keys: what is made or unlocked
then would run twice, so it is left alone until it has settled."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from api.living import connected
from spirekeeper.devkit.bunker import DevBunker, Lineage
from support.host import Host
from support.own_bunker import OwnBunker
from support.raw_parties import RawDevice, served
from support.raw_wire import RawClient
from support.spires import NewSpire, boots, signs
from support.watching import until, watching

SETTLE = "SPIREKEEPER_SETTLE_SECONDS"
AS_SEEN = 5.0
"""So long after its start nsecbunkerd with newer NDK starts its keys."""
LONG = "60"
"""Longer than any of these tests would wait."""


async def settles(monkeypatch: pytest.MonkeyPatch, seconds: str | None) -> None:
    """The bunker in force is new to LNbits, and has so long; None: as long as by default."""
    from spirekeeper.connection.open_bunker import close_bunker

    if seconds is None:
        monkeypatch.delenv(SETTLE)
    else:
        monkeypatch.setenv(SETTLE, seconds)
    await close_bunker()


async def times_served(house: Host, seed: dict[str, Any]) -> int:
    await house.bunker.keys_started.wait()
    await house.bunker.listening()
    async with RawClient(house.relay.url) as anybody:
        return await served(RawDevice(anybody, seed["spire_pubkey"]))


async def unlock_pass() -> None:
    from spirekeeper.clock import utc_now
    from spirekeeper.upkeep.unlocking import unlock_locked

    await unlock_locked(utc_now)


async def settling(house: Host) -> bool:
    answer = await house.api("GET", "/bunker")
    assert answer.json()["reachable"], answer.text
    return bool(answer.json()["settling"])


async def test_a_pair_just_after_the_start_of_both_waits_and_works(
    own: OwnBunker, monkeypatch: pytest.MonkeyPatch, new_spire: NewSpire
) -> None:
    """With the times that were seen, and the pause as it is by default. As it was found: the
    machine was told that its seed is spent, and the page that it is paired."""
    await settles(monkeypatch, None)
    async with own(keys_start_after=AS_SEEN) as house:
        machine_id, spire = await house.add_machine(), new_spire()
        assert await settling(house)
        seed = await house.pair(machine_id)
        assert not await settling(house)
        assert await times_served(house, seed) == 1
        await spire.boot(seed["seed_url"])
        assert (await house.pairing(machine_id))["state"] == "paired"
        assert await signs(spire)


async def test_without_the_pause_the_key_runs_twice(
    own: OwnBunker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await settles(monkeypatch, "0")
    async with own(keys_start_after=3600.0) as house:
        seed = await house.pair(await house.add_machine())
        house.bunker.start_keys()
        assert await times_served(house, seed) == 2


async def test_after_a_restart_keys_are_unlocked_once_it_has_settled(
    own: OwnBunker, monkeypatch: pytest.MonkeyPatch, new_spire: NewSpire
) -> None:
    await settles(monkeypatch, "2")
    async with own() as house:
        machine_id, spire = await house.add_machine(), new_spire()
        seed = await connected(house, machine_id, spire)
        house.bunker.keys_start_after = 1.0
        await house.bunker.restart()
        await unlock_pass()
        assert await times_served(house, seed) == 1
        assert await signs(spire)


async def test_a_restart_between_two_pairs_is_noticed_by_the_second(
    own: OwnBunker, monkeypatch: pytest.MonkeyPatch, new_spire: NewSpire
) -> None:
    """LNbits has long been running, and nothing was asked meanwhile that could tell."""
    from spirekeeper.bunker import settling as bunker_settling

    await settles(monkeypatch, "2")
    async with own() as house:
        await house.pair(await house.add_machine())
        monkeypatch.setattr(bunker_settling, "RESTART_SECONDS", 0.0)
        house.bunker.keys_start_after = 1.0
        await house.bunker.restart()
        seed = await house.pair(await house.add_machine())
        assert await times_served(house, seed) == 1
        assert await boots(new_spire(), seed)


async def test_what_makes_no_key_is_not_held_up(
    own: OwnBunker, monkeypatch: pytest.MonkeyPatch, new_spire: NewSpire
) -> None:
    async with own() as house:
        machine_id, spire = await house.add_machine(), new_spire()
        await connected(house, machine_id, spire)
        await settles(monkeypatch, LONG)
        assert await settling(house)
        assert (await house.pairing(machine_id))["bunker"] == "ok"
        await house.pair(machine_id)  # the key is there
        assert (
            await house.api("POST", "/bunker/reconcile", as_=house.superuser)
        ).status_code == 200
        revoked = (await house.api("POST", f"/machines/{machine_id}/revoke")).json()
        assert (revoked["bunker"], revoked["revoked_count"]) == ("done", 1)
        assert not await signs(spire)


async def test_a_cut_whose_key_is_locked_waits_for_nothing(
    own: OwnBunker, monkeypatch: pytest.MonkeyPatch, new_spire: NewSpire
) -> None:
    """It is cut here; the bunker's part, which takes an unlocked key, follows later."""
    from spirekeeper.steps import revoke

    async with own() as house:
        machine_id = await house.add_machine()
        seed = await house.pair(machine_id)
        await settles(monkeypatch, LONG)
        await house.bunker.restart()
        monkeypatch.setattr(revoke, "REVOKE_SECONDS", 3600.0)
        revoked = await house.api("POST", f"/machines/{machine_id}/revoke")
        assert (revoked.json()["cut"], revoked.json()["bunker"]) == (True, "pending")
        await settles(monkeypatch, "0")
        await house.api("POST", f"/machines/{machine_id}/revoke")
        assert not await boots(new_spire(), seed)


async def test_a_bunker_that_starts_its_keys_first_is_not_waited_for(
    own: OwnBunker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await settles(monkeypatch, LONG)
    async with own(lineage=Lineage.OLD_NDK) as house:
        assert not await settling(house)
        await house.pair(await house.add_machine(), legacy_nip04=True)


async def test_a_pause_that_makes_no_sense_is_said(
    own: OwnBunker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with own() as house:
        await settles(monkeypatch, "a while")
        status = (await house.api("GET", "/bunker", as_=house.superuser)).json()
        assert status["problem_code"] == "settings_wrong"
        assert SETTLE in status["problem"]
        await settles(monkeypatch, "0")


# A machine that the page calls paired, and that the bunker refuses


async def restored(bunker: DevBunker, copy: Path, folder: Path) -> None:
    """From a copy that is older than the last machine."""
    await bunker.stop()
    shutil.copy(copy, folder)
    await bunker.start()
    await unlock_pass()
    await bunker.listening()


async def codes(house: Host, machine_id: str) -> list[str]:
    notices = (await house.api("GET", "/notices", params={"limit": 500})).json()["data"]
    return [each["code"] for each in notices if each["machine_id"] == machine_id]


@pytest.mark.parametrize("seen_by", ["its own request", "the comparison"])
async def test_a_machine_that_the_bunker_does_not_know_any_more_is_told_of(
    own: OwnBunker, tmp_path: Path, new_spire: NewSpire, seen_by: str
) -> None:
    file = tmp_path / "bunker" / "bunker.sqlite"
    async with own() as house, watching():
        machine_id, spire, new = await house.add_machine(), new_spire(), new_spire()
        seed = await house.pair(machine_id)
        await house.bunker.stop()
        shutil.copy(file, tmp_path / "copy")
        await house.bunker.start()
        await unlock_pass()
        await house.bunker.listening()
        await spire.boot(seed["seed_url"])
        assert (await house.pairing(machine_id))["state"] == "paired"

        await restored(house.bunker, tmp_path / "copy", file)
        assert await codes(house, machine_id) == []
        if seen_by == "its own request":
            assert not await signs(spire)
            await until(lambda: told(house, machine_id))
            assert ("acl", "lost") in await house.journaled(machine_id)
        else:
            await house.api("POST", "/bunker/reconcile", as_=house.superuser)
            assert await codes(house, machine_id) == ["client_lost"]

        await connected(house, machine_id, new)
        assert await codes(house, machine_id) == []


async def test_one_that_connects_while_all_is_compared_is_not_lost(
    own: OwnBunker, new_spire: NewSpire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bunker has told its users before; what is here is read after."""
    from spirekeeper import crud

    async with own() as house:
        machine_id, spire = await house.add_machine(), new_spire()
        seed = await house.pair(machine_id)
        await house.bunker.listening()
        read = crud.get_all_machines

        async def read_once_it_is_connected() -> list[Any]:
            await spire.boot(seed["seed_url"])
            assert (await house.pairing(machine_id))["state"] == "paired"
            return await read()

        monkeypatch.setattr(crud, "get_all_machines", read_once_it_is_connected)
        answer = await house.api("POST", "/bunker/reconcile", as_=house.superuser)
        assert answer.status_code == 200
        monkeypatch.setattr(crud, "get_all_machines", read)
        assert await codes(house, machine_id) == []


async def told(house: Host, machine_id: str) -> bool:
    return await codes(house, machine_id) == ["client_lost"]
