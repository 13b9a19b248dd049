"""Who is there beside LNbits: relay, bunker and machine; and the superuser at the page."""

import asyncio
import secrets
import shutil
import ssl
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx
from deploy.clean_host import OTHER_ADDRESS, CleanHost
from deploy.container import Container
from release.releases import DCA, Admin, as_version, offer, version_of
from spirekeeper.devkit.apart import Apart
from spirekeeper.devkit.dist import build
from typing_extensions import Self

LNBITS = "https://lnbits.example.org"
RELAY = "wss://relay.example.org"
RELEASES = "http://127.0.0.1:8091"
SPIRE = Path(sys.executable).with_name("spire")
ROOT = Path(__file__).resolve().parents[2]
NSECBUNKERD = "opt/nsecbunkerd"
NODE = f"""#!/bin/sh
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/{NSECBUNKERD}:/{NSECBUNKERD}/spirekeeper/tests
exec /opt/lnbits/bin/python -m deploy.as_nsecbunkerd "$@"
"""
LATER = "99.0.0"
LONG_FILE = "/static/bundle.min.js"
SIGNS_SECONDS = 60
"""After the last part is up, by the guide's word."""


class SpireRefused(Exception):
    """The machine was not served; holds what it said."""


class Part(Protocol):
    """What has to be up for a machine to sign."""

    name: str

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


@dataclass
class UnitPart:
    """One that the host's systemctl starts."""

    name: str
    host: CleanHost

    async def start(self) -> None:
        await asyncio.to_thread(self.host.run, f"systemctl start {self.name}")

    async def stop(self) -> None:
        await asyncio.to_thread(self.host.run, f"systemctl stop {self.name}")


@dataclass
class ApartPart:
    """One of the development kit's, in the place of strfry."""

    name: str
    apart: Apart

    async def start(self) -> None:
        await self.apart.tell("start")

    async def stop(self) -> None:
        await self.apart.tell("stop")


