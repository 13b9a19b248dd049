"""The machine of examples/, against a stand-in for the service: whom it believes, what runs twice,
and what it makes of each answer."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from spirekeeper.devkit.hostile_relay import HostileRelay, Line
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.seed import Seed
from support.cash_service import CashService, Serving, Sold
from support.example_machine import SOURCE, ExampleMachine, Ran
from support.fake_acceptor import FakeAcceptor
from support.fake_motor import FakeMotor
from unit.spire.test_service import lies
from unit.spire.two_connections import MakeSeed

SATS = 20_000
FIRST, LAST, LAST_IN = 3, 16, 12
"""Steps of a whole sale, beyond the folder's own: before and after each line on the disk, and each
start of a program."""


@pytest.fixture
def motor(tmp_path: Path) -> FakeMotor:
    motor = FakeMotor(tmp_path / "motor")
    motor.brings(2, SATS)
    return motor


@pytest.fixture
async def example(built_example: Path, home: Path, cash_seed: Seed) -> ExampleMachine:
    return await scanned(built_example, home, cash_seed)


async def scanned(built: Path, home: Path, seed: Seed) -> ExampleMachine:
    machine = ExampleMachine(built, home)
    ran = await machine.run("scan", seed.encode())
    assert ran.code == 0, ran.error
    assert re.fullmatch(r"fingerprint( [0-9a-z]{4}){4}", ran.said[0])
    return machine


def words(motor: FakeMotor) -> tuple[str, ...]:
    return ("sell", motor.command, str(SATS), "20", "EUR")


async def sells(machine: ExampleMachine, serving: Serving, motor: FakeMotor) -> Ran:
    """To a customer who pays."""
    return await machine.run(*words(motor), pays=lambda _: serving.pay(last(serving.service)))


def last(cash: CashService) -> Sold:
    return list(cash.orders.values())[-1]


async def test_the_example_believes_nothing_else(
    built_example: Path,
    home: Path,
    cash_seed: Seed,
    cash: CashService,
    odd: HostileRelay,
    relay: DevRelay,
    motor: FakeMotor,
) -> None:
    """Each lie comes before the invoice, and says no where that says yes."""
    said: list[str] = []

    async def lying(line: Line, message: list[Any]) -> bool:
        match message:
            case ["EVENT", _, {"kind": 21001, "tags": [["p", me], ["e", asked], *_]}]:
                for lie in lies(cash, me, asked):
                    said.append(lie)
                    await line.pass_on(lie)
        return True

    machine = await scanned(built_example, home, replace(cash_seed, relays=(odd.url,)))
    odd.behave(down=lying)
    async with cash.on(relay.url) as serving:
        ran = await sells(machine, serving, motor)
    assert ran.said[-1] == "reported", ran.error
    assert said
    assert (cash.only.state, motor.ran) == ("dispensed", [f"{SATS} 20 EUR"])


OUT: list[tuple[str, str | None]] = [
    ('{"notes": 2, "sats": 20000}', "dispensed"),
    ('{"notes": 1, "sats": 10000}', "short"),
    ('{"notes": 0, "sats": 0}', "short"),
    ('{"notes": 0, "sats": 5}', None),
    ('{"notes": 2, "sats": 20001}', None),
    ('it said {"notes": 2, "sats": 20000}', None),
    ('{"notes": 2, "sats": 20000}\njammed', None),
    ("", None),
]
"""What the dispenser says, and what becomes of the order; None: nobody knows."""


@pytest.mark.long
async def test_what_came_out_is_reported_or_nobody_knows(
    example: ExampleMachine, cash: CashService, relay: DevRelay, motor: FakeMotor
) -> None:
    async with cash.on(relay.url) as serving:
        for number, (says, state) in enumerate(OUT, 1):
            motor.says(says)
            ran = await sells(example, serving, motor)
            assert ran.said[-1] == ("reported" if state else "unknown"), ran.error
            assert last(cash).state == (state or "dispensing")
            assert len(motor.ran) == number


NO_LEAVE: list[tuple[str, str | None]] = [
    ("another_attempt", "over"),
    ("paid_late", "over"),
    ("too_late", "reported"),
    ("stopped", None),
    ("not_paid", None),
]
"""Why there is no yes, and how the order ends; None: it may go on later."""


@pytest.mark.long
async def test_without_a_yes_no_motor_runs(
    example: ExampleMachine, cash: CashService, relay: DevRelay, motor: FakeMotor
) -> None:
    async with cash.on(relay.url) as serving:
        for number, (why, ends) in enumerate(NO_LEAVE):
            cash.denies = why
            ran = await sells(example, serving, motor)
            assert ran.said[-1] == ends if ends else (ran.code == 1 and why in ran.error)
            assert len(motor.ran) == max(0, number - 3)
            cash.denies = None
            gone_on = await example.run("go-on", motor.command)
            assert gone_on.said == ([] if ends else ["reported"])


@pytest.mark.long
async def test_one_at_a_time_with_a_journal_whose_last_line_may_be_cut_off(
    example: ExampleMachine, cash: CashService, relay: DevRelay, motor: FakeMotor
) -> None:
    motor.is_fit(False)
    second: list[int] = []

    async def pays(_bolt11: str) -> None:
        second.append((await example.run("go-on", motor.command)).code)
        await serving.pay(last(cash))

    async with cash.on(relay.url) as serving:
        assert (await example.run(*words(motor))).code == 1
        assert cash.asked == [], "without notes nothing is asked"
        motor.is_fit(True)
        with (example.home / "journal").open("a") as journal:
            journal.write('\n{"id": "b", "st')
        assert (await example.run(*words(motor), pays=pays)).said[-1] == "reported"
    assert (second, len(motor.ran)) == ([1], 1)


@pytest.mark.long
async def test_killed_at_each_step(
    built_example: Path, tmp_path: Path, make_seed: MakeSeed, relay: DevRelay
) -> None:
    """It goes on, and no motor runs twice; or it may have run, and the operator is told of it."""

    async def story(step: int) -> None:
        cash, motor = CashService(), FakeMotor(tmp_path / f"motor-{step}")
        motor.brings(2, SATS)

        async def pays(_bolt11: str) -> None:
            await serving.pay(cash.only)

        seed = replace(await make_seed(), service_pubkey=cash.pubkey)
        machine = await scanned(built_example, tmp_path / f"home-{step}", seed)
        async with cash.on(relay.url) as serving:
            assert (await machine.run(*words(motor), pays=pays, dies_at=step)).killed, step
            if not machine.orders:
                assert cash.asked == []
                return
            await machine.run("go-on", motor.command, pays=pays)
        [order] = machine.orders
        if order["step"] == "reported":
            assert (cash.only.state, len(motor.ran)) == ("dispensed", 1)
        else:
            assert (order["step"], cash.only.state) == ("unknown", "dispensing")
            assert len(motor.ran) <= 1

    for first in range(FIRST, LAST, 2):
        await asyncio.gather(story(first), story(first + 1))


@pytest.fixture
def acceptor(tmp_path: Path) -> FakeAcceptor:
    acceptor = FakeAcceptor(tmp_path / "acceptor")
    acceptor.takes(SATS // 2, SATS // 4)
    return acceptor


async def test_notes_for_sats_by_a_link(
    example: ExampleMachine, cash: CashService, relay: DevRelay, acceptor: FakeAcceptor
) -> None:
    """Sats are held before the first note, or none is taken."""
    cash.takes.fetches = True
    take = ("take", acceptor.command, str(SATS))
    async with cash.on(relay.url):
        cash.refuses = {"hold": {"error": "cap_hour: It has paid out what it may."}}
        refused = await example.run(*take)
        assert (refused.code, acceptor.ran) == (1, [])
        assert "paid out what it may" in refused.error
        cash.refuses = {}
        taken = await example.run(*take)
        assert taken.said[-1] == "sent", taken.error
        bought = cash.takes.only
        assert f"fetch LIGHTNING:{bought.lnurl.upper()}" in taken.said
        assert (bought.said, bought.paid) == (SATS * 3 // 4, ["link"])
        assert acceptor.ran == [str(SATS)]


@pytest.mark.long
async def test_killed_at_each_step_of_taking_notes(
    built_example: Path, tmp_path: Path, make_seed: MakeSeed, relay: DevRelay
) -> None:
    """No order takes notes twice; who inserted them is paid once, or the operator counts."""

    async def story(step: int) -> None:
        cash, acceptor = CashService(), FakeAcceptor(tmp_path / f"acceptor-{step}")
        acceptor.takes(SATS // 2, SATS // 4)
        cash.takes.fetches = True
        seed = replace(await make_seed(), service_pubkey=cash.pubkey)
        machine = await scanned(built_example, tmp_path / f"home-{step}", seed)
        async with cash.on(relay.url):
            assert (await machine.run("take", acceptor.command, str(SATS), dies_at=step)).killed
            await machine.run("go-on", acceptor.command)
        assert len(acceptor.ran) <= 1
        steps = [order["step"] for order in machine.orders]
        paid = [order.paid for order in cash.takes.orders.values() if order.paid]
        assert (steps, paid) in (
            ([], []),
            (["over"], []),
            (["unknown"], []),
            (["sent"], [["link"]]),
        )

    for first in range(FIRST, LAST_IN, 2):
        await asyncio.gather(story(first), story(first + 1))


def test_its_reader_of_seeds_is_the_docs() -> None:
    page = (SOURCE.parent / "docs" / "seed-url.md").read_text()
    reader, fingerprint = re.findall(r"```typescript\n(.*?)```", page, re.S)
    here = (SOURCE / "seed.mts").read_text()
    assert reader in here
    assert fingerprint[fingerprint.index("export") :] in here


def test_it_is_short() -> None:
    assert (SOURCE / "machine.mts").read_text().count("\n") <= 150
