"""One sale's questions share their connections, and outlive them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
from spirekeeper.devkit.hostile_relay import HostileRelay
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.seed import Seed
from spirekeeper.spire.cash_orders import Order
from spirekeeper.spire.errors import CutOff, NoAnswer
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.service import Service
from support.cash_service import CashService
from support.raw_parties import RawAdmin
from unit.spire.two_connections import MakeSeed

ORDER = Order.new(20_000, None)
PATIENCE_S = 15.0
CONNECTIONS = 2
"""One to the bunker, one to the service."""


@pytest.fixture
async def answering(cash: CashService, relay: DevRelay) -> AsyncIterator[CashService]:
    async with cash.on(relay.url):
        yield cash


@pytest.fixture
async def service(
    machine: Machine, cash_seed: Seed, odd: HostileRelay, answering: CashService
) -> Service:
    """Of a machine that meets bunker and service over the one relay `odd`."""
    over = Seed.build(
        spire_pubkey=cash_seed.spire_pubkey,
        secret=cash_seed.secret,
        bunker_relay=odd.url,
        relays=[odd.url],
        service_pubkey=cash_seed.service_pubkey,
    )
    await machine.boot(over.encode())
    machine.timeout = 5.0
    return Service(machine)


async def sold(service: Service) -> None:
    """What is asked until the invoice is shown."""
    await service.make_invoice(ORDER)
    assert (await service.standing(ORDER)).state == "invoiced"


async def test_they_are_opened_once(service: Service, odd: HostileRelay) -> None:
    before = odd.opened
    await sold(service)
    assert odd.opened - before == 2 * CONNECTIONS, "each question opens its own otherwise"
    before = odd.opened
    async with service.kept_open():
        await sold(service)
        await sold(service)
    assert odd.opened - before == CONNECTIONS


async def test_they_are_opened_before_anything_is_asked(
    service: Service, odd: HostileRelay, answering: CashService
) -> None:
    before, asked = odd.opened, list(answering.asked)
    async with service.kept_open():
        await until(lambda: odd.opened - before == CONNECTIONS)
        assert answering.asked == asked
        await sold(service)
    assert odd.opened - before == CONNECTIONS


async def until(holds: Callable[[], bool]) -> None:
    async def look() -> None:
        while not holds():  # noqa: ASYNC110 - the relay has no event for it
            await asyncio.sleep(0.02)

    await asyncio.wait_for(look(), PATIENCE_S)


async def test_what_is_lost_is_opened_anew(service: Service, odd: HostileRelay) -> None:
    async with service.kept_open():
        await sold(service)
        await odd.stop()
        await odd.start()
        await sold(service)


async def test_after_no_answer_too(
    service: Service, machine: Machine, odd: HostileRelay, answering: CashService
) -> None:
    async with service.kept_open():
        await sold(service)
        machine.timeout = 1.0
        answering.silent = {"status"}
        with pytest.raises(NoAnswer):
            await service.terms()
        answering.silent = set()
        before = odd.opened
        assert (await service.terms()).on
        assert odd.opened - before == CONNECTIONS


async def test_a_machine_that_is_cut_off_meanwhile_hears_of_it(
    service: Service, machine: Machine, admin: RawAdmin
) -> None:
    async with service.kept_open():
        await sold(service)
        await admin.revoke(machine.client_pubkey)
        with pytest.raises(CutOff):
            await service.terms()


async def test_paired_again_meanwhile_it_asks_by_whichever_connection_signs(
    service: Service,
    machine: Machine,
    make_seed_of_new_key: MakeSeed,
    admin: RawAdmin,
    relay: DevRelay,
) -> None:
    older, rotated = machine.client_pubkey, CashService()
    async with service.kept_open(), rotated.on(relay.url):
        await sold(service)
        newer = replace(await make_seed_of_new_key(), service_pubkey=rotated.pubkey)
        await machine.boot(newer.encode())
        assert (await service.terms()).on
        await admin.revoke(older)
        for _ in range(2):
            assert (await service.terms()).on
    assert rotated.asked == ["status"] * 2
