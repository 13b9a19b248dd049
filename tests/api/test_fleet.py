"""Many machines at once: paired in one call, stopped in one call."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from host import DCA, NOBODY, Caller, Host
from movable_clock import MovableClock
from nostr_sdk import Keys
from redeeming import redeem, sign
from serving import served

Answer = dict[str, Any]


async def add(host: Host, number: int, as_: Caller) -> list[str]:
    return [await host.add_machine(as_, name=f"Number {each}") for each in range(number)]


async def pair_all(host: Host, machine_ids: list[str], as_: Caller, **data: Any) -> list[Answer]:
    """The lines of a bulk, in the order in which they came."""
    body = host.pair_request(machine_ids=machine_ids, **data)
    answer = await host.api("POST", "/machines/pair", body, as_=as_)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert answer.headers["cache-control"] == "no-store"
    return [json.loads(line) for line in answer.text.splitlines()]


async def revoke_all(host: Host, expect: int, as_: Caller) -> Answer:
    answer = await host.api("POST", "/machines/revoke-all", {"expect": expect}, as_=as_)
    assert answer.status_code == 200, answer.text
    result: Answer = answer.json()
    return result


async def settle() -> None:
    """One pass of the background work, with the put-off tries due."""
    from spirekeeper import tasks
    from spirekeeper.clock import utc_now

    await tasks.settle_owed(lambda: utc_now() + timedelta(hours=1))


@pytest.fixture
async def base_url(host: Host) -> AsyncIterator[str]:
    """The same LNbits behind a real server: what an answer that comes bit by bit needs."""
    async with served(host.app) as url:
        yield url


# The bulk


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
    from spirekeeper import relays

    tried = []
    check_relays = relays.check_relays

    async def counted(urls: Any, **more: Any) -> Any:
        tried.append(urls)
        return await check_relays(urls, **more)

    monkeypatch.setattr(relays, "check_relays", counted)
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
    from spirekeeper import crud
    from spirekeeper.clock import utc_now

    mine = await add(host, 3, newcomer)
    now = utc_now()
    assert await crud.take_lease(mine[1], "somebody", now, now + timedelta(minutes=1))
    lines = {line["machine_id"]: line for line in await pair_all(host, mine, newcomer)}
    assert [lines[machine_id]["ok"] for machine_id in mine] == [True, False, True]
    assert (lines[mine[1]]["status"], lines[mine[1]]["code"]) == (409, "machine_busy")


async def test_what_nobody_foresaw_is_one_machines_line_and_tells_no_secret(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper import fleet

    mine = await add(host, 2, newcomer)
    pair_spire = fleet.pair_spire

    async def stumble(machine: Any, *args: Any, **named: Any) -> Any:
        if machine.id == mine[0]:
            raise RuntimeError("the secret itself")
        return await pair_spire(machine, *args, **named)

    monkeypatch.setattr(fleet, "pair_spire", stumble)
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
    from spirekeeper import fleet

    mine = await add(host, 12, newcomer)
    pair_spire, first_came = fleet.pair_spire, asyncio.Event()

    async def last_waits(machine: Any, *args: Any, **named: Any) -> Any:
        if machine.id == mine[-1]:
            await first_came.wait()
        return await pair_spire(machine, *args, **named)

    monkeypatch.setattr(fleet, "pair_spire", last_waits)
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


async def test_a_client_that_hangs_up_loses_those_seeds_alone(
    host: Host, newcomer: Caller, base_url: str
) -> None:
    from spirekeeper import crud, crud_pairings, fleet

    mine = await add(host, 24, newcomer)
    host.bunker.levers.late(0.2, "get_key_tokens")
    body = host.pair_request(machine_ids=mine)
    async with (
        httpx.AsyncClient(base_url=base_url, trust_env=False) as client,
        client.stream("POST", f"{DCA}/machines/pair", json=body, headers=newcomer.headers) as came,
    ):
        await anext(came.aiter_lines())
    await asyncio.gather(*fleet._workers)
    pairings = await crud_pairings.get_pairings(mine)
    assert 1 <= len(pairings) <= 2 * fleet.SIDE_BY_SIDE
    assert {pairing.state.value for pairing in pairings} == {"issued"}
    held = [(await crud.get_machine(machine_id)) for machine_id in mine]
    assert [machine.busy_by for machine in held if machine] == [None] * 24


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


# A fleet from a file


async def import_csv(
    host: Host, text: str | bytes, as_: Caller, kind: str = "text/csv; charset=utf-8"
) -> httpx.Response:
    headers = {**as_.headers, "Content-Type": kind}
    body = text.encode() if isinstance(text, str) else text
    return await host.client.post(f"{DCA}/machines/import", content=body, headers=headers)


async def test_a_fleet_comes_from_a_csv_file(host: Host, newcomer: Caller) -> None:
    text = (
        "\ufeffName,location,WALLET\r\n"
        '"Café ""Nord"", Halle 2",Halle 2,\r\n'
        "\r\n"
        f"=South,,{newcomer.wallet_id}\r\n"
        "West,Airport,Make One"
    )
    answer = await import_csv(host, text, newcomer)
    assert answer.status_code == 201, answer.text
    made = answer.json()["machines"]
    assert [(machine["name"], machine["location"]) for machine in made] == [
        ('Café "Nord", Halle 2', "Halle 2"),
        ("=South", ""),
        ("West", "Airport"),
    ]
    assert made[1]["wallet_id"] == newcomer.wallet_id
    assert len({machine["wallet_id"] for machine in made}) == 3
    page = (await host.api("GET", "/machines", as_=newcomer)).json()
    assert {machine["id"] for machine in page["data"]} == {machine["id"] for machine in made}
    user = (await host.client.get("/api/v1/auth", headers=newcomer.headers)).json()
    assert {wallet["name"] for wallet in user["wallets"]} >= {'Café "Nord", Halle 2', "West"}


async def test_when_any_row_is_wrong_every_one_is_named_and_nothing_is_added(
    host: Host, newcomer: Caller
) -> None:
    text = (
        "wallet,name\n"
        ",North\n"
        ",\n"
        '," "\n'
        f"{host.operator.wallet_id},South\n"
        f'{newcomer.wallet_id},"East\nof here"\n'
        f"{newcomer.wallet_id},West\n"
        f"{newcomer.wallet_id},West\n"
        "make one,Here,and there\n"
    )
    answer = await import_csv(host, text, newcomer)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    detail = answer.json()["detail"]
    for words in (
        "Line 5: wallet_id: you have no such wallet",
        "Line 6: name: must not hold control characters",
        "Line 9: wallet: line 8 has the same",
        "Line 10: not as many cells",
        "Nothing was added.",
    ):
        assert words in detail
    assert "Line 2" not in detail
    assert (await host.api("GET", "/machines", as_=newcomer)).json()["total"] == 0
    user = (await host.client.get("/api/v1/auth", headers=newcomer.headers)).json()
    assert len(user["wallets"]) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no machines"),
        ("name,location\n", "no machines"),
        ("North,Hall 2\n", "must name the columns"),
        ("name,name\nNorth,South\n", "must name the columns"),
        ("name,npub\nNorth,\n", "must name the columns"),
        ('name\n"North\n', "Line 2 is no CSV"),
        ("name\nCaf\u00e9\n".encode("latin-1"), "not UTF-8"),
        ("name\n" + "North\n" * 1001, "1001 machines"),
        ("name,location\n" + "North,\n" * 40000, "256 KiB"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused(
    host: Host, newcomer: Caller, text: str | bytes, words: str
) -> None:
    answer = await import_csv(host, text, newcomer)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert words in answer.json()["detail"]
    assert (await host.api("GET", "/machines", as_=newcomer)).json()["total"] == 0


async def test_a_form_of_another_site_is_no_import(host: Host, newcomer: Caller) -> None:
    answer = await import_csv(host, "name\nNorth\n", newcomer, kind="text/plain")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


async def test_a_wallet_taken_meanwhile_undoes_the_import(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper import machines

    taken = await host.add_machine(newcomer)
    spare = (await host.api("GET", f"/machines/{taken}", as_=newcomer)).json()["wallet_id"]

    async def looks_free(*_: Any) -> None:
        return None

    monkeypatch.setattr(machines, "guard_wallet", looks_free)
    text = f"name,wallet\nNorth,{newcomer.wallet_id}\nSouth,\nWest,{spare}\n"
    answer = await import_csv(host, text, newcomer)
    assert (answer.status_code, answer.json()["code"]) == (409, "wallet_in_use")
    page = (await host.api("GET", "/machines", as_=newcomer)).json()
    assert [machine["id"] for machine in page["data"]] == [taken]
    user = (await host.client.get("/api/v1/auth", headers=newcomer.headers)).json()
    assert "South" not in {wallet["name"] for wallet in user["wallets"]}


async def test_an_import_beyond_the_quota_adds_nothing(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIREKEEPER_MAX_MACHINES", "2")
    answer = await import_csv(host, "name\nNorth\nSouth\nWest\n", newcomer)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_machines")
    assert (await host.api("GET", "/machines", as_=newcomer)).json()["total"] == 0


# The emergency stop


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
    await add(host, 1, newcomer)  # one that was never paired
    anothers = await host.add_machine()
    result = await revoke_all(host, 4, newcomer)
    assert (result["cut"], result["done"] + result["pending"]) == (4, 4)
    assert len({machine["machine_id"] for machine in result["machines"]}) == 4
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
    mine = await add(host, 2, newcomer)
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


async def test_with_the_bunker_away_all_are_cut_here_and_owed_until_it_is_back(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper import crud_work, fleet

    monkeypatch.setitem(fleet.revoke_all.__kwdefaults__, "seconds", 0.5)
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
    assert await crud_work.get_owed_by(newcomer.user_id) == []
    await host.bunker.listening()
    for _, pubkey, client in machines:
        assert (await sign(host, pubkey, client))["error"] == "Not authorized"


async def test_every_cut_is_written_before_the_bunker_is_asked_anything(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper import crud, fleet

    await connected(host, 2, newcomer)
    uncut_when_passed_on = []
    pass_cut_on = fleet.pass_cut_on

    async def watched(*args: Any, **named: Any) -> Any:
        uncut_when_passed_on.append(await crud.count_uncut_machines(newcomer.user_id))
        return await pass_cut_on(*args, **named)

    monkeypatch.setattr(fleet, "pass_cut_on", watched)
    await revoke_all(host, 2, newcomer)
    assert uncut_when_passed_on == [0, 0]


async def test_the_emergency_stop_ends_a_bulk_that_is_under_way(
    host: Host, newcomer: Caller
) -> None:
    """Pairs under way lose their machine, and those whose turn comes later are not begun."""
    from spirekeeper import crud

    mine = await add(host, 20, newcomer)
    await pair_all(host, mine[:1], newcomer)  # what the bunker has is known
    host.bunker.levers.late(0.5, "get_key_tokens")
    host.bunker.calls.clear()
    bulk = asyncio.create_task(pair_all(host, mine, newcomer))
    await host.bunker.called("get_key_tokens")
    await revoke_all(host, 20, newcomer)
    host.bunker.levers.normal()
    lines = await bulk
    assert {(line["ok"], line.get("code")) for line in lines} == {(False, "machine_busy")}
    assert await crud.count_uncut_machines(newcomer.user_id) == 0


# Quotas


async def test_an_operator_has_so_many_machines(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIREKEEPER_MAX_MACHINES", "2")
    first, _ = await add(host, 2, newcomer)
    answer = await host.api("POST", "/machines", {"name": "One too many"}, as_=newcomer)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_machines")
    wallets = (await host.client.get("/api/v1/auth", headers=newcomer.headers)).json()["wallets"]
    assert "One too many" not in {wallet["name"] for wallet in wallets}
    await host.api("DELETE", f"/machines/{first}", as_=newcomer)
    await add(host, 1, newcomer)


async def test_an_operator_pairs_so_often_a_minute(
    host: Host, newcomer: Caller, host_clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIREKEEPER_PAIRS_A_MINUTE", "2")
    mine = await add(host, 3, newcomer)
    path = f"/machines/{mine[0]}/pair"
    assert (await host.api("POST", path, host.pair_request(), as_=newcomer)).status_code == 200
    assert len(await pair_all(host, mine, newcomer)) == 3  # counts as one
    for too_soon, body in (
        (path, host.pair_request()),
        ("/machines/pair", host.pair_request(machine_ids=mine)),
    ):
        answer = await host.api("POST", too_soon, body, as_=newcomer)
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_pairs")
    other = await host.newcomer("another_minute")
    assert len(await pair_all(host, await add(host, 1, other), other)) == 1
    host_clock.move(seconds=61)
    assert (await host.api("POST", path, host.pair_request(), as_=newcomer)).status_code == 200


async def test_a_machine_gets_so_many_new_keys_a_day(
    host: Host, newcomer: Caller, host_clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIREKEEPER_ROTATIONS_A_DAY", "2")
    (machine_id,) = await add(host, 1, newcomer)

    async def pair(**data: Any) -> httpx.Response:
        host_clock.move(seconds=1)
        path = f"/machines/{machine_id}/pair"
        return await host.api("POST", path, host.pair_request(**data), as_=newcomer)

    keys = {(await pair(rotate=each > 0)).json()["spire_pubkey"] for each in range(3)}
    assert len(keys) == 3
    answer = await pair(rotate=True)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_rotations")
    assert (await pair()).status_code == 200  # the key that it has costs nothing
    host_clock.move(hours=25)
    assert (await pair(rotate=True)).status_code == 200
