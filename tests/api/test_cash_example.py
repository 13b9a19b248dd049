"""The machine of examples/ sells notes on the real LNbits."""

from pathlib import Path

import pytest
from support.cash import confirm, switch_on
from support.example_machine import ExampleMachine
from support.fake_motor import FakeMotor
from support.host import Host

SATS = 20_000
MOTOR_IS_NOTED = 10
"""The step at which it is on the disk that the motor may run, and it has not been started."""


@pytest.fixture
async def motor(tmp_path: Path) -> FakeMotor:
    motor = FakeMotor(tmp_path / "motor")
    motor.brings(1, SATS)
    return motor


async def test_it_sells_and_goes_on_and_its_motor_runs_once(
    host: Host, watched: None, built_example: Path, tmp_path: Path, motor: FakeMotor
) -> None:
    from lnbits.core.services import pay_invoice

    async def pays(bolt11: str) -> None:
        await pay_invoice(wallet_id=host.other_operator.wallet_id, payment_request=bolt11)

    async def states() -> list[str]:
        listed = await host.api("GET", "/cash", params={"machine_id": machine_id})
        return [order["state"] for order in listed.json()["data"]]

    await host.credit(host.other_operator.wallet_id, 2 * SATS)
    machine_id = await host.add_machine()
    await switch_on(host, machine_id)
    machine = ExampleMachine(built_example, tmp_path / "home")
    scanned = await machine.run("scan", (await host.pair(machine_id))["seed_url"])
    assert scanned.code == 0, scanned.error
    waits = (await host.pairing(machine_id))["pairing"]["fingerprint"]
    assert scanned.said == [f"fingerprint {waits}"]
    await confirm(host, machine_id)

    sale = ("sell", motor.command, str(SATS), "20", "EUR")
    sold = await machine.run(*sale, pays=pays)
    assert sold.said[-1] == "reported", sold.error
    assert (await states(), motor.ran) == (["dispensed"], [f"{SATS} 20 EUR"])

    assert (await machine.run(*sale, pays=pays, dies_at=MOTOR_IS_NOTED)).killed
    assert (await states(), len(motor.ran)) == (["dispensing", "dispensed"], 1)
    assert (await machine.run("go-on", motor.command)).said == ["unknown"]
    assert (await states(), len(motor.ran)) == (["dispensing", "dispensed"], 1)
    assert (await machine.run("go-on", motor.command)).said == []
