"""What happens to a machine in the middle of an order: at each state of it, who is answered what,
and that nobody dispenses without leave."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nostr_sdk import Keys
from spirekeeper.devkit.postgres import Postgres
from spirekeeper.seed import Seed
from support.cash import OFFER, RPC, CashMachine, connected, new_id, offer, selling
from support.cash_ledger import amiss, read_books
from support.host import Caller, Host
from support.movable_clock import MovableClock
from support.redeeming import redeem

SATS = 1000


@dataclass(frozen=True)
class Midway:
    """A machine with an order that its customer looks at, one that is paid, and one with its yes
    that was not reported."""

    host: Host
    operator: Caller
    machine: CashMachine
    invoiced: str
    paid: str
    dispensing: str
    attempt: str
    bolt11: str
    """Of the first."""

    async def states(self) -> tuple[str, ...]:
        from spirekeeper.store import cash_orders

        rows = [
            await cash_orders.get_order_of(self.machine.id, order)
            for order in (self.invoiced, self.paid, self.dispensing)
        ]
        return tuple(row.state.value for row in rows if row is not None)

    def asks(self) -> list[tuple[int, Any]]:
        """What the machine says when it goes on, in this order."""
        asks = [
            ("dispense", {"order": self.paid, "attempt": new_id()}),
            ("dispense", {"order": self.dispensing, "attempt": self.attempt}),
            ("dispensed", {**self.report, "order": self.dispensing}),
        ]
        calls = [
            (RPC, {"rpc_name": name, "auth_level": "AUTH_WALLET", "body": body})
            for name, body in asks
        ]
        return [(OFFER, offer(self.invoiced, SATS)), (OFFER, offer(new_id(), SATS)), *calls]

    @property
    def report(self) -> dict[str, Any]:
        return {"attempt": self.attempt, "notes": 1, "dispensed_sats": SATS}

    def words(self, answers: list[dict[str, Any]]) -> list[str]:
        again, new, paid, dispensing, report = answers
        assert again.get("bolt11") in (self.bolt11, None), "the same order has the same answer"
        return [
            *("invoice" if "bolt11" in each else f"no {each['code']}" for each in (again, new)),
            *(_leave(each) for each in (paid, dispensing)),
            report["data"]["state"],
        ]


def _leave(answer: dict[str, Any]) -> str:
    return "yes" if answer["data"]["dispense"] else str(answer["data"]["why_not"])


async def pays(host: Host, bolt11: str) -> None:
    """The customer. LNbits moves the sats also for a wallet that is deleted, and says then that the
    payment has failed."""
    from lnbits.core.services import pay_invoice
    from lnbits.exceptions import PaymentError

    wallet = host.other_operator.wallet_id
    await host.credit(wallet, 10 * SATS)
    with suppress(PaymentError):
        await pay_invoice(wallet_id=wallet, payment_request=bolt11)


@pytest.fixture
async def midway(
    host: Host, watched: None, newcomer: Caller, host_folder: Path, cluster: Postgres | None
) -> AsyncIterator[Midway]:
    """Whatever happens, the books agree."""
    async with selling(host, as_=newcomer) as machine:
        orders, attempt, bolt11s = [new_id() for _ in range(3)], new_id(), []
        for order in orders:
            bolt11, asked = await machine.invoiced(order, SATS)
            bolt11s.append(bolt11)
            if order != orders[0]:
                await pays(host, bolt11)
                await machine.is_told(asked)
        assert await machine.may_dispense(orders[2], attempt) == "yes"
        story = Midway(host, newcomer, machine, *orders, attempt, bolt11s[0])
        yield story
    books = await read_books(cluster.url() if cluster else host_folder / "data")
    ours = {each["id"] for each in books.orders if each["machine_id"] == machine.id}
    assert len(ours) >= len(orders)
    assert [wrong for wrong in amiss(books) if wrong.split()[0] in ours] == []


# What happens


async def call(midway: Midway, method: str, path: str, body: Any = None) -> None:
    answer = await midway.host.api(method, path, body, as_=midway.operator)
    assert answer.is_success, answer.text


async def cut(midway: Midway) -> None:
    await call(midway, "POST", f"/machines/{midway.machine.id}/revoke")


async def emergency_stop(midway: Midway) -> None:
    await call(midway, "POST", "/machines/revoke-all", {"expect": 1})


async def removed(midway: Midway) -> None:
    await call(midway, "DELETE", f"/machines/{midway.machine.id}")


async def switched_off(midway: Midway) -> None:
    await call(midway, "PUT", f"/machines/{midway.machine.id}", {"is_active": False})


async def cash_off(midway: Midway) -> None:
    await call(midway, "PUT", f"/machines/{midway.machine.id}/cash", {"out_on": False})


async def cash_stopped(midway: Midway) -> None:
    await call(midway, "PUT", "/cash/stop", {"stopped": True})


async def service_key_rotated(midway: Midway) -> None:
    await call(midway, "POST", "/service-key/rotate", {"expect": 1})


async def wallet_deleted(midway: Midway) -> None:
    from lnbits.core.crud import delete_wallet
    from spirekeeper import crud

    machine = await crud.get_machine(midway.machine.id)
    assert machine is not None
    assert machine.wallet_id
    await delete_wallet(midway.operator.user_id, machine.wallet_id)


async def operator_deactivated(midway: Midway) -> None:
    path = f"/users/api/v1/user/{midway.operator.user_id}/activate"
    answer = await midway.host.client.put(path, headers=midway.host.superuser.headers)
    assert answer.json()["success"], answer.text


async def second_client(midway: Midway) -> None:
    from spirekeeper import crud
    from spirekeeper.clock import utc_now

    await crud.set_machine_flag(midway.machine.id, "second_client", utc_now())


async def client_gone(midway: Midway) -> None:
    """At the bunker somebody has revoked it: it signs and reads nothing any more."""
    from spirekeeper.connection.open_bunker import open_bunker
    from spirekeeper.store import pairing_rows

    [pairing] = await pairing_rows.get_history(midway.machine.id)
    admin = (await open_bunker()).admin
    for user in await admin.get_key_users(pairing.key_name):
        await admin.revoke_user(user.id)


async def _somebody_waits(midway: Midway, **how: Any) -> None:
    seed = await midway.host.pair(midway.machine.id, as_=midway.operator, **how)
    assert (await redeem(midway.host, Seed.decode(seed["seed_url"]), Keys.generate()))["result"]
    state = (await midway.host.pairing(midway.machine.id, as_=midway.operator))["state"]
    assert state == "confirming"


async def newer_seed_waits(midway: Midway) -> None:
    await midway.host.pair(midway.machine.id, as_=midway.operator)


async def somebody_waits_with_a_new_key(midway: Midway) -> None:
    await _somebody_waits(midway)


async def somebody_waits_with_this_key(midway: Midway) -> None:
    await _somebody_waits(midway, keep_identity=True)


Happens = Callable[[Midway], Awaitable[None]]
SILENCE = None
GOES_ON = ["invoice", "invoice", "yes", "yes", "dispensed"]
STOPPED = ["invoice", "no 1", "stopped", "stopped", "dispensed"]
"""What has come out is reported all the same."""

TABLE: dict[Happens, list[str] | None] = {
    cut: SILENCE,
    emergency_stop: SILENCE,
    removed: SILENCE,
    switched_off: SILENCE,
    wallet_deleted: SILENCE,
    operator_deactivated: SILENCE,
    second_client: SILENCE,
    somebody_waits_with_this_key: SILENCE,
    cash_off: STOPPED,
    cash_stopped: STOPPED,
    service_key_rotated: GOES_ON,
    newer_seed_waits: GOES_ON,
    somebody_waits_with_a_new_key: GOES_ON,
}
"""What the machine is answered that asks for its invoice again, for another one, for leave to
dispense what is paid, for the same leave again, and that says what came out."""
BY_DAY = {cut, wallet_deleted, second_client, somebody_waits_with_this_key, cash_stopped}
"""One of each sort: a row takes some seconds."""


def rows(ids: dict[Any, str], by_day: set[Any]) -> list[Any]:
    return [
        pytest.param(each, marks=[] if each in by_day else pytest.mark.long, id=ids[each])
        for each in ids
    ]


@pytest.mark.parametrize("happens", rows({each: each.__name__ for each in TABLE}, BY_DAY))
async def test_what_happens_meanwhile(midway: Midway, happens: Happens) -> None:
    machine = midway.machine
    events = [await machine.event(kind, json.dumps(asked)) for kind, asked in midway.asks()]
    await happens(midway)
    expected = TABLE[happens]
    for event in events:
        await machine.say(event)
        if expected:
            await machine.answer_to(event["id"])
    if expected:
        answers = [machine.answers(event["id"])[0]["content"] for event in events]
        assert midway.words(answers) == expected
    else:
        async with selling(midway.host) as other:  # what is said later is answered
            assert (await other.data("status"))["cash_out"]
        answered = {tag[1] for answer in machine.sealed for tag in answer["tags"] if tag[0] == "e"}
        assert not answered & {event["id"] for event in events}
        assert await midway.states() == ("invoiced", "paid", "dispensing")
    await is_found_paid(midway)


async def is_found_paid(midway: Midway) -> None:
    """The customer pays, to whatever has become of the machine: it is on the operator's list."""
    from spirekeeper.cash.post import Post
    from spirekeeper.cash.settle import Settling
    from spirekeeper.clock import utc_now
    from spirekeeper.upkeep import relay_watch

    await pays(midway.host, midway.bolt11)
    clock = MovableClock(utc_now())
    clock.move(seconds=16)
    await Settling(Post(relay_watch.say), clock).look_again(clock)
    assert (await midway.states())[0] == "paid"


