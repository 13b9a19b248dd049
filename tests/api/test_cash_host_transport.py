"""An LNbits build that serves kind 21000 itself answers about cash through us; a stand-in plays
such a build, by what is publicly known of it."""

import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from loguru import logger
from nostr_sdk import Keys, PublicKey, nip44_decrypt
from pydantic import BaseModel
from support.cash import OFFER, RPC, CashMachine, new_id, offer, selling
from support.host import Host

SATS = 1000
LEVEL = object()
NAMES = {
    *("quote", "hold", "create_withdraw", "dispense", "dispensed", "abandon", "get_order"),
    "status",
}
Handler = Callable[..., Awaitable[dict[str, Any]]]


class NostrRpcRequest(BaseModel):
    """A host's, that keeps whatever else the asker wrote."""

    rpc_name: str
    auth_level: str
    body: dict[str, Any] = {}

    class Config:
        extra = "allow"


@dataclass
class Transport:
    """The stand-in: it has a key of its own, opens events, and asks whoever is registered."""

    keys: Keys = field(default_factory=Keys.generate)
    calls: dict[str, Handler] = field(default_factory=dict)
    levels: set[Any] = field(default_factory=set)
    shape: str = "parts"

    @property
    def pubkey(self) -> str:
        return str(self.keys.public_key().to_hex())

    def register_rpc(self, name: str, handler: Handler, auth_level: Any) -> None:
        self.calls[name] = handler
        self.levels.add(auth_level)

    async def answer(
        self, event: dict[str, Any], *, keys: Keys | None = None, wallet: Any = None
    ) -> dict[str, Any]:
        """`{data}` or `{error}`."""
        secret = (keys or self.keys).secret_key()
        text = nip44_decrypt(secret, PublicKey.parse(event["pubkey"]), event["content"])
        request = NostrRpcRequest(**json.loads(text))
        told = {"sender_pubkey": event["pubkey"], "event_id": event["id"]}
        handler = self.calls[request.rpc_name]
        try:
            match self.shape:
                case "parts":
                    data = await handler(SimpleNamespace(wallet=wallet), request, **told)
                case "named":
                    data = await handler(body=request.body, wallet=wallet, **told)
                case "one object":
                    data = await handler(SimpleNamespace(body=request.body, **told))
                case "in places":
                    data = await handler(request.body, SimpleNamespace(**told))
                case _:
                    data = await handler(request, SimpleNamespace(wallet=wallet))
        except Exception as error:
            return {"error": str(error)}
        return {"data": data}


@pytest.fixture
def transport(host: Host, monkeypatch: pytest.MonkeyPatch) -> Transport:
    from spirekeeper.cash import host_transport

    stand_in, module = Transport(), ModuleType("lnbits.core.services.nostr_transport")
    vars(module).update(register_rpc=stand_in.register_rpc, AUTH_WALLET=LEVEL)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    host_transport.start()
    return stand_in


@pytest.fixture
async def machine(host: Host, watched: None) -> AsyncIterator[CashMachine]:
    async with selling(host) as machine:
        yield machine


def asks(name: str, **body: Any) -> str:
    return json.dumps({"rpc_name": name, "auth_level": "AUTH_WALLET", "body": body})


async def over_host(
    transport: Transport, machine: CashMachine, name: str, *, wallet: Any = None, **body: Any
) -> dict[str, Any]:
    """The machine asks the host's key."""
    event = await machine.event(RPC, asks(name, **body), service=transport.pubkey)
    return await transport.answer(event, wallet=wallet)


def start() -> list[str]:
    from spirekeeper.cash import host_transport

    lines: list[str] = []
    sink = logger.add(lambda line: lines.append(str(line)), format="{level} {message}")
    host_transport.start()
    logger.remove(sink)
    return lines


async def test_stock_lnbits_has_none_and_nothing_is_said(host: Host) -> None:
    assert start() == []


async def test_the_calls_are_registered_and_that_is_said_once(transport: Transport) -> None:
    assert (set(transport.calls), transport.levels) == (NAMES, {LEVEL})
    [line] = start()
    assert line.startswith(
        "INFO spirekeeper answers quote, dispense, dispensed, hold, create_withdraw, abandon"
    )


