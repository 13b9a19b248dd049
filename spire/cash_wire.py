"""What a machine and its operator's service say to each other about cash. Pure.

CLINK asks for an invoice (kind 21001) and has one paid (21002, in `cash_in_wire.py`); what it has
no words for goes over kind 21000. Both wires refuse in words of their own, which are read here into
one tree of errors.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from .cash_orders import Order
from .errors import (
    BadCashAnswer,
    CashRefused,
    NotNow,
    UnknownOrder,
    WrongAmount,
    WrongClock,
)
from .relay_reasons import cleaned

RPC_KIND = 21000
OFFER_KIND = 21001
DEBIT_KIND = 21002
CLINK_KINDS = (OFFER_KIND, DEBIT_KIND)
KINDS = (RPC_KIND, *CLINK_KINDS)
CLINK_VERSION = "1"
OFFER = "cash-out"
CASH_OUT, CASH_IN = "cash_out", "cash_in"
AUTH_LEVEL = "AUTH_WALLET"
EXPIRES_S = 300
"""After which no relay need pass a request on; the service takes none that is older."""

T = TypeVar("T", bound=int | str | bool | dict[str, Any])


@dataclass(frozen=True)
class Question:
    """What is asked, in one event of a kind."""

    kind: int
    name: str
    """For messages."""
    content: Mapping[str, Any]

    def text(self) -> str:
        return json.dumps(self.content)

    def tags(self, service_pubkey: str) -> list[list[str]]:
        tags = [["p", service_pubkey], ["expiration", str(int(time.time()) + EXPIRES_S)]]
        return tags + ([["clink_version", CLINK_VERSION]] if self.kind in CLINK_KINDS else [])


@dataclass(frozen=True)
class Said:
    """What the service answered, and by whose clocks when (unix time)."""

    content: Mapping[str, Any]
    at: int
    here_at: int


@dataclass(frozen=True)
class Standing:
    """How the service says that an order stands; `left` is how many seconds its invoice lives."""

    state: str
    sats: int
    fee_sats: int
    short_code: str
    bolt11: str | None
    left: int | None


@dataclass(frozen=True)
class Quote:
    """What a customer gives, and what of it comes back the other way; all in sats."""

    gross: int
    fee: int
    net: int


@dataclass(frozen=True)
class Terms:
    """On which the machine may sell notes, and take them."""

    on: bool
    smallest: int
    largest: int
    fee_ppm: int
    fee_fixed: int
    in_on: bool
    in_fee_ppm: int
    in_fee_fixed: int


def invoice_question(order: Order) -> Question:
    """For the customer's invoice. The same order, asked again, gets the same invoice."""
    payer: dict[str, Any] = {"order": order.id}
    if order.fiat:
        amount, code = order.fiat.split()
        payer["fiat"] = {"amount": amount, "code": code}
    content = {"offer": OFFER, "amount_sats": order.sats, "payer_data": payer}
    return Question(OFFER_KIND, "an invoice", content)


def question(name: str, **body: Any) -> Question:
    """Over kind 21000."""
    content = {"rpc_name": name, "auth_level": AUTH_LEVEL, "body": body}
    return Question(RPC_KIND, name, content)


def check_invoice(said: Said) -> None:
    """Raises what the service said for a no. A yes is an invoice, or a receipt once it is paid."""
    content = said.content
    if "error" in content:
        raise _refusal(said, _of_offer(content))
    if content.get("res") != "ok":
        field(content, "bolt11", str)


def data(said: Said) -> Mapping[str, Any]:
    """The data of a yes over kind 21000. Raises what the service said for a no."""
    if "error" in said.content:
        raise _refusal(said, field(said.content, "error", str).partition(":")[0])
    return field(said.content, "data", dict)


def read_standing(said: Said) -> Standing:
    content = data(said)
    bolt11, expires_at = content.get("bolt11"), content.get("expires_at")
    if bolt11 is not None:
        bolt11 = field(content, "bolt11", str)
    return Standing(
        state=field(content, "state", str),
        sats=field(content, "amount_sats", int),
        fee_sats=field(content, "fee_sats", int),
        short_code=field(content, "short_code", str),
        bolt11=bolt11,
        left=None if expires_at is None else field(content, "expires_at", int) - said.at,
    )


def read_quote(said: Said) -> Quote:
    content = data(said)
    return Quote(*(field(content, name, int) for name in ("gross_sats", "fee_sats", "net_sats")))


def read_terms(said: Said) -> Terms:
    content = data(said)
    limits = field(content, "range", dict)
    return Terms(
        on=field(content, "cash_out", bool),
        smallest=field(limits, "min", int),
        largest=field(limits, "max", int),
        fee_ppm=field(content, "fee_ppm", int),
        fee_fixed=field(content, "fee_fixed_sats", int),
        in_on=field(content, "cash_in", bool),
        in_fee_ppm=field(content, "in_fee_ppm", int),
        in_fee_fixed=field(content, "in_fee_fixed_sats", int),
    )


def read_leave(said: Said, order: Order) -> str | None:
    """None: this attempt may dispense now. Otherwise the service's word for why not."""
    content = data(said)
    names = (field(content, "order", str), field(content, "attempt", str))
    if names != (order.id, order.attempt):
        raise BadCashAnswer("The service answered for another order or attempt. Ask the operator.")
    if field(content, "dispense", bool):
        return None
    return field(content, "why_not", str)


def _of_offer(content: Mapping[str, Any]) -> str:
    """Kind 21000's word for a refusal of CLINK's, where it has one."""
    if "delta" in content:
        return "clock"
    match content.get("code"):
        case 2:
            return "temporary"
        case 5:
            return "amount"
    return ""


def _refusal(said: Said, word: str) -> CashRefused:
    words = cleaned(str(said.content["error"]).removeprefix(f"{word}:"))
    if word == "clock":
        return WrongClock(clock_words(said.here_at - said.at))
    if word == "amount":
        limits = said.content.get("range")
        if isinstance(limits, dict) and {"min", "max"} <= limits.keys():
            return WrongAmount(
                f"The operator allows {limits['min']} to {limits['max']} sats. Ask for another "
                "amount."
            )
        return WrongAmount(f'The service refuses the amount: "{words}". Ask for another.')
    if word in {"temporary", "rate"}:
        return NotNow(f'The service cannot now: "{words}". Run the same command again later.')
    if word == "unknown_order":
        return UnknownOrder("The service has no such order of this machine.")
    return CashRefused(f'The service says no: "{words}". Ask the operator.')


def clock_words(ahead: int) -> str:
    """Whose clock is right nobody knows; the one that has to agree is the machine's."""
    side = "ahead of" if ahead > 0 else "behind"
    minutes, seconds = divmod(abs(ahead), 60)
    return (
        f"The clock of this machine is {minutes} min {seconds} s {side} that of the operator's "
        "service, which takes no request of it. Set the time."
    )


def field(content: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """A part of an answer. BadCashAnswer when it is not there, or something else."""
    value = content.get(name)
    if type(value) is not kind:
        raise BadCashAnswer(
            f"The service's answer has no `{name}` that can be used: the machine or the service is "
            "too old. Ask the operator."
        )
    return value
