"""`backup.py`, beside a LNbits in a process of its own: saved, restored into an empty host, and a
paired machine signs on."""

import asyncio
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
from spirekeeper.devkit.house import PASSPHRASE, HouseHere
from spirekeeper.devkit.kept import free_port
from spirekeeper.devkit.lnbits import LNbits
from spirekeeper.devkit.postgres import Postgres
from spirekeeper.spire.machine import Machine
from support.databases import new_database
from support.host import DCA, Caller, first_install
from support.watching import until

SECRET = "the secret that opens what is sealed"
RESTORED = "Restored. Before LNbits is started, set the AUTH_SECRET_KEY that it had."
SCRIPT = Path(__file__).parents[2] / "backup.py"


async def backup(lnbits: LNbits, database: str | None, verb: str, folder: Path) -> tuple[int, str]:
    """Its exit code, and what it prints; run with Python alone, and LNbits' environment."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", str(SCRIPT), verb, str(folder)),
        env={
            "PATH": os.environ["PATH"],
            "LNBITS_DATA_FOLDER": str(lnbits.folder / "data"),
            "LNBITS_DATABASE_URL": database or "",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await running.communicate()
    assert running.returncode is not None
    return running.returncode, said.decode().strip()


class Site:
    """A running LNbits, asked by its superuser."""

    def __init__(self, lnbits: LNbits, caller: Caller) -> None:
        self._base_url = lnbits.base_url
        self._caller = caller

    async def ask(self, method: str, path: str, json: Any = None) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self._base_url, trust_env=False, timeout=60) as http:
            return await http.request(method, DCA + path, json=json, headers=self._caller.headers)

    async def told(self, method: str, path: str, json: Any = None) -> Any:
        answer = await self.ask(method, path, json)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()


async def connected(house: HouseHere, site: Site, spire: Machine) -> str:
    """Enters the bunker and connects a machine; the machine's key, which the roster knows then."""
    connection = {
        "bunker_url": house.bunker_url,
        "admin_nsec": house.admin_nsec,
        "key_passphrase": PASSPHRASE,
        "allow_private_relays": True,
    }
    await site.told("PUT", "/bunker", connection)
    path = f"/machines/{(await site.told('POST', '/machines', {'name': 'North'}))['id']}"
    seed = await site.told("POST", f"{path}/pair", house.pair_request())
    await spire.boot(seed["seed_url"])
    key = (await spire.sign(21000, "before")).author().to_hex()

    async def routed() -> bool:
        return (await site.ask("GET", f"/roster/{key}")).is_success

    await until(routed)
    return key


async def test_a_host_is_restored_and_its_machine_signs_on(
    cluster: Postgres | None, tmp_path: Path
) -> None:
    older, newer = await new_database(cluster), await new_database(cluster)
    environment = {"AUTH_SECRET_KEY": SECRET}
    spire = Machine(tmp_path / "spire")
    async with HouseHere(
        tmp_path,
        knows_bunker=False,
        environment={**environment, "LNBITS_DATABASE_URL": older or ""},
        bunker_options={"refusal_delay": 0.05},
    ) as house:
        async with httpx.AsyncClient(base_url=house.lnbits.base_url, trust_env=False) as http:
            superuser = await first_install(http)
        site = Site(house.lnbits, superuser)
        key = await connected(house, site, spire)
        entry = await site.told("GET", f"/roster/{key}")

        code, said = await backup(house.lnbits, older, "save", tmp_path / "saved")
        assert code == 0, said
        saved = Path(said)
        found = b"".join(file.read_bytes() for file in saved.iterdir())
        for secret in (SECRET, house.admin_nsec, house.admin.secret_key().to_hex(), PASSPHRASE):
            assert secret.encode() not in found
        assert {file.stat().st_mode & 0o077 for file in (saved, *saved.iterdir())} == {0}
        await house.lnbits.stop()

        lnbits = LNbits(
            tmp_path / "another host",
            port=free_port(),
            environment={**environment, "LNBITS_DATABASE_URL": newer or ""},
        )
        assert await backup(lnbits, newer, "restore", saved) == (0, RESTORED)
        code, said = await backup(lnbits, newer, "restore", saved)
        assert (code, said.startswith("backup: ")) == (1, True), "over nothing that is there"
        await lnbits.start()
        try:
            site = Site(lnbits, superuser)
            assert await site.told("GET", f"/roster/{key}") == entry
            assert (await site.told("GET", "/bunker"))["reachable"]
            assert (await spire.sign(21000, "after")).author().to_hex() == key
            [machine] = (await site.told("GET", "/machines"))["data"]
            await site.told("POST", f"/machines/{machine['id']}/revoke")
        finally:
            await lnbits.stop()


async def test_what_is_not_as_it_was_saved_is_not_restored(tmp_path: Path) -> None:
    here = LNbits(tmp_path / "here", port=0, environment={})
    data = here.folder / "data"
    assert await backup(here, None, "save", tmp_path) == (
        1,
        f"backup: no database.sqlite3 is in {data}: set LNBITS_DATA_FOLDER",
    )
    assert not list(tmp_path.iterdir()), "nothing is left of it"
    data.mkdir(parents=True)
    with closing(sqlite3.connect(data / "database.sqlite3")) as database:
        database.execute("CREATE TABLE wallets (id TEXT)")
    code, said = await backup(here, None, "save", tmp_path)
    assert code == 0, said
    (Path(said) / "database.sqlite3").write_bytes(b"something else")
    there = LNbits(tmp_path / "there", port=0, environment={})
    code, told = await backup(there, None, "restore", Path(said))
    assert (code, "is not as it was saved" in told) == (1, True)
    assert not there.folder.exists()
