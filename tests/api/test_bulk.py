"""Many machines paired in one call."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import httpx
import pytest
from api.fleets import Answer, add, pair_all
from nostr_sdk import Keys
from support.host import DCA, NOBODY, Caller, Host
from support.redeeming import redeem, sign
from support.stored_here import all_pairings


async def test_a_fleet_is_paired_in_one_call(host: Host, newcomer: Caller) -> None:
    mine = await add(host, 20, newcomer)
    anothers = await host.add_machine()
    asked = [*mine[:10], anothers, *mine[10:], "NobodysMachine"]
    lines = await pair_all(host, asked, newcomer)
    assert sorted(line["machine_id"] for line in lines) == sorted(asked)
    seeds = {line["machine_id"]: line for line in lines if line["ok"]}
    assert sorted(seeds) == sorted(mine)
    refused = [line for line in lines if not line["ok"]]
    assert {line.pop("machine_id") for line in refused} == {anothers, "NobodysMachine"}
    assert refused[0] == refused[1]
    assert (refused[0]["status"], refused[0]["code"]) == (404, "not_found")
    assert len({seed["spire_pubkey"] for seed in seeds.values()}) == 20
    for machine_id in (mine[0], mine[-1]):
        client = Keys.generate()
        assert (await redeem(host, seeds[machine_id]["seed_url"], client))["result"] == "ack"
        assert "error" not in await sign(host, seeds[machine_id]["spire_pubkey"], client)
    assert (await host.pairing(anothers))["state"] == "unpaired"


async def test_a_bulk_tries_the_relays_once(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.connection import relay_choice

    tried = []
    probe = relay_choice.probe

    async def counted(url: Any, *whose: Any, **more: Any) -> Any:
        tried.append(url)
        return await probe(url, *whose, **more)

    monkeypatch.setattr(relay_choice, "probe", counted)
    mine = await add(host, 3, newcomer)
    lines = await pair_all(host, mine, newcomer, scan_minutes=5)
    assert all(line["ok"] for line in lines)
    assert len(tried) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"machine_ids": []}, "machine_ids: ensure this value has at least 1 items"),
        ({"machine_ids": ["a", "b", "a"]}, "machine_ids: must not name a machine twice"),
        ({"machine_ids": [str(n) for n in range(501)]}, "machine_ids: ensure this value has at"),
        ({"machine_ids": ["a"], "allow_private_relays": False}, "relays: "),
        ({"machine_ids": ["a"], "scan_minutes": 0}, "scan_minutes: "),
    ],
)
async def test_a_bad_bulk_is_refused_as_a_whole(host: Host, data: Answer, words: str) -> None:
    answer = await host.api("POST", "/machines/pair", host.pair_request(**data))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert words in answer.json()["detail"]


async def test_without_a_relay_or_a_bunker_nothing_is_begun(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine_id,) = await add(host, 1, newcomer)
    body = host.pair_request(machine_ids=[machine_id], relays=["ws://127.0.0.1:9"])
    answer = await host.api("POST", "/machines/pair", body, as_=newcomer)
    assert (answer.status_code, answer.json()["code"]) == (503, "no_relay")
    monkeypatch.delenv("SPIREKEEPER_BUNKER_URL")
    body = host.pair_request(machine_ids=[machine_id])
    answer = await host.api("POST", "/machines/pair", body, as_=newcomer)
    assert (answer.status_code, answer.json()["code"]) == (503, "no_bunker")
    page = (await host.api("GET", f"/machines/{machine_id}/pairings", as_=newcomer)).json()
    assert page["total"] == 0


async def test_one_machine_that_fails_does_not_stop_the_others(
    host: Host, newcomer: Caller
) -> None:
    from spirekeeper.clock import utc_now
    from spirekeeper.store import leases

    mine = await add(host, 3, newcomer)
    now = utc_now()
    assert await leases.take_lease(mine[1], "somebody", now, now + timedelta(minutes=1))
    lines = {line["machine_id"]: line for line in await pair_all(host, mine, newcomer)}
    assert [lines[machine_id]["ok"] for machine_id in mine] == [True, False, True]
    assert (lines[mine[1]]["status"], lines[mine[1]]["code"]) == (409, "machine_busy")


async def test_one_machine_that_is_cut_at_its_last_step_does_not_stop_the_others(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper import crud
    from spirekeeper.clock import utc_now

    mine = await add(host, 4, newcomer)
    write = crud.set_machine_pairing

    async def after_a_cut(machine: Any, *args: Any, **named: Any) -> bool:
        if machine.id == mine[1]:
            await crud.set_machine_unpaired(mine[1], utc_now())
        return await write(machine, *args, **named)

    monkeypatch.setattr(crud, "set_machine_pairing", after_a_cut)
    lines = {line["machine_id"]: line for line in await pair_all(host, mine, newcomer)}
    assert [lines[machine_id]["ok"] for machine_id in mine] == [True, False, True, True]
    assert (lines[mine[1]]["status"], lines[mine[1]]["code"]) == (409, "machine_busy")
    cut = await crud.get_machine(mine[1])
    assert cut is not None
    assert cut.cut_at is not None
    for machine_id in (mine[0], mine[3]):
        assert (await redeem(host, lines[machine_id]["seed_url"]))["result"] == "ack"


async def test_two_bulks_of_the_same_machines_pair_each_once(host: Host, newcomer: Caller) -> None:
    mine = await add(host, 8, newcomer)
    both = await asyncio.gather(*(pair_all(host, mine, newcomer) for _ in range(2)))
    for machine_id in mine:
        lines = [line for lines in both for line in lines if line["machine_id"] == machine_id]
        paired = [line for line in lines if line["ok"]]
        assert {line["code"] for line in lines if not line["ok"]} <= {"machine_busy"}
        acks = [(await redeem(host, line["seed_url"]))["result"] for line in paired]
        assert acks.count("ack") == 1, lines


async def test_what_nobody_foresaw_is_one_machines_line_and_tells_no_secret(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.fleet import bulk_pairing

    mine = await add(host, 2, newcomer)
    pair_spire = bulk_pairing.pair_spire

    async def stumble(machine: Any, *args: Any, **named: Any) -> Any:
        if machine.id == mine[0]:
            raise RuntimeError("the secret itself")
        return await pair_spire(machine, *args, **named)

    monkeypatch.setattr(bulk_pairing, "pair_spire", stumble)
    lines = {line["machine_id"]: line for line in await pair_all(host, mine, newcomer)}
    assert lines[mine[1]]["ok"]
    assert (lines[mine[0]]["status"], lines[mine[0]]["code"]) == (500, "internal")
    assert "secret" not in lines[mine[0]]["detail"]


async def test_strangers_cannot_pair_or_stop_or_import(host: Host) -> None:
    for path, body in (
        ("/machines/pair", host.pair_request(machine_ids=["a"])),
        ("/machines/revoke-all", {"expect": 0}),
        ("/machines/import", None),
    ):
        assert (await host.api("POST", path, body, as_=NOBODY)).status_code == 401
        assert (await host.api("POST", path, body, as_=host.stranger)).status_code == 403


async def test_each_line_comes_as_soon_as_its_machine_is_done(
    host: Host, newcomer: Caller, base_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over a real connection, to a client that takes compressed answers."""
    from spirekeeper.fleet import bulk_pairing

    mine = await add(host, 12, newcomer)
    pair_spire, first_came = bulk_pairing.pair_spire, asyncio.Event()

    async def last_waits(machine: Any, *args: Any, **named: Any) -> Any:
        if machine.id == mine[-1]:
            await first_came.wait()
        return await pair_spire(machine, *args, **named)

    monkeypatch.setattr(bulk_pairing, "pair_spire", last_waits)
    body = host.pair_request(machine_ids=mine)
    headers = {**newcomer.headers, "Accept-Encoding": "gzip"}
    async with (
        httpx.AsyncClient(base_url=base_url, trust_env=False) as client,
        client.stream("POST", f"{DCA}/machines/pair", json=body, headers=headers) as answer,
    ):
        came = answer.aiter_lines()
        first = json.loads(await anext(came))
        first_came.set()
        rest = [json.loads(line) async for line in came]
    assert sorted(line["machine_id"] for line in [first, *rest]) == sorted(mine)
    assert rest[-1]["machine_id"] == mine[-1]


