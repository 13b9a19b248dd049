"""The commands of `spire` about cash: `cash`, `quote`, `cash-out` and `cash-in`."""

import argparse
import asyncio
import json
import re
import shlex
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from .acceptor import Acceptor, ByHand
from .cash_in import CashIn
from .cash_in_orders import CashInOrder, CashInOrders, CashInStep
from .cash_in_steps import CashInSteps
from .cash_orders import Order, Orders
from .cash_out import CashOut
from .cash_steps import Steps
from .cash_wire import CASH_IN, CASH_OUT, Terms
from .dispenser import Dispenser
from .options import add_timeout, machine_of
from .service import Service

_FIAT = re.compile(r"(0|[1-9]\d{0,11})(\.\d{1,3})? [A-Z]{3}", re.A)


def add_cash(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true")
    add_timeout(parser)
    parser.set_defaults(run=lambda options: asyncio.run(_cash(options)))


def add_quote(parser: argparse.ArgumentParser) -> None:
    _add_sats(parser, "what the customer pays, or the notes are worth")
    parser.add_argument("--in", action="store_true", dest="takes", help="for notes, not for sats")
    add_timeout(parser)
    parser.set_defaults(run=lambda options: asyncio.run(_quote(options)))


def add_cash_out(parser: argparse.ArgumentParser) -> None:
    _add_sats(parser, "what the customer pays")
    parser.add_argument("--fiat", type=_fiat, metavar='"20 EUR"', help="what the customer gets")
    parser.add_argument(
        "--dispenser", type=shlex.split, required=True, metavar="CMD", help="see docs/machine.md"
    )
    add_timeout(parser)
    parser.set_defaults(run=lambda options: asyncio.run(_cash_out(options)))


def add_cash_in(parser: argparse.ArgumentParser) -> None:
    _add_sats(parser, "what the notes may be worth at most")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--bolt11", type=_bolt11, metavar="INVOICE", help="the customer's")
    way.add_argument("--lnurl", action="store_true", help="show a link (without --bolt11 too)")
    parser.add_argument(
        "--acceptor",
        type=shlex.split,
        metavar="CMD",
        help="see docs/machine.md; without it, Enter says that all is in",
    )
    add_timeout(parser)
    parser.set_defaults(run=lambda options: asyncio.run(_cash_in(options)))


async def _cash(options: argparse.Namespace) -> None:
    """Looks after orders that were broken off, and lists all, also when nobody answers."""
    orders, in_orders = _orders(options), _in_orders(options)
    service = Service(machine_of(options, out=sys.stderr))
    terms = None
    try:
        terms = await service.terms()
        await Steps(service, orders, _tell).catch_up()
        await CashInSteps(service, in_orders, _tell).catch_up()
    finally:
        listed, in_listed = orders.all(), in_orders.all()
        if options.json:
            shown = {
                "terms": terms and asdict(terms),
                "orders": [asdict(each) for each in listed],
                "cash_in_orders": [asdict(each) for each in in_listed],
            }
            print(json.dumps(shown, indent=2))
        else:
            lines = [*map(_line, listed), *map(_in_line, in_listed)]
            print("\n".join([*(_terms(terms) if terms else []), *sorted(lines)]))


async def _quote(options: argparse.Namespace) -> None:
    service = Service(machine_of(options, out=sys.stderr))
    quote = await service.quote(options.sats, CASH_IN if options.takes else CASH_OUT)
    gives, gets = ("inserts", "sats are") if options.takes else ("pays", "notes are worth")
    print(f"the customer {gives}: {quote.gross} sats")
    print(f"fee: {quote.fee} sats")
    print(f"the {gets}: {quote.net} sats")


async def _cash_out(options: argparse.Namespace) -> None:
    """Ctrl-C is the customer who leaves; it stops no motor."""
    leaves = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, leaves.set)
    service = Service(machine_of(options))
    dispenser = Dispenser(options.dispenser)
    desk = CashOut(service, _orders(options), dispenser, show=_show, tell=_tell, leaves=leaves)
    order = await desk.serve(options.sats, options.fiat)
    print(f"dispensed: {order.notes} notes for {order.sats} sats, code {order.short_code}")


