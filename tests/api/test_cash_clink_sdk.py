"""CLINK's own SDK asks the real service over a real relay, with the machine's key in its hands."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from nostr_sdk import EncryptedSecretKey, Keys
from support import clients
from support.cash import CashMachine, debit, new_id, offer, selling, taking
from support.example_machine import PRELOADED
from support.host import Host
from support.needed import missing

FOLDER = Path(__file__).resolve().parents[1] / "unit" / "cash" / "clink_sdk"
PATIENCE_S = 30
SDK_GIVES_UP_S = 3
PASSPHRASE = "a passphrase of the tests"
pytestmark = pytest.mark.long  # its packages take longer to fetch than all it asks


class Sdk:
    """The SDK with a key, which asks this service over this relay."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin
        assert process.stdout
        self._to, self._from = process.stdin, process.stdout

    async def ask(
        self, name: str, data: dict[str, Any], *, within: int = PATIENCE_S
    ) -> dict[str, Any]:
        """What it has understood."""
        self._to.write(json.dumps({"ask": name, "data": data, "within": within}).encode() + b"\n")
        return await self.line()

    async def line(self) -> dict[str, Any]:
        line = await asyncio.wait_for(self._from.readline(), PATIENCE_S)
        said: dict[str, Any] = json.loads(line)
        return said


@asynccontextmanager
async def sdk(secret: str, machine: CashMachine) -> AsyncIterator[Sdk]:
    if not clients.installed() or not (FOLDER / "node_modules").is_dir():
        missing("node and CLINK's SDK are not here: make clients clink")
    pipe = asyncio.subprocess.PIPE
    words = ("ask.mjs", secret, machine.service, machine.seed.relays[0])
    process = await asyncio.create_subprocess_exec(
        *("node", "--import", str(PRELOADED), *words), cwd=FOLDER, stdin=pipe, stdout=pipe
    )
    yield Sdk(process)
    process.kill()
    await process.wait()


@pytest.fixture
async def machine(host: Host, watched: None) -> AsyncIterator[CashMachine]:
    async with selling(host, smallest=1_000, largest=500_000) as machine:
        yield machine


async def secret_of(host: Host, machine: CashMachine) -> str:
    """The machine's key, out of the bunker's own database."""
    key_name = (await host.pairing(machine.id))["pairing"]["key_name"]
    sealed = EncryptedSecretKey.from_bech32(host.bunker.store.keys()[key_name])
    keys = Keys(sealed.decrypt(PASSPHRASE))
    assert keys.public_key().to_hex() == machine.seed.spire_pubkey
    return str(keys.secret_key().to_hex())


async def test_it_gets_an_invoice_and_its_receipt(host: Host, machine: CashMachine) -> None:
    from lnbits.core.services import pay_invoice

    order = new_id()
    await host.credit(host.other_operator.wallet_id, 25_000)
    async with sdk(await secret_of(host, machine), machine) as asking:
        asked = offer(order, 25_000, description="20 € at the bar", expires_in_seconds=180)
        bolt11 = (await asking.ask("Noffer", asked))["answer"]["bolt11"]
        await pay_invoice(wallet_id=host.other_operator.wallet_id, payment_request=bolt11)
        assert (await asking.line())["receipt"]["res"] == "ok"
        assert (await machine.data("get_payment", order=order))["state"] == "paid"


async def test_it_is_told_no_in_its_own_codes(host: Host, machine: CashMachine) -> None:
    async with sdk(await secret_of(host, machine), machine) as asking:
        for sats in (999, 500_001, 0):
            answer = (await asking.ask("Noffer", offer(new_id(), sats)))["answer"]
            assert (answer["code"], answer["range"]) == (5, {"min": 1_000, "max": 500_000})
        other = {**offer(new_id(), 25_000), "offer": "coffee"}
        assert (await asking.ask("Noffer", other))["answer"]["code"] == 1
        no_order = {"offer": "cash-out", "amount_sats": 25_000}
        assert (await asking.ask("Noffer", no_order))["answer"]["code"] == 4
        budget = {"amount_sats": 50_000, "frequency": {"number": 1, "unit": "month"}}
        for name, data in (
            *(("Ndebit", each) for each in (budget, {}, {"pointer": "till"})),
            ("Nmanage", {"resource": "offer", "action": "list"}),
        ):
            answer = (await asking.ask(name, data))["answer"]
            assert (answer["res"], answer["code"]) == ("GFY", 1)
        no_invoice = {"bolt11": "lnbc1…", "amount_sats": 25_000}
        answer = (await asking.ask("Ndebit", no_invoice))["answer"]
        assert (answer["res"], answer["code"]) == ("GFY", 6)


async def test_a_strangers_key_hears_nothing(machine: CashMachine) -> None:
    async with sdk(Keys.generate().secret_key().to_hex(), machine) as asking:
        for name, data in (("Noffer", offer(new_id(), 25_000)), ("Ndebit", {})):
            said = await asking.ask(name, data, within=SDK_GIVES_UP_S)
            assert said == {"problem": "failed to get response in time"}
    assert (await machine.offer(new_id(), 25_000))["bolt11"], "the service was there"


async def test_a_customers_invoice_is_paid_by_its_debit(host: Host, watched: None) -> None:
    """Its request has the notes' worth and the order beside CLINK's own fields; a `k1` is carried
    along, and says nothing here."""
    from lnbits.core.services import create_invoice

    customer, order = host.other_operator.wallet_id, new_id()
    made = await create_invoice(wallet_id=customer, amount=1_000, memo="mine")
    async with taking(host) as machine:
        there = await host.api("GET", f"/machines/{machine.id}")
        await host.credit(there.json()["wallet_id"], 20_000)
        asked = {**debit(order, 1_000, made.bolt11), "k1": "0" * 64}
        async with sdk(await secret_of(host, machine), machine) as asking:
            refused = (await asking.ask("Ndebit", asked))["answer"]
            assert (refused["res"], refused["code"]) == ("GFY", 6), "nothing is held"
            await machine.holds(order, 1_000)
            for _ in range(2):
                assert (await asking.ask("Ndebit", asked))["answer"] == {"res": "ok"}
        assert (await machine.data("get_payment", order=order))["state"] == "sent"
