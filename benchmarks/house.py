"""What is measured: relay, development bunker and LNbits, each a process of its own on loopback."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from nostr_sdk import Keys
from spirekeeper.bunker.address import BunkerAddress
from spirekeeper.bunker.client import NsecBunkerAdminClient
from spirekeeper.devkit.accounts import Account, log_in
from spirekeeper.devkit.apart import Apart
from spirekeeper.devkit.api import DCA
from spirekeeper.devkit.kept import Kept, free_port
from spirekeeper.devkit.lnbits import LNbits
from spirekeeper.devkit.postgres import Postgres

INSIDE = "benchinside"
EMPTY = f"/{INSIDE}/api/v1/empty"
PING = f"/{INSIDE}/api/v1/ping"
PATIENCE_S = 120
PASSPHRASE = "a passphrase of the benchmarks"


@dataclass(frozen=True)
class Site:
    """All that runs, and who uses it."""

    folder: Path
    relay: Apart
    bunker: Apart
    lnbits: LNbits
    admin: Keys
    """LNbits'."""
    other_admin: Keys
    """Of clients without LNbits, which would hear each answer to its own key."""
    superuser: Account
    operator: Account

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

    def pair_request(self, **more: Any) -> dict[str, Any]:
        return {"relays": [self.relay.ready], "allow_private_relays": True, **more}


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
async def running_site(
    *, postgres: Postgres | None = None, more_relays: Sequence[str] = (), **environment: str
) -> AsyncIterator[Site]:
    """Everything up and logged in; nothing is left of it afterwards.

    `more_relays`: where the bunker is met as well, beside the relay of this site's own.
    """
    admin, other_admin = Keys.generate(), Keys.generate()
    admins = ",".join(each.public_key().to_hex() for each in (admin, other_admin))
    with TemporaryDirectory(prefix="spirekeeper-bench-") as name:
        folder = Path(name)
        async with (
            Apart("relay") as relay,
            Apart("bunker", relay.ready, *more_relays, admins, str(folder / "bunker")) as bunker,
        ):
            if postgres:
                environment["LNBITS_DATABASE_URL"] = postgres.url()
            lnbits = measured_lnbits(folder / "lnbits", bunker, admin, environment)
            try:
                await lnbits.start()
                superuser, operator = await log_in(lnbits, Kept(folder / "kept.json"))
                async with httpx.AsyncClient(
                    base_url=lnbits.base_url, trust_env=False, timeout=PATIENCE_S
                ) as http:
                    for account in (superuser, operator):
                        path = f"/api/v1/extension/{INSIDE}/enable"
                        await ok(http, "PUT", path, headers=account.headers)
                yield Site(folder, relay, bunker, lnbits, admin, other_admin, superuser, operator)
            finally:
                await lnbits.stop()


def measured_lnbits(
    folder: Path, bunker: Apart, admin: Keys, environment: Mapping[str, str]
) -> LNbits:
    """One that is set up for this bunker, with no limit in the way of what is measured, and the
    extension that measures inside it. To be started."""
    lnbits = LNbits(
        folder,
        port=free_port(),
        environment={
            "SPIREKEEPER_BUNKER_URL": bunker.ready,
            "SPIREKEEPER_ADMIN_NSEC": admin.secret_key().to_bech32(),
            "SPIREKEEPER_KEY_PASSPHRASE": PASSPHRASE,
            "SPIREKEEPER_ALLOW_PRIVATE_RELAYS": "true",
            "SPIREKEEPER_PAIRS_A_MINUTE": "100000",
            "SPIREKEEPER_MAX_MACHINES": "1000000",
            "SPIREKEEPER_MAX_KEYS": "1000000",
            "SPIREKEEPER_KEYS_AN_OPERATOR": "1000000",
            "SPIREKEEPER_RELAY_CHECKS_A_MINUTE": "1000000",
            **environment,
        },
    )
    inside = folder / "extensions" / INSIDE
    inside.parent.mkdir(parents=True)
    inside.symlink_to(Path(__file__).parent / "inside")
    return lnbits


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
