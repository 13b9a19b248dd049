"""The life of a pairing over relays that differ in what they say: what LNbits' side makes of it.

The machine talks to the real relay behind, so that it is no part of this.
"""

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from nostr_sdk import Keys
from spirekeeper.devkit.hostile_relay import HostileRelay, Manner, honest, refusing
from spirekeeper.devkit.relay_habits import keeping_ephemerals, without_ok
from support.heard import forget_seen, machine_row, pairing_state
from support.host import Host
from support.own_bunker import own_bunker
from support.raw_wire import RawClient
from support.relay_manners import late_eose, mute_at_first, without_eose
from support.watching import NEVER, until, watching

HABITS: dict[str, Callable[[], Manner]] = {
    "says no EOSE": without_eose,
    "says EOSE late": late_eose,
    "is mute at first": mute_at_first,
    "stores what is ephemeral": keeping_ephemerals,
}
"""What no kind of relay in `test_relay_kinds.py` does, or not by itself."""


@dataclass
class Pair:
    """LNbits with its bunker behind one relay, and a machine."""

    host: Host
    front: HostileRelay
    client: Keys
    machine_id: str = ""

    async def api(self, method: str, path: str, json: Any = None) -> Any:
        answer = await self.host.api(method, path, json)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def asks(self, key: str, method: str, *params: str) -> dict[str, Any]:
        """What the bunker answers the machine."""
        await self.host.bunker.listening()
        async with RawClient(self.host.relay.url, self.client) as machine:
            return (await machine.ask(key, method, *params, kind=24133)).content


@asynccontextmanager
async def over(
    manner: Manner, host: Host, folder: Path, patch: pytest.MonkeyPatch
) -> AsyncIterator[Pair]:
    from spirekeeper.connection.open_bunker import close_bunker

    async with (
        HostileRelay(host.relay.url) as front,
        own_bunker(host, folder, patch, listen_delay=0.01) as own,
    ):
        relay = quote(front.url, safe="")
        patch.setenv("SPIREKEEPER_BUNKER_URL", f"bunker://{own.bunker.pubkey}?relay={relay}")
        await close_bunker()
        front.behave(up=manner, down=manner)
        pair = Pair(own, front, Keys.generate())
        pair.machine_id = await own.add_machine()
        yield pair
        front.behave()
        await close_bunker()


@pytest.mark.parametrize("habit", HABITS)
async def test_the_life_of_a_pairing(
    habit: str, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with over(HABITS[habit](), host, tmp_path, monkeypatch) as pair:
        assert (await pair.api("GET", "/bunker"))["reachable"]
        path = f"/machines/{pair.machine_id}/pair"
        seed = await pair.api("POST", path, host.pair_request(relays=[pair.front.url]))
        key, token = seed["spire_pubkey"], seed["seed_url"]
        async with watching(ALL_SECONDS=NEVER):
            from spirekeeper.seed import Seed

            connected = await pair.asks(key, "connect", key, Seed.decode(token).secret)
            assert connected["result"] == "ack"

            async def noticed() -> bool:
                await pair.asks(key, "get_public_key")
                return await pairing_state(pair.machine_id) == "redeemed"

            await until(noticed)
            await forget_seen(pair.machine_id)
            draft = {"kind": 21000, "content": "", "tags": [], "created_at": int(time.time())}
            signed = (await pair.asks(key, "sign_event", json.dumps(draft)))["result"]

            async def seen() -> bool:
                async with RawClient(host.relay.url) as anybody:
                    await anybody.publish(signed)
                    await anybody.ask(key, "get_public_key", kind=24133)
                return (await machine_row(pair.machine_id)).last_seen_at is not None

            await until(seen)
        revoked = await pair.api("POST", f"/machines/{pair.machine_id}/revoke")
        if habit == "is mute at first":
            assert revoked["bunker"] in ("done", "pending")
        else:
            assert (revoked["bunker"], revoked["revoked_count"]) == ("done", 1)
            assert "error" in await pair.asks(key, "sign_event", json.dumps(draft))


@pytest.mark.parametrize(
    ("refusal", "words", "reason"),
    [
        ("invalid: ephemeral event expired", "check the time", "relay_clock"),
        ("blocked: not\nfor you", "“blocked: not for you”", "relays_said"),
    ],
)
async def test_why_a_relay_refuses_reaches_the_operator(
    refusal: str,
    words: str,
    reason: str,
    host: Host,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with over(honest, host, tmp_path, monkeypatch) as pair:
        await pair.api("GET", "/bunker")
        pair.front.behave(up=refusing(refusal))
        path = f"/machines/{pair.machine_id}/pair"
        answer = await host.api("POST", path, host.pair_request(relays=[host.relay.url]))
        assert (answer.status_code, answer.json()["code"]) == (503, "no_relay")
        assert words in answer.json()["detail"]
        assert answer.json()["reason"] == reason


async def test_what_was_sent_and_not_confirmed_is_said(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.connection import open_bunker

    monkeypatch.setattr(open_bunker, "CALL_SECONDS", 1.0)
    async with over(without_ok(), host, tmp_path, monkeypatch) as pair:
        pair.host.bunker.levers.silent()
        path = f"/machines/{pair.machine_id}/pair"
        answer = await host.api("POST", path, host.pair_request(relays=[host.relay.url]))
        assert (answer.status_code, answer.json()["code"]) == (504, "bunker_silent")
        assert "no relay confirmed" in answer.json()["detail"]
