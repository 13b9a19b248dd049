"""All machines of an operator stopped in one call."""

import asyncio
from typing import Any

import pytest
from api.fleets import add, pair_all, revoke_all
from nostr_sdk import Keys
from support.host import Caller, Host
from support.redeeming import redeem, sign
from support.settling import settle


async def stop_of(host: Host, as_: Caller) -> dict[str, Any]:
    answer = await host.api("GET", "/emergency-stop", as_=as_)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def connected(host: Host, number: int, as_: Caller) -> list[tuple[str, str, Keys]]:
    """Machines that sign: id, pubkey, client key."""
    lines = await pair_all(host, await add(host, number, as_), as_)
    fleet = []
    for line in lines:
        client = Keys.generate()
        assert (await redeem(host, line["seed_url"], client))["result"] == "ack"
        await host.api("GET", f"/machines/{line['machine_id']}/pairing", as_=as_)
        answer = await host.api("GET", f"/roster/{line['spire_pubkey']}", as_=as_)
        assert answer.status_code == 200
        fleet.append((line["machine_id"], line["spire_pubkey"], client))
    return fleet


async def test_the_emergency_stop_cuts_all_of_one_operators_machines(
    host: Host, newcomer: Caller
) -> None:
    fleet = await connected(host, 3, newcomer)
    (waiting,) = await add(host, 1, newcomer)
    await pair_all(host, [waiting], newcomer)
    (never_paired,) = await add(host, 1, newcomer)
    anothers = await host.add_machine()
    there = await stop_of(host, newcomer)
    assert (there["machines"], there["connected"], there["stopped"]) == (4, 3, [])
    result = await revoke_all(host, 4, newcomer)
    assert (result["cut"], result["done"] + result["pending"]) == (4, 4)
    assert len({machine["machine_id"] for machine in result["machines"]}) == 4
    answer = await host.api("GET", f"/machines/{never_paired}", as_=newcomer)
    assert (answer.json()["state"], answer.json()["cut_at"]) == ("unpaired", None)
    await settle()
    for machine_id, pubkey, client in fleet:
        assert (await sign(host, pubkey, client))["error"] == "Not authorized"
        answer = await host.api("GET", f"/roster/{pubkey}", as_=newcomer)
        assert answer.status_code == 404
        answer = await host.api("GET", f"/machines/{machine_id}", as_=newcomer)
        assert answer.json()["state"] == "revoked"
    assert (await host.pairing(anothers))["state"] == "unpaired"
    story = (await host.api("GET", "/journal", as_=newcomer, params={"event": "revoke"})).json()
    assert story["total"] == 4
    assert await revoke_all(host, 0, newcomer) == {
        "cut": 0,
        "done": 0,
        "pending": 0,
        "machines": [],
    }


async def test_what_was_stopped_is_told_until_it_is_paired_again(
    host: Host, newcomer: Caller
) -> None:
    """In one go: not what had been cut for a reason of its own, nor what is cut for one since."""

    async def stopped() -> set[str]:
        return {machine["id"] for machine in (await stop_of(host, newcomer))["stopped"]}

    stolen, *fleet = await add(host, 4, newcomer)
    await pair_all(host, [stolen, *fleet], newcomer)
    await host.api("POST", f"/machines/{stolen}/revoke", as_=newcomer)
    await revoke_all(host, 3, newcomer)
    assert await stopped() == set(fleet)
    await host.api("POST", f"/machines/{fleet[0]}/revoke", as_=newcomer)
    await pair_all(host, fleet[1:2], newcomer)
    assert await stopped() == {fleet[2]}
    await revoke_all(host, 1, newcomer)
    assert await stopped() == set(fleet[1:])


async def test_the_emergency_stop_cuts_what_is_just_being_paired_again(
    host: Host, newcomer: Caller
) -> None:
    """Cut before, it is not among those expected; its new seed must not outlive the stop."""
    (machine_id,) = await add(host, 1, newcomer)
    await pair_all(host, [machine_id], newcomer)
    await host.api("POST", f"/machines/{machine_id}/revoke", as_=newcomer)
    host.bunker.levers.late(0.5, "get_key_tokens")
    host.bunker.calls.clear()
    path = f"/machines/{machine_id}/pair"
    pair = asyncio.create_task(host.api("POST", path, host.pair_request(), as_=newcomer))
    await host.bunker.called("create_new_token")
    assert (await revoke_all(host, 0, newcomer))["cut"] == 1
    assert (await pair).status_code == 409
    answer = await host.api("GET", f"/machines/{machine_id}", as_=newcomer)
    assert answer.json()["state"] == "revoked"


