"""The steps of a cash-in that need neither a customer nor the acceptor."""

from dataclasses import replace

from .acceptor import Inserted, inserted
from .cash_in_orders import CashInOrder, CashInOrders, CashInStep
from .cash_wire import Standing
from .errors import CashRefused, NoAnswer, NotNow, UnknownOrder, WrongClock
from .order_steps import OrderSteps

UNDER_WAY = {"paying", "unknown"}
"""The service's states of an order whose payment may have gone through."""
NOTES_IN = {CashInStep.TAKING, CashInStep.INSERTED, CashInStep.LINKED}
"""Notes are in, or may be, and the customer may be waiting."""


class CashInSteps(OrderSteps[CashInOrder]):
    """The steps of a cash-in."""

    _orders: CashInOrders

    async def advanced(self, order: CashInOrder) -> CashInOrder:
        match order.step:
            case CashInStep.TAKING:
                self._tell("waits for the acceptor, should it still be at work")
                came_in = await inserted(order, self._orders.notes_file(order))
                return await self.advanced(self.noted(order, came_in))
            case CashInStep.LEAVING:
                return await self.abandoned(order)
            case CashInStep.INSERTED:
                return await self.said(order)
            case CashInStep.LINKED | CashInStep.LEFT:
                return await self.looked_up(order)
        return order

    def noted(self, order: CashInOrder, came_in: Inserted | None) -> CashInOrder:
        """What the acceptor has printed, or did not."""
        if came_in is None:
            return self.write(order.at(CashInStep.UNKNOWN))
        if came_in.sats == 0:
            return self.write(order.at(CashInStep.LEAVING))
        return self.write(order.at(CashInStep.INSERTED, notes=came_in.notes, inserted=came_in.sats))

    async def abandoned(self, order: CashInOrder) -> CashInOrder:
        """Nothing was inserted: nothing need be held."""
        try:
            await self._service.abandon(order)
        except UnknownOrder:
            self._tell("the service had not heard of the order")
        return self.write(order.at(CashInStep.ABANDONED))

    async def said(self, order: CashInOrder) -> CashInOrder:
        """The service knows what was inserted. It has paid the customer's invoice, or may be paying
        it: then the step is the same as before. Or there is a link."""
        if order.service_state in UNDER_WAY:
            order = await self.looked_up(order)
            if not _may_be_said(order):
                return order
        return await (self._paid(order) if order.bolt11 else self._linked(order))

    async def _paid(self, order: CashInOrder) -> CashInOrder:
        """A no need not be one to the payment, nor is silence: how the order stands decides. Where
        it can be paid no more by this invoice, the customer gets a link."""
        try:
            preimage = await self._service.pay(order)
        except WrongClock:
            raise
        except (CashRefused, NoAnswer) as problem:
            after = await self.looked_up(order)
            if not _may_be_said(after):
                return after
            no_word = isinstance(problem, NoAnswer | NotNow)
            if no_word and after.service_state not in {"failed", "unclaimed"}:
                raise
            self._tell(f"the invoice was not paid: {problem}")
            return await self._linked(after)
        # What the fee was of less than was held for, the answer does not say.
        return await self.looked_up(replace(order, preimage=preimage))

    async def _linked(self, order: CashInOrder) -> CashInOrder:
        try:
            link = await self._service.link(order)
        except (NotNow, WrongClock):
            raise
        except CashRefused:
            after = await self.looked_up(order)
            if after.step is order.step:
                raise
            return after
        return self.write(
            order.at(
                CashInStep.LINKED,
                lnurl=link.lnurl,
                fee_sats=link.fee_sats,
                short_code=link.short_code,
                expires_at=link.expires_at,
            )
        )

    async def looked_up(self, order: CashInOrder) -> CashInOrder:
        """Where it stands by what the service says now."""
        return self._following(order, await self._service.standing(order))

    def _following(self, order: CashInOrder, standing: Standing) -> CashInOrder:
        """Where an order stands whose notes are in, after the service has told its state."""
        told = replace(
            order,
            service_state=standing.state,
            short_code=standing.short_code,
            fee_sats=standing.fee_sats,
        )
        match standing.state:
            case "sent":
                return self.write(told.at(CashInStep.SENT))
            case "settled":
                return self.write(told.at(CashInStep.CLOSED))
            case "unclaimed" if order.step is not CashInStep.INSERTED:
                return self.write(told.at(CashInStep.OWED))
        return order if told == order else self.write(told)


def _may_be_said(order: CashInOrder) -> bool:
    """No payment of it is under way, and it has not ended."""
    return order.step is CashInStep.INSERTED and order.service_state not in UNDER_WAY
