"""The first version, with a machine paired and a seed that waits, upgraded through LNbits' own API
to each that followed, and at last to what is here.

Each zip beside this file is a version's release without what no upgrade touches; that of 0.1.0 is
`git archive --format=zip -9 --prefix=spirekeeper/ c9f64fc -- . ':!docs' ':!spire' ':!*.md'
':!static/*/*'`. A next version is a file more.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from nostr_sdk import Keys
from release.releases import DCA, Admin, as_version, installed, offer, stock, version_of
from spirekeeper.devkit.bunker import DevBunker
from spirekeeper.devkit.dist import build
from spirekeeper.devkit.lnbits import EXTENSION, LNbits
from spirekeeper.devkit.postgres import Postgres
from spirekeeper.devkit.relay import DevRelay
from support.commanding import Command, Ran
from support.databases import new_database

RELEASED = sorted(
    Path(__file__).parent.glob(f"{EXTENSION}-*.zip"),
    key=lambda archive: [int(part) for part in version_of(archive).split(".")],
)
HERE = "99.0.0"
INSIDE = Path(__file__).with_name("inside_lnbits.py").read_text()
SECONDS = 30
CHANGING = ("last_seen_at", "updated_at", "balance_at")


class Kept(NamedTuple):
    """What is kept of one machine; its journal, oldest line first."""

    machine: dict[str, Any]
    pairings: list[dict[str, Any]]
    journal: list[dict[str, Any]]


@dataclass
class Site:
    """A stock LNbits with what its operator owns, and the machines, in `folder`."""

    lnbits: LNbits
    admin: Admin
    relay: DevRelay
    folder: Path
    package: str
    """What LNbits imports the extension as."""

    async def ask(self, method: str, path: str, status: int = 200, **body: object) -> Any:
        return await self.admin.ask(method, DCA + path, status, json=body or None)

    # Machines.

    async def add(self, name: str) -> str:
        return str((await self.ask("POST", "/machines", 201, name=name))["id"])

    async def seed(self, machine_id: str) -> str:
        wanted: dict[str, object] = {"relays": [self.relay.url], "allow_private_relays": True}
        wanted["require_confirmation"] = True
        return str((await self.ask("POST", f"/machines/{machine_id}/pair", **wanted))["seed_url"])

    async def spire(self, machine_id: str, *command: str, stdin: str = "") -> Ran:
        return await Command(self.folder / machine_id, [])(*command, stdin=stdin)

    async def scan(self, machine_id: str, seed_url: str) -> None:
        """The machine connects, and the operator says that it is the machine."""
        ran = await self.spire(machine_id, "boot", "--seed-file", "-", stdin=seed_url)
        assert ran.code == 0, ran.error
        client = (await self.until(machine_id, "confirming"))["pairing"]["client_pubkey"]
        path = f"/machines/{machine_id}/pairing/confirm"
        await self.ask("POST", path, client_pubkey=client)
        await self.until(machine_id, "paired")

    async def until(self, machine_id: str, state: str) -> Any:
        """Where its pairing stands, once that is so."""
        end = time.monotonic() + SECONDS
        while True:
            status = await self.ask("GET", f"/machines/{machine_id}/pairing")
            if status["state"] == state:
                return status
            assert time.monotonic() < end, status
            await asyncio.sleep(0.1)

    async def works(self, machine_id: str) -> None:
        """It signs, and the roster knows its wallet."""
        ran = await self.spire(machine_id, "sign", "--kind", "21000", "--content", "cash-out")
        assert ran.code == 0, ran.error
        machine = await self.ask("GET", f"/machines/{machine_id}")
        entry = await self.ask("GET", f"/roster/{machine['machine_npub']}")
        assert entry["wallet_id"] == machine["wallet_id"]

    # What the operator has.

    async def kept(self, machine_id: str) -> Kept:
        path = f"/machines/{machine_id}"
        machine = await self.ask("GET", path)
        pairings = (await self.ask("GET", f"{path}/pairings"))["data"]
        journal = (await self.ask("GET", f"/journal?machine_id={machine_id}&limit=100"))["data"]
        own = {name: value for name, value in machine.items() if name not in CHANGING}
        return Kept(own, pairings, journal[::-1])

    async def still_has(self, machine_id: str, kept: Kept) -> None:
        """All that it had, and perhaps more."""
        now = await self.kept(machine_id)
        assert {**now.machine, **kept.machine} == now.machine
        assert len(now.pairings) == len(kept.pairings)
        for is_now, was in zip(now.pairings, kept.pairings, strict=True):
            assert {**is_now, **was} == is_now
        for is_now, was in zip(now.journal, kept.journal, strict=False):
            assert {**is_now, **was} == is_now
        assert len(now.journal) >= len(kept.journal)

    # What runs in LNbits.

    async def inside(self) -> Any:
        file = self.folder / "inside.json"
        file.unlink(missing_ok=True)
        os.kill(self.lnbits.pid, signal.SIGUSR1)
        while not file.exists():  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.05)
        return json.loads(file.read_text())

    def is_at_ease(self) -> None:
        """Neither LNbits nor the extension had anything to complain of since LNbits started."""
        log = self.lnbits.log.read_text()
        for complaint in ("Traceback", "| ERROR", "Failed to"):
            assert complaint not in log, log

    async def runs_once(self) -> set[str]:
        """No work is that of older modules, none runs twice, and what is loaded is what is there;
        the names of the tasks.

        LNbits imports an extension once to migrate, and then anew: the connection over which the
        first has migrated is kept until it was idle for a while, and does nothing.
        """
        told = await self.inside()
        older = [task for task in told["tasks"] if task["older"]]
        assert not [task for task in older if task["name"].startswith(EXTENSION)], older
        assert len(older) <= 1, older
        for name, file in told["modules"].items():
            assert re.match(rf"{re.escape(self.package)}(\.|$)", name)
            assert Path(file).is_file(), name
        named = [task["name"] for task in told["tasks"] if task["name"].startswith(EXTENSION)]
        assert named
        assert len(named) == len(set(named)), named
        return set(named)


def run_directory(folder: Path) -> Path:
    """An LNbits whose extensions lie in its own package, as they do unless it is told otherwise."""
    package = folder / "lnbits"
    package.mkdir(parents=True)
    found = find_spec("lnbits")  # imported, it would read this process's environment
    assert found is not None
    assert found.origin is not None
    for each in Path(found.origin).parent.iterdir():
        if each.name != "extensions":
            (package / each.name).symlink_to(each)
    (package / "extensions").mkdir()
    return folder


@pytest.fixture
async def ends(tmp_path: Path) -> AsyncIterator[tuple[DevRelay, DevBunker, Keys]]:
    """Relay, bunker, and the bunker's admin."""
    admin = Keys.generate()
    async with DevRelay() as relay:
        bunker = DevBunker(
            relays=[relay.url], admins=[admin.public_key().to_hex()], folder=tmp_path / "bunker"
        )
        await bunker.start()
        yield relay, bunker, admin
        await bunker.stop()


