"""`devkit up` as a script uses it: what it writes, what survives, and that nothing is left."""

import asyncio
import json
import signal
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from spirekeeper.devkit.kept import Kept, claim
from websockets.asyncio.client import connect

DEVKIT = (sys.executable, "-m", "spirekeeper.devkit.command")


@asynccontextmanager
async def up(folder: Path, *more: str) -> AsyncIterator[dict[str, Any]]:
    """What it wrote when all was ready; stopped by SIGTERM afterwards."""
    ready = folder / "ready.json"
    process = await asyncio.create_subprocess_exec(
        *(*DEVKIT, "up", "--data", str(folder), "--json", str(ready), *more),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async for line in process.stdout:
            if line.startswith(b"Ctrl-C"):
                break
        assert stat.S_IMODE(ready.stat().st_mode) == 0o600
        yield json.loads(ready.read_text())
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


async def test_a_script_finds_all_it_needs_and_the_accounts_survive(tmp_path: Path) -> None:
    async with up(tmp_path, "--demo") as first:
        assert set(first) == {
            *("base_url", "machines", "superuser", "operator"),
            *("relay", "bunker_url", "admin_nsec"),
        }
        async with httpx.AsyncClient(base_url=first["base_url"], trust_env=False) as http:
            for who in ("superuser", "operator"):
                bearer = {"Authorization": f"Bearer {first[who]['access_token']}"}
                user = (await http.get("/api/v1/auth", headers=bearer)).json()
                assert first[who]["wallet_id"] in [wallet["id"] for wallet in user["wallets"]]
                bunker = await http.get("/spirekeeper/api/v1/dca/bunker", headers=bearer)
                assert bunker.json()["reachable"]
            machines = await http.get("/spirekeeper/api/v1/dca/machines", headers=bearer)
            assert [machine["state"] for machine in machines.json()["data"]] == ["awaiting_scan"]
            bunker = (await http.get("/spirekeeper/api/v1/dca/bunker", headers=bearer)).json()
            assert bunker["pair_relays"]["relays"] == [first["relay"]]
        async with connect(first["relay"], proxy=None):
            pass
        await leads_to_the_machines(first["machines"], first["base_url"])

    async with httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(httpx.ConnectError):  # a process of its own: it must be gone too
            await http.get(first["base_url"])

    async with up(tmp_path) as second:
        for who in ("superuser", "operator"):
            assert second[who]["wallet_id"] == first[who]["wallet_id"]
            assert second[who]["password"] == first[who]["password"]
        for name in ("relay", "bunker_url", "admin_nsec"):
            assert second[name] == first[name]


async def leads_to_the_machines(door: str, base_url: str) -> None:
    """Logged in; and who does not know the address finds no door."""
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as http:
        page = await http.get(door)
        assert (page.status_code, page.url) == (200, f"{base_url}/spirekeeper/")
        user = await http.get(f"{base_url}/api/v1/auth")
        assert user.json()["username"] == "operator"
        assert (await http.get(f"{door}x")).status_code == 404


def test_a_port_that_somebody_listens_on_is_refused_when_named_and_replaced_when_kept(
    tmp_path: Path, taken_port: int
) -> None:
    kept = Kept(tmp_path / "kept.json")
    with pytest.raises(OSError, match=f"port {taken_port} is in use"):
        kept.port("relay_port", taken_port)
    (tmp_path / "kept.json").write_text(json.dumps({"relay_port": str(taken_port)}))
    other = Kept(tmp_path / "kept.json").port("relay_port", 0)
    assert other != taken_port
    assert Kept(tmp_path / "kept.json").port("relay_port", 0) == other


@pytest.fixture
async def taken_port() -> AsyncIterator[int]:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def test_one_kit_a_folder(tmp_path: Path) -> None:
    first = claim(tmp_path)
    with pytest.raises(OSError, match="another devkit runs in"):
        claim(tmp_path)
    first.close()
    claim(tmp_path).close()
