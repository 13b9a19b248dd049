"""Playing a machine by hand: redeem a seed, sign an event."""

import json
from typing import Any

from nostr_sdk import Keys
from spirekeeper.seed import Seed

from support.host import Host
from support.raw_wire import RawClient


async def redeem(host: Host, seed_url: str, keys: Keys | None = None) -> dict[str, Any]:
    """Connects as a machine does; the first answer's content."""
    seed = Seed.decode(seed_url)
    await host.bunker.listening()
    async with RawClient(seed.bunker_relay, keys or Keys.generate()) as client:
        params = (seed.spire_pubkey, seed.secret)
        return (await client.ask(seed.spire_pubkey, "connect", *params, kind=24133)).content


async def sign(host: Host, spire_pubkey: str, keys: Keys) -> dict[str, Any]:
    """Asks for a kind-21000 signature; the first answer's content, or {} on silence."""
    event = {"kind": 21000, "content": "", "tags": [], "created_at": 1_790_000_000}
    text = json.dumps({**event, "pubkey": spire_pubkey})
    async with RawClient(host.relay.url, keys) as client:
        return (await client.ask(spire_pubkey, "sign_event", text, kind=24133)).content
