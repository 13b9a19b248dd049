"""What is measured: relay, development bunker and LNbits, each a process of its own on loopback."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from nostr_sdk import Keys
from spirekeeper.bunker.address import BunkerAddress
from spirekeeper.bunker.client import NsecBunkerAdminClient
from spirekeeper.devkit.accounts import Account, log_in
from spirekeeper.devkit.api import DCA
from spirekeeper.devkit.house import UNLIMITED, HouseApart
from spirekeeper.devkit.kept import Kept
from spirekeeper.devkit.lnbits import LNbits
from spirekeeper.devkit.postgres import Postgres

INSIDE = "benchinside"
EMPTY = f"/{INSIDE}/api/v1/empty"
PING = f"/{INSIDE}/api/v1/ping"
PATIENCE_S = 120


class Site(HouseApart):
    """All that runs, and who uses it.

    `more_relays`: where the bunker is met as well, beside the relay of this site's own.
    """

    superuser: Account
    operator: Account

    def __init__(
        self,
        folder: Path,
        *,
        postgres: Postgres | None = None,
        more_relays: Sequence[str] = (),
        **environment: str,
    ) -> None:
        database = {"LNBITS_DATABASE_URL": postgres.url()} if postgres else {}
        self.other_admin = Keys.generate()
        """Of clients without LNbits, which would hear each answer to its own key."""
        super().__init__(
            folder,
            environment={**UNLIMITED, **database, **environment},
            more_relays=more_relays,
            more_admins=[self.other_admin],
        )

    def add_lnbits(self, folder: Path, port: int = 0) -> LNbits:
        lnbits = super().add_lnbits(folder, port)
        inside = lnbits.folder / "extensions" / INSIDE
        inside.parent.mkdir(parents=True)
        inside.symlink_to(Path(__file__).parent / "inside")
        return lnbits

    async def _move_in(self) -> None:
        self.superuser, self.operator = await log_in(self.lnbits, Kept(self.folder / "kept.json"))
        async with self.client() as http:
            for account in (self.superuser, self.operator):
                path = f"/api/v1/extension/{INSIDE}/enable"
                await ok(http, "PUT", path, headers=account.headers)

    def client(self, connections: int = 20, account: Account | None = None) -> httpx.AsyncClient:
        """HTTP to LNbits, as the operator unless somebody else is named."""
        return httpx.AsyncClient(
            base_url=self.lnbits.base_url,
            headers=(account or self.operator).headers,
            trust_env=False,
            timeout=PATIENCE_S,
            # LNbits closes a connection that was idle for five seconds; ours is not used by then.
            limits=httpx.Limits(max_connections=connections, keepalive_expiry=2),
        )

    def bare_client(self, relays: list[str] | None = None) -> NsecBunkerAdminClient:
        """An admin of the bunker, without LNbits."""
        address = BunkerAddress.parse(self.bunker.ready)
        return NsecBunkerAdminClient(
            bunker_pubkey=address.pubkey,
            relays=relays or [self.relay.ready],
            admin_secret=self.other_admin.secret_key().to_hex(),
        )


async def ok(http: httpx.AsyncClient, method: str, path: str, **more: Any) -> Any:
    """The answer's JSON; a benchmark of refusals would measure nothing."""
    answer = await http.request(method, path, **more)
    if not answer.is_success:
        raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
    return answer.json() if answer.content else None


async def add_machines(http: httpx.AsyncClient, number: int, name: str = "Bench") -> list[str]:
    """Ids of new machines, each with a wallet of its own."""
    made = [
        await ok(http, "POST", f"{DCA}/machines", json={"name": f"{name} {n:05}"})
        for n in range(number)
    ]
    return [machine["id"] for machine in made]


@asynccontextmanager
async def running_site(**more: Any) -> AsyncIterator[Site]:
    """Everything up and logged in; nothing is left of it afterwards."""
    with TemporaryDirectory(prefix="spirekeeper-bench-") as name:
        async with Site(Path(name), **more) as site:
            yield site


async def statements_of(
    http: httpx.AsyncClient, machine_id: str, rounds: int
) -> dict[str, list[float]]:
    """Seconds of single statements inside LNbits, by kind."""
    taken: dict[str, list[float]] = {}
    for _ in range(rounds):
        path = f"/{INSIDE}/api/v1/statements?machine_id={machine_id}"
        for kind, seconds in (await ok(http, "GET", path)).items():
            taken.setdefault(kind, []).append(seconds)
    return taken


@asynccontextmanager
async def count_of(http: httpx.AsyncClient) -> AsyncIterator[Counter[str]]:
    """The statements that LNbits makes meanwhile, by kind; filled in at the end."""
    counted: Counter[str] = Counter()
    await ok(http, "DELETE", f"/{INSIDE}/api/v1/count")
    yield counted
    counted.update(await ok(http, "GET", f"/{INSIDE}/api/v1/count"))
