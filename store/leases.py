"""Who may work on a machine, and whose turn the background work is, when several LNbits processes
share one database: the leases, and their SQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from ..clock import Clock
from .database import (
    LEASES,
    MACHINES,
    db,
    moment,
)

MACHINE_LEASE = timedelta(seconds=60)


@asynccontextmanager
async def our_turn(name: str, clock: Clock, lasting: timedelta) -> AsyncIterator[bool]:
    """Whether this process may do the work of this name now; it is nobody else's until the end.

    `lasting`: after so long a process that was killed in the middle is waited for no more.
    """
    holder = token_hex(8)
    now = clock()
    try:
        yield await take_work_lease(name, holder, now, now + lasting)
    finally:
        # Also when we were cancelled while taking it: that statement is finished all the same.
        await release_work_lease(name, holder)


@dataclass(frozen=True)
class Lease:
    """A machine is ours: nobody else talks to the bunker about it."""

    machine_id: str
    holder: str
    clock: Clock
    lasting: timedelta

    async def take(self) -> bool:
        """Whether nobody else has it."""
        now = self.clock()
        return await take_lease(self.machine_id, self.holder, now, now + self.lasting)

    async def renew(self) -> bool:
        """Whether it is ours still: a cut takes it away."""
        now = self.clock()
        return await renew_lease(self.machine_id, self.holder, now, now + self.lasting)

    async def release(self) -> None:
        await release_lease(self.machine_id, self.holder)


@asynccontextmanager
async def machine_lease(
    machine_id: str, clock: Clock, lasting: timedelta = MACHINE_LEASE
) -> AsyncIterator[Lease | None]:
    """The machine's lease, kept and given back at the end; None where somebody else has it.

    It does not run out inside: on a busy LNbits each statement waits its turn, and a handful of
    them outlast any lease. After a crash it is waited for no longer than `lasting`.
    """
    lease = Lease(machine_id, token_hex(8), clock, lasting)
    try:
        if await lease.take():
            async with _kept(lease):
                yield lease
        else:
            yield None
    finally:
        # Also when we were cancelled while taking it: that statement is finished all the same.
        await lease.release()


@asynccontextmanager
async def _kept(lease: Lease) -> AsyncIterator[None]:
    async def keep() -> None:
        while True:
            await asyncio.sleep(lease.lasting.total_seconds() / 4)
            await lease.renew()

    keeper = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeper.cancel()


async def take_work_lease(name: str, holder: str, now: datetime, until: datetime) -> bool:
    """Whether `holder` may now do the background work of this name."""
    done = await db.execute(
        f"INSERT INTO {LEASES} (name, holder, held_until) "
        f"VALUES (:name, :holder, {moment('until')}) "
        "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, "
        f"held_until = excluded.held_until WHERE leases.held_until < {moment('now')}",
        {"name": name, "holder": holder, "now": now.timestamp(), "until": until.timestamp()},
    )
    return bool(done.rowcount == 1)


async def release_work_lease(name: str, holder: str) -> None:
    await db.execute(
        f"DELETE FROM {LEASES} WHERE name = :name AND holder = :holder",
        {"name": name, "holder": holder},
    )


async def take_lease(machine_id: str, holder: str, now: datetime, until: datetime) -> bool:
    """Whether `holder` may now talk to the bunker about this machine."""
    done = await db.execute(
        f"UPDATE {MACHINES} SET busy_by = :holder, busy_until = {moment('until')} "
        f"WHERE id = :id AND (busy_by IS NULL OR busy_until < {moment('now')})",
        {
            "id": machine_id,
            "holder": holder,
            "now": now.timestamp(),
            "until": until.timestamp(),
        },
    )
    return bool(done.rowcount == 1)


async def renew_lease(machine_id: str, holder: str, now: datetime, until: datetime) -> bool:
    """Extends the lease. False when `holder` has lost it or let it run out."""
    done = await db.execute(
        f"UPDATE {MACHINES} SET busy_until = {moment('until')} "
        f"WHERE id = :id AND busy_by = :holder AND busy_until >= {moment('now')}",
        {
            "id": machine_id,
            "holder": holder,
            "now": now.timestamp(),
            "until": until.timestamp(),
        },
    )
    return bool(done.rowcount == 1)


async def release_lease(machine_id: str, holder: str) -> None:
    await db.execute(
        f"UPDATE {MACHINES} SET busy_by = NULL, busy_until = NULL "
        "WHERE id = :id AND busy_by = :holder",
        {"id": machine_id, "holder": holder},
    )
