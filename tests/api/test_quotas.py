"""How much one operator may do, whatever is done side by side and by whichever way."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from api.fleets import add, pair_all
from support.host import DCA, Caller, Host
from support.movable_clock import MovableClock
from support.redeeming import redeem
from support.stored_here import all_pairings


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
        answer = await host.api("POST", path, host.pair_request(**data), as_=newcomer)
        if answer.status_code == 200:  # a seed that ends unused leaves its key to the next
            await redeem(host, answer.json()["seed_url"])
        return answer

    keys = {(await pair(rotate=each > 0)).json()["spire_pubkey"] for each in range(3)}
    assert len(keys) == 3
    answer = await pair(rotate=True)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_rotations")
    assert (await pair()).status_code == 200  # the key that it has costs nothing
    host_clock.move(hours=25)
    assert (await pair(rotate=True)).status_code == 200


async def machines_of(host: Host, caller: Caller) -> int:
    return int((await host.api("GET", "/machines", as_=caller)).json()["total"])


async def wallets_of(host: Host, caller: Caller) -> set[str]:
    user = await host.client.get("/api/v1/auth", headers=caller.headers)
    return {wallet["name"] for wallet in user.json()["wallets"]}


async def test_many_at_once_are_no_more_machines_than_allowed(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIREKEEPER_MAX_MACHINES", "3")
    names = [f"Swarm {number}" for number in range(40)]
    answers = await asyncio.gather(
        *(host.api("POST", "/machines", {"name": name}, as_=newcomer) for name in names)
    )
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [429] * 37
    assert await machines_of(host, newcomer) == 3
    assert len(await wallets_of(host, newcomer) & set(names)) == 3  # none of those refused


async def test_files_at_once_are_no_more_machines_than_allowed(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIREKEEPER_MAX_MACHINES", "5")
    headers = {**newcomer.headers, "Content-Type": "text/csv"}
    files = [f"name\nFile {number} a\nFile {number} b\n" for number in range(10)]
    answers = await asyncio.gather(
        *(
            host.client.post(f"{DCA}/machines/import", content=file, headers=headers)
            for file in files
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201] * 2 + [429] * 8
    assert await machines_of(host, newcomer) == 4
    made = {name for name in await wallets_of(host, newcomer) if name.startswith("File")}
    assert len(made) == 4


async def test_a_loop_of_machines_ends_with_the_operators_keys(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Created, paired and deleted, each leaves a key that the bunker can never delete."""
    monkeypatch.setenv("SPIREKEEPER_KEYS_AN_OPERATOR", "3")
    before = await bunkers_keys()
    answers = []
    for _ in range(5):
        [machine_id] = await add(host, 1, newcomer)
        path = f"/machines/{machine_id}/pair"
        answers.append(await host.api("POST", path, host.pair_request(), as_=newcomer))
        await host.api("DELETE", f"/machines/{machine_id}", as_=newcomer)
    assert [answer.status_code for answer in answers] == [200] * 3 + [429] * 2
    assert answers[-1].json()["code"] == "too_many_keys"
    assert "keys_an_operator" in answers[-1].json()["detail"]
    assert len(await bunkers_keys()) == len(before) + 3


