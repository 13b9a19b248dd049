"""What a machine asks its operator's service about cash, and whom it believes."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from spirekeeper.devkit.hostile_relay import HostileRelay, Line
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.seed import Seed
from spirekeeper.spire.cash_orders import Order
from spirekeeper.spire.cash_wire import Quote, Said, Terms, check_invoice, read_leave, read_quote
from spirekeeper.spire.errors import (
    BadCashAnswer,
    CashRefused,
    NoAnswer,
    NoCash,
    NotForCash,
    NotNow,
    Refused,
    UnknownOrder,
    WrongAmount,
    WrongClock,
)
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.service import Service
from support.cash_service import CashService
from support.commanding import Command
from support.raw_parties import RawAdmin
from unit.spire.two_connections import MakeSeed

ORDER = Order.new(20_000, "20 EUR")
UP = Terms(
    on=True,
    smallest=1_000,
    largest=500_000,
    fee_ppm=50_000,
    fee_fixed=10,
    in_on=True,
    in_fee_ppm=20_000,
    in_fee_fixed=1,
)


@pytest.fixture
async def booted(machine: Machine, cash_seed: Seed) -> Machine:
    await machine.boot(cash_seed.encode())
    machine.timeout = 5.0
    return machine


@pytest.fixture
async def service(booted: Machine) -> Service:
    return Service(booted)


@pytest.fixture
async def answering(cash: CashService, relay: DevRelay) -> AsyncIterator[CashService]:
    async with cash.on(relay.url):
        yield cash


def tags(cash: CashService) -> list[list[str]]:
    return [tag.as_vec() for tag in cash.requests[-1].tags().to_vec()]


async def test_terms_and_a_quote(service: Service, answering: CashService) -> None:
    assert await service.terms() == UP
    assert await service.quote(20_000) == Quote(gross=20_000, fee=1_010, net=18_990)
    assert answering.asked == ["status", "quote"]
    created = answering.requests[-1].created_at().as_secs()
    assert ["p", answering.pubkey] in tags(answering)
    [expires] = [int(tag[1]) for tag in tags(answering) if tag[0] == "expiration"]
    assert created + 299 <= expires <= created + 301
    assert "clink_version" not in {tag[0] for tag in tags(answering)}


async def test_an_invoice_is_asked_for_as_clink_says(
    service: Service, answering: CashService
) -> None:
    await service.make_invoice(ORDER)
    assert ["clink_version", "1"] in tags(answering)
    assert answering.requests[-1].kind().as_u16() == 21001
    assert answering.only.payer == {"order": ORDER.id, "fiat": {"amount": "20", "code": "EUR"}}
    standing = await service.standing(ORDER)
    assert (standing.state, standing.sats, standing.bolt11) == (
        "invoiced",
        20_000,
        answering.only.bolt11,
    )
    assert standing.left
    assert 170 < standing.left <= 180
    await service.make_invoice(ORDER)
    assert len(answering.orders) == 1


async def test_a_machine_paired_without_cash(
    machine: Machine, seed: Seed, answering: CashService
) -> None:
    await machine.boot(seed.encode())
    with pytest.raises(NotForCash, match="Pair it again"):
        await Service(machine).terms()
    assert answering.asked == []


async def test_each_connection_asks_the_service_of_its_own_seed(
    machine: Machine,
    cash_seed: Seed,
    make_seed_of_new_key: MakeSeed,
    admin: RawAdmin,
    relay: DevRelay,
) -> None:
    await machine.boot(cash_seed.encode())
    older = machine.state.connected
    assert older
    rotated = CashService()
    newer = replace(await make_seed_of_new_key(), service_pubkey=rotated.pubkey)
    await machine.boot(newer.encode())
    await admin.revoke(older.client_pubkey)
    async with rotated.on(relay.url):
        assert await Service(machine).terms() == UP
    assert machine.state.connected
    assert machine.state.connected.service_pubkey == rotated.pubkey


async def test_it_is_asked_over_each_relay_that_is_up(
    machine: Machine, cash_seed: Seed, cash: CashService, relay: DevRelay
) -> None:
    async with DevRelay() as second:
        relays = ("ws://127.0.0.1:1", second.url)
        await machine.boot(replace(cash_seed, relays=relays).encode())
        async with cash.on(second.url):
            assert await Service(machine).terms() == UP


async def test_no_answer_and_one_that_is_none(
    service: Service, booted: Machine, answering: CashService
) -> None:
    answering.silent = {"status"}
    booted.timeout = 1.0
    with pytest.raises(NoAnswer, match="not take this machine"):
        await service.terms()
    assert set(answering.asked) == {"status"}
    answering.silent = set()
    assert await service.terms() == UP, "it may be asked again"
    answering.refuses = {"status": ["data"]}  # type: ignore[dict-item]
    with pytest.raises(BadCashAnswer, match="no JSON object"):
        await service.terms()


async def test_nothing_else_is_believed(
    machine: Machine, cash_seed: Seed, cash: CashService, odd: HostileRelay, relay: DevRelay
) -> None:
    """Each lie comes before the answer, and says no where that says yes."""
    said: list[str] = []

    async def lying(line: Line, message: list[Any]) -> bool:
        match message:
            case ["EVENT", _, {"pubkey": cash.pubkey, "tags": [["p", me], ["e", asked], *_]}]:
                for lie in lies(cash, me, asked):
                    said.append(lie)
                    await line.pass_on(lie)
        return True

    await machine.boot(replace(cash_seed, relays=(odd.url,)).encode())
    odd.behave(down=lying)
    async with cash.on(relay.url):
        await Service(machine).make_invoice(ORDER)
    assert len(said) == len(lies(cash, cash.pubkey, "0" * 64))


def lies(cash: CashService, me: str, asked: str) -> list[str]:
    no = {"error": "No.", "code": 1}
    stranger = CashService()
    forged = {**json.loads(cash.event(21001, me, asked, no)), "sig": "0" * 128}
    altered = {**json.loads(cash.event(21001, me, asked, no)), "created_at": 1}
    return [
        stranger.event(21001, me, asked, no),
        json.dumps({**json.loads(stranger.event(21001, me, asked, no)), "pubkey": cash.pubkey}),
        cash.event(21001, me, "0" * 64, no),
        cash.event(21000, me, asked, no),
        cash.event(21001, me, asked, no, version="2"),
        cash.event(21001, me, asked, no, version=""),
        cash.event(21001, stranger.pubkey, asked, no),
        json.dumps(forged),
        json.dumps(altered),
        '{"pubkey": 7}',
    ]


@pytest.mark.parametrize(
    ("asks", "answer", "error", "words"),
    [
        ("quote", {"error": "amount: x", "range": {"min": 5, "max": 9}}, WrongAmount, "5 to 9"),
        ("quote", {"error": "rate: Too many.", "retry_after": 1}, NotNow, "Too many"),
        ("quote", {"error": "temporary: Not now."}, NotNow, "again later"),
        ("quote", {"error": "unknown_order: None."}, UnknownOrder, "no such order"),
        ("quote", {"error": "denied: It is off."}, CashRefused, 'no: "It is off."'),
        ("quote", {"error": "Something else"}, CashRefused, "Something else"),
        ("quote", {"error": 7}, BadCashAnswer, "`error`"),
        ("quote", {}, BadCashAnswer, "`data`"),
        ("quote", {"data": {"gross_sats": True}}, BadCashAnswer, "`gross_sats`"),
        ("quote", {"data": {"gross_sats": 1.0}}, BadCashAnswer, "`gross_sats`"),
        ("invoice", {"error": "x", "code": 5, "range": {"min": 5, "max": 9}}, WrongAmount, "5 to"),
        ("invoice", {"error": "x", "code": 2}, NotNow, "again later"),
        ("invoice", {"error": "x", "code": 1}, CashRefused, 'no: "x"'),
        ("invoice", {"error": "x", "code": [1]}, CashRefused, 'no: "x"'),
        ("invoice", {"bolt11": 1}, BadCashAnswer, "`bolt11`"),
        ("invoice", {"res": "no"}, BadCashAnswer, "`bolt11`"),
    ],
)
def test_refusals_of_both_wires(
    asks: str, answer: dict[str, Any], error: type[NoCash], words: str
) -> None:
    said = Said(answer, at=0, here_at=0)
    with pytest.raises(error, match=words) as refused:
        (check_invoice if asks == "invoice" else read_quote)(said)
    assert type(refused.value) is error


def test_a_yes_for_another_order_or_attempt_is_none() -> None:
    order = replace(ORDER, attempt="a" * 32)
    yes = {"order": order.id, "attempt": order.attempt, "dispense": True}
    assert read_leave(Said({"data": yes}, at=0, here_at=0), order) is None
    for other in ({"order": "0" * 32}, {"attempt": "0" * 32}, {"attempt": None}, {"dispense": 1}):
        with pytest.raises(BadCashAnswer):
            read_leave(Said({"data": {**yes, **other}}, at=0, here_at=0), order)


@pytest.mark.parametrize(
    ("asks", "ahead", "words"),
    [
        ("status", 432, [f"7 min {seconds} s behind" for seconds in (12, 11, 10)]),
        ("invoice", -70, [f"1 min {seconds} s ahead of" for seconds in (10, 11, 12)]),
    ],
)
async def test_a_clock_that_is_wrong_is_told_by_how_much(
    asks: str, ahead: int, words: list[str], service: Service, answering: CashService
) -> None:
    answering.dated = ahead
    delta = {"max_delta_ms": 300_000, "actual_delta_ms": abs(ahead) * 1000}
    answering.refuses = {
        "status": {"error": "clock: Set it.", "delta": delta},
        "invoice": {"error": "Set it.", "code": 2, "delta": delta},
    }
    with pytest.raises(WrongClock, match=r"The clock .* [0-9]+ s .*Set the time") as refused:
        await (service.terms() if asks == "status" else service.make_invoice(ORDER))
    # A second may pass between the two looks at the clock.
    assert any(each in str(refused.value) for each in words)


async def test_a_bunker_whose_rules_leave_clink_out(
    machine: Machine, admin: RawAdmin, spire_pubkey: str, answering: CashService, relay: DevRelay
) -> None:
    policy = await admin.make_policy("old", [("sign_event", 30078), ("nip44_encrypt", "")])
    seed = Seed.build(
        spire_pubkey=spire_pubkey,
        secret=await admin.make_token("spire-a", policy),
        bunker_relay=relay.url,
        relays=[relay.url],
        service_pubkey=answering.pubkey,
    )
    await machine.boot(seed.encode())
    with pytest.raises(Refused, match="sign_event for kind 21001"):
        await Service(machine).make_invoice(ORDER)


@pytest.mark.usefixtures("booted")
async def test_the_commands(spire: Command, answering: CashService) -> None:
    shown = await spire("cash")
    assert shown.out.splitlines() == [
        "cash-out: ready",
        "limits: 1000 to 500000 sats",
        "fee: 5 % and 10 sats",
        "cash-in: ready",
        "fee of cash-in: 2 % and 1 sats",
    ]
    quote = await spire("quote", "--sats", "20000")
    assert quote.out.splitlines()[-1] == "the notes are worth: 18990 sats"
    answering.refuses = {"quote": {"error": "amount: x", "range": {"min": 5, "max": 9}}}
    refused = await spire("quote", "--sats", "20000")
    assert (refused.code, "5 to 9 sats" in refused.error) == (8, True)
