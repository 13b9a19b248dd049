"""A whole life of a pairing over one relay: as the operator sees it on the API that the page asks,
and as the machine does, which is the command `spire`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.commanding import Command, Ran
from support.heard import forget_seen
from support.host import Host
from support.relay_talk import Talk, talking
from support.watching import until, watching

REFUSED = 3
"""The exit code of `spire` when the bunker refuses."""
SENT = {0: "taken", 6: "sent, and not confirmed", 7: "sent, and refused"}
"""Its exit codes for an event that went out: what the relay said of it."""
PATIENCE_S = 60.0
"""Processes are started meanwhile, and the relay may be a slow one."""

Tell = Callable[[str], None]
"""Is told each step as it is done."""


async def whole_life(host: Host, folder: Path, tell: Tell = lambda step: None) -> set[str]:
    """Pair, boot, sign, publish, pair again, confirm, revoke; nothing is asked for that ought to be
    noticed. Returns what the machine was told of the events that it published, all of which were
    brought to who listens."""
    from spirekeeper.upkeep.relay_watch import NEW_DELAY  # LNbits' start imports it anew

    status = (await host.api("GET", "/bunker", as_=host.superuser)).json()
    assert status["reachable"], status["problem"]
    tell("LNbits reaches the bunker")
    life = Life(host, await host.add_machine(name="Test of a relay"))
    old, new = Command(folder / "old", secrets=[]), Command(folder / "new", secrets=[])
    # A machine that boots before its seed is listened for is found by the look at each new seed.
    async with watching(NEW_DELAY=NEW_DELAY), talking(host.relay.url) as listener:
        first = await host.pair(life.machine_id)
        tell("a key and a token are made, and a seed comes back")
        await life.boot(old, first)
        await until(lambda: life.shows("paired"), PATIENCE_S)
        tell("a machine boots from the seed, and the page shows it connected")
        await forget_seen(life.machine_id)
        said = {await publishes(old, listener, first)}
        await until(life.was_seen, PATIENCE_S)
        tell("it has an event signed and publishes it, and the page shows when it was seen")

        second = await host.pair(life.machine_id, require_confirmation=True)
        await life.boot(new, second)
        await until(lambda: life.shows("confirming"), PATIENCE_S)
        await life.confirm()
        assert (await sign(old)).code == REFUSED
        tell("paired again and confirmed: the older machine is refused")
        said.add(await publishes(new, listener, second))
        assert await life.routes(second)
        tell("the newer machine publishes, and the roster names its wallet")

        revoked = await host.api("POST", f"/machines/{life.machine_id}/revoke")
        assert revoked.json()["bunker"] == "done", revoked.text
        assert (await sign(new)).code == REFUSED
        assert not await life.routes(second)
        tell("revoked: it is refused, and the roster is silent")
    return said


@dataclass(frozen=True)
class Life:
    """One machine's, as its operator follows it."""

    host: Host
    machine_id: str

    async def boot(self, spire: Command, seed: dict[str, Any]) -> None:
        await self.host.bunker.listening()
        booted = await spire("boot", "--seed-file", "-", stdin=seed["seed_url"])
        assert booted.code == 0, booted.error

    async def shown(self) -> dict[str, Any]:
        """What the page shows, without the bunker being asked for it."""
        answer = await self.host.api("GET", f"/machines/{self.machine_id}")
        assert answer.status_code == 200, answer.text
        machine: dict[str, Any] = answer.json()
        return machine

    async def shows(self, state: str) -> bool:
        return bool((await self.shown())["state"] == state)

    async def was_seen(self) -> bool:
        return (await self.shown())["last_seen_at"] is not None

    async def confirm(self) -> None:
        pairing = (await self.host.pairing(self.machine_id))["pairing"]
        client = {"client_pubkey": pairing["client_pubkey"]}
        path = f"/machines/{self.machine_id}/pairing/confirm"
        answer = await self.host.api("POST", path, client)
        assert answer.status_code == 200, answer.text

    async def routes(self, seed: dict[str, Any]) -> bool:
        return (await self.host.api("GET", f"/roster/{seed['spire_npub']}")).status_code == 200


async def sign(spire: Command, *more: str) -> Ran:
    return await spire("sign", "--kind", "21000", "--content", "cash-out", *more)


async def publishes(spire: Command, listener: Talk, seed: dict[str, Any]) -> str:
    """Somebody hears the event; what the machine says of it."""
    await listener.subscribe("cash-out", {"kinds": [21000], "authors": [seed["spire_pubkey"]]})
    signed = await sign(spire, "--publish")
    assert signed.out, signed.error
    assert await listener.hears(signed.json["id"], PATIENCE_S)
    assert signed.code in SENT, signed.error
    return SENT[signed.code]
