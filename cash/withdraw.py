"""LNURL-withdraw (LUD-03): the customer's wallet fetches the sats with a link, by an invoice of its
own. What anybody may ask for here is no more than the link allows, once."""

import hmac
from collections import OrderedDict, deque
from secrets import token_hex
from time import monotonic

from lnurl import (
    CallbackUrl,
    LnurlErrorResponse,
    LnurlSuccessResponse,
    LnurlWithdrawResponse,
    MilliSatoshi,
)
from pydantic import parse_obj_as

from ..clock import Clock
from ..orders import CLAIMABLE, LINK_LIFE, RESERVING, AttemptState, CashLink, CashOrder, CashState
from ..store import cash_attempts, cash_orders
from . import paying, public_address
from .answers import Refusal, Why, Withdraw

MOST_A_MINUTE = 30
"""Requests for one link, and of one address."""
REMEMBERED = 10_000
LinkAnswer = LnurlWithdrawResponse | LnurlSuccessResponse | LnurlErrorResponse

NO_ADDRESS = Refusal(
    Why.DENIED,
    "This LNbits has no address that a customer's phone may ask: its base URL has to be https, and "
    "on the internet.",
)
NOT_ANY_MORE = Refusal(Why.CONFLICT, "This order is paid, or ended: there is nothing to fetch.")
NO_LINK = LnurlErrorResponse(reason="There is no such link.")
TOO_OFTEN = LnurlErrorResponse(reason="Too many requests: wait a minute.")


async def link_of(order: CashOrder, clock: Clock) -> Withdraw | Refusal:
    """The order's link; a new one when there is none that may be used."""
    if not public_address.may_have_links():
        return NO_ADDRESS
    now = clock()
    link = await cash_attempts.get_link_of(order.id)
    if link is None or link.expires_at <= now:
        if order.state not in RESERVING:
            return NOT_ANY_MORE
        link = CashLink(
            id=token_hex(16),
            order_id=order.id,
            k1=token_hex(32),
            made_at=now,
            expires_at=now + LINK_LIFE,
        )
        if not await cash_attempts.create_link(link):
            link = await cash_attempts.get_link_of(order.id) or link
    url = public_address.url_of(link.id)
    lnurl = public_address.as_lnurl(url)
    if lnurl is None:
        return NO_ADDRESS
    return Withdraw(
        order=order.order_key,
        state=order.state.value,
        lnurl=lnurl,
        lnurl_url=url,
        amount_sats=order.net_sats,
        fee_sats=order.fee_sats,
        short_code=order.short_code,
        expires_at=link.expires_at,
    )


async def offer(link_id: str, clock: Clock) -> LinkAnswer:
    """What a wallet may fetch with this link."""
    found = await _found(link_id, clock)
    if isinstance(found, LnurlErrorResponse):
        return found
    link, order = found
    if order.state not in CLAIMABLE:
        return _why_not(order)
    if not public_address.may_have_links():  # any more
        return LnurlErrorResponse(reason=f"Tell the operator your code {order.short_code}.")
    amount = MilliSatoshi(1000 * order.net_sats)
    return LnurlWithdrawResponse(
        callback=parse_obj_as(CallbackUrl, f"{public_address.url_of(link.id)}/pay"),
        k1=link.k1,
        minWithdrawable=amount,
        maxWithdrawable=amount,
        defaultDescription=f"Cash-in {order.short_code}",
    )


async def claim(link_id: str, k1: str, invoice: str, clock: Clock) -> LinkAnswer:
    """Takes the wallet's invoice; it is paid after the answer. The same one again is the same
    payment."""
    found = await _found(link_id, clock)
    if isinstance(found, LnurlErrorResponse):
        return found
    link, order = found
    if not hmac.compare_digest(link.k1.encode(), k1.encode()):
        return NO_LINK
    read = paying.read_invoice(invoice, order.net_sats, clock)
    if isinstance(read, Refusal):
        return LnurlErrorResponse(reason=read.words)
    there = await cash_attempts.get_attempt_of_hash(read.payment_hash)
    if (there is None or there.order_id != order.id) and order.state not in CLAIMABLE:
        return _why_not(order)
    begun = await paying.begin(order, read, clock)
    if isinstance(begun, Refusal):
        return LnurlErrorResponse(reason=begun.words)
    if begun.state is AttemptState.FAILED:
        return LnurlErrorResponse(reason="Paying this invoice has failed: make a new one.")
    return LnurlSuccessResponse()


async def _found(link_id: str, clock: Clock) -> tuple[CashLink, CashOrder] | LnurlErrorResponse:
    link = await cash_attempts.get_link(link_id)
    order = await cash_orders.get_order(link.order_id) if link else None
    if link is None or order is None:
        return NO_LINK
    if link.replaced_at is not None or link.expires_at <= clock():
        return LnurlErrorResponse(
            reason=f"This link is over: tell the operator your code {order.short_code}."
        )
    return link, order


def _why_not(order: CashOrder) -> LnurlErrorResponse:
    match order.state:
        case CashState.PAYING | CashState.UNKNOWN:
            words = "A payment of this link is under way: look at your wallet."
        case CashState.SENT:
            words = "This link was used."
        case _:
            words = f"Tell the operator your code {order.short_code}."
    return LnurlErrorResponse(reason=words)


class Pace:
    """How often one link, or one address, has asked within a minute."""

    def __init__(self) -> None:
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()

    def allows(self, *whose: str) -> bool:
        """Counts this request; False when it is one too many for any of these."""
        allowed = [self._allows(each) for each in whose]
        return all(allowed)

    def _allows(self, whose: str) -> bool:
        now = monotonic()
        times = self._asked.setdefault(whose, deque())
        self._asked.move_to_end(whose)
        if len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)
        while times and times[0] < now - 60:
            times.popleft()
        if len(times) >= MOST_A_MINUTE:
            return False
        times.append(now)
        return True
