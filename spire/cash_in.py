"""Cash-in, top to bottom: a customer's notes for sats.

The service holds sats before the first note is taken, and holds them anew while notes go in. What
was inserted is on the disk before it is said, and is never said otherwise. Notes are never given
back: from then on the customer is paid, or owed. Each question to the service can be asked again:
after a crash the same command goes on.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from ..loop import within
from .acceptor import Inserted, TakesNotes
from .cash_in_orders import CashInOrder, CashInOrders, CashInStep
from .cash_in_steps import NOTES_IN, CashInSteps
from .errors import (
    BadCashAnswer,
    CashRefused,
    ForOperator,
    NoAnswer,
    NotFetched,
    NotNow,
    NotPaid,
    SpireError,
    Unreachable,
    WrongClock,
)
from .patience import Patience
from .service import Service

POLL_S = 3.0
"""How often the service is asked whether the customer has the sats."""
RENEW_S = 240.0
"""How often the hold is renewed while notes go in."""
RENEW_AGAIN_S = 10.0
"""The same when nobody answers."""
LEAST_HELD_S = 60.0
"""A hold that ends sooner, and cannot be renewed, lets no more notes in."""


class CashIn:
    """Serves one customer. `show` is given the order when notes may go in, and when it has a link.
    When the customer sets `leaves`, no more notes go in; set again, nobody waits for the sats."""

    def __init__(
        self,
        service: Service,
        orders: CashInOrders,
        acceptor: TakesNotes,
        *,
        show: Callable[[CashInOrder], None],
        tell: Callable[[str], None],
        leaves: asyncio.Event,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service = service
        self._orders = orders
        self._steps = CashInSteps(service, orders, tell)
        self._acceptor = acceptor
        self._show = show
        self._tell = tell
        self._leaves = leaves
        self._now = now
        self._persist = Patience(tell, now)

    async def serve(self, sats: int, bolt11: str | None) -> CashInOrder:
        """The customer has the sats. Otherwise raises what is known: NotPaid, NotFetched,
        ForOperator, NoCash.

        Goes on with an order of the same content that was broken off.
        """
        with self._orders.locked():
            async with self._service.kept_open():
                return await self._served(sats, bolt11)

    async def _served(self, sats: int, bolt11: str | None) -> CashInOrder:
        order = await self._broken_off(sats, bolt11) or CashInOrder.new(sats, bolt11)
        if order.step is CashInStep.MADE:
            await self._acceptor.check(order)
            self._orders.write(order)
        while order.is_open and order.step is not CashInStep.LEFT:
            order = await self._next(order)
        return _checked(order)

    async def _broken_off(self, sats: int, bolt11: str | None) -> CashInOrder | None:
        """One that this customer may be waiting for, be it that it has ended now. Who wanted
        something else has left, and keeps what was inserted; so does who left before."""
        found = None
        for each in self._orders.all():
            if each.step is CashInStep.LEFT:
                continue
            order = await self._steps.caught_up(each)
            waited_for = order.step is CashInStep.MADE or (
                each.step in NOTES_IN and order.step is not CashInStep.ABANDONED
            )
            if waited_for and (order.sats, order.bolt11) == (sats, bolt11):
                found = order
            elif order.step is CashInStep.MADE:
                await self._steps.caught_up(self._steps.write(order.at(CashInStep.LEAVING)))
            elif order.step is CashInStep.LINKED:
                self._steps.write(order.at(CashInStep.LEFT))
        if found:
            self._tell(f"goes on with the order of {found.made_at}, code {found.short_code}")
        return found

    async def _next(self, order: CashInOrder) -> CashInOrder:
        match order.step:
            case CashInStep.MADE:
                return await self._taken(order)
            case CashInStep.INSERTED:
                return await self._said(order)
            case CashInStep.LINKED:
                return await self._until_fetched(order)
        return await self._persist(lambda: self._steps.advanced(order))

    async def _taken(self, order: CashInOrder) -> CashInOrder:
        """No note goes in before the service holds the sats for it, and that is on the disk."""
        began = self._now()
        try:
            hold = await self._service.hold(order)
        except (NotNow, WrongClock):
            raise  # the same may be asked again
        except CashRefused:
            self._steps.write(order.at(CashInStep.REFUSED))
            raise
        if order.bolt11 is None and not hold.link:
            await self._steps.caught_up(self._steps.write(order.at(CashInStep.LEAVING)))
            raise CashRefused(
                "LNbits has no address that a customer's phone may ask: no note is taken without "
                "an invoice. Ask the operator."
            )
        if hold.left < LEAST_HELD_S:
            raise NotNow("The service holds the sats too shortly. Run the same command again.")
        taking = self._steps.write(
            order.at(CashInStep.TAKING, fee_sats=hold.fee_sats, short_code=hold.short_code)
        )
        self._show(taking)
        came_in = await self._accepted(taking, began + hold.left)
        self._leaves.clear()  # who inserts no more waits for the sats
        return self._steps.noted(taking, came_in)

    async def _accepted(self, order: CashInOrder, held_until: float) -> Inserted | None:
        """What the customer inserted, while the sats for it were held."""
        stop = asyncio.Event()
        beside = [
            asyncio.create_task(self._keep_hold(order, held_until, stop)),
            asyncio.create_task(self._stop_who_leaves(stop)),
        ]
        try:
            came_in = await self._acceptor.accept(order, self._orders.notes_file(order), stop)
        finally:
            for each in beside:
                each.cancel()
            ended, _ = await asyncio.wait(beside)
        for each in ended:
            if not each.cancelled():
                each.result()
        return came_in

    async def _stop_who_leaves(self, stop: asyncio.Event) -> None:
        await self._leaves.wait()
        stop.set()

    async def _keep_hold(self, order: CashInOrder, held_until: float, stop: asyncio.Event) -> None:
        """Renews it. Once it ends, or the service says no, no more notes go in."""
        pause = RENEW_S
        while self._now() < held_until - LEAST_HELD_S:
            await asyncio.sleep(pause)
            began = self._now()
            try:
                held_until = began + (await self._service.hold(order)).left
                pause = RENEW_S
            except (NoAnswer, NotNow, Unreachable) as problem:
                self._tell(f"asks again to hold the sats: {problem}")
                pause = RENEW_AGAIN_S
            except SpireError as problem:
                self._tell(f"no more notes: {problem}")
                break
        stop.set()

    async def _said(self, order: CashInOrder) -> CashInOrder:
        try:
            after = await self._persist(lambda: self._steps.said(order))
        except (CashRefused, BadCashAnswer) as problem:
            raise ForOperator(
                f"The notes are in, for {order.inserted} sats, and it goes no further: {problem} "
                "The same command goes on once that is mended, or the operator ends order "
                f"{order.short_code}."
            ) from problem
        if after.step is CashInStep.INSERTED:
            self._tell_news(order, after)
            return await self._left_or_later(after)
        return after

    async def _until_fetched(self, order: CashInOrder) -> CashInOrder:
        """Until the customer has the sats, the link is over, or the customer leaves with it."""
        self._show(order)
        while order.step is CashInStep.LINKED:
            after = await self._looked_up(order)
            self._tell_news(order, after)
            order = await self._left_or_later(after)
        return order

    async def _looked_up(self, order: CashInOrder) -> CashInOrder:
        try:
            return await self._persist(lambda: self._steps.looked_up(order))
        except (CashRefused, BadCashAnswer) as problem:
            raise ForOperator(
                f"The notes are in, and the service does not say how order {order.short_code} "
                f"stands: {problem}"
            ) from problem

    async def _left_or_later(self, order: CashInOrder) -> CashInOrder:
        """The same after some seconds; who leaves first keeps what is theirs."""
        if not order.is_open:
            return order
        with suppress(asyncio.TimeoutError):
            await within(POLL_S, self._leaves.wait())
            return self._steps.write(order.at(CashInStep.LEFT))
        return order

    def _tell_news(self, was: CashInOrder, order: CashInOrder) -> None:
        if order.service_state != was.service_state and order.service_state in _NEWS:
            self._tell(f"{_NEWS[order.service_state]} (code {order.short_code})")


_NEWS = {
    "paying": "the sats are on their way",
    "unknown": "the sats are on their way, and it takes long",
    "failed": "the payment has failed: the same link may be tried again",
}
"""What the service's states mean to the customer."""


def _checked(order: CashInOrder) -> CashInOrder:
    """Raises how it ended, unless the customer has the sats."""
    match order.step:
        case CashInStep.SENT:
            return order
        case CashInStep.LEFT:
            raise NotFetched(
                f"The customer has left, and {order.net_sats} sats are theirs: "
                f"`spire cash` tells when they have them. Code {order.short_code}."
            )
        case CashInStep.ABANDONED:
            raise NotPaid("The customer has left. Nothing was inserted.")
        case CashInStep.OWED:
            what = f"the link is over, and the customer is owed {order.net_sats} sats"
        case CashInStep.UNKNOWN:
            what = "notes may be in, and nobody knows what they are worth: count them"
        case _:
            what = f"it is ended (the service says {order.service_state})"
    raise ForOperator(f"The operator has to look at order {order.short_code}: {what}.")
