"""Finding out how a bunker speaks, by asking what hurts none.

Both pings go to the admin key, where every daemon survives NIP-44; never to a key that it holds.
"""

import asyncio

from .dialects import Observed
from .envelope import ADMIN_KIND, NIP46_KIND, Encryption, Refusal, Reply, Request
from .refusals import refused
from .rpc import RelayRpc

PING = Request("ping")
GRACE_SECONDS = 1.5
"""How much later than NIP-04 a NIP-44 answer may come, and how long kind 24134 is tried alone."""


async def observe(rpc: RelayRpc, deadline: float) -> Observed:
    """How the bunker answers ping.

    Raises NotAnAdmin, and BunkerTimeout when it answers in neither encryption.
    """
    pings = [asyncio.create_task(_ping(rpc, ADMIN_KIND, deadline))]
    try:
        await asyncio.wait(pings, timeout=min(GRACE_SECONDS, deadline))
        if not pings[0].done() and deadline > GRACE_SECONDS:
            # A fork listens to NIP-46's kind only, for admins too.
            pings.append(asyncio.create_task(_ping(rpc, NIP46_KIND, deadline - GRACE_SECONDS)))
            await asyncio.wait(pings, return_when=asyncio.FIRST_COMPLETED)
        reply = await next(ping for ping in pings if ping.done())
    finally:
        await _end(pings)
    if reply.refusal is Refusal.NOT_AN_ADMIN:
        raise refused(PING.method, reply.refusal)
    only_nip46 = len(pings) > 1 and reply.kind == NIP46_KIND
    return Observed(
        encryption=reply.encryption,
        request_kind=NIP46_KIND if only_nip46 else ADMIN_KIND,
        reply_kind=reply.kind,
        ping_word=None if reply.refusal else reply.result,
    )


async def _ping(rpc: RelayRpc, kind: int, deadline: float) -> Reply:
    """Ping in both encryptions at once; the reply to NIP-44 counts if there is one."""
    newer, older = (
        asyncio.create_task(
            rpc.call(
                PING,
                encryption=encryption,
                kind=kind,
                deadline=deadline,
                again_after=(GRACE_SECONDS / 2, deadline / 3),
            )
        )
        for encryption in (Encryption.NIP44, Encryption.NIP04)
    )
    try:
        await asyncio.wait({newer, older}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({newer}, timeout=GRACE_SECONDS)
        return await (newer if newer.done() and not newer.exception() else older)
    finally:
        await _end([newer, older])


async def _end(tasks: "list[asyncio.Task[Reply]]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
