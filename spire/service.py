"""What a machine asks its operator's service about cash."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from . import cash_in_wire, cash_wire
from .cash_in_orders import CashInOrder
from .cash_in_wire import Hold, Link
from .cash_orders import Order
from .cash_wire import Quote, Standing, Terms, question
from .machine import Machine
from .service_line import Ears, open_line


class Service:
    """Each answer is read and checked; a no is raised."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    async def terms(self) -> Terms:
        """On which the machine may sell notes now, and take them."""
        return cash_wire.read_terms(await self._machine.ask_service(question("status")))

    async def quote(self, sats: int, direction: str = cash_wire.CASH_OUT) -> Quote:
        """What a customer gets who pays so much, or inserts notes that are worth it."""
        asked = question("quote", direction=direction, amount_sats=sats)
        return cash_wire.read_quote(await self._machine.ask_service(asked))

    async def make_invoice(self, order: Order) -> None:
        """There is one afterwards, which `standing` tells."""
        said = await self._machine.ask_service(cash_wire.invoice_question(order))
        cash_wire.check_invoice(said)

    async def standing(self, order: Order | CashInOrder) -> Standing:
        """How the order stands."""
        return await self._standing("get_payment", order)

    async def abandon(self, order: Order | CashInOrder) -> Standing:
        """The customer has left."""
        return await self._standing("abandon", order)

    async def why_not_dispense(self, order: Order) -> str | None:
        """None is leave to dispense, now. The same attempt may ask again."""
        asked = question("dispense", order=order.id, attempt=order.attempt)
        return cash_wire.read_leave(await self._machine.ask_service(asked), order)

    async def report(self, order: Order) -> Standing:
        """What came out."""
        asked = question(
            "dispensed",
            order=order.id,
            attempt=order.attempt,
            notes=order.notes,
            dispensed_sats=order.dispensed_sats,
        )
        return cash_wire.read_standing(await self._machine.ask_service(asked))

    async def hold(self, order: CashInOrder) -> Hold:
        """Sats are kept for the notes; asked again, for longer."""
        asked = question("hold", order=order.id, sats=order.sats)
        return cash_in_wire.read_hold(await self._machine.ask_service(asked), order)

    async def link(self, order: CashInOrder) -> Link:
        """Says what was inserted: with what the customer fetches the sats. Asked again, the
        same."""
        asked = question("create_withdraw", order=order.id, sats=order.inserted)
        return cash_in_wire.read_link(await self._machine.ask_service(asked), order)

    async def pay(self, order: CashInOrder) -> str | None:
        """Says what was inserted, and has the customer's invoice paid, which it is afterwards; the
        preimage, where there is one. Asked again, it is the same payment."""
        said = await self._machine.ask_service(cash_in_wire.payment_question(order))
        return cash_in_wire.read_paid(said)

    def kept_open(self) -> AbstractAsyncContextManager[None]:
        """For one sale, whose customer waits for each answer."""
        return self._machine.kept_open()

    @asynccontextmanager
    async def news(self) -> AsyncIterator[Ears]:
        """What the service says unasked: receipts. They are news and no more. How an order stands
        it says in another kind, or each answer to that would be news to ask again for."""
        line, timeout = self._machine.service_line(), self._machine.timeout
        async with open_line(line, timeout, (cash_wire.OFFER_KIND,)) as ears:
            yield ears

    async def _standing(self, name: str, order: Order | CashInOrder) -> Standing:
        said = await self._machine.ask_service(question(name, order=order.id))
        return cash_wire.read_standing(said)
