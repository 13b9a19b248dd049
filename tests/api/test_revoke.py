"""Cutting a machine off: here at once, at the bunker as soon as it answers."""

from typing import Any

import pytest
from nostr_sdk import Keys
from support.host import Host
from support.redeeming import paired, redeem, sign
from support.settling import settle
from support.stored_here import all_pairings


async def revoke(host: Host, machine_id: str) -> dict[str, Any]:
    answer = await host.api("POST", f"/machines/{machine_id}/revoke")
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


async def test_revoke_cuts_here_and_at_the_bunker(host: Host) -> None:
    machine_id, result, client = await paired(host)
    assert "error" not in await sign(host, result["spire_pubkey"], client)
    assert await revoke(host, machine_id) == {
        "cut": True,
        "bunker": "done",
        "revoked_count": 1,
        "burned_count": 0,
        "outstanding": 0,
    }
    assert (await host.api("GET", f"/roster/{result['spire_npub']}")).status_code == 404
    assert (await sign(host, result["spire_pubkey"], client))["error"] == "Not authorized"
    status = await host.pairing(machine_id)
    assert (status["state"], status["reason"]) == ("revoked", "cut")


async def test_revoke_burns_a_seed_that_nobody_has_scanned(host: Host) -> None:
    machine_id = await host.add_machine()
    result = await host.pair(machine_id)
    await host.bunker.listening()
    answer = await revoke(host, machine_id)
    assert (answer["bunker"], answer["burned_count"]) == ("done", 1)
    assert (await redeem(host, result["seed_url"]))["result"] == "error"


async def test_every_user_of_the_key_is_revoked(host: Host) -> None:
    machine_id, result, first = await paired(host)
    second = Keys.generate()
    await redeem(host, (await host.pair(machine_id))["seed_url"], second)
    assert (await revoke(host, machine_id))["bunker"] == "done"
    for client in (first, second):
        assert (await sign(host, result["spire_pubkey"], client))["error"] == "Not authorized"