async def _cash_in(options: argparse.Namespace) -> None:
    """Ctrl-C is the customer who inserts no more, and then who waits no longer."""
    leaves = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, leaves.set)
    service = Service(machine_of(options))
    acceptor = Acceptor(options.acceptor) if options.acceptor else ByHand()
    desk = CashIn(
        service,
        _in_orders(options),
        acceptor,
        show=_show_in if options.acceptor else _show_by_hand,
        tell=_tell,
        leaves=leaves,
    )
    order = await desk.serve(options.sats, options.bolt11)
    worth = f"{order.net_sats} sats for {order.notes} notes worth {order.inserted} sats"
    print(f"sent: {worth}, code {order.short_code}")


def _in_orders(options: argparse.Namespace) -> CashInOrders:
    return CashInOrders(Path(options.home).expanduser())


def _orders(options: argparse.Namespace) -> Orders:
    return Orders(Path(options.home).expanduser())


def _show(order: Order) -> None:
    """The invoice, as the customer's wallet scans or pastes it."""
    bolt11 = order.bolt11 or ""
    print(f"pay {order.sats} sats{f' for {order.fiat}' if order.fiat else ''}:")
    print(bolt11)
    # In capitals the code is smaller, and an invoice means the same.
    _show_code(bolt11.upper())
    print(f"code {order.short_code}, should anything go wrong. Ctrl-C to leave.", flush=True)


def _show_by_hand(order: CashInOrder) -> None:
    _show_in(order)
    if order.step is CashInStep.TAKING:
        print("Enter once they are all in.", flush=True)


def _show_in(order: CashInOrder) -> None:
    """That notes may go in; or the link, as the customer's wallet scans or pastes it."""
    code = f"code {order.short_code}, should anything go wrong."
    if order.step is CashInStep.TAKING:
        print(f"insert notes for {order.sats} sats at most. {code} Ctrl-C to insert no more.")
    else:
        lnurl = order.lnurl or ""
        print(f"fetch {order.net_sats} sats with this link:")
        print(lnurl)
        _show_code(f"LIGHTNING:{lnurl.upper()}")
        print(f"{code} Ctrl-C to leave and fetch them later.")
    sys.stdout.flush()


def _show_code(text: str) -> None:
    # Only here: the other commands need no picture library.
    from . import qr  # noqa: PLC0415

    if qr.fits(sys.stdout.encoding):
        print(qr.in_characters(qr.code_of(text)))


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _terms(terms: Terms) -> list[str]:
    return [
        f"cash-out: {'ready' if terms.on else 'off, or stopped by the operator'}",
        f"limits: {terms.smallest} to {terms.largest} sats",
        f"fee: {terms.fee_ppm / 10_000:g} % and {terms.fee_fixed} sats",
        f"cash-in: {'ready' if terms.in_on else 'off, or stopped by the operator'}",
        f"fee of cash-in: {terms.in_fee_ppm / 10_000:g} % and {terms.in_fee_fixed} sats",
    ]


def _line(order: Order) -> str:
    code = f", code {order.short_code}" if order.short_code else ""
    fiat = f" for {order.fiat}" if order.fiat else ""
    return f"{order.made_at}  {order.step.value:<9}  {order.sats} sats{fiat}{code}"


def _in_line(order: CashInOrder) -> str:
    code = f", code {order.short_code}" if order.short_code else ""
    sats = f"{order.sats} sats at most" if order.inserted is None else f"{order.inserted} sats"
    return f"{order.made_at}  {order.step.value:<9}  {sats} inserted{code}"


def _add_sats(parser: argparse.ArgumentParser, words: str) -> None:
    parser.add_argument("--sats", type=_sats, required=True, help=words)


def _sats(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,15}", text):
        raise argparse.ArgumentTypeError("a whole number of sats")
    return int(text)


def _bolt11(text: str) -> str:
    """As a wallet shows it. Whether it can be paid the service says."""
    invoice = text.strip().lower().removeprefix("lightning:")
    if not re.fullmatch(r"ln[0-9a-z]{1,4000}", invoice):
        raise argparse.ArgumentTypeError("a Lightning invoice")
    return invoice


def _fiat(text: str) -> str:
    if not _FIAT.fullmatch(text):
        raise argparse.ArgumentTypeError('an amount and a currency, as "20 EUR"')
    return text
