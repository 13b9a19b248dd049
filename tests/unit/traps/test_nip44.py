"""A bunker that ends on a NIP-44 event to one of its keys outlives all that is done to it here."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from nostr_sdk import Keys
from support.host import Host
from support.settling import background_work
from unit.traps.trapped import asked, connected, pair
from websockets.asyncio.client import connect


@asynccontextmanager
async def tapped(relay: str) -> AsyncIterator[list[dict[str, Any]]]:
    """Every event that the relay passes on meanwhile."""
    events: list[dict[str, Any]] = []
    async with connect(relay, proxy=None) as socket:
        await socket.send(json.dumps(["REQ", "all", {"kinds": [24133, 24134]}]))
        assert json.loads(await socket.recv()) == ["EOSE", "all"]

        async def listen() -> None:
            async for frame in socket:
                said = json.loads(frame)
                if said[0] == "EVENT":
                    events.append(said[2])

        ear = asyncio.create_task(listen())
        yield events
        ear.cancel()


async def test_it_survives_all_that_is_done(
    old_bunker: Host, host_admin: Keys, tmp_path: Path
) -> None:
    from spirekeeper import crud
    from spirekeeper.clock import utc_now
    from spirekeeper.connection.open_bunker import close_bunker
    from spirekeeper.steps import listening

    host = old_bunker
    host_as = {"as_": host.superuser}
    async with tapped(host.relay.url) as events:
        # How it speaks is not known yet at any of these.
        test = {"bunker_url": host.bunker.url, "admin_nsec": host_admin.secret_key().to_bech32()}
        for method, path, body in (
            ("POST", "/bunker/test", test),
            ("GET", "/bunker", None),
            ("POST", "/bunker/reconcile", None),
        ):
            await close_bunker()
            assert (await host.api(method, path, body, **host_as)).status_code == 200
        machine_id, _, _ = await connected(host, tmp_path)
        await pair(host, machine_id)  # waits to be scanned
        machine = await crud.get_machine(machine_id)
        assert machine is not None
        await close_bunker()
        await listening.check_listening(machine, utc_now)
        await close_bunker()
        await background_work()
        await close_bunker()
        await host.pairing(machine_id)
        body = {"relays": [host.relay.url], "allow_private_relays": True}
        assert (await host.api("POST", "/relays/check", body)).status_code == 200
        await close_bunker()
        await pair(host, machine_id)  # burns the older seed
        await close_bunker()
        cancelled = await host.api("DELETE", f"/machines/{machine_id}/pairing")
        assert cancelled.json()["bunker"] == "done"
        await host.bunker.restart()
        await close_bunker()
        await background_work()
        await pair(host, machine_id, rotate=True)
        await close_bunker()
        revoked = (await host.api("POST", f"/machines/{machine_id}/revoke")).json()
        assert (revoked["bunker"], revoked["outstanding"]) == ("done", 0)
        for path, body in ((f"/machines/{machine_id}", None), ("/bunker/test", test)):
            method = "DELETE" if body is None else "POST"
            caller = {} if body is None else host_as
            assert (await host.api(method, path, body, **caller)).status_code == 200
        await background_work()
    assert not host.bunker.ended.is_set(), host.bunker.end_reason
    assert asked(host, "unlock_key")
    keys = {each.pubkey for each in await bunker_keys()}
    to_keys = [event for event in events if {tag[1] for tag in event["tags"]} & keys]
    assert len(to_keys) > 10
    assert [event for event in to_keys if "?iv=" not in event["content"]] == []


async def bunker_keys() -> list[Any]:
    from spirekeeper.connection.open_bunker import open_bunker

    keys = (await (await open_bunker()).admin.refresh_keys()).values()
    assert all(key.pubkey for key in keys)
    return list(keys)
