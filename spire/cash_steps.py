"""The steps of an order that need neither a customer nor the motor."""

from .cash_orders import Order, Orders, Step
from .cash_wire import Standing
from .dispenser import Counted, counted
from .errors import UnknownOrder
from .order_files import random_id
from .order_steps import OrderSteps

GRACE_S = 120
"""After the invoice has expired a payment may still be on its way, for so long."""
ENDED = {
    "abandoned": Step.ABANDONED,
    "expired": Step.EXPIRED,
    **dict.fromkeys(("paid_late", "dispensed", "short", "settled"), Step.CLOSED),
}
"""The service's states after which nothing is dispensed for an order that was not begun."""
PAID = {"paid", "dispensing"}
PAID_HERE = {Step.ATTEMPT, Step.MOTOR, Step.COUNTED}
"""This machine knows that its customer has paid, and the order has not ended."""


class Steps(OrderSteps[Order]):
    """The steps of a cash-out."""

    _orders: Orders

    async def advanced(self, order: Order) -> Order:
        match order.step:
            case Step.MADE | Step.INVOICED | Step.ATTEMPT:
                return await self.looked_up(order)
            case Step.LEAVING:
                return await self.abandoned(order)
            case Step.MOTOR:
                self._tell("waits for the dispenser, should it still be at work")
                out = await counted(order, self._orders.motor_file(order))
                return await self.advanced(self.counted(order, out))
            case Step.COUNTED:
                return await self.reported(order)
        return order

    async def looked_up(self, order: Order) -> Order:
        """Where it stands by what the service says now."""
        try:
            return self.following(order, await self._service.standing(order))
        except UnknownOrder:
            if order.step is Step.MADE:
                return order  # the request for its invoice was lost
            raise

    def following(self, order: Order, standing: Standing) -> Order:
        """Where an order stands whose motor was not started, after the service has told its
        state."""
        told = {"service_state": standing.state, "short_code": standing.short_code}
        if standing.state in ENDED:
            return self.write(order.at(ENDED[standing.state], **told))
        if order.step is Step.ATTEMPT:
            return order
        if standing.state in PAID:
            return self.write(order.at(Step.ATTEMPT, attempt=random_id(), **told))
        if standing.left is not None and standing.left < -GRACE_S:
            return self.write(order.at(Step.EXPIRED, **told))
        return order

    async def abandoned(self, order: Order) -> Order:
        """The customer has left. What was paid just before is to be dispensed all the same."""
        try:
            after = self.following(order, await self._service.abandon(order))
        except UnknownOrder:
            after = order  # it never got there
        return self.write(order.at(Step.ABANDONED)) if after.step is Step.LEAVING else after

    def counted(self, order: Order, out: Counted | None) -> Order:
        """What the dispenser has printed, or did not."""
        if out is None:
            return self.write(order.at(Step.UNKNOWN))
        return self.write(order.at(Step.COUNTED, notes=out.notes, dispensed_sats=out.sats))

    async def reported(self, order: Order) -> Order:
        """The service knows what came out."""
        standing = await self._service.report(order)
        step = Step.DISPENSED if order.dispensed_sats == order.sats else Step.SHORT
        return self.write(order.at(step, service_state=standing.state))
