"""The database has no room left, or the connection to it breaks: what is said, and what is left."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from spirekeeper.devkit.postgres import Postgres
from support.databases import ON_POSTGRES
from support.host import DCA, Caller, Host
from support.refusing import failing
from support.watching import until


async def test_a_revoke_that_no_room_is_left_for_says_so(host: Host, newcomer: Caller) -> None:
    """And never that it was done: the machine is there as it was, and is cut by the next one."""
    machine_id = await host.add_machine(newcomer)
    await host.pair(machine_id, as_=newcomer)
    paths = {
        f"/machines/{machine_id}/revoke": None,
        "/machines/revoke-all": {"expect": 1},
        "/machines/act": {"act": "revoke", "machine_ids": [machine_id]},
    }
    async with failing("dca_machines", "UPDATE"):
        for path, body in paths.items():
            answer = await host.api("POST", path, body, as_=newcomer)
            assert (answer.status_code, answer.json()["code"]) == (507, "database_full"), path
            assert "not done" in answer.json()["detail"]
        machine = (await host.api("GET", f"/machines/{machine_id}", as_=newcomer)).json()
        assert (machine["state"], machine["cut_at"]) == ("awaiting_scan", None)
    answer = await host.api("POST", f"/machines/{machine_id}/revoke", as_=newcomer)
    assert answer.status_code == 200, answer.text


async def test_a_machine_is_added_whole_or_not_at_all(host: Host, newcomer: Caller) -> None:
    """With its wallet, whatever breaks off: here it is the last of what is written."""
    before = (await host.api("GET", "/wallets", as_=newcomer)).json()
    async with failing("journal", "INSERT", "cut off"):
        answer = await host.api("POST", "/machines", {"name": "North"}, as_=newcomer)
        said = (503, "database_away") if ON_POSTGRES else (507, "database_full")
        assert (answer.status_code, answer.json()["code"]) == said
    assert (await host.api("GET", "/machines", as_=newcomer)).json()["total"] == 0
    assert (await host.api("GET", "/wallets", as_=newcomer)).json() == before
    await host.add_machine(newcomer)
    assert len((await host.api("GET", "/wallets", as_=newcomer)).json()) == len(before) + 1


@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite has no server")
async def test_a_restart_of_postgresql_is_noticed_by_no_request(
    host: Host, newcomer: Caller, base_url: str, server: Postgres
) -> None:
    """From the first one on that LNbits lets in: it asks before us who calls, and its own
    connections are not ours to replace."""
    machine = f"/machines/{await host.add_machine(newcomer)}"
    async with httpx.AsyncClient(
        base_url=base_url, headers=newcomer.headers, trust_env=False, timeout=60
    ) as http:

        async def lets_in() -> bool:
            return (await http.get("/api/v1/auth")).is_success

        for method, path, body in (
            ("GET", machine, None),
            ("GET", "/wallets", None),
            ("POST", "/machines", {"name": "South"}),
            ("PUT", machine, {"location": "Hall 2"}),
            ("POST", f"{machine}/revoke", None),
        ):
            server.restart()
            await until(lets_in)
            answer = await http.request(method, DCA + path, json=body)
            assert answer.is_success, answer.text


@pytest.mark.skipif(ON_POSTGRES, reason="on PostgreSQL nobody waits for another's rows")
async def test_a_machine_is_added_while_somebody_writes_lnbits_wallets(
    host: Host, newcomer: Caller
) -> None:
    """Their making is begun before it is seen that LNbits' file is locked, and waits for it."""
    from lnbits.settings import settings

    file = Path(settings.lnbits_data_folder, "database.sqlite3")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE wallets SET name = name WHERE id = ''")
        adding = asyncio.create_task(host.api("POST", "/machines", {"name": "A"}, as_=newcomer))
        await asyncio.wait({adding}, timeout=0.5)
        assert not adding.done()
        other.execute("COMMIT")
    assert (await adding).status_code == 201