async def test_with_another_number_than_expected_nothing_is_cut(
    host: Host, newcomer: Caller
) -> None:
    mine = [machine_id for machine_id, _, _ in await connected(host, 2, newcomer)]
    await add(host, 1, newcomer)
    for wrong in (0, 1, 3):
        body = {"expect": wrong}
        answer = await host.api("POST", "/machines/revoke-all", body, as_=newcomer)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_that_many")
        assert "2 machine" in answer.json()["detail"]
    answer = await host.api("POST", "/machines/revoke-all", {"expect": -1}, as_=newcomer)
    assert answer.status_code == 400
    for machine_id in mine:
        answer = await host.api("GET", f"/machines/{machine_id}", as_=newcomer)
        assert answer.json()["cut_at"] is None


async def test_a_seed_that_was_made_meanwhile_does_not_hold_up_the_stop(
    host: Host, newcomer: Caller
) -> None:
    """While a bulk runs their number changes all the time."""
    await connected(host, 1, newcomer)
    await pair_all(host, await add(host, 1, newcomer), newcomer)
    assert (await revoke_all(host, 1, newcomer))["cut"] == 2


async def test_with_the_bunker_away_all_are_cut_here_and_owed_until_it_is_back(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.fleet import bulk_pairing
    from spirekeeper.store import machine_list

    monkeypatch.setitem(bulk_pairing.revoke_all.__kwdefaults__, "seconds", 0.5)
    machines = await connected(host, 10, newcomer)
    await host.bunker.stop()
    result = await revoke_all(host, 10, newcomer)
    assert (result["cut"], result["pending"]) == (10, 10)
    assert {machine["outstanding"] for machine in result["machines"]} == {1}
    for _, pubkey, _ in machines:
        answer = await host.api("GET", f"/roster/{pubkey}", as_=newcomer)
        assert answer.status_code == 404
    await host.bunker.start()  # its keys are locked, as the real daemon's are
    await settle()
    listed = await machine_list.get_listed([machine_id for machine_id, _, _ in machines])
    assert [machine.owed for machine in listed.values()] == [0] * 10
    await host.bunker.listening()
    for _, pubkey, client in machines:
        assert (await sign(host, pubkey, client))["error"] == "Not authorized"


async def test_every_cut_is_written_before_the_bunker_is_asked_anything(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.steps import revoke
    from spirekeeper.store import stops

    await connected(host, 2, newcomer)
    left_when_passed_on = []
    pass_cut_on = revoke.pass_cut_on

    async def watched(*args: Any, **named: Any) -> Any:
        left_when_passed_on.append((await stops.count_to_stop(newcomer.user_id)).machines)
        return await pass_cut_on(*args, **named)

    monkeypatch.setattr(revoke, "pass_cut_on", watched)
    await revoke_all(host, 2, newcomer)
    assert left_when_passed_on == [0, 0]


async def test_the_emergency_stop_ends_a_bulk_that_is_under_way(
    host: Host, newcomer: Caller
) -> None:
    """Pairs under way lose their machine, and those whose turn comes later are not begun."""
    mine = await add(host, 20, newcomer)
    await pair_all(host, mine[:1], newcomer)  # what the bunker has is known
    host.bunker.levers.late(0.5, "get_key_tokens")
    host.bunker.calls.clear()
    bulk = asyncio.create_task(pair_all(host, mine, newcomer))
    await host.bunker.called("get_key_tokens")
    await revoke_all(host, 1, newcomer)
    host.bunker.levers.normal()
    lines = await bulk
    assert {(line["ok"], line.get("code")) for line in lines} == {(False, "machine_busy")}
    assert (await stop_of(host, newcomer))["machines"] == 0