async def test_with_the_bunker_away_it_is_cut_here_and_owed_until_it_is_back(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.steps.revoke import pass_cut_on

    monkeypatch.setitem(pass_cut_on.__kwdefaults__, "seconds", 0.5)
    machine_id, result, client = await paired(host)
    await host.pair(machine_id)  # and a newer seed waits
    await host.bunker.stop()
    answer = await revoke(host, machine_id)
    assert (answer["cut"], answer["bunker"], answer["outstanding"]) == (True, "pending", 1)
    assert (await host.api("GET", f"/roster/{result['spire_npub']}")).status_code == 404
    assert (await host.pairing(machine_id))["state"] == "revoked"

    await host.bunker.start()  # its keys are locked, as the real daemon's are
    await settle()
    assert await revoke(host, machine_id) == {
        "cut": True,
        "bunker": "done",
        "revoked_count": 0,
        "burned_count": 0,
        "outstanding": 0,
    }
    assert (await sign(host, result["spire_pubkey"], client))["error"] == "Not authorized"


async def test_what_is_owed_outlives_the_machine(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.steps.revoke import pass_cut_on
    from spirekeeper.store import owed_rows

    monkeypatch.setitem(pass_cut_on.__kwdefaults__, "seconds", 0.5)
    machine_id, result, client = await paired(host)
    host.bunker.levers.silent()
    answer = await host.api("DELETE", f"/machines/{machine_id}")
    assert answer.json()["bunker"] == "pending"
    assert (await host.api("GET", f"/machines/{machine_id}")).status_code == 404
    assert (await host.api("GET", f"/roster/{result['spire_npub']}")).status_code == 404
    host.bunker.levers.normal()
    await settle()
    assert await owed_rows.get_owed(machine_id) == []
    assert (await sign(host, result["spire_pubkey"], client))["error"] == "Not authorized"


async def test_a_removal_that_broke_off_at_the_bunker_is_a_removal(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ended as soon as the bunker was to be asked."""
    from spirekeeper import crud
    from spirekeeper.clock import utc_now
    from spirekeeper.fleet import machines

    class KilledError(Exception):
        pass

    async def killed(*_: Any, **__: Any) -> None:
        raise KilledError

    machine_id, result, client = await paired(host)
    machine = await crud.get_machine(machine_id)
    assert machine is not None
    monkeypatch.setattr(machines, "pass_cut_on", killed)
    with pytest.raises(KilledError):
        await machines.remove(machine, actor=host.operator.user_id, clock=utc_now)
    assert (await host.api("GET", f"/machines/{machine_id}")).status_code == 404
    await settle()
    assert (await sign(host, result["spire_pubkey"], client))["error"] == "Not authorized"


async def test_after_a_revoke_the_next_pair_has_a_new_key(host: Host) -> None:
    machine_id, result, _ = await paired(host)
    await revoke(host, machine_id)
    again = await host.pair(machine_id)
    assert again["spire_pubkey"] != result["spire_pubkey"]
    assert (await host.pairing(machine_id))["state"] == "awaiting_scan"
    await redeem(host, again["seed_url"])
    assert (await host.api("GET", f"/roster/{again['spire_npub']}")).status_code == 200
    assert (await host.api("GET", f"/roster/{result['spire_npub']}")).status_code == 404


async def test_a_machine_never_paired_is_cut_without_a_bunker(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPIREKEEPER_BUNKER_URL")
    answer = await revoke(host, await host.add_machine())
    assert (answer["cut"], answer["bunker"]) == (True, "done")


async def test_a_cut_beats_a_pair_that_is_under_way(host: Host) -> None:
    import asyncio

    from spirekeeper import crud
    from spirekeeper.store import owed_rows

    machine_id = await host.add_machine()
    await host.pair(await host.add_machine())  # what the bunker has is known
    host.bunker.levers.late(0.5, "get_key_tokens")
    host.bunker.calls.clear()
    pair = asyncio.create_task(
        host.api("POST", f"/machines/{machine_id}/pair", host.pair_request())
    )
    await host.bunker.called("get_key_tokens")
    cut = asyncio.create_task(revoke(host, machine_id))
    answer = await pair
    await cut
    host.bunker.levers.normal()
    assert (answer.status_code, answer.json()["code"]) == (409, "machine_busy")
    machine = await crud.get_machine(machine_id)
    assert machine is not None
    assert machine.cut_at is not None
    assert machine.machine_npub is None
    await settle()
    assert await owed_rows.get_owed(machine_id) == []


async def test_a_cut_right_before_a_pair_begins_is_not_undone(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper import crud
    from spirekeeper.clock import utc_now
    from spirekeeper.store import leases

    machine_id = await host.add_machine()
    take_lease = leases.take_lease

    async def after_a_cut(*args: Any) -> bool:
        await crud.set_machine_unpaired(machine_id, utc_now())
        return await take_lease(*args)

    monkeypatch.setattr(leases, "take_lease", after_a_cut)
    answer = await host.api("POST", f"/machines/{machine_id}/pair", host.pair_request())
    assert (answer.status_code, answer.json()["code"]) == (409, "machine_busy")
    machine = await crud.get_machine(machine_id)
    assert machine is not None
    assert machine.cut_at is not None
    assert machine.busy_by is None


async def test_a_cut_right_before_a_pairs_last_step_is_not_undone(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing looks at the lease again between this cut and that transaction."""
    from spirekeeper import crud
    from spirekeeper.clock import utc_now
    from spirekeeper.store import owed_rows

    write = crud.set_machine_pairing
    machine_id = await host.add_machine()

    async def after_a_cut(machine: Any, *args: Any, **named: Any) -> bool:
        await crud.set_machine_unpaired(machine_id, utc_now())
        return await write(machine, *args, **named)

    monkeypatch.setattr(crud, "set_machine_pairing", after_a_cut)
    answer = await host.api("POST", f"/machines/{machine_id}/pair", host.pair_request())
    assert (answer.status_code, answer.json()["code"]) == (409, "machine_busy")
    machine = await crud.get_machine(machine_id)
    assert machine is not None
    assert machine.cut_at is not None
    await settle()
    assert await owed_rows.get_owed(machine_id) == []


async def test_a_cut_that_a_crash_left_half_done_is_finished(host: Host) -> None:
    """The process ended right after the one local UPDATE."""
    from datetime import timedelta

    from spirekeeper import crud
    from spirekeeper.clock import utc_now
    from spirekeeper.steps import recovery
    from spirekeeper.store import owed_rows

    machine_id, result, client = await paired(host)
    await crud.set_machine_unpaired(machine_id, utc_now())
    await recovery.finish_interrupted(utc_now)
    assert ("revoke", "interrupted") not in await host.journaled(machine_id)  # still at it
    await recovery.finish_interrupted(lambda: utc_now() + timedelta(minutes=1))
    assert ("revoke", "interrupted") in await host.journaled(machine_id)
    await settle()
    assert await owed_rows.get_owed(machine_id) == []
    assert (await sign(host, result["spire_pubkey"], client))["error"] == "Not authorized"


async def test_a_pair_after_a_cut_that_broke_off_lets_nobody_in_again(host: Host) -> None:
    """The process ended right after the one local UPDATE, and the operator pairs at once."""
    from spirekeeper import crud
    from spirekeeper.clock import utc_now

    machine_id, result, client = await paired(host)
    await crud.set_machine_unpaired(machine_id, utc_now())
    await host.pair(machine_id)
    assert (await host.pairing(machine_id))["state"] == "awaiting_scan"
    assert (await host.api("GET", f"/roster/{result['spire_npub']}")).status_code == 404
    await settle()
    assert (await sign(host, result["spire_pubkey"], client))["error"] == "Not authorized"


async def test_a_pair_that_a_crash_left_half_done_is_burned(host: Host) -> None:
    """The process ended after the mint: the intent stands, nobody ever got the seed."""
    from datetime import timedelta

    from spirekeeper import crud
    from spirekeeper.clock import utc_now
    from spirekeeper.steps import recovery
    from spirekeeper.store import database, owed_rows

    machine_id = await host.add_machine()
    result = await host.pair(machine_id)
    await database.db.execute(
        f"UPDATE {database.PAIRINGS} SET state = 'intent', issued_at = NULL WHERE machine_id = :id",
        {"id": machine_id},
    )
    assert (await host.pairing(machine_id))["state"] == "unknown"
    await recovery.finish_interrupted(lambda: utc_now() + timedelta(minutes=2))
    machine = await crud.get_machine(machine_id)
    assert machine is not None
    assert machine.state.value == "unpaired"  # in the list too, before anybody looks
    assert ("pair", "interrupted") in await host.journaled(machine_id)
    await settle()
    assert await owed_rows.get_owed(machine_id) == []
    assert (await redeem(host, result["seed_url"]))["result"] == "error"
    assert (await host.pairing(machine_id))["state"] == "unpaired"


async def test_a_scan_that_is_noticed_during_the_cut_leaves_nothing_open(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the pairing of a machine that is gone would hold the bunker's settings for ever."""
    from spirekeeper.models import Pairing, PairingState
    from spirekeeper.store import pairing_rows

    machine_id = await host.add_machine()
    seed, client = await host.pair(machine_id), Keys.generate()
    assert (await redeem(host, seed["seed_url"], client))["result"] == "ack"
    move = pairing_rows.move_pairing

    async def after_a_look(pairing: Pairing, was: PairingState) -> bool:
        monkeypatch.setattr(pairing_rows, "move_pairing", move)
        assert (await host.pairing(machine_id))["pairing"]["state"] == "redeemed"
        return await move(pairing, was)

    monkeypatch.setattr(pairing_rows, "move_pairing", after_a_look)
    assert (await host.api("DELETE", f"/machines/{machine_id}")).json()["bunker"] == "done"
    [pairing] = await all_pairings([machine_id])
    assert pairing.state.value == "revoked"
    assert (await sign(host, seed["spire_pubkey"], client))["error"] == "Not authorized"
