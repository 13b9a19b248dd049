"""A machine with cash, played by hand: its key is in the bunker, and it asks over the relay."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import Any

from nostr_sdk import Keys
from spirekeeper.seed import Seed
from websockets.asyncio.client import ClientConnection, connect

from support.host import Caller, CallsTheApi, Host
from support.raw_wire import PATIENCE_S, RawClient
from support.redeeming import redeem
from support.watching import until

KINDS = [21000, 21001, 21002, 21003]
UNHEARD_S = 40.0
"""A payment that LNbits does not tell of is looked for every 15 s."""
OFFER = 21001
DEBIT = 21002
RPC = 21000


def new_id() -> str:
    """Of an order or an attempt."""
    return token_hex(16)


class CashMachine:
    """Its id, its seed, and the conversation with whoever answers it. `inbox` has every answer,
    with its event, in order."""

    def __init__(self, host: CallsTheApi, machine_id: str, seed: Seed, client: RawClient) -> None:
        self.host = host
        self.id = machine_id
        self.seed = seed
        self.client = client
        self.service = seed.service_pubkey or ""
        self.inbox: list[dict[str, Any]] = []
        self.sealed: list[dict[str, Any]] = []
        """The same before they are opened, which the bunker does no more after a cut."""
        self._arrived = asyncio.Condition()

    async def listen(self, socket: ClientConnection) -> None:
        async for frame in socket:
            match json.loads(frame):
                case ["EVENT", _, event]:
                    assert event["pubkey"] == self.service
                    self.sealed.append(event)
                    content = json.loads(await self._bunker("nip44_decrypt", event["content"]))
                    async with self._arrived:
                        self.inbox.append({**event, "content": content})
                        self._arrived.notify_all()

    async def _bunker(self, method: str, text: str, *, to: str | None = None) -> str:
        params = [to or self.service, text]
        answer = await self.client.ask(self.seed.spire_pubkey, method, *params, kind=24133)
        return str(answer.content["result"])

    async def event(
        self,
        kind: int,
        content: str,
        *,
        tags: list[list[str]] | None = None,
        ago: int = 0,
        service: str | None = None,
    ) -> dict[str, Any]:
        """A signed request. `tags` in place of the usual ones."""
        to = service or self.service
        usual = [["p", to], *([["clink_version", "1"]] if kind != RPC else [])]
        draft = {
            "kind": kind,
            "content": await self._bunker("nip44_encrypt", content, to=to),
            "tags": usual if tags is None else tags,
            "created_at": int(time.time()) - ago,
            "pubkey": self.seed.spire_pubkey,
        }
        key = self.seed.spire_pubkey
        signed = await self.client.ask(key, "sign_event", json.dumps(draft), kind=24133)
        event: dict[str, Any] = json.loads(signed.content["result"])
        return event

    async def say(self, event: dict[str, Any]) -> None:
        """Puts an event on the relay, whatever it is."""
        await self.client.publish(json.dumps(event))

    async def send(self, kind: int, content: Any, **how: Any) -> str:
        """Sends a request and does not wait; its event's id."""
        text = content if isinstance(content, str) else json.dumps(content)
        event = await self.event(kind, text, **how)
        await self.say(event)
        return str(event["id"])

    async def ask(self, kind: int, content: Any, **how: Any) -> dict[str, Any]:
        """The first answer's content."""
        return await self.answer_to(await self.send(kind, content, **how))

    async def answer_to(self, event_id: str, nth: int = 0) -> dict[str, Any]:
        async with self._arrived:
            holds = lambda: len(self.answers(event_id)) > nth  # noqa: E731
            await asyncio.wait_for(self._arrived.wait_for(holds), PATIENCE_S)
        content: dict[str, Any] = self.answers(event_id)[nth]["content"]
        return content

    def answers(self, event_id: str) -> list[dict[str, Any]]:
        return [each for each in self.inbox if ["e", event_id] in each["tags"]]

    async def call(self, name: str, **body: Any) -> dict[str, Any]:
        """Kind 21000: the whole answer."""
        return await self.ask(RPC, {"rpc_name": name, "auth_level": "AUTH_WALLET", "body": body})

    async def data(self, name: str, **body: Any) -> dict[str, Any]:
        """Kind 21000: what a yes carries."""
        answer = await self.call(name, **body)
        assert "data" in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    async def is_heard(self) -> None:
        """Asks until it is answered: the watch takes a moment to listen for a new key."""

        async def answered() -> bool:
            await self.send(RPC, {"rpc_name": "status", "auth_level": "AUTH_WALLET", "body": {}})
            await asyncio.sleep(0.3)
            return bool(self.inbox)

        await until(answered)

    async def offer(self, order: str, sats: int, **more: Any) -> dict[str, Any]:
        """Kind 21001: asks for an invoice."""
        return await self.ask(OFFER, offer(order, sats, **more))

    async def invoiced(self, order: str, sats: int) -> tuple[str, str]:
        """The invoice, and the event that asked for it, which a receipt answers."""
        asked = await self.send(OFFER, offer(order, sats))
        return (await self.answer_to(asked))["bolt11"], asked

    async def is_told(self, asked: str) -> None:
        """The receipt comes, whoever noticed the payment."""

        async def told() -> bool:
            return len(self.answers(asked)) > 1

        await until(told, UNHEARD_S)
        assert self.answers(asked)[1]["content"]["res"] == "ok"

    async def may_dispense(self, order: str, attempt: str) -> str:
        """`yes`, or why not."""
        said = await self.data("dispense", order=order, attempt=attempt)
        return "yes" if said["dispense"] else str(said["why_not"])

    async def dispenses(self, order: str, sats: int) -> None:
        """Asks, moves its motor, and reports."""
        attempt = new_id()
        assert await self.may_dispense(order, attempt) == "yes"
        report = {"order": order, "attempt": attempt, "notes": 1, "dispensed_sats": sats}
        assert (await self.data("dispensed", **report))["state"] == "dispensed"

    async def holds(self, order: str, sats: int) -> None:
        """Sats are kept for the notes."""
        assert (await self.data("hold", order=order, sats=sats))["state"] == "held"

    async def withdraw(self, order: str, sats: int) -> dict[str, Any]:
        """Says what was inserted: the link for the customer."""
        return await self.data("create_withdraw", order=order, sats=sats)

    async def pay(self, order: str, sats: int, bolt11: str) -> dict[str, Any]:
        """Kind 21002: has the customer's invoice paid."""
        return await self.ask(DEBIT, debit(order, sats, bolt11))

    async def listed(self) -> list[dict[str, Any]]:
        """Its orders on the operator's list, the newest first."""
        answer = await self.host.api("GET", f"/cash?machine_id={self.id}")
        assert answer.status_code == 200, answer.text
        orders: list[dict[str, Any]] = answer.json()["data"]
        return orders

    async def gets(self, state: str) -> None:
        """Its newest order gets into this state by itself."""

        async def there() -> bool:
            return (await self.listed())[0]["state"] == state

        await until(there, UNHEARD_S)


