"""The commands of `spire` about cash: `cash`, `quote` and `cash-out`."""

import argparse
import asyncio
import json
import re
import shlex
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from .cash_orders import Order, Orders
from .cash_out import CashOut
from .cash_steps import Steps
from .cash_wire import Terms
from .dispenser import Dispenser
from .options import add_timeout, machine_of
from .service import Service

_FIAT = re.compile(r"(0|[1-9]\d{0,11})(\.\d{1,3})? [A-Z]{3}", re.A)


def add_cash(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true")
    add_timeout(parser)
    parser.set_defaults(run=lambda options: asyncio.run(_cash(options)))


def add_quote(parser: argparse.ArgumentParser) -> None:
    _add_sats(parser)
    add_timeout(parser)
    parser.set_defaults(run=lambda options: asyncio.run(_quote(options)))


def add_cash_out(parser: argparse.ArgumentParser) -> None:
    _add_sats(parser)
    parser.add_argument("--fiat", type=_fiat, metavar='"20 EUR"', help="what the customer gets")
    parser.add_argument(
        "--dispenser", type=shlex.split, required=True, metavar="CMD", help="see docs/machine.md"
    )
    add_timeout(parser)
    parser.set_defaults(run=lambda options: asyncio.run(_cash_out(options)))


async def _cash(options: argparse.Namespace) -> None:
    """Looks after orders that were broken off, and lists all, also when nobody answers."""
    orders = _orders(options)
    service = Service(machine_of(options, out=sys.stderr))
    terms = None
    try:
        terms = await service.terms()
        await Steps(service, orders, _tell).catch_up()
    finally:
        listed = orders.all()
        if options.json:
            shown = {"terms": terms and asdict(terms), "orders": [asdict(each) for each in listed]}
            print(json.dumps(shown, indent=2))
        else:
            print("\n".join([*(_terms(terms) if terms else []), *map(_line, listed)]))


async def _quote(options: argparse.Namespace) -> None:
    quote = await Service(machine_of(options, out=sys.stderr)).quote(options.sats)
    print(f"the customer pays: {quote.gross} sats")
    print(f"fee: {quote.fee} sats")
    print(f"the notes are worth: {quote.net} sats")


async def _cash_out(options: argparse.Namespace) -> None:
    """Ctrl-C is the customer who leaves; it stops no motor."""
    leaves = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, leaves.set)
    service = Service(machine_of(options))
    dispenser = Dispenser(options.dispenser)
    desk = CashOut(service, _orders(options), dispenser, show=_show, tell=_tell, leaves=leaves)
    order = await desk.serve(options.sats, options.fiat)
    print(f"dispensed: {order.notes} notes for {order.sats} sats, code {order.short_code}")


def _orders(options: argparse.Namespace) -> Orders:
    return Orders(Path(options.home).expanduser())


def _show(order: Order) -> None:
    """The invoice, as the customer's wallet scans or pastes it."""
    # Only here: the other commands need no picture library.
    from . import qr  # noqa: PLC0415

    bolt11 = order.bolt11 or ""
    print(f"pay {order.sats} sats{f' for {order.fiat}' if order.fiat else ''}:")
    print(bolt11)
    if qr.fits(sys.stdout.encoding):
        # In capitals the code is smaller, and an invoice means the same.
        print(qr.in_characters(qr.code_of(bolt11.upper())))
    print(f"code {order.short_code}, should anything go wrong. Ctrl-C to leave.", flush=True)


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _terms(terms: Terms) -> list[str]:
    return [
        f"cash-out: {'ready' if terms.on else 'off, or stopped by the operator'}",
        f"limits: {terms.smallest} to {terms.largest} sats",
        f"fee: {terms.fee_ppm / 10_000:g} % and {terms.fee_fixed} sats",
    ]


def _line(order: Order) -> str:
    code = f", code {order.short_code}" if order.short_code else ""
    fiat = f" for {order.fiat}" if order.fiat else ""
    return f"{order.made_at}  {order.step.value:<9}  {order.sats} sats{fiat}{code}"


def _add_sats(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sats", type=_sats, required=True, help="what the customer pays")


def _sats(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,15}", text):
        raise argparse.ArgumentTypeError("a whole number of sats")
    return int(text)


def _fiat(text: str) -> str:
    if not _FIAT.fullmatch(text):
        raise argparse.ArgumentTypeError('an amount and a currency, as "20 EUR"')
    return text
