"""Playing a machine by hand: redeem a seed, sign an event."""

import json
from typing import Any, Protocol

from host import Host
from nostr_sdk import Keys
from raw_wire import RawClient
from spirekeeper.devkit.bunker import DevBunker
from spirekeeper.seed import Seed


class HasBunker(Protocol):
    bunker: DevBunker


async def redeem(where: HasBunker, seed: str | Seed, keys: Keys | None = None) -> dict[str, Any]:
    """Connects as a machine does; the first answer's content."""
    seed = Seed.decode(seed) if isinstance(seed, str) else seed
    await where.bunker.listening()
    async with RawClient(seed.bunker_relay, keys) as client:
        return await client.connect(seed.spire_pubkey, seed.secret)


async def sign(host: Host, spire_pubkey: str, keys: Keys) -> dict[str, Any]:
    """Asks for a kind-21000 signature; the first answer's content."""
    event = {"kind": 21000, "content": "", "tags": [], "created_at": 1_790_000_000}
    text = json.dumps({**event, "pubkey": spire_pubkey})
    async with RawClient(host.relay.url, keys) as client:
        return (await client.ask(spire_pubkey, "sign_event", text, kind=24133)).content
