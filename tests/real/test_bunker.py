"""The whole life of a pairing against a running nsecbunkerd, and what that bunker can do.

`make test-bunker BUNKER=… ADMIN_NSEC=…` names it. Without, the same is done with the development
bunker of each lineage, so that it is known to work. What it makes in a bunker it revokes and burns;
keys and the policy stay, because nothing upstream deletes them.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import quote

import pytest
from nostr_sdk import PublicKey
from spirekeeper.devkit.bunker import DevBunker, Lineage
from spirekeeper.spire.errors import Refused
from spirekeeper.spire.machine import Machine
from support.host import Host
from support.own_bunker import OwnBunker, own_bunker

# LNbits' start takes them out of the environment.
GIVEN = os.environ.get("SPIREKEEPER_TEST_BUNKER")
ADMIN_NSEC = os.environ.get("SPIREKEEPER_TEST_ADMIN_NSEC", "")
RELAY = os.environ.get("SPIREKEEPER_TEST_RELAY")
MINT = os.environ.get("SPIREKEEPER_TEST_MINT") or "bunker"

REFUSAL_SECONDS = 20.0  # upstream asks an admin first, and refuses after ten
SETTLED_SECONDS = 0.5  # a new key is listened for 80 to 150 ms after the bunker has answered


@dataclass
class Life:
    """One machine's, step by step; `told` is what the bunker has shown of itself."""

    host: Host
    folder: Path
    relay: str
    legacy: bool = False
    told: list[tuple[str, str]] = field(default_factory=list)
    machine_ids: list[str] = field(default_factory=list)
    pair_seconds: float = 0.0
    """The last one's, the relays tried included."""

    async def ask(
        self, method: str, path: str, body: Any = None, *, superuser: bool = False
    ) -> Any:
        who = self.host.superuser if superuser else self.host.operator
        answer = await self.host.api(method, path, body, as_=who)
        assert answer.status_code < 300, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    async def add(self) -> str:
        self.machine_ids.append(await self.host.add_machine(name="Test of a bunker"))
        return self.machine_ids[-1]

    async def pair(self, machine_id: str, **options: Any) -> dict[str, Any]:
        body = {"relays": [self.relay], "allow_private_relays": True, "legacy_nip04": self.legacy}
        start = perf_counter()
        seed: dict[str, Any] = await self.ask(
            "POST", f"/machines/{machine_id}/pair", {**body, **options}
        )
        self.pair_seconds = perf_counter() - start
        await asyncio.sleep(SETTLED_SECONDS)
        return seed

    def machine(self, name: str) -> Machine:
        return Machine(self.folder / name, timeout=REFUSAL_SECONDS)

    async def boots(self, machine: Machine, seed: dict[str, Any]) -> bool:
        try:
            await machine.boot(seed["seed_url"], nip04=self.legacy)
        except Refused:
            return False
        return True

    async def signs(self, machine: Machine, kind: int = 21000) -> bool:
        try:
            await machine.sign(kind, "", [])
        except Refused:
            return False
        return True

    async def confirm(self, machine_id: str) -> None:
        pairing = (await self.host.pairing(machine_id))["pairing"]
        assert pairing["state"] == "redeemed", pairing
        client = {"client_pubkey": pairing["client_pubkey"]}
        await self.ask("POST", f"/machines/{machine_id}/pairing/confirm", client)

    async def routes(self, seed: dict[str, Any]) -> bool:
        return (await self.host.api("GET", f"/roster/{seed['spire_npub']}")).status_code == 200

    def tell(self, what: str, holds: bool) -> None:
        """A thing that has to hold, and is told either way."""
        self.told.append((what, "yes" if holds else "NO"))
        assert holds, what


BY_DAY = {Lineage.NEWER_NDK, Lineage.LIVE_POLICY}
OURS = [
    pytest.param(each, marks=[] if each in BY_DAY else pytest.mark.long, id=each.name)
    for each in Lineage
]


