"""CLINK, the public wire: kind 21001 asks for an invoice, 21002 for a payment, 21003 manages
offers. Its specification: github.com/shocknet/CLINK. Pure.

A content is the decrypted one.
"""

import json
import math
from typing import Any

from .answers import Answer, Invoice, Limits, Paid, Receipt, Refusal, Refused, Silence, Why
from .fields import (
    a_description,
    a_fiat,
    a_lifetime,
    an_amount,
    an_id,
    an_invoice,
    read_json,
    read_object,
    refused,
)
from .requests import InvoiceRequest, PayRequest

OFFER_KIND = 21001
DEBIT_KIND = 21002
MANAGE_KIND = 21003
KINDS = frozenset({OFFER_KIND, DEBIT_KIND, MANAGE_KIND})
VERSION = "1"
OFFER = "cash-out"
"""The one offer there is."""

OFFER_CODES = {
    Why.INVALID: 1,
    Why.DENIED: 1,
    Why.CONFLICT: 1,
    Why.UNKNOWN_ORDER: 1,
    Why.TEMPORARY: 2,
    Why.CLOCK: 2,
    Why.RATE: 2,
    Why.UNSUPPORTED: 4,
    Why.AMOUNT: 5,
    Why.STOPPED: 1,
    Why.CAP_ORDER: 5,
    Why.CAP_HOUR: 2,
    Why.CAP_DAY: 2,
    Why.CAP_OPEN: 2,
    Why.WALLET_SHORT: 2,
    Why.FAILED: 2,
}
"""What a refusal is called in kind 21001. Its 3 says that an offer has moved; ours does not."""
GFY_CODES = {
    Why.UNSUPPORTED: 1,
    Why.DENIED: 1,
    Why.TEMPORARY: 2,
    Why.CLOCK: 3,
    Why.RATE: 4,
    Why.AMOUNT: 5,
    Why.INVALID: 6,
    Why.CONFLICT: 6,
    Why.UNKNOWN_ORDER: 6,
    Why.STOPPED: 1,
    Why.CAP_ORDER: 5,
    Why.CAP_HOUR: 2,
    Why.CAP_DAY: 2,
    Why.CAP_OPEN: 2,
    Why.WALLET_SHORT: 2,
    Why.FAILED: 2,
}
"""What it is called in kinds 21002 and 21003."""

_NO_BUDGETS = "Budgets and unlimited debits are never granted: send `bolt11` and `order`."
_NO_OFFERS = "A machine manages no offers here."


def parse(
    kind: int, content: str, limits: Limits
) -> InvoiceRequest | PayRequest | Refusal | Silence:
    """What the machine asks for. The limits are what a refusal of the amount tells."""
    try:
        if kind == OFFER_KIND:
            return _offer(content, limits)
        if kind == DEBIT_KIND:
            return _debit(content, limits)
        if read_json(content) is Silence.NOT_JSON:
            return Silence.NOT_JSON
        raise refused(_NO_OFFERS, Why.UNSUPPORTED)
    except Refused as no:
        return no.refusal


def write(kind: int, answer: Answer) -> str:
    """The content of an answer, to be encrypted."""
    if isinstance(answer, Refusal):
        return json.dumps(_error(kind, answer) | details(answer))
    if isinstance(answer, Invoice):
        return json.dumps({"bolt11": answer.bolt11})
    if isinstance(answer, Receipt | Paid):
        proof = {"preimage": answer.preimage} if answer.preimage else {}
        return json.dumps({"res": "ok", **proof})
    raise TypeError(f"CLINK has no words for {type(answer).__name__}")


def _offer(content: str, limits: Limits) -> InvoiceRequest | Silence:
    asked = read_object(content)
    if isinstance(asked, Silence):
        return asked
    if asked.get("offer") != OFFER:
        raise refused(f"`offer` is `{OFFER}`, the one offer there is.")
    if asked.get("zap") is not None:
        raise refused("Zaps are not done here.", Why.UNSUPPORTED)
    payer = _payer(asked.get("payer_data"))
    return InvoiceRequest(
        order=an_id(payer, "order"),
        sats=an_amount(asked, "amount_sats", limits),
        fiat=a_fiat(payer, "fiat"),
        description=a_description(asked, "description"),
        lifetime=a_lifetime(asked, "expires_in_seconds"),
    )


def _debit(content: str, limits: Limits) -> PayRequest | Silence:
    """A customer's invoice. `order` and `sats` stand beside CLINK's own fields, which other readers
    leave alone; `amount_sats` is CLINK's, and of the invoice."""
    asked = read_object(content)
    if isinstance(asked, Silence):
        return asked
    if asked.get("bolt11") is None:
        raise refused(_NO_BUDGETS, Why.UNSUPPORTED)
    if asked.get("frequency") is not None:
        raise refused(_NO_BUDGETS, Why.UNSUPPORTED)
    return PayRequest(
        order=an_id(asked, "order"),
        sats=an_amount(asked, "sats", limits),
        bolt11=an_invoice(asked, "bolt11"),
    )


def _payer(data: object) -> dict[str, Any]:
    """The machine's own fields, among which the order must be."""
    if data is not None and not isinstance(data, dict):
        raise refused("`payer_data` is an object.")
    if data is None or data.get("order") is None:
        raise refused(
            "Without `payer_data.order` no invoice is made: 32 lowercase hex digits.",
            Why.UNSUPPORTED,
        )
    return data


def details(refusal: Refusal) -> dict[str, Any]:
    """What programs read of a refusal beside its code, in CLINK's words for all three."""
    told: dict[str, Any] = {}
    if refusal.limits:
        told["range"] = {"min": refusal.limits.smallest, "max": refusal.limits.largest}
    if refusal.delta:
        most, actual = refusal.delta.most_ms, refusal.delta.actual_ms
        told["delta"] = {"max_delta_ms": most, "actual_delta_ms": actual}
    if refusal.retry_at:
        told["retry_after"] = math.ceil(refusal.retry_at.timestamp())
    return told


def _error(kind: int, refusal: Refusal) -> dict[str, Any]:
    if kind == OFFER_KIND:
        return {"error": refusal.words, "code": OFFER_CODES[refusal.why]}
    return {"res": "GFY", "code": GFY_CODES[refusal.why], "error": refusal.words}
