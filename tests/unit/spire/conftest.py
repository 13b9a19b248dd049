"""A key in the development bunker with the rules of a spire, seeds for it, and a machine."""

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from nostr_sdk import Keys
from spirekeeper.devkit.bunker import DevBunker
from spirekeeper.devkit.hostile_relay import HostileRelay
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.seed import Seed
from spirekeeper.spire import cash_in, cash_out, patience
from spirekeeper.spire.machine import Machine
from support.cash_service import CashService
from support.commanding import Command
from support.fake_acceptor import FakeAcceptor
from support.fake_motor import FakeMotor
from support.raw_parties import RawAdmin
from support.raw_wire import RawClient
from unit.spire.desks import SATS, SellingDesk, TakingDesk
from unit.spire.mortal_spire import MortalSpire
from unit.spire.scripted_signer import ScriptedSigner
from unit.spire.street import Street
from unit.spire.two_connections import MakeSeed, Two


@pytest.fixture
async def admin(relay: DevRelay, admin_keys: Keys, bunker: DevBunker) -> AsyncIterator[RawAdmin]:
    async with RawClient(relay.url, admin_keys) as client:
        yield RawAdmin(client, bunker)


@pytest.fixture
async def odd(relay: DevRelay) -> AsyncIterator[HostileRelay]:
    """In front of the relay that the bunker uses."""
    async with HostileRelay(relay.url) as hostile:
        yield hostile


@pytest.fixture
async def spire_pubkey(admin: RawAdmin) -> str:
    """Of the key `spire-a`."""
    return await admin.make_key()


@pytest.fixture
async def make_seed(admin: RawAdmin, spire_pubkey: str, relay: DevRelay) -> MakeSeed:
    """`await make_seed(hours=…, relays=…)`: a seed for `spire-a` with a token of its own."""
    policy = await admin.make_policy()
    numbers = count(1)

    async def make(hours: str | None = None, relays: list[str] | None = None) -> Seed:
        name = f"client-{next(numbers)}"
        secret = await admin.make_token("spire-a", policy, client_name=name, hours=hours)
        return Seed.build(
            spire_pubkey=spire_pubkey,
            secret=secret,
            bunker_relay=relay.url,
            relays=relays or [relay.url],
        )

    return make


@pytest.fixture
async def make_seed_of_new_key(admin: RawAdmin, relay: DevRelay) -> MakeSeed:
    """`await make_seed_of_new_key(relays=…)`: a seed for `spire-a-2`, then one for `spire-a-3`, as
    a pairing brings them that the operator is to confirm."""
    policy = await admin.make_policy()
    numbers = count(2)

    async def make(relays: list[str] | None = None) -> Seed:
        name = f"spire-a-{next(numbers)}"
        pubkey = await admin.make_key(name)
        return Seed.build(
            spire_pubkey=pubkey,
            secret=await admin.make_token(name, policy),
            bunker_relay=relay.url,
            relays=relays or [relay.url],
        )

    return make


@pytest.fixture
async def seed(make_seed: MakeSeed) -> Seed:
    return await make_seed()


@pytest.fixture
def cash() -> CashService:
    """The operator's service, which answers once it is put on a relay."""
    return CashService()


@pytest.fixture
async def cash_seed(seed: Seed, cash: CashService) -> Seed:
    """Of a machine whose operator has switched cash on."""
    return replace(seed, service_pubkey=cash.pubkey)


@pytest.fixture
async def mortal() -> AsyncIterator[MortalSpire]:
    async with MortalSpire() as spire:
        yield spire


@pytest.fixture
async def street(admin: RawAdmin, spire_pubkey: str, tmp_path: Path) -> Street:
    return Street(admin, spire_pubkey, await admin.make_policy(), tmp_path)


@pytest.fixture
async def signer(relay: DevRelay) -> AsyncIterator[ScriptedSigner]:
    scripted = ScriptedSigner()
    async with scripted.on(relay.url):
        yield scripted


@pytest.fixture
def scripted_seed(signer: ScriptedSigner, relay: DevRelay) -> Seed:
    return Seed.build(
        spire_pubkey=signer.pubkey,
        secret="5ec4e7" * 10,
        bunker_relay=relay.url,
        relays=[relay.url],
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "spire"


@pytest.fixture
def machine(home: Path) -> Machine:
    return Machine(home)


@pytest.fixture
def spire(home: Path) -> Command:
    return Command(home, secrets=[])


@pytest.fixture
async def two(machine: Machine, admin: RawAdmin, seed: Seed, make_seed_of_new_key: MakeSeed) -> Two:
    await machine.boot(seed.encode())
    newer = await make_seed_of_new_key()
    await machine.boot(newer.encode())
    return Two(machine, admin, seed, newer)


@pytest.fixture
async def away() -> AsyncIterator[DevRelay]:
    """A relay that the bunker does not use."""
    async with DevRelay() as relay:
        yield relay


@pytest.fixture
async def aside(away: DevRelay) -> AsyncIterator[ScriptedSigner]:
    """A bunker of its own on that relay."""
    scripted = ScriptedSigner()
    async with scripted.on(away.url):
        yield scripted


@pytest.fixture
async def selling_desk(
    machine: Machine,
    cash_seed: Seed,
    home: Path,
    tmp_path: Path,
    cash: CashService,
    relay: DevRelay,
) -> AsyncIterator[SellingDesk]:
    await machine.boot(cash_seed.encode())
    motor = FakeMotor(tmp_path / "motor")
    motor.brings(2, SATS)
    desk = SellingDesk(machine, home, motor, cash)
    async with cash.on(relay.url) as desk.serving:
        yield desk


@pytest.fixture
async def taking_desk(
    machine: Machine,
    cash_seed: Seed,
    home: Path,
    tmp_path: Path,
    cash: CashService,
    relay: DevRelay,
) -> AsyncIterator[TakingDesk]:
    await machine.boot(cash_seed.encode())
    acceptor = FakeAcceptor(tmp_path / "acceptor")
    acceptor.takes(10_000, 5_000)
    desk = TakingDesk(machine, home, acceptor, cash)
    async with cash.on(relay.url) as desk.serving:
        yield desk


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for."""
    for module in (cash_in, cash_out):
        monkeypatch.setattr(module, "POLL_S", 0.01)
    monkeypatch.setattr(patience, "AGAIN_S", 0.01)
