"""Against what a user would have otherwise: the bunker's part of a pairing, done plainly.

Plainly is what a first script does: get_keys, get_policies, create_new_key, create_new_token and
get_key_tokens, one call after another, each over a connection of its own. Ours is mint.py's, whole,
over the connection that is open: the names of the keys are read anew, the policy is known, key and
token are asked for side by side.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from delay_proxy import delayed
from nostr_sdk import Keys
from plain_admin import PlainAdmin
from report import Section
from spirekeeper.bunker.address import BunkerAddress
from spirekeeper.bunker.client import NsecBunkerAdminClient
from spirekeeper.devkit.apart import Apart
from timing import Way, in_turns, ms

LOOPBACK_ROUNDS, FAR_ROUNDS = 20, 8
EACH_WAY_S = 0.05
"""100 ms are added to each round trip."""
PASSPHRASE = "a passphrase of the benchmarks"
POLICY = "spirekeeper-spire"


@dataclass(frozen=True)
class Far:
    """A bunker that has no keys yet, and the relay on the way to it."""

    relay: str
    bunker: str
    admin: Keys


async def sections() -> list[Section]:
    async with _bunker(0.0) as far:
        near = await _compared(far, "on loopback", rounds=LOOPBACK_ROUNDS, at_least=1.5)
    async with _bunker(EACH_WAY_S) as far:
        words = f"{2000 * EACH_WAY_S:.0f} ms further away"
        distant = await _compared(far, words, rounds=FAR_ROUNDS, at_least=3)
    distant.note(f"{1000 * EACH_WAY_S:.0f} ms each way between client and relay; opening a TCP")
    distant.note("connection costs none, which is in favour of the plain chain.")
    return [near, distant]


@asynccontextmanager
async def _bunker(each_way: float) -> AsyncIterator[Far]:
    admin = Keys.generate()
    with TemporaryDirectory(prefix="spirekeeper-bench-") as folder:
        # Read when LNbits is imported, which mint.py does; nothing is stored.
        os.environ["LNBITS_DATA_FOLDER"] = str(Path(folder) / "none")
        async with (
            Apart("relay") as relay,
            Apart("bunker", relay.ready, admin.public_key().to_hex(), folder) as bunker,
            delayed(relay.ready, each_way) as far,
        ):
            pubkey = BunkerAddress.parse(bunker.ready).pubkey
            yield Far(far.url if each_way else relay.ready, pubkey, admin)


async def _compared(far: Far, where: str, *, rounds: int, at_least: float) -> Section:
    """Each way in turn, a new key each time."""
    async with NsecBunkerAdminClient(
        bunker_pubkey=far.bunker,
        relays=[far.relay],
        admin_secret=far.admin.secret_key().to_hex(),
    ) as ours:
        mint = _minting(far, ours)
        await mint()
        ways: dict[str, Way] = {
            "ping": ours.ping,
            "plain": partial(_plain_chain, far),
            "one": partial(_chain_over_one_connection, far),
            "ours after another": mint,
            "ours": mint,
        }
        taken = await in_turns(ways, rounds)
    section = Section(f"Against a plain chain of calls, {where}")
    section.add("one round trip over an open connection (ping)", ms(taken["ping"]), "ms")
    section.add("five calls, a fresh connection for each", ms(taken["plain"]), "ms")
    section.add("the same over one fresh connection", ms(taken["one"]), "ms")
    what = "ours, when another admin was heard: keys and policies are read again"
    section.add(what, ms(taken["ours after another"]), "ms")
    section.add("ours, over the open connection", ms(taken["ours"]), "ms")
    section.add(
        "the plain chain by ours",
        ms(taken["plain"]) / ms(taken["ours"]),
        "times",
        at_least=at_least,
    )
    return section


async def _plain_chain(far: Far) -> None:
    async def ask(method: str, *params: object) -> object:
        async with _plain_admin(far) as admin:
            return await admin.ask(method, *params)

    await _chain(ask)


async def _chain_over_one_connection(far: Far) -> None:
    async with _plain_admin(far) as admin:
        await _chain(admin.ask)


def _plain_admin(far: Far) -> PlainAdmin:
    return PlainAdmin(far.relay, far.bunker, far.admin)


async def _chain(ask: Callable[..., Awaitable[object]]) -> None:
    name = f"spire-{uuid4().hex}"
    keys = await ask("get_keys")
    policies = await ask("get_policies")
    assert isinstance(keys, list)
    assert isinstance(policies, list)
    policy = next(each["id"] for each in policies if each["name"] == POLICY)
    await ask("create_new_key", name, PASSPHRASE)
    await ask("create_new_token", name, f"client-{name}", policy, 1)
    tokens = await ask("get_key_tokens", name)
    assert isinstance(tokens, list)
    (token,) = tokens
    assert token["client_name"] == f"client-{name}"


def _minting(far: Far, client: NsecBunkerAdminClient) -> Callable[[], Awaitable[None]]:
    """`await mint()`: what mint.py does for a machine that was never paired, with this client."""
    from spirekeeper.connection.open_bunker import OpenBunker
    from spirekeeper.connection.settings import BunkerConfig
    from spirekeeper.models import Machine, Pairing
    from spirekeeper.schemas.machines import PairMachineData
    from spirekeeper.steps.key_choice import choose_key
    from spirekeeper.steps.mint import mint

    config = BunkerConfig(
        source="environment",
        bunker_pubkey=client.address.pubkey,
        relays=client.address.relays,
        admin_secret=far.admin.secret_key().to_hex(),
        passphrases={"": PASSPHRASE},
        passphrase_id="",
        allow_private_relays=True,
        mint="bunker",
    )
    bunker = OpenBunker(config, client)
    request = PairMachineData(relays=[far.relay], allow_private_relays=True)
    now = datetime.now(timezone.utc)

    async def once() -> None:
        machine = Machine(
            id=uuid4().hex, operator_user_id="nobody", name="Bench", created_at=now, updated_at=now
        )
        key = await choose_key(machine, [], request, bunker)
        pairing = Pairing(
            id=uuid4().hex,
            machine_id=machine.id,
            key_name=key.name,
            bunker_pubkey=config.bunker_pubkey,
            passphrase_id=key.passphrase_id,
            client_name=f"spirekeeper-{machine.id}",
            bunker_relay=far.relay,
            relays=[far.relay],
            created_at=now,
            scan_before=now + timedelta(hours=1),
        )
        await mint(key, pairing, request, bunker)

    return once