@pytest.fixture(params=[pytest.param("given", id="given")] if GIVEN else OURS)
async def life(
    host: Host,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> AsyncIterator[Life]:
    if GIVEN:
        monkeypatch.setenv("SPIREKEEPER_BUNKER_URL", GIVEN)
        monkeypatch.setenv("SPIREKEEPER_ADMIN_NSEC", ADMIN_NSEC)
        monkeypatch.setenv("SPIREKEEPER_MINT", MINT)
        monkeypatch.delenv("SPIREKEEPER_SETTLE_SECONDS")  # it may have been started just now
        lived = Life(host, tmp_path, RELAY or _first_relay(GIVEN))
        yield lived
        await _clean_up(lived)
    else:
        async with own_bunker(host, tmp_path, monkeypatch, lineage=request.param) as own:
            lived = Life(own, tmp_path, host.relay.url)
            yield lived
            await _clean_up(lived)
    if GIVEN:
        with capsys.disabled():
            lines = (f"  {what:44} {verdict}" for what, verdict in lived.told)
            print("", *lines, sep="\n")  # noqa: T201 - what it was run for


def _first_relay(named: str) -> str:
    from spirekeeper.bunker.address import BunkerAddress  # LNbits' start imports it anew

    return BunkerAddress.parse(named).relays[0]


def _as_printed(bunker: DevBunker) -> str:
    """What nsecbunkerd writes into its connection.txt, and people paste."""
    npub = PublicKey.parse(bunker.pubkey).to_bech32()
    return f"bunker://{npub}@{quote(','.join(bunker.relays), safe='')}"


async def _clean_up(life: Life) -> None:
    status = await life.ask("GET", "/bunker", superuser=True)  # by now it has shown its policies
    if status["reachable"]:
        life.told += await _manners(status)
    else:
        life.told.append(("it still answers at the end", f"NO: {status['problem']}"))
    for machine_id in life.machine_ids:
        result = await life.ask("DELETE", f"/machines/{machine_id}")
        if result["bunker"] != "done":
            life.told.append((f"all that was made for {machine_id} is revoked", "not yet"))
    life.told.append(("keys and policy are deleted", "no: nothing upstream deletes them"))


async def _manners(status: dict[str, Any]) -> list[tuple[str, str]]:
    """What is no step of a pairing."""
    from spirekeeper.connection.open_bunker import open_bunker  # LNbits' start imports it anew

    dialect = await (await open_bunker()).admin.dialect()
    hazards = [each["code"] for each in status["hazards"]]
    ends_sessions = dialect.token_hours_bound == "session"
    return [
        ("machines may speak NIP-44", "no" if "ends_on_nip44" in hazards else "yes"),
        ("a policy is corrected in place", "yes" if dialect.corrects_policies else "not there"),
        ("a token's end is the session's too", "yes" if ends_sessions else "no"),
        ("lineage", str(status["lineage"])),
        ("ping, ms", str(status["round_trip_ms"])),
        *(("hazard", code) for code in hazards),
    ]


async def test_the_whole_life_of_a_pairing(life: Life) -> None:
    status = await life.ask("GET", "/bunker", superuser=True)
    assert status["reachable"], status["problem"]
    while (await life.ask("GET", "/bunker"))["settling"]:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(SETTLED_SECONDS)  # else the first pairing would be timed with it
    life.legacy = "ends_on_nip44" in {each["code"] for each in status["hazards"]}
    machine_id, old, new, late = await life.add(), *map(life.machine, ("old", "new", "late"))

    first = await life.pair(machine_id, require_confirmation=True)
    life.told.append(("first pairing, ms", f"{life.pair_seconds * 1000:.0f}"))
    life.tell("a machine connects from its seed", await life.boots(old, first))
    life.tell("nothing is routed before it is confirmed", not await life.routes(first))
    await life.confirm(machine_id)
    life.tell("it is routed once it is confirmed", await life.routes(first))
    life.tell("it signs what a machine signs", await life.signs(old))
    life.tell("it is refused another kind of event", not await life.signs(old, kind=1))
    life.tell("a spent seed lets nobody in", not await life.boots(late, first))

    cancelled = await life.pair(machine_id, require_confirmation=True)
    await life.ask("DELETE", f"/machines/{machine_id}/pairing")
    life.tell("a cancelled seed lets nobody in", not await life.boots(late, cancelled))
    life.tell("the connected machine works on meanwhile", await life.signs(old))

    second = await life.pair(machine_id, require_confirmation=True)
    life.tell("pairing again is for a new key", second["spire_pubkey"] != first["spire_pubkey"])
    life.tell(
        "a seed that ended unused leaves its key to the next",
        second["spire_pubkey"] == cancelled["spire_pubkey"],
    )
    life.tell("the new machine connects", await life.boots(new, second))
    await life.confirm(machine_id)
    life.tell("the older connection is cut by confirming", not await life.signs(old))

    third = await life.pair(machine_id, require_confirmation=True, rotate=True)
    life.tell("a rotation makes a new key", third["spire_pubkey"] != first["spire_pubkey"])
    life.tell("a machine connects to the new key", await life.boots(late, third))
    await life.confirm(machine_id)
    life.tell("the old key is cut by confirming", not await life.signs(new))

    await life.ask("POST", f"/machines/{machine_id}/revoke")
    life.tell("a revoked machine is not routed", not await life.routes(third))
    life.tell("a revoked machine gets no signature", not await life.signs(late))


async def test_the_line_that_nsecbunkerd_prints_names_a_bunker_too(
    own: OwnBunker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it was found: it ended in a KeyError."""
    async with own() as host:
        printed = _as_printed(host.bunker)
        monkeypatch.setenv("SPIREKEEPER_BUNKER_URL", printed)
        life = Life(host, tmp_path, _first_relay(printed))
        assert life.relay == host.relay.url
        assert (await life.ask("GET", "/bunker"))["reachable"]
        seed = await life.pair(await life.add())
        assert await life.boots(life.machine("its"), seed)
