"""LNbits as a process of its own and under observation, with relay and bunker in others."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
from nostr_sdk import Keys
from spirekeeper.devkit.apart import Apart
from spirekeeper.devkit.kept import free_port
from spirekeeper.devkit.lnbits import LNbits

from support.host import NOBODY, Caller, first_install, register
from support.stored_rows import in_sqlite
from support.truth import Here, There, bunker_has, leftovers, untruths

OBSERVED = Path(__file__).parent.parent / "system" / "load" / "observed_lnbits.py"
PATIENCE_S = 300


@dataclass(frozen=True)
class Site:
    """All that runs, and two who use it."""

    folder: Path
    relay: Apart
    bunker: Apart
    lnbits: LNbits
    superuser: Caller
    operator: Caller

    async def newcomer(self, username: str) -> Caller:
        """An operator with nothing yet."""
        async with self.client() as http:
            return await register(http, username)

    def client(self, caller: Caller = NOBODY, connections: int = 20) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.lnbits.base_url,
            headers=caller.headers,
            trust_env=False,
            timeout=PATIENCE_S,
            # A connection kept alive may be closed by the server just when it is used again.
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=0),
        )

    async def observer(self, **question: str) -> Any:
        """`phase="…"` begins a phase; without it, what every phase took."""
        reader, writer = await asyncio.open_unix_connection(
            str(self.folder / "observer"), limit=64 * 1024 * 1024
        )
        writer.write(json.dumps(question).encode() + b"\n")
        line = await reader.readline()
        writer.close()
        return json.loads(line)

    @property
    def data(self) -> Path:
        """LNbits' own folder."""
        return self.folder / "lnbits/data"

    def here(self, machine_ids: Collection[str]) -> Here:
        """What is stored of these machines."""
        stored = in_sqlite(self.data)
        return Here(
            [row for row in stored.machines if row["id"] in machine_ids],
            *(
                [row for row in rows if row["machine_id"] in machine_ids]
                for rows in (stored.pairings, stored.owed, stored.journal)
            ),
            stored.burners,
        )

    def there(self, machine_ids: Collection[str]) -> There:
        """What the bunker has of them."""
        has = bunker_has(self.folder / "bunker")
        keys = tuple(f"spire-{machine_id}" for machine_id in machine_ids)
        return There(
            [token for token in has.tokens if token["key_name"].startswith(keys)],
            [user for user in has.users if user["key_name"].startswith(keys)],
        )

    async def settled(self, machine_ids: Collection[str]) -> list[str]:
        """What is amiss once nothing is owed any more, or should not be (see `truth`)."""
        patience = monotonic() + PATIENCE_S
        while True:
            here, there = self.here(machine_ids), self.there(machine_ids)
            now = datetime.now(timezone.utc)
            amiss = untruths(here, there, now) + leftovers(here, there, now)
            if not amiss or monotonic() > patience:
                return amiss
            await asyncio.sleep(0.5)

    def pair_request(self, **more: Any) -> dict[str, Any]:
        return {"relays": [self.relay.ready], "allow_private_relays": True, **more}


@asynccontextmanager
async def running_site(folder: Path, **environment: str) -> AsyncIterator[Site]:
    """Everything on loopback, in `folder`; its path must be short, a socket is in it."""
    admin = Keys.generate()
    async with (
        Apart("relay") as relay,
        Apart("bunker", relay.ready, admin.public_key().to_hex(), str(folder / "bunker")) as bunker,
    ):
        lnbits = LNbits(
            folder / "lnbits",
            port=free_port(),
            environment={
                "SPIREKEEPER_BUNKER_URL": bunker.ready,
                "SPIREKEEPER_ADMIN_NSEC": admin.secret_key().to_bech32(),
                "SPIREKEEPER_KEY_PASSPHRASE": "a passphrase of the tests",
                "SPIREKEEPER_ALLOW_PRIVATE_RELAYS": "true",
                "SPIREKEEPER_PAIRS_A_MINUTE": "100000",
                "SPIREKEEPER_MAX_MACHINES": "100000",
                "SPIREKEEPER_MAX_KEYS": "100000",
                "SPIREKEEPER_KEYS_AN_OPERATOR": "100000",
                "SPIREKEEPER_RELAY_CHECKS_A_MINUTE": "100000",
                "OBSERVER_SOCKET": str(folder / "observer"),
                **environment,
            },
            server=[str(OBSERVED)],
        )
        try:
            await lnbits.start()
            site = Site(folder, relay, bunker, lnbits, NOBODY, NOBODY)
            async with site.client() as http:
                superuser = await first_install(http)
            operator = await site.newcomer("operator")
            yield replace(site, superuser=superuser, operator=operator)
        finally:
            await lnbits.stop()