async def test_a_host_that_takes_none_is_left_alone(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules["lnbits.core.services.nostr_transport"]

    def breaks(*_: Any) -> None:
        raise RuntimeError("hunter2")

    monkeypatch.setitem(vars(module), "register_rpc", breaks)
    [line] = start()
    assert line == "WARNING The host did not take the calls about cash: RuntimeError\n"
    for other in (lambda _name, _handler: None, None):
        monkeypatch.setitem(vars(module), "register_rpc", other)
        assert start() == []
    monkeypatch.setitem(vars(module), "register_rpc", transport.register_rpc)
    monkeypatch.delitem(vars(module), "AUTH_WALLET")
    assert start() == []


async def test_a_cash_out_over_either_transport_is_one(
    host: Host, machine: CashMachine, transport: Transport
) -> None:
    from lnbits.core.services import pay_invoice

    order, attempt = new_id(), new_id()
    await host.credit(host.other_operator.wallet_id, SATS)
    asked = await machine.send(OFFER, offer(order, SATS))
    bolt11 = (await machine.answer_to(asked))["bolt11"]
    await pay_invoice(wallet_id=host.other_operator.wallet_id, payment_request=bolt11)
    await machine.answer_to(asked, 1)
    yes = await over_host(transport, machine, "dispense", order=order, attempt=attempt)
    assert yes == {"data": {"order": order, "attempt": attempt, "dispense": True}}
    assert await machine.call("dispense", order=order, attempt=attempt) == yes
    no = await over_host(transport, machine, "dispense", order=order, attempt=new_id())
    assert no["data"]["why_not"] == "another_attempt"
    report = {"order": order, "attempt": attempt, "notes": 1, "dispensed_sats": SATS}
    assert (await over_host(transport, machine, "dispensed", **report))["data"]["state"] == (
        "dispensed"
    )
    told = await machine.call("get_payment", order=order)
    assert told["data"]["state"] == "dispensed"
    assert await over_host(transport, machine, "get_order", order=order) == told


async def test_one_event_is_answered_once_whichever_way_it_came(
    machine: CashMachine, transport: Transport
) -> None:
    from spirekeeper.cash.service_key import keys_of
    from spirekeeper.store import cash_settings

    ours = await cash_settings.get_service_key_of(machine.service)
    assert ours

    event = await machine.event(RPC, asks("status"))
    await machine.say(event)
    await machine.answer_to(event["id"])
    again = await transport.answer(event, keys=keys_of(ours))
    assert again["error"].startswith("denied: This event was answered before")

    event = await machine.event(RPC, asks("status"))
    assert "data" in await transport.answer(event, keys=keys_of(ours))
    await machine.say(event)
    await machine.data("status")
    assert machine.answers(event["id"]) == []

    event = await machine.event(RPC, asks("status"), service=transport.pubkey)
    assert "data" in await transport.answer(event)
    await machine.say(event)
    await machine.data("status")
    assert machine.answers(event["id"]) == [], "what is addressed to the host is the host's"


async def test_however_the_host_hands_it_over(machine: CashMachine, transport: Transport) -> None:
    for transport.shape in ("parts", "named", "one object", "in places"):
        assert (await over_host(transport, machine, "status"))["data"]["cash_out"]


async def test_who_asks_is_the_verified_sender_and_nobody_named_in_the_request(
    host: Host, machine: CashMachine, transport: Transport
) -> None:
    order = new_id()
    await machine.offer(order, SATS)
    mine = machine.seed.spire_pubkey
    async with selling(host) as other:
        claims = {"sender_pubkey": mine, "nostr_sender_pubkey": mine}
        text = json.dumps({**json.loads(asks("get_order", order=order, **claims)), **claims})
        event = await other.event(RPC, text, service=transport.pubkey)
        told = (await transport.answer(event))["error"]
        assert told.startswith("unknown_order")
        transport.shape = "nobody"
        told = (await transport.answer(event))["error"]
        assert told.startswith("unsupported: The host does not say who asks")


async def test_who_may_not_ask_us_may_not_ask_the_host(
    host: Host, machine: CashMachine, transport: Transport
) -> None:
    async def denied(**how: Any) -> bool:
        told = await over_host(transport, machine, "status", **how)
        return str(told.get("error")).startswith("denied: Cash is for a machine")

    theirs = (await host.api("GET", f"/machines/{machine.id}")).json()["wallet_id"]
    assert not await denied(wallet=SimpleNamespace(id=theirs))
    assert await denied(wallet=SimpleNamespace(id=host.other_operator.wallet_id))
    await host.api("PUT", f"/machines/{machine.id}", {"is_active": False})
    assert await denied()
    await host.api("PUT", f"/machines/{machine.id}", {"is_active": True})
    event = await machine.event(RPC, asks("status"), service=transport.pubkey)
    assert (await host.api("POST", f"/machines/{machine.id}/revoke")).status_code == 200
    assert (await transport.answer(event))["error"].startswith("denied")
    stranger = {**event, "pubkey": Keys.generate().public_key().to_hex()}
    handler = transport.calls["status"]
    with pytest.raises(Exception, match="denied"):
        await handler(body={}, sender_pubkey=stranger["pubkey"], event_id=stranger["id"])


async def test_bad_input_has_the_words_of_the_wire(
    machine: CashMachine, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.cash import service

    amount = await over_host(transport, machine, "quote", direction="cash_out", amount_sats=1)
    assert amount["error"].startswith("amount: Ask for a whole number of sats from 100 to 100000")
    nothing = await over_host(transport, machine, "get_order")
    assert nothing["error"].startswith("invalid")
    monkeypatch.setattr(service, "MOST_A_MINUTE", 1)
    assert (await over_host(transport, machine, "status"))["error"].startswith("rate")


async def test_after_its_end_nothing_is_answered(
    machine: CashMachine, transport: Transport
) -> None:
    from spirekeeper.cash import host_transport

    host_transport.stop()
    assert "error" in await over_host(transport, machine, "status")
    host_transport.start()
    assert "data" in await over_host(transport, machine, "status")