async def test_a_bulk_mints_no_more_keys_than_allowed(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIREKEEPER_KEYS_AN_OPERATOR", "4")
    mine = await add(host, 12, newcomer)
    before = await bunkers_keys()
    lines = await pair_all(host, mine, newcomer)
    assert sorted(line.get("code", "ok") for line in lines) == ["ok"] * 4 + ["too_many_keys"] * 8
    assert len(await bunkers_keys()) == len(before) + 4


async def test_pairs_at_once_mint_no_more_keys_than_allowed(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIREKEEPER_KEYS_AN_OPERATOR", "2")
    mine = await add(host, 8, newcomer)
    before = await bunkers_keys()
    answers = await asyncio.gather(
        *(
            host.api("POST", f"/machines/{each}/pair", host.pair_request(), as_=newcomer)
            for each in mine
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 2 + [429] * 6
    assert len(await bunkers_keys()) == len(before) + 2


async def test_the_superuser_allows_the_bunker_more_keys(host: Host, newcomer: Caller) -> None:
    """All operators together; at once, and nobody is told how many keys others have."""
    other = await host.newcomer("another_minting")
    mine, theirs = await add(host, 2, newcomer), await add(host, 1, other)
    so_far = (await limit(host)).json()["keys_so_far"]
    assert (await limit(host, max_keys=so_far + 2)).json()["max_keys"] == so_far + 2
    try:
        for number, (machine_id, caller) in enumerate(
            ((mine[0], newcomer), (theirs[0], other), (mine[1], newcomer))
        ):
            path = f"/machines/{machine_id}/pair"
            answer = await host.api("POST", path, host.pair_request(), as_=caller)
            assert answer.status_code == (200 if number < 2 else 429), answer.text
        assert answer.json()["code"] == "too_many_keys"
        assert "superuser" in answer.json()["detail"]
        assert str(so_far + 2) not in answer.json()["detail"]
        # The key that a machine has costs nothing.
        path = f"/machines/{mine[0]}/pair"
        kept = await host.api("POST", path, host.pair_request(), as_=newcomer)
        assert kept.status_code == 200
        await limit(host, max_keys=so_far + 3)
        path = f"/machines/{mine[1]}/pair"
        more = await host.api("POST", path, host.pair_request(), as_=newcomer)
        assert more.status_code == 200
    finally:
        await limit(host)


async def test_what_can_be_refused_is_refused_before_the_cut(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`revoke_now` leaves the machine working when its new key would be one too many."""
    [machine_id] = await add(host, 1, newcomer)
    path = f"/machines/{machine_id}"
    await host.api("POST", f"{path}/pair", host.pair_request(), as_=newcomer)
    for quota, code in (
        ("KEYS_AN_OPERATOR", "too_many_keys"),
        ("ROTATIONS_A_DAY", "too_many_rotations"),
        ("RELAY_CHECKS_A_MINUTE", "too_many_checks"),
    ):
        with monkeypatch.context() as patched:
            patched.setenv(f"SPIREKEEPER_{quota}", "0")
            body = host.pair_request(rotate=True, revoke_now=True)
            answer = await host.api("POST", f"{path}/pair", body, as_=newcomer)
        assert (answer.status_code, answer.json()["code"]) == (429, code)
        machine = (await host.api("GET", path, as_=newcomer)).json()
        assert machine["cut_at"] is None


async def test_forced_keys_are_waited_for_an_hour_at_most(
    host: Host, newcomer: Caller, host_clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever photographs seeds has keys minted that nobody asked for: the operator waits no day.

    The next time is told, and the superuser need not wait for it.
    """
    from spirekeeper.errors import TooManyRotations

    monkeypatch.setenv("SPIREKEEPER_FORCED_KEYS_AN_HOUR", "2")
    [machine_id] = await add(host, 1, newcomer)
    began = host_clock()
    await write_forced(machine_id, newcomer, 2, began)
    host_clock.move(minutes=10)
    with pytest.raises(TooManyRotations, match="2 new keys within an hour") as refused:
        await write_forced(machine_id, newcomer, 3, host_clock())
    told = refused.value.detail.partition(" made at ")[2].removesuffix(" UTC.")
    wait = datetime.fromisoformat(f"{told}+00:00") - host_clock()
    assert timedelta(minutes=49) < wait <= timedelta(minutes=50)
    await limit(host, forced_keys_an_hour=3)
    try:
        await write_forced(machine_id, newcomer, 3, host_clock())
    finally:
        await limit(host)
    host_clock.move(minutes=51)
    await write_forced(machine_id, newcomer, 4, host_clock())


async def write_forced(machine_id: str, operator: Caller, number: int, at: datetime) -> None:
    """Intents with keys as the rule about confirmations forces them, up to that number."""
    from spirekeeper.keys import spire_key_name
    from spirekeeper.models import MintedKey, Pairing
    from spirekeeper.steps import quotas

    known = {each.key_name for each in await all_pairings([machine_id])}
    for generation in range(2, number + 2):
        name = spire_key_name(machine_id, generation)
        if name in known:
            continue
        pairing = Pairing(
            id=f"{machine_id}-{generation}",
            machine_id=machine_id,
            key_name=name,
            bunker_pubkey="b" * 64,
            passphrase_id="one",
            client_name=f"spirekeeper-{machine_id}-{generation}",
            bunker_relay="wss://relay.example.com",
            relays=[],
            created_at=at,
            scan_before=at,
        )
        key = MintedKey(
            bunker_pubkey="b" * 64,
            key_name=name,
            machine_id=machine_id,
            operator_user_id=operator.user_id,
            minted_at=at,
            why="forced",
        )
        await quotas.write_intent(pairing, key)


async def test_every_way_of_trying_relays_counts_the_same(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """30 pairs that fail made 180 connections, past the limit of the checks."""
    monkeypatch.setenv("SPIREKEEPER_RELAY_CHECKS_A_MINUTE", "9")
    mine = await add(host, 2, newcomer)
    up = host.relay.url
    down = [f"ws://127.0.0.1:9/{number}" for number in range(2)]
    body = host.pair_request(relays=[up, down[0]], bunker_relay=down[1])
    ways: list[tuple[str, dict[str, Any]]] = [
        (f"/machines/{mine[0]}/pair", body),
        ("/machines/pair", {**body, "machine_ids": mine}),
        ("/relays/check", {"relays": [up, *down], "allow_private_relays": True}),
    ]
    for path, body in ways:
        assert (await host.api("POST", path, body, as_=newcomer)).status_code in (200, 503)
    with monkeypatch.context() as patched:
        from spirekeeper.connection import relay_probe

        patched.delattr(relay_probe, "look_at")  # nothing is connected to any more
        for path, body in ways:
            answer = await host.api("POST", path, body, as_=newcomer)
            assert (answer.status_code, answer.json()["code"]) == (429, "too_many_checks"), path


async def bunkers_keys() -> set[str]:
    from spirekeeper.connection.open_bunker import open_bunker

    return set(await (await open_bunker()).admin.refresh_keys())


async def limit(host: Host, **data: int) -> httpx.Response:
    answer = await host.api("PUT", "/bunker/limits", data, as_=host.superuser)
    assert answer.status_code == 200, answer.text
    return answer
