"""What a machine and its operator's service say to each other about cash-in. Pure."""

from dataclasses import dataclass

from .cash_in_orders import CashInOrder
from .cash_wire import DEBIT_KIND, Question, Said, clock_words, data, field
from .errors import BadCashAnswer, CashRefused, NotNow, WrongClock
from .relay_reasons import cleaned

HELD = "held"
TEMPORARY, RATE = 2, 4
"""CLINK's codes for what may be asked again. Ours has the first also for a payment that failed:
`get_payment` tells."""


@dataclass(frozen=True)
class Hold:
    """Sats are kept for a customer's notes, for `left` seconds."""

    fee_sats: int
    short_code: str
    left: int
    link: bool
    """The customer can have a link."""


@dataclass(frozen=True)
class Link:
    """With what a customer fetches the sats."""

    lnurl: str
    fee_sats: int
    short_code: str
    expires_at: int
    """Unix seconds."""


def payment_question(order: CashInOrder) -> Question:
    """For the customer's invoice to be paid."""
    content = {"bolt11": order.bolt11, "order": order.id, "sats": order.inserted}
    return Question(DEBIT_KIND, "a payment", content)


def read_hold(said: Said, order: CashInOrder) -> Hold:
    """CashRefused unless all that was asked for is kept."""
    content = data(said)
    state, sats = field(content, "state", str), field(content, "sats", int)
    if field(content, "order", str) != order.id or sats < order.sats:
        raise BadCashAnswer("The service holds something else. No note is taken: ask the operator.")
    if state != HELD:
        raise CashRefused(
            f"The service calls this order {state}: no note is taken for it. Ask the operator."
        )
    return Hold(
        fee_sats=field(content, "fee_sats", int),
        short_code=field(content, "short_code", str),
        left=field(content, "held_until", int) - said.at,
        link=field(content, "link", bool),
    )


def read_link(said: Said, order: CashInOrder) -> Link:
    """BadCashAnswer unless it is for all that was inserted."""
    content = data(said)
    amount, fee = field(content, "amount_sats", int), field(content, "fee_sats", int)
    if field(content, "order", str) != order.id or amount + fee != order.inserted:
        raise BadCashAnswer("The service's link is not for what was inserted. Ask the operator.")
    return Link(
        lnurl=field(content, "lnurl", str),
        fee_sats=fee,
        short_code=field(content, "short_code", str),
        expires_at=field(content, "expires_at", int),
    )


def read_paid(said: Said) -> str | None:
    """The preimage, where there is one. Raises what the service said for a no."""
    content = said.content
    if content.get("res") == "ok":
        return None if content.get("preimage") is None else field(content, "preimage", str)
    words = cleaned(field(content, "error", str))
    if "delta" in content:
        raise WrongClock(clock_words(said.here_at - said.at))
    if content.get("code") in (TEMPORARY, RATE):
        raise NotNow(f'The service cannot now: "{words}".')
    raise CashRefused(f'The service says no: "{words}".')
