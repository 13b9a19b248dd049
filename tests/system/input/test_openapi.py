"""Whatever is sent to our API, it answers what it says it answers.

Made up by schemathesis from our own OpenAPI description: requests that fit it, requests that do
not, and both with the ids, wallets and relays that there really are.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.figures import Figures
from support.host import DCA, NOBODY, Caller, Host
from support.own_bunker import own_bunker
from system.input.guarded_net import GuardedNet
from system.input.made_up_requests import (
    Storm,
    Truths,
    nothing_unforeseen_is_logged,
    of_ours,
    operations,
)

FEW, MANY = 3, 8
"""Requests of each operation."""


@pytest.fixture
async def house(
    host: Host, net: GuardedNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Host]:
    """The host with a bunker of its own, whose settings are back as they were in the end."""
    from spirekeeper.connection import open_bunker
    from spirekeeper.store import bunker_settings, database

    assert net
    async with own_bunker(host, tmp_path, monkeypatch) as own:
        yield own
        await bunker_settings.delete_bunker_settings()
        for table in (database.LIMITS, database.WEBHOOK):
            await database.db.execute(f"DELETE FROM {table}")
        await open_bunker.close_bunker()


async def truths_of(house: Host, caller: Caller, machines: int = 6) -> Truths:
    machine_ids: list[Any] = ["there-is-no-such-machine"]
    keys: list[Any] = []
    if caller.headers:
        machine_ids += [await house.add_machine(caller) for _ in range(machines)]
        for machine_id in machine_ids[1:4]:
            answer = await house.api(
                "POST", f"/machines/{machine_id}/pair", house.pair_request(), as_=caller
            )
            assert answer.status_code == 200, answer.text
            keys += [answer.json()["spire_pubkey"], answer.json()["spire_npub"]]
    wallets = [caller.wallet_id, house.other_operator.wallet_id, None]
    return Truths(
        {
            "machine_id": machine_ids,
            "machine_ids": [machine_ids[1:3], machine_ids[:2], machine_ids[:1]],
            "key": keys or ["00" * 32],
            "wallet_id": wallets,
            "relays": [[house.relay.url], [house.relay.url, "ws://127.0.0.1:9"]],
            "bunker_relay": [house.relay.url, None],
            "allow_private_relays": [True, True, False],
            "client_pubkey": ["ab" * 32],
            "bunker_url": [house.bunker.url],
            "admin_nsec": [None],
            "url": ["http://127.0.0.1:9/notices"],
            "key_passphrase": [None, "a passphrase of the tests"],
            "expect": [0, 1, machines],
            "keep_identity": [True, False],
            "format": ["csv", "json"],
            "limit": [1, 500],
            "offset": [0, 1, 2**31, 2**63 - 1, 2**63, 10**30],
            "search": ["N", "\x00", "%", "_", "'", "\ud7ff"],
            "event": ["pair", "\x00"],
        }
    )


async def storm(house: Host, caller: Caller, figures: Figures, examples: int) -> Storm:
    openapi = (await house.client.get("/openapi.json")).json()
    truths = await truths_of(house, caller)
    raging = Storm(house, caller, of_ours(openapi), truths, asyncio.get_running_loop())
    with nothing_unforeseen_is_logged():
        for method, path in operations(openapi):
            await asyncio.to_thread(raging.rage, method, path, examples)
    figures.add("inputs", sum(raging.statuses.values()))
    return raging


async def caller_of(house: Host, who: str, newcomer: Caller) -> Caller:
    return {"operator": newcomer, "superuser": house.superuser, "nobody": NOBODY}[who]


WHO = ["operator", "superuser", "nobody"]


@pytest.mark.parametrize("who", WHO)
async def test_a_few_made_up_requests(
    house: Host, newcomer: Caller, figures: Figures, who: str
) -> None:
    raging = await storm(house, await caller_of(house, who, newcomer), figures, FEW)
    if who == "nobody":
        assert set(raging.statuses) <= {200, 400, 401}
        assert set(raging.reached) == {f"GET {DCA}/health"}


@pytest.mark.long
@pytest.mark.parametrize("who", WHO)
async def test_many_made_up_requests(
    house: Host, newcomer: Caller, figures: Figures, who: str
) -> None:
    """Most handlers are reached, not only what guards them."""
    raging = await storm(house, await caller_of(house, who, newcomer), figures, MANY)
    if who == "superuser":
        assert len(raging.reached) > raging.operations / 2, raging.reached