def offer(order: str, sats: int, **more: Any) -> dict[str, Any]:
    """What kind 21001 asks."""
    return {"offer": "cash-out", "amount_sats": sats, "payer_data": {"order": order}, **more}


def debit(order: str, sats: int, bolt11: str, **more: Any) -> dict[str, Any]:
    """What kind 21002 asks."""
    return {"bolt11": bolt11, "order": order, "sats": sats, **more}


CAPS = {"cap_order": 50_000, "cap_hour": 100_000, "cap_day": 200_000, "cap_open": 100_000}


@asynccontextmanager
async def taking(
    host: CallsTheApi, *, as_: Caller | None = None, **settings: Any
) -> AsyncIterator[CashMachine]:
    """A new machine that may take notes, and sell them."""
    async with selling(host, as_=as_, in_on=True, **{**CAPS, **settings}) as machine:
        yield machine


async def pays(host: Host, bolt11: str) -> None:
    """The customer, with a wallet at the same LNbits."""
    from lnbits.core.services import pay_invoice

    wallet = host.other_operator.wallet_id
    await host.credit(wallet, 10_000)
    await pay_invoice(wallet_id=wallet, payment_request=bolt11)


async def switch_on(
    host: CallsTheApi, machine_id: str, *, as_: Caller | None = None, **data: Any
) -> dict[str, Any]:
    """Cash-out, for amounts from 100 to 100,000 sats."""
    wanted = {"out_on": True, "smallest": 100, "largest": 100_000, **data}
    answer = await host.api("PUT", f"/machines/{machine_id}/cash", wanted, as_=as_)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def confirm(host: CallsTheApi, machine_id: str, *, as_: Caller | None = None) -> None:
    """The operator has compared the fingerprint of whoever waits."""
    waits = (await host.pairing(machine_id, as_=as_))["pairing"]["client_pubkey"]
    path = f"/machines/{machine_id}/pairing/confirm"
    answer = await host.api("POST", path, {"client_pubkey": waits}, as_=as_)
    assert answer.status_code == 200, answer.text


@asynccontextmanager
async def connected(
    host: CallsTheApi, machine_id: str, *, as_: Caller | None = None, **how: Any
) -> AsyncIterator[CashMachine]:
    """A machine whose cash is on: paired, confirmed, and listening."""
    seed = Seed.decode((await host.pair(machine_id, as_=as_, **how))["seed_url"])
    keys = Keys.generate()
    assert (await redeem(host, seed, keys))["result"] == "ack"
    await confirm(host, machine_id, as_=as_)
    async with (
        RawClient(seed.bunker_relay, keys) as client,
        connect(seed.relays[0], proxy=None, compression=None) as socket,
    ):
        wanted = {"kinds": KINDS, "#p": [seed.spire_pubkey], "limit": 1}
        await socket.send(json.dumps(["REQ", "answers", wanted]))
        machine = CashMachine(host, machine_id, seed, client)
        listening = asyncio.create_task(machine.listen(socket))
        yield machine
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


@asynccontextmanager
async def selling(
    host: CallsTheApi, *, as_: Caller | None = None, **settings: Any
) -> AsyncIterator[CashMachine]:
    """A new machine that may sell."""
    machine_id = await host.add_machine(as_)
    await switch_on(host, machine_id, as_=as_, **settings)
    async with connected(host, machine_id, as_=as_) as machine:
        await machine.is_heard()
        yield machine
