"""The part of the stand-in service that pays sats for notes. Levers are on the object."""

import time
from dataclasses import dataclass, field
from typing import Any

HOLD_S = 600
IN_FEE_PPM, IN_FEE_FIXED = 20_000, 1
CLAIMABLE = ("reserved", "failed")


@dataclass
class Bought:
    """An order as the service keeps it."""

    id: str
    sats: int
    """What is held for it; once it was said, what was inserted."""
    state: str = "held"
    said: int | None = None
    holds: int = 1
    """How often it was held."""
    paid: list[str] = field(default_factory=list)
    """What the customer was paid by, each time: an invoice, or `link`."""
    held_until: int = 0

    @property
    def fee(self) -> int:
        return -(-self.sats * IN_FEE_PPM // 1_000_000) + IN_FEE_FIXED

    @property
    def lnurl(self) -> str:
        return f"lnurl1{self.id}"


@dataclass
class CashInDesk:
    """The orders whose notes come in."""

    orders: dict[str, Bought] = field(default_factory=dict)
    hold_s: int = HOLD_S
    fetches: bool = False
    """Each link is used before the machine asks how it stands."""
    fails: bool = False
    """Invoices cannot be paid, which is proven at once."""
    hangs: bool = False
    """Payments stay under way, and nobody is answered."""
    links: bool = True
    """LNbits has an address that phones reach."""
    short: bool = False
    """There is no room for what is said."""

    @property
    def only(self) -> Bought:
        [order] = self.orders.values()
        return order

    def hold(self, body: dict[str, Any]) -> dict[str, Any]:
        order = self.orders.get(body["order"])
        if order is None:
            order = self.orders[body["order"]] = Bought(body["order"], body["sats"])
        elif order.state == "held":
            order.sats, order.holds = max(order.sats, body["sats"]), order.holds + 1
        order.held_until = int(time.time()) + self.hold_s
        return {
            "data": {
                "order": order.id,
                "state": order.state,
                "sats": order.sats,
                "fee_sats": order.fee,
                "net_sats": order.sats - order.fee,
                "short_code": order.id[:5].upper(),
                "held_until": order.held_until if order.state == "held" else None,
                "link": self.links,
            }
        }

    def create_withdraw(self, order: Bought, body: dict[str, Any]) -> dict[str, Any]:
        refusal = self._say(order, body["sats"])
        if refusal:
            return {"error": f"{refusal}: The customer is owed it."}
        if order.state not in (*CLAIMABLE, "paying", "unknown"):
            return {"error": "conflict: There is nothing to fetch."}
        return {
            "data": {
                "order": order.id,
                "state": order.state,
                "lnurl": order.lnurl,
                "lnurl_url": "http://127.0.0.1/",
                "amount_sats": order.sats - order.fee,
                "fee_sats": order.fee,
                "short_code": order.id[:5].upper(),
                "expires_at": int(time.time()) + 7 * 86_400,
            }
        }

    def pay(self, asked: dict[str, Any]) -> dict[str, Any] | None:
        """Kind 21002. None: nothing is known."""
        order = self.orders.get(asked["order"])
        if order is None:
            return {"res": "GFY", "code": 6, "error": "This machine has no such order."}
        refusal = self._say(order, asked["sats"])
        if refusal:
            return {"res": "GFY", "code": 2, "error": "The customer is owed it."}
        if order.state in CLAIMABLE:
            if self.fails:
                order.state = "failed"
                return {"res": "GFY", "code": 2, "error": "The payment failed."}
            order.state = "paying"
            if not self.hangs:
                self.send(order, asked["bolt11"])
        if order.state == "sent" and order.paid == [asked["bolt11"]]:
            return {"res": "ok", "preimage": "0" * 64}
        if self.hangs:
            return None
        return {"res": "GFY", "code": 6, "error": "Another payment may still succeed."}

    def send(self, order: Bought, by: str = "link") -> None:
        """The customer has the sats."""
        order.state = "sent"
        order.paid.append(by)

    def standing(self, order: Bought) -> dict[str, Any]:
        if self.fetches and order.state == "reserved":
            self.send(order)
        return {
            "order": order.id,
            "direction": "cash_in",
            "state": order.state,
            "amount_sats": order.sats,
            "fee_sats": order.fee,
            "short_code": order.id[:5].upper(),
        }

    def _say(self, order: Bought, sats: int) -> str | None:
        """Fixed by the first who says it; why not, when it cannot be reserved."""
        if order.state == "held":
            assert sats <= order.sats, "more than is held"
            order.sats = order.said = sats
            order.state = "unclaimed" if self.short else "reserved"
        if order.said != sats:
            return "conflict"
        if order.state == "unclaimed":
            if self.short:
                return "wallet_short"
            order.state = "reserved"
        return None
