"""How an order and its machine stand, whichever way the notes go."""

from datetime import timezone
from secrets import choice

from ..clock import Clock
from ..orders import AttemptState, CashOrder, CashState
from ..store import cash_attempts, cash_orders
from .answers import MachineStanding, OrderStanding, Refusal, Why
from .paid import look_at_row
from .requests import Fiat, OrderRequest
from .who import Asker

_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""None of which is read as another."""
_CODE_LETTERS = 5

NO_SUCH_ORDER = Refusal(Why.UNKNOWN_ORDER, "This machine has no such order.")
OTHER_CONTENT = Refusal(Why.CONFLICT, "This order was asked for with other content.")


def new_short_code() -> str:
    """What the customer can tell the operator."""
    return "".join(choice(_LETTERS) for _ in range(_CODE_LETTERS))


async def own_order(asker: Asker, order_key: str) -> CashOrder | None:
    """The machine's order, by the machine's own id of it."""
    return await cash_orders.get_order_of(asker.pairing.machine_id, order_key)


async def show(asker: Asker, asked: OrderRequest, clock: Clock) -> OrderStanding | Refusal:
    """How an order stands."""
    order = await own_order(asker, asked.order)
    return await standing_of(await look_at_row(order, clock)) if order else NO_SUCH_ORDER


async def standing_of(order: CashOrder) -> OrderStanding:
    """As it is stored."""
    return OrderStanding(
        order=order.order_key,
        direction=order.direction,
        state=order.state.value,
        sats=order.sats,
        fee_sats=order.fee_sats,
        short_code=order.short_code,
        fiat=Fiat(order.fiat_amount, order.fiat_code) if order.fiat_code else None,
        bolt11=order.bolt11 if order.state is CashState.INVOICED else None,
        expires_at=order.expires_at.astimezone(timezone.utc) if order.expires_at else None,
        attempt=order.dispense_attempt,
        preimage=await _preimage_of(order) if order.state is CashState.SENT else None,
    )


async def _preimage_of(order: CashOrder) -> str | None:
    tried = await cash_attempts.get_attempts(order.id)
    return next((each.preimage for each in tried if each.state is AttemptState.SENT), None)


async def status(asker: Asker) -> MachineStanding:
    """How the machine stands."""
    settings = asker.settings
    going = settings.stopped_at is None
    still_open = await cash_orders.get_open_orders(asker.pairing.machine_id)
    return MachineStanding(
        cash_out=settings.out_on and going,
        cash_in=settings.in_on and going,
        limits=asker.limits,
        fee_ppm=settings.fee_ppm,
        fee_fixed_sats=settings.fee_fixed,
        in_fee_ppm=settings.in_fee_ppm,
        in_fee_fixed_sats=settings.in_fee_fixed,
        open_orders=tuple(order.order_key for order in still_open),
    )