class Residents:
    """Inside the context the relay runs; the rest is started as the guide says."""

    def __init__(self, host: CleanHost, folder: Path) -> None:
        self.password = secrets.token_urlsafe(12)
        self._host = host
        self._folder = folder
        self._running = AsyncExitStack()
        self._container: Container | None = None
        self.stops_at_last(host, "nsecbunker")
        self._running.callback(self._stop_container)

    async def __aenter__(self) -> Self:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        self._relay = await self._running.enter_async_context(Apart("relay", "7777"))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._running.aclose()

    def stops_at_last(self, host: CleanHost, *more: str) -> None:
        units = " ".join(("lnbits", "nginx", "postgresql", *more))
        self._running.callback(
            host.run, f"for each in {units}; do systemctl stop $each || true; done"
        )

    @property
    def parts(self) -> list[Part]:
        units = ("postgresql", "lnbits", "nginx", "nsecbunker")
        return [*(UnitPart(name, self._host) for name in units), ApartPart("relay", self._relay)]

    def nsecbunkerd(self) -> None:
        """The development bunker lies where nsecbunkerd would, and answers to its command."""
        self._host.write("/usr/bin/node", NODE)
        (self._host.folder / "usr/bin/node").chmod(0o755)
        ours = self._host.folder / NSECBUNKERD / "spirekeeper"
        ours.mkdir(parents=True)
        subprocess.run(["mount", "-o", "bind,ro", ROOT, ours], check=True)

    def release(self, folder: Path) -> None:
        """Built from what is committed."""
        self._release = build(folder, RELEASES)

    async def move_in(self) -> None:
        """spirekeeper is installed and enabled, as the superuser does it on LNbits' page."""
        self._host.lend_names()
        context = ssl.create_default_context(cafile=str(self._host.authorities))
        self._http = await self._running.enter_async_context(
            httpx.AsyncClient(base_url=LNBITS, verify=context, trust_env=False, timeout=60)
        )
        body = {"username": "superuser", "password": self.password}
        answer = await self._http.post("/api/v1/auth", json=body)
        answer.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        self._admin = Admin(self._http, f"{RELEASES}/extensions.json")
        archive = self._release.archive
        await self._admin.install(f"{RELEASES}/{archive.name}", version_of(archive))

    async def upgrade(self) -> None:
        """To the same under a later number, which LNbits fetches from the same place."""
        archive = as_version(self._release.archive, LATER)
        offer(archive.parent, RELEASES, self._release.archive, archive)
        await self._admin.install(f"{RELEASES}/{archive.name}", LATER)

    async def connect_the_bunker(self) -> None:
        """Its address is entered, and the npub that is shown is put into its `ADMIN_NPUBS`."""
        address = self._host.run("cat /var/lib/nsecbunker/connection.txt").strip()
        body = {"bunker_url": address, "bunker_relays_for_machines": True, "mint": "local"}
        told = await self._ask("PUT", "/bunker", json=body)
        self._host.run(
            f"echo ADMIN_NPUBS={told['admin_npub']} >> /etc/nsecbunker/settings\n"
            "systemctl restart nsecbunker"
        )

    async def knock(self) -> None:
        """nginx leads to https, and lets no request for thousands of ranges through."""
        plain = await self._http.get(LNBITS.replace("https", "http"))
        assert plain.headers["Location"] == f"{LNBITS}/", plain
        ranges = "bytes=" + ",".join(f"{at}-{at}" for at in range(1000))
        for asked, status in ((ranges, 200), ("bytes=0-9", 206)):
            answer = await self._http.get(LONG_FILE, headers={"Range": asked})
            assert answer.status_code == status, answer

    async def pair(self) -> None:
        """A machine is added and paired, and boots from its pairing code."""
        self._machine = await self._ask("POST", "/machines", 201, json={"name": "North"})
        path = f"/machines/{self._machine['id']}/pair"
        paired = await self._within_a_minute(
            lambda: self._ask("POST", path, json={"relays": [RELAY]})
        )
        await self._spire("boot", "--seed-file", "-", said=paired["seed_url"])
        self._pubkey = paired["spire_pubkey"]

    async def sign(self) -> None:
        """A cash-out reaches the relay, and the roster names the wallet of who signed it; both may
        be refused for as long as the guide says."""
        words = ("sign", "--kind", "21000", "--content", "{}", "--publish")
        await self._within_a_minute(lambda: self._spire(*words))
        path = f"/roster/{self._pubkey}"
        entry = await self._within_a_minute(lambda: self._ask("GET", path))
        assert entry["wallet_id"] == self._machine["wallet_id"], entry

    async def move(self, other: CleanHost) -> None:
        """The names lead to that host, a relay runs there, and the old one is switched off but for
        the bunker, which is taken to be a host of its own."""
        relay = Apart("relay", "7777", by=other.network)
        old, self._host = self._host, other
        await self._relay.tell("stop")
        old.run("systemctl stop nginx; systemctl stop postgresql")
        self._relay = await self._running.enter_async_context(relay)
        for host in (old, other):
            host.is_told(OTHER_ADDRESS)

    def contain(self, folder: Path) -> None:
        """LNbits runs in a container whose root is that folder, in the place of one before it."""
        self._stop_container()
        self._container = Container(self._host, folder)
        self._container.start()

    def _stop_container(self) -> None:
        if self._container:
            self._container.stop()

    async def _within_a_minute(self, try_it: Callable[[], Awaitable[Any]]) -> Any:
        end = asyncio.get_running_loop().time() + SIGNS_SECONDS
        while True:
            try:
                return await try_it()
            except (AssertionError, SpireRefused, httpx.HTTPError):
                if asyncio.get_running_loop().time() > end:
                    raise
            await asyncio.sleep(0.5)

    async def _ask(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        return await self._admin.ask(method, DCA + path, status, **more)

    async def _spire(self, verb: str, *arguments: str, said: str = "") -> None:
        process = await asyncio.create_subprocess_exec(
            *(str(SPIRE), verb, "--home", str(self._folder / "spire"), *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate(said.encode())
        if process.returncode:
            answer = output.decode(errors="replace").strip()
            raise SpireRefused(f"`spire {verb}` ended with {process.returncode}: {answer}")
