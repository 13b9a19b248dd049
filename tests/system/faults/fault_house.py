"""The real app with a bunker behind relays that a test can spoil, and what is done there."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from nostr_sdk import Keys
from spirekeeper.clock import utc_now
from spirekeeper.devkit.hostile_relay import HostileRelay
from support.host import Host, by_hand
from support.own_bunker import own_bunker
from support.redeeming import redeem, sign
from support.truth import bunker_has_of_made_keys, leftovers, stored, untruths
from system.faults.tapping import Tap

PATIENCE = 10.0
"""The deadline of one call to the bunker."""
PASSES = 8
LATER = timedelta(minutes=2)
"""What is owed is put off by less."""


@dataclass
class House:
    """One bunker behind `relays`, and one machine."""

    host: Host
    folder: Path
    relays: list[HostileRelay]
    tap: Tap
    clock: Callable[[], datetime]
    machine_id: str = ""
    patience: float = PATIENCE
    client: Keys = field(default_factory=Keys.generate)
    seed: dict[str, Any] = field(default_factory=dict)

    # What the operator does; each answers with a status and what it says

    async def pair(self, **data: Any) -> tuple[int, str]:
        path, request = f"/machines/{self.machine_id}/pair", self.host.pair_request(**data)
        answer = await self.host.api("POST", path, request)
        if answer.status_code == 200:
            self.seed = answer.json()
        return answer.status_code, answer.json().get("code", "")

    async def look(self) -> tuple[int, str]:
        answer = await self.host.api("GET", f"/machines/{self.machine_id}/pairing")
        return answer.status_code, answer.json()["bunker"]

    async def confirm(self) -> tuple[int, str]:
        body = {"client_pubkey": self.client.public_key().to_hex()}
        path = f"/machines/{self.machine_id}/pairing/confirm"
        answer = await self.host.api("POST", path, body)
        return answer.status_code, answer.json().get("code", "")

    async def revoke(self) -> tuple[int, str]:
        answer = await self.host.api("POST", f"/machines/{self.machine_id}/revoke")
        return answer.status_code, answer.json()["bunker"]

    # What the machine does

    async def scan(self) -> None:
        assert (await redeem(self.host, self.seed["seed_url"], self.client))["result"] == "ack"

    async def signs(self) -> bool:
        await self.host.bunker.listening()
        return "error" not in await sign(self.host, self.seed["spire_pubkey"], self.client)

    # What there is

    async def stands(self) -> tuple[str, str | None, tuple[str, ...]]:
        """The states of the machine and of its newest pairing, and what is owed, as stored."""
        here = await stored([self.machine_id])
        newest = max(here.pairings, key=lambda row: row["created_at"], default=None)
        state = newest["state"].value if newest else None
        return (
            here.machines[0]["state"].value,
            state,
            tuple(sorted(row["kind"].value for row in here.owed)),
        )

    async def untrue(self) -> list[str]:
        here = await stored([self.machine_id])
        return untruths(here, bunker_has_of_made_keys(self.folder), self.clock())

    async def left(self) -> list[str]:
        here, there = await stored([self.machine_id]), bunker_has_of_made_keys(self.folder)
        return leftovers(here, there, self.clock()) + untruths(here, there, self.clock())

    async def routes(self) -> bool:
        answer = await self.host.api("GET", f"/roster/{self.seed['spire_npub']}")
        return answer.status_code == 200

    async def work(self) -> None:
        """The background work, until nothing is owed."""
        from spirekeeper.steps import owed_revocations, recovery
        from spirekeeper.steps.clocks import end_by_clock
        from spirekeeper.store import owed_rows
        from spirekeeper.upkeep import unlocking

        for number in range(1, PASSES + 1):
            late = number * LATER
            await recovery.finish_interrupted(lambda late=late: self.clock() + late)
            await end_by_clock(self.clock)
            await unlocking.unlock_locked(self.clock)
            await owed_revocations.settle_owed(lambda late=late: self.clock() + late)
            if not await owed_rows.get_owed(self.machine_id):
                return

    # The wire

    async def well(self) -> None:
        """The fault has gone."""
        self.tap.let_be()
        self.host.bunker.levers.normal()
        for relay in self.relays:
            self.tap.sit_on(relay)
            await relay.start()
        await self.host.bunker.start()

    async def wait_no_longer_than(self, seconds: float) -> None:
        """For one call to the bunker, from now on."""
        from spirekeeper.connection import open_bunker

        admin: Any = (await open_bunker.open_bunker()).admin
        self.patience = open_bunker.CALL_SECONDS = admin._deadline = seconds

    async def hang_up(self) -> None:
        for relay in self.relays:
            await relay.hang_up()

    async def connect_anew(self) -> None:
        """As after a start of LNbits: nothing is known of the bunker."""
        from spirekeeper.connection.open_bunker import close_bunker

        await close_bunker()

    async def unheard(self) -> None:
        """Waits until the extension has noticed that no relay serves it."""
        from spirekeeper.connection.open_bunker import open_bunker

        admin: Any = (await open_bunker()).admin
        while admin.connected:  # noqa: ASYNC110 - it is asked, and tells nobody
            await asyncio.sleep(0.01)

    async def known(self) -> None:
        """Waits until what a pair wants to know of the bunker is known."""
        from spirekeeper.connection.open_bunker import open_bunker
        from spirekeeper.steps.mint import _ensure_policy

        admin = (await open_bunker()).admin
        await admin.dialect()
        await admin.keys()
        await _ensure_policy(admin)


@asynccontextmanager
async def open_house(
    host: Host,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    relays: int = 1,
    clock: Callable[[], datetime] = utc_now,
    bunker_clock: Callable[[], datetime] = utc_now,
) -> AsyncIterator[House]:
    from lnbits.task_manager import task_manager
    from spirekeeper import tasks
    from spirekeeper.connection import open_bunker
    from spirekeeper.routing import get_clock

    monkeypatch.setattr(open_bunker, "CALL_SECONDS", PATIENCE)
    monkeypatch.setitem(host.app.dependency_overrides, get_clock, lambda: clock)
    watch = task_manager.get_task(tasks.WATCH)
    if watch is not None:  # it would ask beside us, and see what we are about to look at
        task_manager.cancel_task(watch)
    async with AsyncExitStack() as stack:
        fronts = [
            await stack.enter_async_context(HostileRelay(host.relay.url)) for _ in range(relays)
        ]
        own = await stack.enter_async_context(
            own_bunker(host, folder, monkeypatch, clock=bunker_clock, listen_delay=0.01)
        )
        tap = Tap.of(folder / "bunker")
        for front in fronts:
            tap.sit_on(front)
        query = "&".join(f"relay={quote(front.url, safe='')}" for front in fronts)
        monkeypatch.setenv("SPIREKEEPER_BUNKER_URL", f"bunker://{own.bunker.pubkey}?{query}")
        await open_bunker.close_bunker()
        house = House(own, folder / "bunker", fronts, tap, clock)
        house.machine_id = await own.add_machine()
        yield house
        await house.well()
        await open_bunker.close_bunker()
    if watch is not None:
        tasks.start()
        by_hand()
