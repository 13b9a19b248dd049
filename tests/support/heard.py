"""A machine that relays are listened to for, and what was written of it."""

from typing import Any

from nostr_sdk import Keys

from support.host import Host
from support.raw_wire import RawClient
from support.redeeming import redeem
from support.stored_here import all_pairings
from support.watching import until


async def machine_row(machine_id: str) -> Any:
    from spirekeeper import crud

    return await crud.get_machine(machine_id)


async def pairing_state(machine_id: str) -> str:

    return str((await all_pairings([machine_id]))[0].state.value)


async def journaled(machine_id: str, event: str) -> list[tuple[str, str]]:
    from spirekeeper.store import database

    rows: list[Any] = await database.db.fetchall(
        f"SELECT outcome, detail FROM {database.JOURNAL} WHERE machine_id = :id AND event = :event "
        "ORDER BY at",
        {"id": machine_id, "event": event},
    )
    return [(row["outcome"], row["detail"]) for row in rows]


async def forget_seen(machine_id: str) -> None:
    """As if the machine had never been seen: that it connected counts as seen, too."""
    from spirekeeper.store import database

    await database.db.execute(
        f"UPDATE {database.MACHINES} SET last_seen_at = NULL WHERE id = :id", {"id": machine_id}
    )


class Connected:
    """A machine that is connected, and who it is."""

    def __init__(self, host: Host, machine_id: str, spire_pubkey: str, keys: Keys) -> None:
        self.id = machine_id
        self.pubkey = spire_pubkey
        self.keys = keys
        self._host = host

    async def ask(self, method: str = "get_public_key", *params: str) -> Any:
        async with RawClient(self._host.relay.url, self.keys) as client:
            answer = await client.ask(self.pubkey, method, *params, kind=24133)
        return answer.content["result"]

    async def noticed(self) -> None:
        """Asks until its scan was noticed."""

        async def redeemed() -> bool:
            await self.ask()
            return await pairing_state(self.id) == "redeemed"

        await until(redeemed)

    async def seen(self) -> bool:
        return (await machine_row(self.id)).last_seen_at is not None

    async def show_up(self) -> None:
        """Asks until it was seen."""

        async def seen() -> bool:
            await self.ask()
            return await self.seen()

        await until(seen)

    async def unseen(self) -> None:
        await forget_seen(self.id)


async def scanned(host: Host, **pair: Any) -> Connected:
    """It has redeemed its seed, and nobody here was told."""
    machine_id = await host.add_machine()
    result = await host.pair(machine_id, **pair)
    keys = Keys.generate()
    assert (await redeem(host, result["seed_url"], keys))["result"] == "ack"
    return Connected(host, machine_id, result["spire_pubkey"], keys)


async def connected(host: Host, **pair: Any) -> Connected:
    """Its client key is known here, and not yet heard."""
    machine = await scanned(host, **pair)
    assert (await host.pairing(machine.id))["state"] == "paired"
    await machine.unseen()
    return machine
