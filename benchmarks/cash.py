"""A customer's wait at the machine: for the invoice, and for the machine to know that it is paid.

Each machine asks through its bunker, over connections of its own, and shows an invoice after two
questions: for the invoice, and for how the order stands. What that cannot do without is measured in
the same run: three requests to the bunker a question (seal, sign, open), over a connection that is
open already, and LNbits' own invoice or payment for the same wallet. The bunker is as far away as
makes a request take 20 to 40 ms, as one to a real daemon does.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

import httpx
from delay_proxy import delayed
from house import INSIDE, Site, add_machines, ok, running_site
from report import Section
from spirekeeper.devkit.api import DCA
from spirekeeper.seed import Seed
from spirekeeper.spire.cash_orders import Order
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.service import Service
from spirekeeper.spire.signer import RemoteSigner, open_signer
from timing import ms, timed

FLEETS = (1, 50, 500)
ORDERS, WARM_UP = 20, 3
RATE = 0.5
"""Customers a second, at whichever machine: the busiest hour of 500 with 20 customers a day each.
More at once share this computer's two cores with their own machines, relay and bunker."""
A_MACHINE_S = 7
"""Seconds between two of one machine, which may ask thirty times a minute."""
SATS, TOPPED_UP = 1000, 10_000_000
TIMES = 1.5
SIDE_BY_SIDE = 8
TIMEOUT_S = 30.0
AWAY_S = 0.01
"""Each way, to the bunker."""
CHOOSES_S, SCANS_S = 0.5, 0.3
"""A customer takes longer to choose an amount, meanwhile connections are opened; and to scan."""
CONTENT = '{"rpc_name": "get_payment", "auth_level": "AUTH_WALLET", "body": {"order": "%s"}}' % (
    "0" * 32
)


@dataclass
class Taken:
    """Seconds of each order's parts, and of what stands under them."""

    shown: list[float] = field(default_factory=list)
    known: list[float] = field(default_factory=list)
    question: list[float] = field(default_factory=list)
    """The bunker's share of one."""
    invoice: list[float] = field(default_factory=list)
    payment: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Stand:
    """A machine, and the wallet that it sells for."""

    machine: Machine
    wallet_id: str


async def sections() -> list[Section]:
    async with (
        running_site() as site,
        site.client() as http,
        delayed(site.relay.ready, AWAY_S) as bunker,
    ):
        customer = await Customer.of(site)
        fleet: list[Stand] = []
        found = []
        for size in FLEETS:
            fleet += await _booted(site, http, bunker.url, len(fleet), size - len(fleet))
            found.append(_section(size, await _sold(customer, fleet)))
        return found


@dataclass(frozen=True)
class Customer:
    """Has a wallet in the same LNbits."""

    http: httpx.AsyncClient
    key: str

    @classmethod
    async def of(cls, site: Site) -> "Customer":
        http = site.client(account=site.superuser)
        wallet = (await ok(http, "GET", "/api/v1/auth"))["wallets"][0]
        body = {"id": wallet["id"], "amount": TOPPED_UP}
        await ok(http, "PUT", "/users/api/v1/balance", json=body)
        return cls(http, wallet["adminkey"])

    async def pays(self, bolt11: str) -> None:
        body = {"out": True, "bolt11": bolt11}
        await ok(self.http, "POST", "/api/v1/payments", json=body, headers={"X-Api-Key": self.key})


async def _booted(
    site: Site, http: httpx.AsyncClient, bunker: str, first: int, more: int
) -> list[Stand]:
    """New machines that may sell, and have asked; they reach the bunker over the relay `bunker`."""
    ids = await add_machines(http, more, f"Cash {first:03}")
    room = asyncio.Semaphore(SIDE_BY_SIDE)

    async def boot(number: int, machine_id: str) -> Stand:
        path = f"{DCA}/machines/{machine_id}"
        async with room:
            machine = Machine(site.folder / f"spire-{number}", timeout=TIMEOUT_S)
            await ok(http, "PUT", f"{path}/cash", json={"out_on": True, "smallest": 1})
            pair = {"relays": [site.relay.ready], "allow_private_relays": True}
            made = await ok(http, "POST", f"{path}/pair", json=pair)
            await machine.boot(_over(Seed.decode(made["seed_url"]), bunker).encode())
            await ok(http, "GET", f"{path}/pairing")
            client = {"client_pubkey": machine.client_pubkey}
            await ok(http, "POST", f"{path}/pairing/confirm", json=client)
            await Service(machine).terms()
            return Stand(machine, (await ok(http, "GET", path))["wallet_id"])

    return list(await asyncio.gather(*(boot(first + n, id_) for n, id_ in enumerate(ids))))