async def test_a_client_that_hangs_up_loses_the_seeds_that_were_begun_alone(
    host: Host, newcomer: Caller, base_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper import crud
    from spirekeeper.fleet import bulk_pairing

    mine = await add(host, 12, newcomer)
    pair_many, pair_spire, hung_up = (
        bulk_pairing.pair_many,
        bulk_pairing.pair_spire,
        asyncio.Event(),
    )

    async def noticing(*args: Any, **named: Any) -> AsyncIterator[Any]:
        try:
            async with aclosing(pair_many(*args, **named)) as lines:
                async for line in lines:
                    yield line
        finally:
            hung_up.set()

    async def all_but_one_wait(machine: Any, *args: Any, **named: Any) -> Any:
        if machine.id != mine[0]:
            await hung_up.wait()
        return await pair_spire(machine, *args, **named)

    monkeypatch.setattr(bulk_pairing, "pair_many", noticing)
    monkeypatch.setattr(bulk_pairing, "pair_spire", all_but_one_wait)
    body = host.pair_request(machine_ids=mine)
    async with (
        httpx.AsyncClient(base_url=base_url, trust_env=False) as client,
        client.stream("POST", f"{DCA}/machines/pair", json=body, headers=newcomer.headers) as came,
    ):
        await anext(came.aiter_lines())
    await hung_up.wait()
    await asyncio.gather(*bulk_pairing.workers)
    pairings = await all_pairings(mine)
    assert len(pairings) == bulk_pairing.PAIRS_SIDE_BY_SIDE + 1
    assert {pairing.state.value for pairing in pairings} == {"issued"}
    held = [(await crud.get_machine(machine_id)) for machine_id in mine]
    assert [machine.busy_by for machine in held if machine] == [None] * 12


async def test_whether_the_bunker_listens_is_asked_when_all_are_begun(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each, whatever comes of the others; not before, since seeds are waited for."""
    from spirekeeper.fleet import bulk_pairing
    from spirekeeper.steps import listening

    mine = await add(host, 20, newcomer)
    check = listening.check_listening
    still_waiting: list[int] = []

    async def noted(machine: Any, clock: Any) -> None:
        pairings = await all_pairings(mine)
        still_waiting.append(len(mine) - len(pairings))
        if machine.id == mine[3]:
            raise RuntimeError("nobody foresaw it")
        await check(machine, clock)

    monkeypatch.setattr(listening, "check_listening", noted)
    assert all(line["ok"] for line in await pair_all(host, mine, newcomer))
    await asyncio.gather(*bulk_pairing.workers)
    assert len(still_waiting) == len(mine)
    assert all(each < bulk_pairing.SIDE_BY_SIDE for each in still_waiting)
    pairings = await all_pairings(mine)
    heard = {pairing.machine_id: pairing.bunker_listens for pairing in pairings}
    assert heard == {machine_id: machine_id != mine[3] or None for machine_id in mine}


async def test_what_is_no_json_has_its_example_too(host: Host) -> None:
    paths = (await host.client.get("/openapi.json")).json()["paths"]
    pair = paths[f"{DCA}/machines/pair"]["post"]["responses"]["200"]["content"]
    lines = pair["application/x-ndjson"]["example"].splitlines()
    assert json.loads(lines[1])["code"] == "not_found"
    body = paths[f"{DCA}/machines/import"]["post"]["requestBody"]["content"]["text/csv"]
    assert body["example"].startswith("name,location,wallet\n")
    journal = paths[f"{DCA}/journal"]["get"]["responses"]["200"]["content"]
    assert set(journal) == {"application/json", "text/csv"}
    assert set(paths[f"{DCA}/machines/revoke-all"]) == {"post"}
    assert set(paths[f"{DCA}/machines/{{machine_id}}/pairings"]) == {"get"}
