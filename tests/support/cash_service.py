"""A stand-in for the operator's service: answers a machine about cash over real relays.

It shares no code with what it stands in for, nor with the machine. Levers are on the object.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nostr_sdk import (
    Event,
    EventBuilder,
    Keys,
    Kind,
    Nip44Version,
    PublicKey,
    Tag,
    Timestamp,
    nip44_decrypt,
    nip44_encrypt,
)
from websockets.asyncio.client import ClientConnection, connect

from support.cash_in_service import IN_FEE_FIXED, IN_FEE_PPM, CashInDesk

PATIENCE_S = 20.0
OPEN = ("asked", "invoiced")
FEE_PPM, FEE_FIXED = 50_000, 10
KINDS = [21000, 21001, 21002]
NAMES = {21001: "invoice", 21002: "payment"}
"""What is asked in CLINK's kinds."""


@dataclass
class Sold:
    """An order as the service keeps it."""

    id: str
    sats: int
    payer: dict[str, Any]
    asked_in: str
    """The event that asked last."""
    machine: str
    state: str = "invoiced"
    attempt: str | None = None
    notes: int | None = None
    dispensed_sats: int | None = None
    expires_at: int = field(default_factory=lambda: int(time.time()) + 180)

    @property
    def bolt11(self) -> str:
        return f"lnbcrt{self.sats // 100}u1{self.id}"

    @property
    def fee(self) -> int:
        return -(-self.sats * FEE_PPM // 1_000_000) + FEE_FIXED


@dataclass
class CashService:
    """`async with service.on(relay.url): …` answers; `pays` says which orders are paid at once."""

    keys: Keys = field(default_factory=Keys.generate)
    orders: dict[str, Sold] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """What was asked, in order: an rpc's name, `invoice` or `payment`."""
    takes: CashInDesk = field(default_factory=CashInDesk)
    requests: list[Event] = field(default_factory=list)
    pays: bool = False
    """Each invoice is paid as soon as the machine has been told of it."""
    silent: set[str] = field(default_factory=set)
    """What it does not answer."""
    refuses: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What it answers in place of a yes."""
    denies: str | None = None
    """Why it gives no leave to dispense."""
    dated: int = 0
    """Seconds that its clock is ahead."""

    @property
    def pubkey(self) -> str:
        return str(self.keys.public_key().to_hex())

    @property
    def only(self) -> Sold:
        [order] = self.orders.values()
        return order

    def on(self, *urls: str) -> "Serving":
        return Serving(self, urls)

    def pay(self, order: Sold) -> None:
        """Without a word to the machine."""
        order.state = "paid" if order.state in OPEN else "paid_late"

    def answer(self, event: Event) -> str | None:
        """The event that answers, or nothing."""
        self.requests.append(event)
        machine = event.author().to_hex()
        asked = json.loads(nip44_decrypt(self.keys.secret_key(), event.author(), event.content()))
        kind = event.kind().as_u16()
        name = NAMES.get(kind) or asked["rpc_name"]
        self.asked.append(name)
        done = self._done(name, asked, event.id().to_hex(), machine)
        said = self.refuses.get(name, done)
        if name in self.silent or said is None:
            return None
        return self.event(kind, machine, event.id().to_hex(), said)

    def receipt(self, order: Sold) -> str:
        return self.event(21001, order.machine, order.asked_in, {"res": "ok"})

    def event(
        self, kind: int, machine: str, request: str, said: object, *, version: str = "1"
    ) -> str:
        reader = PublicKey.parse(machine)
        sealed = nip44_encrypt(self.keys.secret_key(), reader, json.dumps(said), Nip44Version.V2)
        tags = [["p", machine], ["e", request]]
        tags += [["clink_version", version]] if kind in NAMES and version else []
        at = Timestamp.from_secs(int(time.time()) + self.dated)
        draft = EventBuilder(Kind(kind), sealed).tags([Tag.parse(tag) for tag in tags])
        return str(draft.custom_created_at(at).sign_with_keys(self.keys).as_json())

    def _done(
        self, name: str, asked: dict[str, Any], event_id: str, machine: str
    ) -> dict[str, Any] | None:
        """None: nothing is answered."""
        if name in self.refuses:
            return {}
        if name == "invoice":
            return self._invoice(asked, event_id, machine)
        if name == "payment":
            return self.takes.pay(asked)
        body = asked["body"]
        if name == "status":
            limits = {"min": 1_000, "max": 500_000}
            fees = {"fee_ppm": FEE_PPM, "fee_fixed_sats": FEE_FIXED}
            fees |= {"in_fee_ppm": IN_FEE_PPM, "in_fee_fixed_sats": IN_FEE_FIXED}
            on = {"cash_out": True, "cash_in": True}
            return {"data": {**on, "range": limits, **fees, "open_orders": []}}
        if name == "quote":
            gross = body["amount_sats"]
            takes = body["direction"] == "cash_in"
            ppm, fixed = (IN_FEE_PPM, IN_FEE_FIXED) if takes else (FEE_PPM, FEE_FIXED)
            fee = -(-gross * ppm // 1_000_000) + fixed
            amounts = {"gross_sats": gross, "fee_sats": fee, "net_sats": gross - fee}
            return {"data": {"direction": body["direction"], **amounts}}
        if name == "hold":
            return self.takes.hold(body)
        if body["order"] in self.takes.orders:
            return self._of_cash_in(name, body)
        order = self.orders.get(body["order"])
        if order is None:
            return {"error": "unknown_order: This machine has no such order."}
        return {"data": getattr(self, f"_{name}")(order, body)}

    def _of_cash_in(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        order = self.takes.orders[body["order"]]
        if name == "create_withdraw":
            return self.takes.create_withdraw(order, body)
        if name == "abandon":
            order.held_until = 0
        return {"data": self.takes.standing(order)}

    def _invoice(self, asked: dict[str, Any], event_id: str, machine: str) -> dict[str, Any]:
        payer = asked["payer_data"]
        order = self.orders.get(payer["order"])
        if order is None:
            order = Sold(payer["order"], asked["amount_sats"], payer, event_id, machine)
            self.orders[order.id] = order
        order.asked_in = event_id
        if (asked["amount_sats"], payer) != (order.sats, order.payer):
            return {"error": "This order was asked for with other content.", "code": 1}
        if order.state == "invoiced":
            return {"bolt11": order.bolt11}
        return {"res": "ok"} if order.state == "paid" else {"error": "It is over.", "code": 1}

    def _get_payment(self, order: Sold, _body: dict[str, Any]) -> dict[str, Any]:
        standing = self._standing(order)
        if self.pays and order.state == "invoiced":
            self.pay(order)
        return standing

    def _standing(self, order: Sold) -> dict[str, Any]:
        return {
            "order": order.id,
            "state": order.state,
            "amount_sats": order.sats,
            "fee_sats": order.fee,
            "short_code": order.id[:5].upper(),
            "bolt11": order.bolt11 if order.state == "invoiced" else None,
            "expires_at": order.expires_at,
            "attempt": order.attempt,
        }

    def _abandon(self, order: Sold, _body: dict[str, Any]) -> dict[str, Any]:
        if order.state in OPEN:
            order.state = "abandoned"
        return self._standing(order)

    def _dispense(self, order: Sold, body: dict[str, Any]) -> dict[str, Any]:
        if order.state == "paid":
            order.state, order.attempt = "dispensing", body["attempt"]
        said = {"order": order.id, "attempt": body["attempt"]}
        if self.denies:
            return {**said, "dispense": False, "why_not": self.denies}
        if order.state == "dispensing" and order.attempt == body["attempt"]:
            return {**said, "dispense": True}
        whys = {**dict.fromkeys(OPEN, "not_paid"), "paid_late": "paid_late"}
        whys["dispensing"] = "another_attempt"
        return {**said, "dispense": False, "why_not": whys.get(order.state, "ended")}

    def _dispensed(self, order: Sold, body: dict[str, Any]) -> dict[str, Any]:
        if order.state == "dispensing":
            order.state = "dispensed" if body["dispensed_sats"] >= order.sats else "short"
            order.notes, order.dispensed_sats = body["notes"], body["dispensed_sats"]
        return self._standing(order)


class Serving:
    """Answers over some relays while its block runs."""

    def __init__(self, service: CashService, urls: tuple[str, ...]) -> None:
        self.service = service
        self._urls = urls
        self._sockets: list[ClientConnection] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._answered: dict[str, str | None] = {}
        self._arrived = asyncio.Condition()

    async def __aenter__(self) -> "Serving":
        for url in self._urls:
            socket = await connect(url, proxy=None, compression=None)
            wanted = {"kinds": KINDS, "#p": [self.service.pubkey]}
            await socket.send(json.dumps(["REQ", "cash", wanted]))
            while json.loads(await socket.recv())[0] != "EOSE":
                pass
            self._sockets.append(socket)
            self._tasks.append(asyncio.create_task(self._serve(socket)))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for socket in self._sockets:
            await socket.close()

    async def publish(self, event: str) -> None:
        for socket in self._sockets:
            await socket.send(f'["EVENT",{event}]')

    async def pay(self, order: Sold) -> None:
        """And tells the machine."""
        self.service.pay(order)
        await self.publish(self.service.receipt(order))

    async def until(self, holds: Callable[[], bool]) -> None:
        """It is looked at after each request."""
        async with self._arrived:
            await asyncio.wait_for(self._arrived.wait_for(holds), PATIENCE_S)

    async def _serve(self, socket: ClientConnection) -> None:
        async for frame in socket:
            match json.loads(frame):
                case ["EVENT", _, dict(fields)]:
                    event = Event.from_json(json.dumps(fields))
                    assert event.verify()
                    await self._answer(event)

    async def _answer(self, event: Event) -> None:
        """Each request once, over every relay."""
        event_id = event.id().to_hex()
        if event_id in self._answered:
            return
        self._answered[event_id] = None
        answer = self.service.answer(event)
        async with self._arrived:
            self._arrived.notify_all()
        if answer:
            await self.publish(answer)