AGAIN: dict[str, tuple[Happens | None, bool]] = {
    "a new key": (None, False),
    "the same key": (None, True),
    "after its client was gone": (client_gone, False),
}


@pytest.mark.parametrize("how", rows({each: each for each in AGAIN}, {"a new key"}))
async def test_paired_again_the_machine_goes_on(midway: Midway, how: str) -> None:
    """It has kept its orders, and the ids of its attempts."""
    happens, same_key = AGAIN[how]
    old, data = midway.machine, {"keep_identity": True} if same_key else {}
    kind, asked = midway.asks()[2]
    before = await old.event(kind, json.dumps(asked))
    if happens:
        await happens(midway)
    async with connected(midway.host, old.id, as_=midway.operator, **data) as again:
        assert (again.seed.spire_pubkey == old.seed.spire_pubkey) is same_key
        await again.is_heard()
        if not same_key:
            await old.say(before)
            assert (await again.data("status"))["cash_out"]
            assert await midway.states() == ("invoiced", "paid", "dispensing")
        answers = [await again.ask(kind, asked) for kind, asked in midway.asks()]
        assert midway.words(answers) == GOES_ON
    await is_found_paid(midway)


async def on_again(midway: Midway) -> None:
    from spirekeeper import crud
    from spirekeeper.clock import utc_now

    await call(midway, "PUT", f"/machines/{midway.machine.id}", {"is_active": True})
    await call(midway, "PUT", f"/machines/{midway.machine.id}/cash", {"out_on": True})
    await call(midway, "PUT", "/cash/stop", {"stopped": False})
    await crud.set_machine_flag(midway.machine.id, None, utc_now())


