"""Kind 21000: what CLINK has no words for. `{rpc_name, auth_level, body}` is answered with `{data}`
or `{error}`. Pure.

A content is the decrypted one. Lightning.Pub speaks another protocol in the same kind.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from ..orders import Direction
from .answers import (
    Answer,
    Dispense,
    HoldStanding,
    Limits,
    MachineStanding,
    OrderStanding,
    Quote,
    Refusal,
    Refused,
    Silence,
    Why,
    Withdraw,
)
from .clink import details
from .fields import a_count, an_amount, an_id, read_object, refused
from .requests import (
    MOST_NOTES,
    MOST_SATS,
    AbandonRequest,
    DispensedReport,
    DispenseRequest,
    HoldRequest,
    OrderRequest,
    QuoteRequest,
    Request,
    StatusRequest,
    WithdrawRequest,
)

RPC_KIND = 21000
AUTH_LEVEL = "AUTH_WALLET"
MOST_LISTED = 100
"""Orders in one answer."""

Body = Mapping[str, Any]

NOT_HERE = {
    "create_invoice": "Ask for an invoice with CLINK, kind 21001, offer `cash-out`.",
    "pay_invoice": "Have an invoice paid with CLINK, kind 21002, with `order` and `sats`.",
    "decode_payment": "The machine reads invoices itself.",
    "lnurlw_create_link": "Ask `hold` before the first note, and then `create_withdraw`.",
    "list_payments": "A machine sees its own orders: `status` lists them, `get_payment` tells one.",
    "get_wallet": "A machine does not see its wallet; `status` says what it may do.",
    "create_wallet": "The machine's wallet is its operator's to choose.",
}
"""What host builds answer and this does not, and what to do instead."""


def parse(content: str, limits: Limits) -> Request | Refusal | Silence:
    """What the machine asks for. The limits are what a refusal of the amount tells."""
    try:
        return _enveloped(content, limits)
    except Refused as no:
        return no.refusal


def parse_call(name: str, body: object, limits: Limits) -> Request | Refusal:
    """The same without its envelope, for a host that has opened that itself."""
    try:
        return _call(name, body, limits)
    except Refused as no:
        return no.refusal


def write(answer: Answer) -> str:
    """The content of an answer, to be encrypted."""
    if isinstance(answer, Refusal):
        return json.dumps({"error": error_text(answer), **details(answer)})
    return json.dumps({"data": data(answer)})


def error_text(refusal: Refusal) -> str:
    """A word for programs, a colon, and a sentence for people."""
    return f"{refusal.why.value}: {refusal.words}"


def data(answer: Answer) -> dict[str, Any]:
    """What a yes carries."""
    if isinstance(answer, Quote):
        return {
            "direction": answer.direction.value,
            "gross_sats": answer.gross_sats,
            "fee_sats": answer.fee_sats,
            "net_sats": answer.net_sats,
        }
    if isinstance(answer, Dispense):
        return _dispense(answer)
    if isinstance(answer, OrderStanding):
        return _order(answer)
    if isinstance(answer, HoldStanding):
        return _hold(answer)
    if isinstance(answer, Withdraw):
        return _withdraw(answer)
    if isinstance(answer, MachineStanding):
        return _machine(answer)
    raise TypeError(f"kind 21000 has no words for {type(answer).__name__}")


def _enveloped(content: str, limits: Limits) -> Request | Silence:
    asked = read_object(content)
    if isinstance(asked, Silence):
        return asked
    name = asked.get("rpc_name")
    if name is None and ("rpcName" in asked or "requestId" in asked):
        return Silence.OTHER_DIALECT
    if not isinstance(name, str):
        raise refused("`rpc_name` is the name of what is asked for.")
    if asked.get("auth_level") != AUTH_LEVEL:
        raise refused(f"`auth_level` is `{AUTH_LEVEL}`.")
    return _call(name, asked.get("body"), limits)


def _call(name: str, body: object, limits: Limits) -> Request:
    if name not in _READERS:
        words = NOT_HERE.get(name, f"Nothing is called so; there is {', '.join(NAMES)}.")
        raise refused(words, Why.UNSUPPORTED)
    if not isinstance(body, dict):
        raise refused("`body` is an object.")
    return _READERS[name](body, limits)


def _quote(body: Body, limits: Limits) -> QuoteRequest:
    directions = {each.value: each for each in Direction}
    direction = body.get("direction")
    if not isinstance(direction, str) or direction not in directions:
        raise refused(f"`direction` is one of {', '.join(directions)}.", Why.UNSUPPORTED)
    return QuoteRequest(directions[direction], an_amount(body, "amount_sats", limits))


def _holding(body: Body, limits: Limits) -> HoldRequest:
    return HoldRequest(an_id(body, "order"), an_amount(body, "sats", limits))


def _withdrawing(body: Body, limits: Limits) -> WithdrawRequest:
    """Host builds say `principal_sats` for what was inserted."""
    name = "principal_sats" if "sats" not in body and "principal_sats" in body else "sats"
    return WithdrawRequest(an_id(body, "order"), an_amount(body, name, limits))


def _dispensing(body: Body, _limits: Limits) -> DispenseRequest:
    return DispenseRequest(an_id(body, "order"), an_id(body, "attempt"))


def _dispensed(body: Body, _limits: Limits) -> DispensedReport:
    report = DispensedReport(
        order=an_id(body, "order"),
        attempt=an_id(body, "attempt"),
        notes=a_count(body, "notes", MOST_NOTES),
        sats=a_count(body, "dispensed_sats", MOST_SATS),
    )
    if (report.notes == 0) != (report.sats == 0):
        raise refused("Either of `notes` and `dispensed_sats` is 0 only when both are.")
    return report


_READERS: dict[str, Callable[[Body, Limits], Request]] = {
    "quote": _quote,
    "dispense": _dispensing,
    "dispensed": _dispensed,
    "hold": _holding,
    "create_withdraw": _withdrawing,
    "abandon": lambda body, _: AbandonRequest(an_id(body, "order")),
    "get_payment": lambda body, _: OrderRequest(an_id(body, "order")),
    "status": lambda _body, _limits: StatusRequest(),
}
NAMES = tuple(_READERS)
"""What can be asked for."""


def _dispense(answer: Dispense) -> dict[str, Any]:
    yes = {"order": answer.order, "attempt": answer.attempt, "dispense": answer.why_not is None}
    return yes | ({"why_not": answer.why_not.value} if answer.why_not else {})


def _order(order: OrderStanding) -> dict[str, Any]:
    fiat = order.fiat and {"amount": order.fiat.amount, "code": order.fiat.code}
    return {
        "order": order.order,
        "direction": order.direction.value,
        "state": order.state,
        "amount_sats": order.sats,
        "fee_sats": order.fee_sats,
        "fiat": fiat,
        "short_code": order.short_code,
        "bolt11": order.bolt11,
        "expires_at": order.expires_at and int(order.expires_at.timestamp()),
        "attempt": order.attempt,
        "preimage": order.preimage,
    }


def _hold(held: HoldStanding) -> dict[str, Any]:
    return {
        "order": held.order,
        "state": held.state,
        "sats": held.sats,
        "fee_sats": held.fee_sats,
        "net_sats": held.net_sats,
        "short_code": held.short_code,
        "held_until": held.held_until and int(held.held_until.timestamp()),
        "link": held.link,
    }


def _withdraw(link: Withdraw) -> dict[str, Any]:
    return {
        "order": link.order,
        "state": link.state,
        "lnurl": link.lnurl,
        "lnurl_url": link.lnurl_url,
        "amount_sats": link.amount_sats,
        "fee_sats": link.fee_sats,
        "short_code": link.short_code,
        "expires_at": int(link.expires_at.timestamp()),
    }


def _machine(machine: MachineStanding) -> dict[str, Any]:
    return {
        "cash_out": machine.cash_out,
        "cash_in": machine.cash_in,
        "range": {"min": machine.limits.smallest, "max": machine.limits.largest},
        "fee_ppm": machine.fee_ppm,
        "fee_fixed_sats": machine.fee_fixed_sats,
        "in_fee_ppm": machine.in_fee_ppm,
        "in_fee_fixed_sats": machine.in_fee_fixed_sats,
        "open_orders": list(machine.open_orders[:MOST_LISTED]),
        "more_open_orders": len(machine.open_orders) > MOST_LISTED,
    }
