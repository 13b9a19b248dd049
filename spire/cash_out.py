"""Cash-out, top to bottom: a customer's sats for notes.

Each step is on the disk before the next is begun, and each question to the service can be asked
again: after a crash the same command goes on. The service's yes is for one attempt, whose id is on
the disk before it is asked for; the motor is never started twice for an order.
"""

import asyncio
import time
from collections.abc import Callable

from .cash_orders import Order, Orders, Step
from .cash_steps import PAID_HERE, Steps
from .dispenser import Counted, Dispenser
from .errors import (
    BadCashAnswer,
    CashRefused,
    ForOperator,
    NotNow,
    NotPaid,
    WrongClock,
)
from .patience import Patience
from .service import Service
from .service_line import Ears

START_WITHIN_S = 10.0
"""From asking for leave until the motor starts; later the yes is asked for again."""
POLL_S = 5.0
"""A receipt may be lost, so the order is asked about as often."""


class CashOut:
    """Serves one customer. `show` is given the order once it has an invoice; the customer may set
    `leaves`, which counts until it is paid."""

    def __init__(
        self,
        service: Service,
        orders: Orders,
        dispenser: Dispenser,
        *,
        show: Callable[[Order], None],
        tell: Callable[[str], None],
        leaves: asyncio.Event,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service = service
        self._orders = orders
        self._steps = Steps(service, orders, tell)
        self._dispenser = dispenser
        self._show = show
        self._tell = tell
        self._leaves = leaves
        self._now = now
        self._persist = Patience(tell, now)

    async def serve(self, sats: int, fiat: str | None) -> Order:
        """All notes came out. Otherwise raises what is known: NotPaid, ForOperator, NoCash.

        Goes on with an order of the same content that was broken off.
        """
        with self._orders.locked():
            async with self._service.kept_open():
                return await self._served(sats, fiat)

    async def _served(self, sats: int, fiat: str | None) -> Order:
        order = await self._broken_off(sats, fiat) or Order.new(sats, fiat)
        if order.step is Step.MADE:
            await self._dispenser.check(order)
            self._orders.write(order)
        while order.is_open:
            order = await self._next(order)
        return _checked(order)

    async def _broken_off(self, sats: int, fiat: str | None) -> Order | None:
        """One that this customer may be waiting for, be it that it has ended now: nobody is asked
        to pay for the same again. Who wanted something else has left."""
        found = None
        for each in self._orders.all():
            order = await self._steps.caught_up(each)
            waited_for = order.is_open or each.step in PAID_HERE
            if waited_for and (order.sats, order.fiat) == (sats, fiat):
                found = order
            elif order.step in {Step.MADE, Step.INVOICED}:
                await self._steps.caught_up(self._steps.write(order.at(Step.LEAVING)))
        if found:
            self._tell(f"goes on with the order of {found.made_at}")
        return found

    async def _next(self, order: Order) -> Order:
        match order.step:
            case Step.MADE:
                return await self._invoiced(order)
            case Step.INVOICED:
                return await self._until_paid(order)
            case Step.ATTEMPT | Step.COUNTED:
                return await self._after_payment(order)
        return await self._persist(lambda: self._steps.advanced(order))

    async def _invoiced(self, order: Order) -> Order:
        try:
            await self._service.make_invoice(order)
        except (NotNow, WrongClock):
            raise  # the same may be asked again
        except CashRefused:
            self._steps.write(order.at(Step.REFUSED))
            raise
        standing = await self._service.standing(order)
        if standing.bolt11 is None:
            return self._steps.following(order, standing)
        return self._steps.write(
            order.at(
                Step.INVOICED,
                bolt11=standing.bolt11,
                short_code=standing.short_code,
                fee_sats=standing.fee_sats,
                service_state=standing.state,
            )
        )

    async def _until_paid(self, order: Order) -> Order:
        """Until it is paid, has expired, or the customer leaves. What the service says unasked is
        news: the machine asks how the order stands, and believes that."""
        self._show(order)
        async with self._service.news() as ears:
            while True:
                after = await self._persist(lambda: self._steps.looked_up(order))
                if after.step is not Step.INVOICED:
                    return after
                if self._leaves.is_set():
                    return self._steps.write(order.at(Step.LEAVING))
                await self._news(ears)

    async def _after_payment(self, order: Order) -> Order:
        try:
            if order.step is Step.ATTEMPT:
                return await self._dispensed(order)
            return await self._persist(lambda: self._steps.reported(order))
        except (CashRefused, BadCashAnswer) as problem:
            raise ForOperator(
                f"The customer has paid, and it goes no further: {problem} The same command goes "
                f"on once that is mended, or the operator ends order {order.short_code}."
            ) from problem

    async def _news(self, ears: Ears) -> None:
        """A word of the service, the customer leaves, or some seconds have passed."""
        waits = [asyncio.ensure_future(each) for each in (ears.heard(), self._leaves.wait())]
        try:
            await asyncio.wait(waits, timeout=POLL_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _dispensed(self, order: Order) -> Order:
        """The motor starts soon after the service was asked, or the service is asked again."""
        began = self._now()
        why_not = await self._persist(lambda: self._service.why_not_dispense(order))
        if why_not is not None:
            return self._no_leave(order, why_not)
        moving = self._steps.write(order.at(Step.MOTOR))
        if self._now() - began > START_WITHIN_S:
            return self._steps.write(moving.at(Step.ATTEMPT))
        self._tell("the dispenser is at work")
        out = await self._dispenser.dispense(moving, self._orders.motor_file(moving))
        return self._steps.counted(moving, out)

    def _no_leave(self, order: Order, why_not: str) -> Order:
        if why_not == "not_paid":
            raise NotNow("The service does not find the payment.")
        if why_not == "stopped":
            raise ForOperator(
                "The customer has paid, and the operator has stopped cash. Run the same command "
                f"again once it is on, or have the operator settle order {order.short_code}."
            )
        if why_not == "too_late":  # this attempt had the yes, and its motor was never started
            return self._steps.counted(order, Counted(0, 0))
        return self._steps.write(order.at(Step.CLOSED, service_state=why_not))


def _checked(order: Order) -> Order:
    """Raises how it ended, unless all notes came out."""
    match order.step:
        case Step.DISPENSED:
            return order
        case Step.ABANDONED:
            raise NotPaid("The customer has left. Nothing was paid that is known of.")
        case Step.EXPIRED:
            raise NotPaid("The invoice has expired. Nothing was paid that is known of.")
        case Step.SHORT:
            what = f"{order.notes} notes came out, for {order.dispensed_sats} of {order.sats} sats"
        case Step.UNKNOWN:
            what = "the motor may have moved, and nobody knows what came out: count the notes"
        case _:
            what = f"no notes come out for it any more (the service says {order.service_state})"
    raise ForOperator(f"The operator has to end order {order.short_code}: {what}.")