def _over(seed: Seed, bunker: str) -> Seed:
    return Seed.build(
        spire_pubkey=seed.spire_pubkey,
        secret=seed.secret,
        bunker_relay=bunker,
        relays=seed.relays,
        service_pubkey=seed.service_pubkey,
    )


async def _sold(customer: Customer, fleet: list[Stand]) -> Taken:
    """Orders on a schedule, at the machines in turn."""
    taken = Taken()
    begin, pause = perf_counter(), max(1 / RATE, A_MACHINE_S / len(fleet))

    async def one(number: int) -> None:
        await asyncio.sleep(begin + number * pause - perf_counter())
        stand = fleet[number % len(fleet)]
        await _order(customer, stand, taken if number >= WARM_UP else Taken())

    await asyncio.gather(*(one(number) for number in range(WARM_UP + ORDERS)))
    return taken


async def _order(customer: Customer, stand: Stand, taken: Taken) -> None:
    machine = stand.machine
    service, order = Service(machine), Order.new(SATS, None)
    async with service.kept_open():
        await asyncio.sleep(CHOOSES_S)
        began = perf_counter()
        await service.make_invoice(order)
        standing = await service.standing(order)
        taken.shown.append(perf_counter() - began)
        assert standing.bolt11
        async with service.news() as ears:
            await asyncio.sleep(SCANS_S)
            paying = asyncio.create_task(customer.pays(standing.bolt11))
            began = perf_counter()
            await ears.heard()
            assert (await service.standing(order)).state == "paid"
            taken.known.append(perf_counter() - began)
            await paying
    async with _signer(machine) as signer:
        taken.question.append(await timed(lambda: _bunkers_share(machine, signer)))
    path = f"/{INSIDE}/api/v1/invoice?wallet_id={stand.wallet_id}&sats={SATS}"
    made = await ok(customer.http, "POST", path)
    taken.invoice.append(made["seconds"])
    taken.payment.append(await timed(lambda: customer.pays(made["bolt11"])))


@asynccontextmanager
async def _signer(machine: Machine) -> AsyncIterator[RemoteSigner]:
    """Connected, and asked once."""
    (connection,) = machine.state.both
    async with open_signer(connection, TIMEOUT_S) as signer:
        await signer.check_public_key()
        yield signer


async def _bunkers_share(machine: Machine, signer: RemoteSigner) -> None:
    """A question is sealed and signed, and its answer opened."""
    (connection,) = machine.state.both
    assert connection.service_pubkey
    sealed = await signer.nip44_encrypt(connection.service_pubkey, CONTENT)
    await signer.sign_event(21000, sealed, [["p", connection.service_pubkey]])
    await signer.nip44_decrypt(connection.service_pubkey, sealed)


def _section(machines: int, taken: Taken) -> Section:
    question = median(taken.question)
    shown, known = 2 * question + median(taken.invoice), question + median(taken.payment)
    section = Section(f"Cash-out: {machines} machines, at most {RATE:g} customer a second")
    for name, seconds, floor in (
        ("from asking until the invoice is shown", taken.shown, shown),
        ("from paying until the machine knows", taken.known, known),
    ):
        section.add(f"{name}: median", ms(seconds), "ms")
        section.add(f"{name}: p95", 1000 * sorted(seconds)[int(0.95 * len(seconds))], "ms")
        section.add(f"{name}: what it needs", 1000 * floor, "ms")
        section.add(f"{name}: by that", median(seconds) / floor, "times", at_most=TIMES)
    section.add("of it, the bunker for one question", ms(taken.question), "ms")
    section.add("of it, LNbits' own invoice", ms(taken.invoice), "ms")
    section.add("of it, LNbits' own payment, over HTTP", ms(taken.payment), "ms")
    return section
