"""One machine and everything that can be done to it, alone or two things at once.

After each step what is stored and what the bunker has are compared (see `truth.py`).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
from nostr_sdk import Keys
from support.host import Caller, Host
from support.redeeming import redeem
from support.stored_here import all_pairings
from support.truth import bunker_has, leftovers, routed, stored, untruths

PASSES = 12
LONGEST_PUT_OFF = timedelta(minutes=2)
"""How long what is owed is put off at most."""
NOBODY = "c" * 64


@dataclass
class RunningClock:
    """The real time, further ahead after each `move`: two rows are never made at one moment."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(timezone.utc) + self.ahead

    def move(self, **by: float) -> None:
        self.ahead += timedelta(**by)


@dataclass(frozen=True)
class Outcome:
    """What the caller got: a status and a code, 200 and `redeemed` where a client was let in."""

    status: int
    code: str = ""


Deed = Callable[[], Awaitable[Outcome]]


@dataclass
class Racetrack:
    """A machine of `operator`; after it was deleted, the next one."""

    host: Host
    operator: Caller
    clock: RunningClock
    bunker_folder: Path
    machine_id: str = ""
    known: list[str] = field(default_factory=list)
    """This machine, and those that were before it."""
    seeds: list[str] = field(default_factory=list)
    clients: list[Keys] = field(default_factory=lambda: [Keys.generate() for _ in range(3)])
    story: list[str] = field(default_factory=list)

    async def begin(self) -> None:
        self.machine_id = await self.host.add_machine(as_=self.operator)
        self.known.append(self.machine_id)
        self.seeds.clear()

    # What can be done

    async def pair(self, **data: Any) -> Outcome:
        answer = await self._call("POST", "/pair", self.host.pair_request(**data))
        if answer.status_code == 200:
            self.seeds.append(answer.json()["seed_url"])
        return _outcome(answer)

    async def redeem(self, age: int = 0, client: int = 0) -> Outcome:
        """The newest seed, or one that is `age` seeds older."""
        if age >= len(self.seeds):
            return Outcome(0, "no such seed")
        seed = self.seeds[-1 - age]
        answer = await redeem(self.host, seed, self.clients[client])
        return Outcome(200, "redeemed") if answer["result"] == "ack" else Outcome(403, "refused")

    async def look(self) -> Outcome:
        return _outcome(await self._call("GET", "/pairing"))

    async def confirm(self) -> Outcome:
        return await self._judge("confirm")

    async def reject(self) -> Outcome:
        return await self._judge("reject")

    async def cancel(self) -> Outcome:
        return _outcome(await self._call("DELETE", "/pairing"))

    async def revoke(self) -> Outcome:
        return _outcome(await self._call("POST", "/revoke"))

    async def delete(self) -> Outcome:
        return _outcome(await self._call("DELETE", ""))

    async def deactivate(self) -> Outcome:
        return _outcome(await self._call("PUT", "", {"is_active": False}))

    async def activate(self) -> Outcome:
        return _outcome(await self._call("PUT", "", {"is_active": True}))

    async def rename(self) -> Outcome:
        return _outcome(await self._call("PUT", "", {"name": f"North {len(self.story)}"}))

    async def ask_roster(self) -> Outcome:
        """For each key that the machine ever had."""
        answers = await asyncio.gather(*(self._route(key) for key in await self._keys()))
        return max((_outcome(answer) for answer in answers), key=str, default=Outcome(404))

    async def windows_close(self) -> Outcome:
        """The scan windows of all seeds."""
        from spirekeeper.steps.clocks import end_by_clock

        self.clock.move(minutes=61)
        await end_by_clock(self.clock)
        return Outcome(200)

    async def settle(self) -> Outcome:
        """What runs in the background, until nothing is owed any more."""
        from spirekeeper.steps import owed_revocations, recovery
        from spirekeeper.steps.clocks import end_by_clock

        for number in range(PASSES):
            late = RunningClock(self.clock.ahead + (number + 1) * LONGEST_PUT_OFF)
            await recovery.finish_interrupted(self.clock)
            await end_by_clock(self.clock)
            await owed_revocations.settle_owed(late)
            if not (await stored(self.known)).owed:
                break
        return Outcome(200)

    async def reconcile(self) -> Outcome:
        from spirekeeper.upkeep.reconcile import in_background

        await in_background(self.clock)
        return Outcome(200)

    # What must hold

    async def untruths(self) -> list[str]:
        here = await stored(self.known)
        return untruths(here, bunker_has(self.bunker_folder), self.clock()) + await self.misrouted()

    async def leftovers(self) -> list[str]:
        return leftovers(await stored(self.known), bunker_has(self.bunker_folder), self.clock())

    async def misrouted(self) -> list[str]:
        """Keys that the roster answers for and should not, or the other way round."""
        answered = {}
        for key in await self._keys():
            answer = await self._route(key)
            if answer.status_code == 200:
                answered[key] = answer.json()["machine_id"]
        expected = routed(await stored(self.known), self.clock())
        return [] if answered == expected else [f"the roster says {answered}, not {expected}"]

    async def is_routed(self) -> bool:
        answers = [await self._route(key) for key in await self._keys()]
        return any(answer.status_code == 200 for answer in answers)

    async def pairing(self) -> Any:
        """The newest pairing's row."""

        pairings = await all_pairings([self.machine_id])
        return pairings[0] if pairings else None

    async def _keys(self) -> list[str]:
        pairings = (await stored(self.known)).pairings
        return sorted({p["spire_pubkey"] for p in pairings if p["spire_pubkey"]})

    async def _route(self, key: str) -> httpx.Response:
        return await self.host.api("GET", f"/roster/{key}", as_=self.operator)

    async def _judge(self, verdict: str) -> Outcome:
        """As a page that shows what is waiting now."""
        body = {"client_pubkey": await self._waiting_client()}
        return _outcome(await self._call("POST", f"/pairing/{verdict}", body))

    async def _waiting_client(self) -> str:
        pairings = [p for p in (await stored([self.machine_id])).pairings if p["confirm_required"]]
        waiting = (p["client_pubkey"] for p in pairings if p["state"] == "redeemed")
        return next(waiting, None) or NOBODY

    async def _call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        path = f"/machines/{self.machine_id}{path}"
        return await self.host.api(method, path, body, as_=self.operator)


def _outcome(answer: httpx.Response) -> Outcome:
    code = "" if answer.is_success else str(answer.json().get("code"))
    return Outcome(answer.status_code, code)
