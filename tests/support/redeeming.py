"""Playing a machine by hand: redeem a seed, sign an event."""

import json
from typing import Any, Protocol

from nostr_sdk import Keys
from spirekeeper.devkit.bunker import DevBunker
from spirekeeper.seed import Seed

from support.host import Caller, Host
from support.raw_wire import RawClient


class HasBunker(Protocol):
    @property
    def bunker(self) -> DevBunker: ...


async def redeem(where: HasBunker, seed: str | Seed, keys: Keys | None = None) -> dict[str, Any]:
    """Connects as a machine does; the first answer's content."""
    seed = Seed.decode(seed) if isinstance(seed, str) else seed
    await where.bunker.listening()
    async with RawClient(seed.bunker_relay, keys) as client:
        return await client.connect(seed.spire_pubkey, seed.secret)


async def paired(
    host: Host, *, as_: Caller | None = None, name: str = "North", **data: Any
) -> tuple[str, dict[str, Any], Keys]:
    """A machine that is connected: its id, its seed, its client key."""
    machine_id, client = await host.add_machine(as_, name=name), Keys.generate()
    seed = await host.pair(machine_id, as_=as_, **data)
    assert (await redeem(host, seed["seed_url"], client))["result"] == "ack"
    assert (await host.pairing(machine_id, as_=as_))["state"] == "paired"
    return machine_id, seed, client


async def sign(host: Host, spire_pubkey: str, keys: Keys) -> dict[str, Any]:
    """Asks for a kind-21000 signature; the first answer's content."""
    event = {"kind": 21000, "content": "", "tags": [], "created_at": 1_790_000_000}
    text = json.dumps({**event, "pubkey": spire_pubkey})
    async with RawClient(host.relay.url, keys) as client:
        return (await client.ask(spire_pubkey, "sign_event", text, kind=24133)).content
