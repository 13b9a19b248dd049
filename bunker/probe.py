"""Finds out how a bunker speaks, by asking what does no harm.

Both pings go to the admin key, where every daemon survives NIP-44, and never to a key that it
holds.
"""

import asyncio

from .dialects import Observed
from .errors import refused
from .nip46 import ADMIN_KIND, NIP46_KIND, Encryption, Refusal, Reply, Request
from .rpc import RelayRpc

PING = Request("ping")
GRACE_SECONDS = 1.5
"""How much later than NIP-04 a NIP-44 answer may come."""
ALONE_SECONDS = 0.5
"""How long kind 24134 is tried alone; upstream hears both, and is then asked in both."""


async def observe(rpc: RelayRpc, deadline: float) -> Observed:
    """How the bunker answers ping. Raises NotAnAdmin, or BunkerTimeout when it answers no
    encryption."""
    kind = ADMIN_KIND
    asked = pings = _ping_both(rpc, kind, deadline)
    try:
        done, _ = await asyncio.wait(
            pings, timeout=ALONE_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            # The 398ja fork hears admins in NIP-46's kind only.
            left = max(deadline - ALONE_SECONDS, ALONE_SECONDS)
            asked = pings + _ping_both(rpc, NIP46_KIND, left)
            done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            if done.isdisjoint(pings):
                kind, pings = NIP46_KIND, asked[2:]
        reply, encryption = await _newest(*pings)
    finally:
        for ping in asked:
            ping.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    if reply.refusal is Refusal.NOT_AN_ADMIN:
        raise refused(PING.method, reply.refusal)
    return Observed(
        encryption=encryption,
        request_kind=kind,
        reply_kind=reply.kind,
        ping_word=None if reply.refusal else reply.result,
    )


def _ping_both(rpc: RelayRpc, kind: int, deadline: float) -> "list[asyncio.Task[Reply]]":
    """Sends a ping in NIP-44 and one in NIP-04, each again later: a daemon that stalls is not an
    old one."""
    return [
        asyncio.create_task(
            rpc.call(
                PING,
                encryption=encryption,
                kind=kind,
                deadline=deadline,
                again=((GRACE_SECONDS / 2, encryption), (deadline / 3, encryption)),
            )
        )
        for encryption in (Encryption.NIP44, Encryption.NIP04)
    ]


async def _newest(
    modern: "asyncio.Task[Reply]", old: "asyncio.Task[Reply]"
) -> tuple[Reply, Encryption]:
    """The reply to NIP-44 if it comes soon enough, else the one to NIP-04; and to which it is.

    The encryption of the reply itself tells nothing: asked in both at once, a daemon may answer
    both in the one that it heard last (seen with the 398ja fork).
    """
    if not modern.done():
        await asyncio.wait({modern}, timeout=GRACE_SECONDS)
    if modern.done() and not modern.exception():
        return modern.result(), Encryption.NIP44
    return await old, Encryption.NIP04