async def test_what_happens_at_that_moment(midway: Midway) -> None:
    """The machine was looked at, and may ask; then it happens; then the order would move."""
    from spirekeeper.cash import cash_out
    from spirekeeper.cash.answers import Refusal
    from spirekeeper.cash.requests import DispenseRequest, InvoiceRequest
    from spirekeeper.cash.who import Asker, asker_of
    from spirekeeper.clock import utc_now
    from spirekeeper.store import cash_orders

    machine = midway.machine
    for happens in (switched_off, second_client, cash_off, cash_stopped, cut):
        order, asked = new_id(), DispenseRequest(midway.paid, new_id())
        asker = await asker_of(machine.seed.spire_pubkey, machine.service, "e" * 64, utc_now)
        assert isinstance(asker, Asker)
        await happens(midway)
        told = await cash_out.dispense(asker, asked, utc_now)
        assert not isinstance(told, Refusal)
        assert told.why_not == "stopped", happens.__name__
        assert await midway.states() == ("invoiced", "paid", "dispensing")
        refused = await cash_out.ask_invoice(asker, InvoiceRequest(order, SATS), utc_now)
        assert isinstance(refused, Refusal), happens.__name__
        row = await cash_orders.get_order_of(machine.id, order)
        assert row is not None
        assert (row.state, row.bolt11) == ("asked", None)
        if happens is not cut:
            await on_again(midway)
