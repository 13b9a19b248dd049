"""The service: what a machine asks, from the event on a relay to the answer.

Whose it is, whether it is fresh, whether it was answered: then one use case, and the answer goes
out on every relay of the machine that is up. The watch hands over what it hears (`hear`); nothing
here listens by itself.
"""

import asyncio
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any

from ..cash_models import ServiceKey
from ..changes import announce_changed
from ..clock import Clock
from ..failures import log_failure
from ..nostr.events import Event, genuine
from ..orders import Direction
from ..store import cash_heard, cash_settings
from . import cash_in, cash_out, counters, envelope, standing, wire
from .answers import Answer, Refusal, Silence, Why, too_many
from .cash_in import Payment
from .invoices import MOST_AT_ONCE
from .post import Post, opened
from .requests import (
    AbandonRequest,
    DispensedReport,
    DispenseRequest,
    HoldRequest,
    InvoiceRequest,
    OrderRequest,
    PayRequest,
    QuoteRequest,
    Request,
    StatusRequest,
    WithdrawRequest,
)
from .who import Asker, asker_of

MOST_A_MINUTE = 30
MINUTE = timedelta(minutes=1)
FORGET_AFTER = timedelta(seconds=360)
"""Of an event's own time: it is not fresh any more."""
SIDE_BY_SIDE = MOST_AT_ONCE + 8
"""So many answer while all calls that may hang in the node do."""
MOST_WAITING = 1000
"""Requests of all machines; what comes when there are more is asked again by its machine."""
REMEMBERED = 10_000
"""Events that several relays bring; which was answered is in the database."""
FAILED = Refusal(Why.TEMPORARY, "That did not work just now: ask the same again in a moment.")


class Service:
    """Answers machines; `hear` for each event, `run` until cancelled."""

    def __init__(self, post: Post, clock: Clock) -> None:
        self._post = post
        self._clock = clock
        self._waiting: asyncio.Queue[Event] = asyncio.Queue(MOST_WAITING)
        self._lately: OrderedDict[str, None] = OrderedDict()
        self._paying: set[asyncio.Task[None]] = set()

    def hear(self, raw: dict[str, Any]) -> bool:
        """Takes what a machine's key published; False when it did not sign it."""
        kind, event_id = raw.get("kind"), raw.get("id")
        if type(kind) is not int or kind not in envelope.KINDS:
            return True
        if isinstance(event_id, str) and event_id in self._lately:
            return True
        event = genuine(raw)
        if event is None:
            return False
        if self._waiting.full():
            return True  # another relay may bring it once more
        self._waiting.put_nowait(event)
        self._lately[event.id] = None
        if len(self._lately) > REMEMBERED:
            self._lately.popitem(last=False)
        return True

    async def run(self) -> None:
        """Until cancelled. What goes wrong with one request does not keep others from theirs."""

        async def work() -> None:
            while True:
                event = await self._waiting.get()
                with log_failure("answering a machine"):
                    await self._serve(event)

        tasks = [asyncio.create_task(work()) for _ in range(SIDE_BY_SIDE)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in (*tasks, *self._paying):
                task.cancel()
            await asyncio.gather(*tasks, *self._paying, return_exceptions=True)

    async def _serve(self, event: Event) -> None:
        key = await _key_asked(event)
        if key is None:
            return  # it is for nobody here
        told = await self._answer(event, key)
        if isinstance(told, Silence):
            counters.count(key.operator_user_id, told)
        elif isinstance(told, Payment):
            self._wait_for_payment(event, key, told)
        elif told is not None:
            self._post.answer(event, key, wire.write(event.kind, told))

    def _wait_for_payment(self, event: Event, key: ServiceKey, payment: Payment) -> None:
        """A node may take long: nobody else waits for it."""

        async def answer() -> None:
            with log_failure("answering a machine about a payment"):
                told = await payment.outcome()
                if told is not None:
                    self._post.answer(event, key, wire.write(event.kind, told))

        task = asyncio.create_task(answer())
        self._paying.add(task)
        task.add_done_callback(self._paying.discard)

    async def _answer(self, event: Event, key: ServiceKey) -> Answer | Payment | Silence | None:
        """None for what was answered before, by whichever process."""
        why = envelope.to_ignore(event, key.pubkey)
        if why is not None:
            return why
        asker = await asker_of(event.pubkey, key.pubkey, event.id, self._clock)
        if isinstance(asker, Silence):
            return asker
        now = self._clock()
        too_old = envelope.not_fresh(event.created_at, now)
        if too_old is not None:
            return too_old
        taken = await take(asker, now, datetime.fromtimestamp(event.created_at, now.tzinfo))
        if taken is not True:
            return taken or None
        content = opened(event, key)
        if content is None:
            return Silence.UNDECRYPTABLE
        await _note_ready(asker, event, now)
        asked = wire.parse(event.kind, content, asker.limits)
        if isinstance(asked, Refusal | Silence):
            return asked
        return await answer_to(asker, asked, self._clock)


async def take(asker: Asker, now: datetime, made_at: datetime) -> Refusal | bool:
    """Whether this request is to be answered: False when it was before, by whichever process; the
    refusal of one too many."""
    machine_id = asker.pairing.machine_id
    if not await cash_heard.note_heard(asker.event_id, machine_id, now, made_at + FORGET_AFTER):
        return False
    if await cash_heard.count_heard(machine_id, now, MINUTE) > MOST_A_MINUTE:
        return too_many(now + MINUTE)
    return True


async def answer_to(asker: Asker, asked: Request, clock: Clock) -> Answer | Payment:
    """What fails is logged, and may be asked again."""
    with log_failure(f"answering {type(asked).__name__}"):
        return await _use_case(asker, asked, clock)
    return FAILED


async def _use_case(asker: Asker, asked: Request, clock: Clock) -> Answer | Payment:
    match asked:
        case InvoiceRequest():
            return await cash_out.ask_invoice(asker, asked, clock)
        case QuoteRequest(direction=Direction.CASH_OUT):
            return cash_out.quote(asker, asked)
        case QuoteRequest():
            return cash_in.quote(asker, asked)
        case HoldRequest():
            return await cash_in.hold(asker, asked, clock)
        case WithdrawRequest():
            return await cash_in.make_withdraw(asker, asked, clock)
        case PayRequest():
            return await cash_in.pay(asker, asked, clock)
        case DispenseRequest():
            return await cash_out.dispense(asker, asked, clock)
        case DispensedReport():
            return await cash_out.report(asker, asked, clock)
        case AbandonRequest():
            return await cash_out.abandon(asker, asked, clock)
        case OrderRequest():
            return await standing.show(asker, asked, clock)
        case StatusRequest():
            return await standing.status(asker)


async def _note_ready(asker: Asker, event: Event, now: datetime) -> None:
    """A seed that somebody has written anew, with a key of his own, never comes to this."""
    confirmed_at = asker.pairing.confirmed_at
    since = confirmed_at is not None and event.created_at >= int(confirmed_at.timestamp())
    if asker.pairing.ready_at is None and since:
        await cash_settings.set_ready(asker.pairing.id, now)
        announce_changed(asker.pairing.operator_user_id)


async def _key_asked(event: Event) -> ServiceKey | None:
    named = (tag[1] for tag in event.tags if len(tag) > 1 and tag[0] == "p")
    first = next(named, None)
    return await cash_settings.get_service_key_of(first) if first else None
