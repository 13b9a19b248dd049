"""Relays between a machine and who answers it: what they lose, repeat and turn round, and what they
are in the field. An order ends once, and well."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from spirekeeper.devkit.hostile_relay import HostileRelay, Manner, together
from spirekeeper.devkit.postgres import Postgres
from spirekeeper.devkit.relay_kinds import RelayKind
from spirekeeper.spire import patience, service_line
from spirekeeper.spire.cash_orders import Order
from spirekeeper.spire.errors import NoAnswer, NotNow
from support.cash import KINDS
from support.cash_ledger import amiss, read_books
from support.host import Host
from support.own_bunker import own_bunker
from support.relay_manners import losing_some, reordering, repeating
from support.relay_talk import of_kind
from support.stall import Stall, stall
from support.watching import watching

SATS = 1000
SEED = 20261130
TOO_SMALL = RelayKind.NOSTR_RELAY
"""It takes events of 4 KiB, which a bunker's answers soon outgrow."""


def losing() -> Manner:
    return losing_some(KINDS, Random(SEED), share=0.25)  # noqa: S311


def all_of_it() -> Manner:
    return together(losing(), repeating(KINDS), reordering(KINDS))


MANNERS: dict[str, Callable[[], Manner]] = {
    "loses": losing,
    "repeats": lambda: repeating(KINDS),
    "turns round": lambda: reordering(KINDS),
    "does all of it": all_of_it,
}


async def sells(host: Host, machine: Stall) -> Order:
    """A customer's order, to its end: the same command is run again as often as it takes."""
    from lnbits.core.services import pay_invoice

    async def again_and_again() -> Order:
        while True:
            with suppress(NoAnswer, NotNow):
                return await machine.sells(SATS)

    wallet = host.other_operator.wallet_id
    await host.credit(wallet, 10 * SATS)
    selling = asyncio.create_task(again_and_again())
    await pay_invoice(wallet_id=wallet, payment_request=await machine.invoice())
    return await selling


async def sells_once_and_well(
    host: Host,
    folder: Path,
    relay: HostileRelay,
    place: Path | str,
    patch: pytest.MonkeyPatch,
    *,
    timeout: float = 5.0,
) -> None:
    async with (
        own_bunker(host, folder, patch, relay) as own,
        watching(),
        stall(own, folder / "stall") as machine,
    ):
        machine.spire.timeout = timeout
        assert (await sells(own, machine)).step.value == "dispensed"
        books = await read_books(place, machines=[machine.books])
        ours = {o["id"]: o["state"] for o in books.orders if o["machine_id"] == machine.machine_id}
        assert list(ours.values()) == ["dispensed"]
        about_ours = (*ours, "the machine's")
        assert [wrong for wrong in amiss(books) if wrong.startswith(about_ours)] == []


@pytest.fixture
def place(host: Host, host_folder: Path, cluster: Postgres | None) -> Path | str:
    return cluster.url() if cluster else host_folder / "data"


BY_DAY = {"repeats", "does all of it"}
ROWS = [
    pytest.param(each, marks=[] if each in BY_DAY else pytest.mark.long, id=each)
    for each in MANNERS
]


@pytest.mark.parametrize("manner", ROWS)
async def test_a_relay_that(
    host: Host, place: Path | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manner: str
) -> None:
    monkeypatch.setattr(patience, "AGAIN_S", 1.0)
    monkeypatch.setattr(service_line, "AGAIN_S", (0.5, 1.0, 2.0))
    async with HostileRelay(host.relay.url) as front:
        behaves = MANNERS[manner]()
        front.behave(up=behaves, down=behaves)
        await sells_once_and_well(host, tmp_path, front, place, monkeypatch, timeout=2.0)


@pytest.mark.long
@pytest.mark.parametrize(
    "kind", [kind for kind in RelayKind if kind is not TOO_SMALL], ids=lambda kind: kind.name
)
async def test_a_relay_of_the_field(
    host: Host, place: Path | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: RelayKind
) -> None:
    async with of_kind(kind, host.relay.url) as front:
        await sells_once_and_well(host, tmp_path, front, place, monkeypatch)
