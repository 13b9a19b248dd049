"""The reference machine sells notes on the real LNbits."""

import asyncio
from pathlib import Path

import pytest
from spirekeeper.spire.cash_orders import Order, Orders, Step
from spirekeeper.spire.cash_out import CashOut
from spirekeeper.spire.dispenser import Dispenser
from spirekeeper.spire.errors import NoAnswer, NotForCash
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.service import Service
from support.cash import confirm, switch_on
from support.fake_motor import FakeMotor
from support.host import Host
from support.spires import NewSpire
from support.watching import until

SATS, FIAT = 20_000, "20 EUR"


async def booted(host: Host, new_spire: NewSpire, machine_id: str) -> Machine:
    """A machine that its operator has confirmed, and which the watch listens to."""
    spire = new_spire()
    await spire.boot((await host.pair(machine_id))["seed_url"])
    await confirm(host, machine_id)
    return spire


async def test_a_customers_sats_for_notes(
    host: Host, watched: None, new_spire: NewSpire, tmp_path: Path
) -> None:
    from lnbits.core.services import pay_invoice

    await host.credit(host.other_operator.wallet_id, 2 * SATS)
    machine_id = await host.add_machine()
    await switch_on(host, machine_id, fee_ppm=10_000)
    spire, motor = await booted(host, new_spire, machine_id), FakeMotor(tmp_path / "motor")
    motor.brings(1, SATS)
    shown: asyncio.Queue[Order] = asyncio.Queue()
    cash_out = CashOut(
        Service(spire),
        Orders(tmp_path / "home"),
        Dispenser([motor.command]),
        show=shown.put_nowait,
        tell=lambda _: None,
        leaves=asyncio.Event(),
    )
    selling = asyncio.create_task(cash_out.serve(SATS, FIAT))
    order = await asyncio.wait_for(shown.get(), 30)
    assert order.bolt11
    await pay_invoice(wallet_id=host.other_operator.wallet_id, payment_request=order.bolt11)
    done = await asyncio.wait_for(selling, 30)
    assert (done.step, motor.ran) == (Step.DISPENSED, [f"{SATS} {FIAT}"])
    listed = (await host.api("GET", "/cash", params={"machine_id": machine_id})).json()["data"]
    [row] = listed
    assert (row["state"], row["short_code"]) == ("dispensed", order.short_code)
    assert (row["sats"], row["fee_sats"]) == (SATS, SATS // 100)
    told = (await host.api("GET", f"/machines/{machine_id}/cash")).json()
    assert (told["to_do"], told["ready_at"] is not None) == (None, True)


async def test_a_machine_that_was_paired_before_has_to_be_paired_again(
    host: Host, watched: None, new_spire: NewSpire
) -> None:
    machine_id, spire = await host.add_machine(), new_spire()
    await spire.boot((await host.pair(machine_id, require_confirmation=True))["seed_url"])
    await confirm(host, machine_id)
    assert (await switch_on(host, machine_id))["to_do"] == "pair"
    with pytest.raises(NotForCash):
        await Service(spire).terms()
    await spire.boot((await host.pair(machine_id))["seed_url"])
    await confirm(host, machine_id)
    told = (await host.api("GET", f"/machines/{machine_id}/cash")).json()
    assert told["to_do"] == "ask", "fill no cassette before"

    async def may_sell() -> bool:
        try:
            return (await Service(spire).terms()).on
        except NoAnswer:  # the watch takes a moment to listen for a new key
            return False

    await until(may_sell)