@pytest.fixture(params=[EXTENSION, f"lnbits.extensions.{EXTENSION}"])
async def site(
    request: pytest.FixtureRequest,
    web: tuple[Path, str],
    ends: tuple[DevRelay, DevBunker, Keys],
    tmp_path: Path,
    cluster: Postgres | None,
) -> AsyncIterator[Site]:
    """LNbits imports the extension under either name; all versions are on offer, and the first one
    is installed."""
    folder, url = web
    relay, bunker, admin_keys = ends
    later = as_version(build(folder, url).archive, HERE)
    offer(folder, url, *(Path(shutil.copy(each, folder)) for each in RELEASED), later)
    environment = {
        "SPIREKEEPER_BUNKER_URL": bunker.url,
        "SPIREKEEPER_ADMIN_NSEC": str(admin_keys.secret_key().to_bech32()),
        "SPIREKEEPER_KEY_PASSPHRASE": "a passphrase of the tests",
        "SPIREKEEPER_ALLOW_PRIVATE_RELAYS": "true",
        "INSIDE": str(tmp_path / "inside.json"),
    }
    home = tmp_path / "lnbits"
    if request.param != EXTENSION:
        run_directory(home)
        environment["LNBITS_EXTENSIONS_PATH"] = "lnbits"
    manifest = f"{url}/extensions.json"
    database = await new_database(cluster)
    lnbits = stock(home, manifest, database, environment=environment, server=("-c", INSIDE))
    async with installed(lnbits, manifest) as admin:
        await admin.install(f"{url}/{RELEASED[0].name}", version_of(RELEASED[0]))
        yield Site(lnbits, admin, relay, tmp_path, request.param)


async def test_each_version_is_upgraded_to_the_next(site: Site, web: tuple[Path, str]) -> None:
    """While LNbits runs, and then it is restarted."""
    paired, waiting, *more = [await site.add(name) for name in ("A", "B", "C", "D")]
    await site.scan(paired, await site.seed(paired))
    await site.works(paired)
    seed_url = await site.seed(waiting)
    before = {machine_id: await site.kept(machine_id) for machine_id in (paired, waiting)}
    await site.runs_once()

    for version in (*map(version_of, RELEASED[1:]), HERE):
        await site.admin.install(f"{web[1]}/{EXTENSION}-{version}.zip", version)
        runs = await site.runs_once()
        site.is_at_ease()
        for machine_id, kept in before.items():
            await site.still_has(machine_id, kept)
        await site.works(paired)
    # LNbits had mounted the last version's files, which browsers keep as long as they like.
    routes = await site.admin.get(f"/{EXTENSION}/static/routes.json")
    assert routes.headers["cache-control"] == "no-cache"
    await site.scan(waiting, seed_url)
    await site.scan(more[0], await site.seed(more[0]))
    site.is_at_ease()

    before = {each: await site.kept(each) for each in (paired, waiting, more[0])}
    await site.lnbits.stop()
    await site.lnbits.start()
    assert await site.runs_once() == runs
    for machine_id, kept in before.items():
        await site.still_has(machine_id, kept)
        await site.works(machine_id)
        happened = [(line["event"], line["outcome"]) for line in kept.journal]
        assert len(happened) == len(set(happened)), "something was done twice"
    await site.scan(more[1], await site.seed(more[1]))
    assert (await site.ask("POST", f"/machines/{paired}/revoke"))["bunker"] == "done"
    await site.ask("GET", f"/roster/{before[paired].machine['machine_npub']}", 404)
    site.is_at_ease()
