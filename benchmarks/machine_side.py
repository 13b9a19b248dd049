"""The machine's side: how many requests it boots with, and how fast it has events signed."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from event_costs import event_costs
from nostr_sdk import Keys
from report import Section
from rpc_count import requests_heard
from spirekeeper.bunker.address import BunkerAddress
from spirekeeper.bunker.answers import PolicyRule
from spirekeeper.bunker.client import NsecBunkerAdminClient
from spirekeeper.devkit.apart import Apart
from spirekeeper.seed import Seed
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.signer import RemoteSigner, open_signer
from spirekeeper.spire.state import Connection
from timing import in_turns, ms, timed

BOOTS, MOST_REQUESTS = 10, 3
EVENTS, BATCH, IN_FLIGHT = 1000, 50, 16
SHARE = 0.9
LISTENS_S = 0.2
"""A key listens a moment after the bunker has said that it is there."""
TIMEOUT_S = 60.0
KIND = 21000
CONTENT = json.dumps({"request": "withdraw", "amount": 125_000, "currency": "EUR"})
RULES = [PolicyRule("sign_event", KIND), PolicyRule("ping")]
"""A spire's policy has no ping; a ping that is asked of the policy, as a signature is, compares."""


@dataclass(frozen=True)
class House:
    """A relay and a bunker in which machines' keys are made without an LNbits."""

    folder: Path
    relay: str
    admin: NsecBunkerAdminClient
    policy_id: str

    async def seed(self, name: str) -> Seed:
        pubkey = await self.admin.create_new_key(name, "a passphrase of the benchmarks")
        await self.admin.create_new_token(name, f"client of {name}", self.policy_id)
        (token,) = await self.admin.get_key_tokens(name)
        await asyncio.sleep(LISTENS_S)
        return Seed.build(
            spire_pubkey=pubkey, secret=token.secret, bunker_relay=self.relay, relays=[self.relay]
        )


async def sections() -> list[Section]:
    async with _house() as house:
        return [await _first_event(house), await _many_events(house)]


@asynccontextmanager
async def _house() -> AsyncIterator[House]:
    keys = Keys.generate()
    with TemporaryDirectory(prefix="spirekeeper-bench-") as name:
        folder, admin_pubkey = Path(name), keys.public_key().to_hex()
        async with (
            Apart("relay") as relay,
            Apart("bunker", relay.ready, admin_pubkey, str(folder / "bunker")) as bunker,
            NsecBunkerAdminClient(
                bunker_pubkey=BunkerAddress.parse(bunker.ready).pubkey,
                relays=[relay.ready],
                admin_secret=keys.secret_key().to_hex(),
            ) as admin,
        ):
            await admin.create_new_policy("bench", RULES)
            (policy,) = await admin.refresh_policies()
            yield House(folder, relay.ready, admin, policy.id)


async def _first_event(house: House) -> Section:
    """Boot from a seed, then the first signature; each opens a connection of its own."""
    requests, taken = [], []
    for number in range(BOOTS):
        seed = await house.seed(f"boot-{number}")
        machine = Machine(house.folder / f"spire-{number}")
        async with requests_heard(house.relay, seed.spire_pubkey) as heard:
            taken.append(await timed(partial(_boot_and_sign, machine, seed)))
            requests.append(await heard.so_far())
    section = Section("The machine: from its seed to the first signed event")
    section.add("requests to the bunker", max(requests), at_most=MOST_REQUESTS)
    section.add("from the seed to the event, with two connections", ms(taken), "ms")
    return section


async def _boot_and_sign(machine: Machine, seed: Seed) -> None:
    await machine.boot(seed.encode())
    await machine.sign(KIND, CONTENT)


async def _many_events(house: House) -> Section:
    """Signatures over one connection, against pings over the same with as many in flight."""
    seed = await house.seed("many")
    connection = Connection.begin(seed, nip04=False)
    async with open_signer(connection, TIMEOUT_S) as signer:
        await signer.connect(seed.secret, tried_before=False)
        taken = await in_turns(
            {
                "event": lambda: _in_flight(lambda: signer.sign_event(KIND, CONTENT, [])),
                "ping": lambda: _in_flight(lambda: _ping(signer)),
                **event_costs(KIND, CONTENT, BATCH),
            },
            EVENTS // BATCH,
        )
    each = {what: 1000 * median(seconds) / BATCH for what, seconds in taken.items()}
    longer = each["its messages"] - each["a ping's messages"]
    floor = each["ping"] + each["sign"] + each["verify"]
    section = Section(f"The machine: {EVENTS} events signed, {IN_FLIGHT} in flight")
    section.add("signed in a second", 1000 / each["event"])
    section.add("one event", each["event"], "ms")
    section.add("one encrypted ping", each["ping"], "ms")
    section.add("signing an event, in the bunker", each["sign"], "ms")
    section.add("reading and verifying one, in the machine", each["verify"], "ms")
    section.add("sealing and opening its longer messages, at both ends", longer, "ms")
    section.add("share of the pings' rate, less signing and verifying", floor / each["event"])
    section.add(
        "share of the rate of pings of that length, less both",
        (floor + longer) / each["event"],
        at_least=SHARE,
    )
    section.note("A signature's two messages are far longer than a ping's, and nostr-sdk takes")
    section.note("its time by the byte: that is neither signing nor verifying, and is told apart.")
    return section


async def _ping(signer: RemoteSigner) -> None:
    """No machine of ours pings: its policy has no rule for that, and it needs none."""
    assert await signer._call("ping") == "pong"


async def _in_flight(one: Callable[[], Awaitable[Any]]) -> None:
    """A batch, always as many of it under way."""
    left = iter(range(BATCH))

    async def next_ones() -> None:
        for _ in left:
            await one()

    await asyncio.gather(*(next_ones() for _ in range(IN_FLIGHT)))
