"""LNbits as a process of its own and under observation, with relay and bunker in others."""

import asyncio
import json
from collections.abc import Collection
from datetime import datetime, timezone
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
from spirekeeper.devkit.house import UNLIMITED, HouseApart
from support.host import NOBODY, Caller, first_install, register
from support.stored_rows import in_sqlite
from support.truth import Here, There, bunker_has, leftovers, untruths

OBSERVED = Path(__file__).with_name("observed_lnbits.py")
PATIENCE_S = 300


class Site(HouseApart):
    """In `folder`, whose path must be short: a socket is in it. Two use it."""

    superuser: Caller
    operator: Caller

    def __init__(self, folder: Path) -> None:
        environment = {**UNLIMITED, "OBSERVER_SOCKET": str(folder / "observer")}
        super().__init__(folder, environment=environment, server=[str(OBSERVED)])

    async def _move_in(self) -> None:
        async with self.client() as http:
            self.superuser = await first_install(http)
        self.operator = await self.newcomer("operator")

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
