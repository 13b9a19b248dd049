"""What keeps sats and notes together when LNbits or a machine is killed in the middle of it."""

from guards.edits import Guards, at, drop, instead, skip

_CASH_OUT = "spirekeeper.cash.cash_out"


def _killed(story: str) -> str:
    return f"test_killed_at_each_moment[{story}-statements]"


GUARDS: Guards = {
    "cash kills: what a killed call has left is taken": (
        at(
            "spirekeeper.cash.invoices",
            "make_invoice",
            instead("await lnbits_payments.get_invoice_row(order.id, order.wallet_id)", "None"),
        ),
        _killed("invoicing"),
    ),
    "cash kills: no invoice that is over is shown": (
        at(_CASH_OUT, "_stored", drop("_expired")),
        _killed("invoicing, and the machine is killed too"),
    ),
    "cash kills: a yes is for one attempt": (
        at(_CASH_OUT, "_why_not", instead("order.dispense_attempt != attempt", "False")),
        _killed("dispensing"),
    ),
    "cash kills: a yes is for five minutes": (
        at(_CASH_OUT, "_why_not", instead("orders.yes_is_over(order, now)", "False")),
        _killed("dispensing, and the machine is killed too"),
    ),
    "cash kills: a settled order is told of": (
        at("spirekeeper.store.cash_orders", "set_settled", skip("tell")),
        _killed("settling"),
    ),
}
