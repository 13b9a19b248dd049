"""How much one operator may do."""

from typing import Any

import httpx
import pytest
from fleets import add, pair_all
from host import Caller, Host
from movable_clock import MovableClock


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
