"""What both ways that notes go have in common: orders that were broken off are taken on."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic

from .errors import NoCash
from .order_files import O, OrderFiles
from .service import Service


class OrderSteps(ABC, Generic[O]):
    """Takes an order on, and writes each step before it returns it. `advanced` says how."""

    def __init__(
        self, service: Service, orders: OrderFiles[O], tell: Callable[[str], None]
    ) -> None:
        self._service = service
        self._orders = orders
        self._tell = tell

    async def catch_up(self) -> None:
        """With all that were broken off, and those whose customer has left."""
        with self._orders.locked():
            for order in self._orders.all():
                await self.caught_up(order)

    async def caught_up(self, order: O) -> O:
        """Where an order stands that may have been broken off. A refusal is told: it keeps no
        other customer waiting."""
        try:
            return await self.advanced(order)
        except NoCash as problem:
            self._tell(f"the order of {order.made_at}: {problem}")
            return order

    @abstractmethod
    async def advanced(self, order: O) -> O:
        """The same; raises a NoCash, and the order stays where it is."""

    def write(self, order: O) -> O:
        """The same order, on the disk."""
        return self._orders.write(order)
